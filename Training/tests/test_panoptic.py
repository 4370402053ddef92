import dataclasses
import json

import numpy
import pytest
import torch
from safetensors.torch import load_file

from pocket import panoptic, scenes, train_segmenter
from pocket.export import write_segmenter
from pocket.reference import run_exported_segmenter
from pocket.segmenter import SHAPES, Fields, Segmenter, unfold


def test_quality_of_a_perfect_a_half_and_a_wrong_segment():
    truth = numpy.repeat([[1, 2, 3]], 4, 0).repeat(4, 1)
    guess = truth.copy()
    guess[:, 4:5] = 0  # three quarters of segment 2
    quality = panoptic.Quality()
    quality.add(truth, ["cup", "cup", "sky"], guess, ["cup", "cup", "sea"])
    assert quality.of("cup") == pytest.approx(100 * (1 + 0.75) / 2)
    assert quality.of("sky") == 0 and quality.of("sea") == 0


def test_what_the_fields_of_the_truth_say_is_the_truth():
    ids = numpy.ones((256, 256), numpy.uint8)
    ys, xs = numpy.mgrid[:256, :256]
    ids[(ys - 80) ** 2 + (xs - 70) ** 2 < 30**2] = 2
    ids[(ys - 80) ** 2 + (xs - 140) ** 2 < 36**2] = 3
    segments = [{"id": 1, "category": "sky-other-merged"}, {"id": 2, "category": "cup"}, {"id": 3, "category": "cup"}]
    scene = scenes.Scene(numpy.zeros((256, 256, 3), numpy.uint8), ids, segments)
    classes, _, heat, offset, _ = train_segmenter.targets(scene, {"cup": 0, "sky-other-merged": 1}, 0)
    logits = torch.nn.functional.one_hot(torch.from_numpy(classes[::2, ::2].copy()), 3).permute(2, 0, 1).float() * 9
    heat = torch.from_numpy(heat).clamp(1e-4, 1 - 1e-4)
    fields = Fields(logits[None], heat.logit()[None], torch.from_numpy(offset)[None], torch.zeros(1, 64, 32, 32))
    guess, names = panoptic.decide(fields, 0, [True, False])
    quality = panoptic.Quality()
    quality.add(ids, [1, 0, 0], guess, names)
    assert quality.of(0) > 90 and quality.of(1) > 95


def test_the_export_means_what_was_trained(tmp_path):
    torch.manual_seed(0)
    segmenter = Segmenter(3)
    for _ in range(3):  # some statistics for the norms
        segmenter(torch.randn(2, 3, 64, 64))
    segmenter.eval()
    write_segmenter(tmp_path, segmenter, ["cup", "bowl", "sky-other-merged"])
    pictures = torch.randn(1, 3, 256, 256)
    with torch.no_grad():
        fields = segmenter(pictures)
    for shape in ("small", "deep"):
        again = Segmenter(3, SHAPES[shape])
        unfold(again, {name: t.float() for name, t in load_file(tmp_path / "model.safetensors").items()}, pictures)
        for mode in (again.eval(), again.train()):
            with torch.no_grad():
                assert (mode(pictures).offset - fields.offset).norm() / fields.offset.norm() < 5e-3
    exported = run_exported_segmenter(tmp_path, pictures)
    for name, value in [("semantic", fields.semantic), ("centre", fields.centre.sigmoid()[:, None]),
                        ("offset", fields.offset), ("embedding", fields.embedding)]:
        error = (exported[name] - value).norm() / value.norm()
        assert error < 5e-3, name


def test_what_is_not_likely_enough_is_no_segment():
    logits = torch.zeros(1, 3, 64, 64)
    logits[:, 1, :, :32] = 0.5  # of three classes 45 %
    logits[:, 1, :, 32:] = 5
    logits[:, 0, 10:30, 10:30] = 1.0  # about half, of a thing
    heat = torch.full((1, 64, 64), -9.0)
    heat[0, 20, 20] = 3
    fields = Fields(logits, heat, torch.zeros(1, 2, 64, 64), torch.zeros(1, 64, 32, 32))
    rule = panoptic.Decision(least_thing_likelihood=0.4, least_stuff_likelihood=0.6)
    ids, classes = panoptic.decide(fields, 0, [True, False], rule)
    assert classes == [0, 1]
    stricter = dataclasses.replace(rule, least_thing_likelihood=0.6, least_stuff_likelihood=0.8)
    ids, classes = panoptic.decide(fields, 0, [True, False], stricter)
    assert classes == [] and not ids.any()


def test_stuff_that_is_dropped_goes_to_what_is_likeliest_of_the_rest():
    logits = torch.zeros(1, 4, 64, 64)
    logits[:, 1, :, :40] = 9
    logits[:, 2, :, 40:] = 9
    logits[:, 3, 60:] = 20  # void stays
    logits[:, 2, :8, :8], logits[:, 0, 20:24, 20:24] = 10, 20  # a thing without a centre stays void
    logits[:, 0, 30:34, 50:54] = 8
    fields = Fields(logits, torch.full((1, 64, 64), -9.0), torch.zeros(1, 2, 64, 64), torch.zeros(1, 64, 32, 32))
    rule = panoptic.Decision(least_stuff_pixels=64 * 64 * 16 // 2)
    ids, classes = panoptic.decide(fields, 0, [True, False, False], rule)
    assert classes == [1]
    assert (ids[:230, 170:] == 1).all() and not ids[250:].any() and not ids[84:92, 84:92].any()


def test_things_are_numbered_from_left_to_right():
    logits = torch.full((1, 2, 64, 64), -9.0)
    logits[:, 0] = 9
    heat = torch.full((1, 64, 64), -9.0)
    heat[0, 40, 50], heat[0, 10, 20], heat[0, 50, 20], heat[0, 30, 8] = 4, 1, 2, 3
    fields = Fields(logits, heat, torch.zeros(1, 2, 64, 64), torch.zeros(1, 64, 32, 32))
    ids, _ = panoptic.decide(fields, 0, [True])
    assert [int(ids[4 * y, 4 * x]) for y, x in ((30, 8), (10, 20), (50, 20), (40, 50))] == [1, 2, 3, 4]


def test_stuff_is_exported_in_the_order_of_a_listing(tmp_path):
    segmenter = Segmenter(3)
    write_segmenter(tmp_path, segmenter.eval(), ["cup", "curtain", "table-merged"])
    assert json.loads((tmp_path / "config.json").read_text())["categories"] == ["cup", "table-merged", "curtain"]
    weights = load_file(tmp_path / "model.safetensors")["semantic.1.bias"].float()
    assert torch.allclose(weights, segmenter.semantic[1].bias[[0, 2, 1, 3]], atol=1e-3)
