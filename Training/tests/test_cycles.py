import torch

from pocket.regions import Regions
from pocket.train_cycles import away, train


def test_boxes_come_back_and_the_decoder_stays():
    torch.manual_seed(1)
    regions = Regions(128)
    boxes = torch.rand(500, 4)
    decoder = [parameter.clone() for parameter in regions.box_decoder.parameters()]
    first = away(regions, boxes).mean()
    train(regions, boxes, steps=500, rate=3e-3, near=0.0)
    assert away(regions, boxes).mean() < first / 4
    assert all(torch.equal(a, b) for a, b in zip(decoder, regions.box_decoder.parameters()))


def test_embeddings_are_dear_to_leave():
    moved = []
    for near in (0.0, 10.0):
        torch.manual_seed(1)
        regions = Regions(32)
        boxes = torch.rand(500, 4)
        before = regions.location_encoder(boxes).detach()
        train(regions, boxes, steps=300, rate=3e-3, near=near)
        moved.append((regions.location_encoder(boxes) - before).norm().item())
    assert moved[1] < moved[0] / 2
