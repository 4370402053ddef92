import numpy
import torch
from PIL import Image

from pocket import pictures, teachers


def source(tmp_path, kind="panoptic", **rest) -> pictures.Source:
    """A red cup at (20, 10) to (60, 50) of 120×80, grass around it."""
    pixels = numpy.full((80, 120, 3), 90, numpy.uint8)
    pixels[10:50, 20:60] = (250, 0, 0)
    ids = numpy.full((80, 120), 2, numpy.uint8)
    ids[10:50, 20:60] = 1
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    Image.fromarray(ids).save(tmp_path / "map.png")
    segments = [{"category": "cup", "box": [20, 10, 60, 50], "crowd": False},
                {"category": "grass-merged", "box": [0, 0, 120, 80], "crowd": False}]
    return pictures.Source(
        kind, tmp_path / "picture.png", tmp_path / "map.png" if kind != "unlabelled" else None,
        segments if kind != "unlabelled" else [], **rest)


def test_boxes_and_pixels_stay_together(tmp_path):
    given = source(tmp_path)
    for seed in range(20):
        drawn = pictures.draw(given, numpy.random.default_rng(seed), 128)
        assert drawn.picture.shape == (128, 128, 3)
        if not len(drawn.boxes):
            continue
        rows, columns = (drawn.ids == 1).nonzero()
        found = numpy.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        assert numpy.abs(found - drawn.boxes[0]).max() <= 2
        red = drawn.picture[..., 0].astype(int) - drawn.picture[..., 1]
        assert red[drawn.ids == 1].mean() > 100 > red[drawn.ids == 2].mean()


def test_the_plain_picture_is_all_of_it(tmp_path):
    drawn = pictures.draw(source(tmp_path), numpy.random.default_rng(0), 128, plain=True)
    assert numpy.allclose(drawn.boxes, [[20 * 128 / 120, 10 * 1.6, 60 * 128 / 120, 50 * 1.6]], atol=1e-3)


def test_what_a_teacher_doubts_is_neither_thing_nor_nothing(tmp_path):
    given = source(tmp_path, "unlabelled", teachers=[[41, 0.9, 0.1, 0.1, 0.5, 0.6], [0, 0.2, 0.6, 0.1, 0.9, 0.9], [3, 0.01, 0, 0, 1, 1]])
    drawn = pictures.draw(given, numpy.random.default_rng(0), 128, plain=True)
    assert drawn.labels.tolist() == [41] and [label for label, _ in drawn.doubtful] == [0]
    assert not drawn.ids.any() and drawn.places.tolist() == [-1]


def test_the_teachers_answer_lies_under_its_pixels(tmp_path):
    stuff = numpy.zeros((1, 64, 64, 32), numpy.uint8)
    stuff[0, 8:40, 11:32, 5] = 160  # where the cup is
    for seed in range(10):
        drawn = pictures.draw(source(tmp_path, place=0), numpy.random.default_rng(seed), 128, stuff)
        cup = (drawn.ids == 1)[4::8, 4::8]
        known = numpy.isfinite(drawn.stuff[..., 5])
        agrees = (drawn.stuff[..., 5] > 5) == cup
        assert agrees[known].mean() > 0.9


def test_a_pasted_thing_lies_on_top_and_hides_what_is_under_it(tmp_path):
    given = source(tmp_path)
    met = False
    for seed in range(12):
        rng = numpy.random.default_rng(seed)
        drawn = pictures.draw(given, rng, 128, plain=True)
        drawn.picture, drawn.ids = drawn.picture.copy(), drawn.ids.copy()
        pictures.paste(drawn, given, rng)
        if len(drawn.classes) == 2:
            continue
        met = True
        assert drawn.labels[-1] == pictures.LABEL["cup"] and drawn.places[-1] == 2
        x0, y0, x1, y1 = drawn.boxes[-1].astype(int)
        assert (drawn.ids[y0:y1, x0:x1] == 3).mean() > 0.9 and (drawn.ids == 3).sum() <= (x1 - x0) * (y1 - y0)
    assert met


def test_a_small_segment_weighs_more_in_each_pixel(tmp_path):
    drawn = pictures.draw(source(tmp_path), numpy.random.default_rng(0), 128, plain=True)
    classes, weights = pictures.semantic_target(drawn, 0)
    assert set(numpy.unique(classes)) == {pictures.THING, pictures.CLASS["grass-merged"]}
    assert weights[classes == pictures.THING][0] > weights[classes != pictures.THING][0]


def test_pseudo_labels_fill_only_what_is_unknown(tmp_path):
    given = source(tmp_path, "instances", place=0)
    given.segments = given.segments[:1]
    ids = numpy.asarray(Image.open(given.map)) % 2
    Image.fromarray(ids.astype(numpy.uint8)).save(given.map)
    pseudo = numpy.full((1, 128, 128), 7, numpy.uint8)
    drawn = pictures.draw(given, numpy.random.default_rng(0), 128, None, pseudo, plain=True)
    classes, _ = pictures.semantic_target(drawn, 0)
    assert (classes[drawn.ids[::4, ::4] == 1] == pictures.THING).all() and (classes[drawn.ids[::4, ::4] == 0] == 7).all()


def test_the_share_of_a_segment_in_each_part_of_a_box():
    ids = torch.zeros(16, 16, dtype=torch.uint8)
    ids[4:8, 4:12] = 2
    mask = pictures.mask_target(ids, torch.tensor([1]), torch.tensor([[4.0, 4.0, 12.0, 12.0]]), 4)
    assert mask.shape == (1, 4, 4)
    assert mask[0].tolist() == [[1.0] * 4] * 2 + [[0.0] * 4] * 2


def test_answers_of_teachers_about_one_thing_become_one():
    first = numpy.array([[2, 0.8, 0.1, 0.1, 0.5, 0.5], [2, 0.5, 0.7, 0.7, 0.9, 0.9]], numpy.float32)
    second = numpy.array([[2, 0.6, 0.1, 0.1, 0.52, 0.5]], numpy.float32)
    rows = teachers.fused([first, second])
    assert len(rows) == 2
    assert rows[0][0] == 2 and abs(rows[0][1] - 0.7) < 1e-6
    assert rows[1][1] == numpy.float32(0.25)
    assert 0.5 < rows[0][4] < 0.52
