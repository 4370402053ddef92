"""Boxes of things: what of the network's cells is one, and what the detection head learns (NanoDet-Plus)."""

import dataclasses

import torch
from torch.nn import functional as F

from .regions import overlap
from .segmenter import BINS, boxes_of

CANDIDATES = 13  # cells of the best overlap, whose sum says how many a box is learned by


def pairwise(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Intersection over union of each with each: [N, 4], [M, 4] → [N, M]."""
    low = torch.maximum(first[:, None, :2], second[None, :, :2])
    high = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    inner = (high - low).clamp(min=0).prod(-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(-1) for boxes in (first, second)]
    return inner / (areas[0][:, None] + areas[1][None] - inner).clamp(min=1e-6)


@dataclasses.dataclass
class Detections:
    """Of one picture, the likeliest first."""

    boxes: torch.Tensor  # [N, 4] in pixels of the input
    labels: torch.Tensor  # [N]
    scores: torch.Tensor  # [N]
    cells: torch.Tensor  # [N]


@torch.no_grad()
def detected(logits, distances, places, strides, size, least: float = 0.05, most: int = 100,
             overlapping: float = 0.6) -> Detections:
    """logits [cells, 80] and distances [cells, 32] of one picture of `size` (h, w). Of cells that say the same class of
    boxes that overlap, the likeliest stands."""
    scores = logits.sigmoid()
    found = (scores > least).nonzero()
    values = scores[found[:, 0], found[:, 1]]
    values, order = values.sort(descending=True, stable=True)
    order = order[:1000]
    cells, labels, values = found[order, 0], found[order, 1], values[:1000]
    boxes = boxes_of(distances[cells], places[cells], strides[cells])
    boxes[:, 0::2] = boxes[:, 0::2].clamp(0, size[1])
    boxes[:, 1::2] = boxes[:, 1::2].clamp(0, size[0])
    kept = suppressed(boxes, labels, overlapping)[:most]
    return Detections(boxes[kept], labels[kept], values[kept], cells[kept])


def suppressed(boxes, labels, overlapping: float) -> torch.Tensor:
    """Places of those that stand; the likeliest come first."""
    near = ((pairwise(boxes, boxes) > overlapping) & (labels[:, None] == labels[None])).numpy()
    stands = torch.ones(len(boxes), dtype=torch.bool).numpy()
    for place in range(len(boxes)):
        if stands[place]:
            stands[place + 1:] &= ~near[place, place + 1:]
    return torch.from_numpy(stands).nonzero()[:, 0]


@torch.no_grad()
def assigned(scores, boxes, places, truth, labels):
    """NanoDet-Plus' dynamic soft labels: which cell learns which true box.

    scores [cells, 80] (probabilities) and boxes [cells, 4] as the network has them; truth [N, 4], labels [N] →
    place of the true box of each cell, −1 for none, and its overlap with the cell's own box."""
    owner = torch.full((len(boxes),), -1, dtype=torch.long, device=boxes.device)
    quality = torch.zeros(len(boxes), device=boxes.device)
    if not len(truth):
        return owner, quality
    inside = ((places[:, None] > truth[None, :, :2]) & (places[:, None] < truth[None, :, 2:])).all(-1)
    some = inside.any(1).nonzero()[:, 0]
    if not len(some):
        return owner, quality
    iou = pairwise(boxes[some], truth)  # [some, N]
    score = scores[some][:, labels]
    distance = F.binary_cross_entropy(score, iou, reduction="none") * (iou - score).abs() ** 2
    cost = distance - 3 * (iou + 1e-7).log() + 1e8 * ~inside[some]
    best = iou.masked_fill(~inside[some], 0).topk(min(CANDIDATES, len(some)), 0).values
    counts = best.sum(0).int().clamp(min=1)
    matching = torch.zeros_like(cost, dtype=torch.bool)
    for place in range(len(truth)):
        chosen = cost[:, place].topk(int(counts[place]), largest=False).indices
        matching[chosen, place] = cost[chosen, place] < 1e7
    several = matching.sum(1) > 1
    if several.any():
        matching[several] = F.one_hot(cost[several].argmin(1), len(truth)).bool()
    taken = matching.any(1).nonzero()[:, 0]
    owner[some[taken]] = matching[taken].int().argmax(1)
    quality[some[taken]] = iou[taken, owner[some[taken]]]
    return owner, quality


def losses(logits, distances, places, strides, truths: list, weights: list):
    """Generalized focal loss over a batch.

    `truths`: of each picture boxes [N, 4] and labels [N]; `weights`: of each what a class weighs in a cell where it is
    not, [cells, 80] or None for ones. Returns the losses, and of each picture (cell, place of its true box) pairs,
    the best cell of each box first."""
    boxes = boxes_of(distances, places, strides)
    scores = logits.detach().sigmoid()
    target = torch.zeros_like(logits)
    pairs, weight = [], torch.ones_like(logits)
    picked = []
    for place, (truth, labels) in enumerate(truths):
        owner, quality = assigned(scores[place], boxes[place].detach(), places, truth, labels)
        cells = (owner >= 0).nonzero()[:, 0]
        target[place, cells, labels[owner[cells]]] = quality[cells]
        if weights[place] is not None:
            weight[place] = weights[place]
            weight[place, cells, labels[owner[cells]]] = 1
        picked.append((place, cells, owner[cells], quality[cells]))
        order = quality[cells].argsort(descending=True)
        pairs.append((cells[order], owner[cells][order]))
    count = max(1, sum(len(cells) for _, cells, _, _ in picked))
    focal = F.binary_cross_entropy_with_logits(logits, target, reduction="none") * (target - logits.sigmoid()).abs() ** 2
    out = {"classes": (focal * weight).sum() / count}
    found = torch.cat([boxes[place, cells] for place, cells, _, _ in picked])
    true = torch.cat([truths[place][0][owner] for place, _, owner, _ in picked])
    if not len(found):
        return {**out, "boxes": found.sum() * 0, "distances": found.sum() * 0}, pairs
    each = torch.cat([scores[place, cells, truths[place][1][owner]] for place, cells, owner, _ in picked])
    each = each / each.sum().clamp(min=1e-6)
    out["boxes"] = 2 * ((1 - overlap(found, true)[1]) * each).sum()
    where = torch.cat([places[cells] for _, cells, _, _ in picked])
    unit = torch.cat([strides[cells] for _, cells, _, _ in picked])[:, None]
    reach = (torch.cat([where - true[:, :2], true[:, 2:] - where], 1) / unit).clamp(0, BINS - 1.01)
    bins = torch.cat([distances[place, cells] for place, cells, _, _ in picked]).view(-1, 4, BINS)
    low = reach.long()
    share = (low + 1 - reach)
    logs = bins.log_softmax(-1)
    between = -(logs.gather(-1, low[..., None])[..., 0] * share + logs.gather(-1, low[..., None] + 1)[..., 0] * (1 - share))
    out["distances"] = 0.25 * (between.mean(1) * each).sum()
    return out, pairs
