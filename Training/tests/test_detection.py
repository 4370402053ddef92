import pytest
import torch

from pocket import detection
from pocket.depthwise import Depthwise
from pocket.segmenter import BINS, boxes_of, centres


def test_overlaps_of_boxes():
    first = torch.tensor([[0.0, 0, 10, 10], [0, 0, 2, 2]])
    second = torch.tensor([[5.0, 0, 15, 10]])
    assert detection.pairwise(first, second)[:, 0].tolist() == pytest.approx([1 / 3, 0])


def test_cells_lie_at_multiples_of_their_strides():
    places, strides = centres(64, 128)
    assert len(places) == 8 * 16 + 4 * 8 + 2 * 4 + 2
    assert places[17].tolist() == [8, 8] and strides[17] == 8
    assert places[-1].tolist() == [64, 0] and strides[-1] == 64


def test_a_box_is_its_mean_distances_from_its_cell():
    distances = torch.full((1, 4 * BINS), -99.0).view(1, 4, BINS)
    for side, bin in enumerate((1, 2, 3, 0)):
        distances[0, side, bin] = 0
    box = boxes_of(distances.flatten(1), torch.tensor([[16.0, 32.0]]), torch.tensor([8.0]))
    assert box[0].tolist() == pytest.approx([8, 16, 40, 32], abs=1e-3)


def test_a_true_box_is_learned_by_cells_in_it_and_never_by_others():
    places, strides = centres(128, 128)
    truth = torch.tensor([[10.0, 10, 60, 60], [70, 70, 120, 120]])
    boxes = torch.cat([places - strides[:, None], places + strides[:, None]], 1)
    owner, quality = detection.assigned(torch.full((len(places), 80), 0.1), boxes, places, truth, torch.tensor([4, 9]))
    for thing in range(2):
        own = (owner == thing).nonzero()[:, 0]
        assert len(own) >= 1
        assert ((places[own] > truth[thing, :2]) & (places[own] < truth[thing, 2:])).all()
    assert (quality[owner < 0] == 0).all() and (quality[owner >= 0] > 0).all()


def test_losses_are_least_for_what_is_true():
    places, strides = centres(128, 128)
    truth, labels = torch.tensor([[20.0, 20, 84, 84]]), torch.tensor([7])
    def loss(shift: float) -> float:
        reach = torch.cat([places - truth[0, :2] - shift, truth[0, 2:] - places + shift], 1) / strides[:, None]
        reach = reach.clamp(0, BINS - 1.01)
        low = reach.long()
        distances = torch.full((len(places), 4, BINS), -20.0)
        share = (reach - low).clamp(1e-6, 1 - 1e-6)
        distances.scatter_(2, low[..., None], (1 - share).log()[..., None])
        distances.scatter_(2, low[..., None] + 1, share.log()[..., None])
        logits = torch.full((1, len(places), 80), -6.0)
        parts, _ = detection.losses(logits, distances.flatten(1)[None], places, strides, [(truth, labels)], [None])
        return float(parts["boxes"] + parts["distances"])
    assert loss(0) < min(loss(12), loss(30))


def test_what_is_doubtful_is_no_mistake():
    places, strides = centres(64, 64)
    logits, distances = torch.zeros(1, len(places), 80), torch.zeros(1, len(places), 4 * BINS)
    nothing = [(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long))]
    alike, _ = detection.losses(logits, distances, places, strides, nothing, [None])
    weights = torch.ones(len(places), 80)
    weights[:, 5] = 0
    less, _ = detection.losses(logits, distances, places, strides, nothing, [weights])
    assert float(less["classes"]) == pytest.approx(float(alike["classes"]) * 79 / 80)


def test_detections_come_likeliest_first_and_doubles_are_left_out():
    places, strides = centres(64, 64)
    logits = torch.full((len(places), 80), -9.0)
    distances = torch.zeros(len(places), 4 * BINS)
    logits[80, 3], logits[81, 3], logits[81, 8] = 1.0, 2.0, 0.0
    found = detection.detected(logits, distances, places, strides, (64, 64), overlapping=0.3)
    assert found.labels.tolist() == [3, 8] and found.cells.tolist() == [81, 81]
    assert found.scores.tolist() == pytest.approx([0.8808, 0.5], abs=1e-3)


@pytest.mark.parametrize("sizes", [(5,), (3, 2), (5, 2), (5, 2, 0), (5, 1, None, 2), (3, 2, 0)])
@pytest.mark.parametrize("shape", [(9, 7), (8, 12)])
def test_the_quick_backward_pass_of_a_depthwise_convolution_is_right(sizes, shape):
    torch.manual_seed(0)
    layer = Depthwise(6, *sizes).double()
    x = torch.randn(1, 6, *shape, dtype=torch.double)  # of one picture nothing is left to chance
    gradients = []
    for mode in (layer.train(), None):
        if mode is None:
            layer.eval()
        layer.zero_grad()
        given = x.clone().requires_grad_(True)
        (layer(given) ** 2).sum().backward()
        gradients.append([given.grad, layer.weight.grad.clone(), layer.bias.grad.clone()])
    for quick, slow in zip(*gradients):
        assert torch.allclose(quick.double(), slow, atol=1e-4)
