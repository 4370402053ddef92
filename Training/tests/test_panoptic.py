import math

import numpy
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from pocket import categories, panoptic, train_segmenter
from pocket.export import write_segmenter
from pocket.segmenter import BINS, STUFF, Fields, Segmenter, centres, from_exported, normalised


def test_quality_of_a_perfect_a_half_and_a_wrong_segment():
    truth = numpy.repeat([[1, 2, 3]], 4, 0).repeat(4, 1)
    guess = truth.copy()
    guess[:, 4:5] = 0  # three quarters of segment 2
    quality = panoptic.Quality()
    quality.add(truth, ["cup", "cup", "sky"], guess, ["cup", "cup", "sea"])
    assert quality.of("cup") == pytest.approx(100 * (1 + 0.75) / 2)
    assert quality.of("sky") == 0 and quality.of("sea") == 0


class Filling:
    """A mask branch that fills every box."""

    def masks(self, coarse, fine, boxes, picture, detection, labels):
        return torch.full((len(boxes), 28, 28), 9.0)


def fields(things: list[tuple], stuff: list[tuple] = (), size: int = 256) -> Fields:
    """What says exactly: things (label, probability, (x0, y0, x1, y1) around a cell's place), at stride 32; and for parts of
    `stuff` (rows and columns at stride 4) a class and its logit."""
    places, strides = centres(size, size)
    logits = torch.full((1, len(places), 80), -9.0)
    distances = torch.full((1, len(places), 4, BINS), -30.0)
    distances[..., 0] = 30
    for label, share, box in things:
        box = torch.tensor(box, dtype=torch.float32)
        middle = (box[:2] + box[2:]) / 2
        cell = int(((places - middle).abs().sum(1) + 1e6 * (strides != 32)).argmin())
        logits[0, cell, label] = math.log(share / (1 - share))
        reach = torch.cat([places[cell] - box[:2], box[2:] - places[cell]]) / 32
        for side, value in enumerate(reach.tolist()):
            low = int(value)
            part = max(value - low, 1e-9)
            distances[0, cell, side] = -30
            distances[0, cell, side, low], distances[0, cell, side, low + 1] = math.log(max(1 - part, 1e-9)), math.log(part)
    semantic = torch.zeros(1, STUFF + 1, size // 4, size // 4)
    semantic[:, STUFF] = 5
    for rows, columns, label, value in stuff:
        semantic[0, :, rows, columns] = 0
        semantic[0, label, rows, columns] = value
    return Fields(logits, distances.flatten(2), torch.zeros(1, len(places), 128), torch.zeros(1, 128, 32, 32),
                  torch.zeros(1, 48, 64, 64), semantic, torch.zeros(1, 32, 32, 32))


def decided(given: Fields, **rule):
    return panoptic.decide(Filling(), given, 0, (256, 256), panoptic.Decision(growth=1.0, **rule))


def test_a_box_becomes_a_thing_of_its_pixels():
    ids, found = decided(fields([(3, 0.8, (32, 64, 96, 160))]))
    assert (ids[64:160, 32:96] == 1).all() and (ids > 0).sum() == 64 * 96
    assert found[0].label == 3 and found[0].score == pytest.approx(0.8, abs=1e-3)


def test_the_likelier_thing_takes_the_pixels_and_one_that_is_hardly_seen_is_dropped():
    near, far = (5, 0.9, (64, 64, 192, 192)), (6, 0.6, (0, 0, 128, 128))
    ids, found = decided(fields([near, far]))
    assert [each.label for each in found] == [6, 5]  # from left to right
    assert (ids[64:192, 64:192] == 2).all() and ids[70, 20] == 1
    _, found = decided(fields([near, far]), least_visible=0.8)
    assert [each.label for each in found] == [5]


def test_a_small_thing_lies_in_front_of_a_likelier_large_one_of_another_class():
    large, small = (5, 0.9, (0, 0, 192, 192)), (6, 0.6, (32, 32, 96, 96))
    ids, found = decided(fields([large, small]))
    assert [each.label for each in found] == [6, 5] and found[0].features[2] == 1  # all of it is visible
    assert (ids[32:96, 32:96] == 1).all() and (ids == 2).sum() == 192**2 - 64**2
    assert [each.label for each in decided(fields([large, small]), in_front=0.1)[1]] == [5]
    assert [each.label for each in decided(fields([large, (5, *small[1:])]))[1]] == [5]


def test_what_small_things_leave_nothing_of_is_no_segment():
    large, left, right = (5, 0.9, (0, 0, 128, 128)), (6, 0.6, (0, 0, 64, 128)), (7, 0.6, (64, 0, 128, 128))
    ids, found = decided(fields([large, left, right]), in_front=0.6)
    assert [each.label for each in found] == [6, 7] and set(ids.flatten().tolist()) == {0, 1, 2}


def test_of_two_boxes_of_a_class_that_overlap_the_likelier_stands():
    first, second = (5, 0.7, (64, 64, 192, 192)), (5, 0.6, (64, 96, 192, 224))
    assert len(decided(fields([first, second]), overlapping=0.4)[1]) == 1
    assert len(decided(fields([first, second]), overlapping=0.7, least_visible=0.1)[1]) == 2


def test_what_is_not_probable_enough_is_no_segment():
    thing, sky = (3, 0.4, (32, 64, 96, 160)), [(slice(None), slice(None), 7, 3.0)]
    rule = dict(thing_probability=(0, 1, 0, 0, 0), stuff_probability=(0, 1, 0))
    _, found = decided(fields([thing], sky), least_thing_probability=0.35, least_stuff_probability=0.25, **rule)
    assert [each.label for each in found] == [3, 80 + 7]
    assert found[1].score == pytest.approx(math.exp(3) / (math.exp(3) + STUFF), abs=1e-3)
    _, found = decided(fields([thing], sky), least_thing_probability=0.45, least_stuff_probability=0.35, **rule)
    assert found == []


def test_stuff_that_is_dropped_goes_to_what_is_likeliest_of_the_rest():
    stuff = [(slice(None), slice(0, 60), 1, 9.0), (slice(None), slice(60, 64), 2, 9.0)]
    ids, found = decided(fields([], stuff), least_stuff_pixels=20_000)
    assert [each.label for each in found] == [81]
    assert (ids == 1).all()


def test_a_mask_is_pasted_bilinearly_and_ends_with_its_box():
    mask = torch.zeros(2, 2)
    mask[:, 1] = 1
    out = panoptic.pasted(mask, (2.0, 0.0, 10.0, 4.0), (0, 0, 12, 4))
    assert out.shape == (4, 12)
    assert out[1].tolist() == pytest.approx([0, 0, 0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1, 0, 0])


def network() -> Segmenter:
    torch.manual_seed(0)
    return Segmenter().eval()


def test_the_export_means_what_was_trained(tmp_path):
    trained = network()
    write_segmenter(tmp_path, trained)
    again = from_exported(load_file(tmp_path / "model.safetensors"))
    pictures = normalised(torch.randint(0, 256, (1, 128, 256, 3)))
    with torch.no_grad():
        first, second = trained(pictures), again(pictures)
    for name in ("logits", "distances", "coarse", "fine", "semantic"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one - other).norm() / one.norm() < 5e-3, name


def test_a_picture_of_any_shape_is_mapped_at_its_size():
    picture = Image.fromarray(numpy.random.default_rng(0).integers(0, 256, (30, 200, 3), numpy.uint8))
    ids, found = panoptic.mapped(network(), picture, 128)
    assert ids.shape == (30, 200) and ids.max() <= len(found)


def test_every_category_has_its_place():
    assert sorted(panoptic.NAMES) == sorted(categories.NAMES) and panoptic.NAMES[:80] == categories.THINGS


def test_a_run_goes_on_from_an_exported_folder(tmp_path):
    trained, again = network(), Segmenter().eval()
    write_segmenter(tmp_path, trained)
    train_segmenter.begin(again, tmp_path / "published", tmp_path)
    pictures = normalised(torch.randint(0, 256, (1, 128, 128, 3)))
    with torch.no_grad():
        first, second = trained(pictures).semantic, again(pictures).semantic
    assert (first - second).norm() / first.norm() < 5e-3
