"""From the segmenter's fields to a map, and how good a map is (panoptic quality)."""

import collections
import dataclasses

import numpy
import torch
from torch.nn import functional as F

from .segmenter import Fields

STRIDE = 4


@dataclasses.dataclass(frozen=True)
class Decision:
    centre_threshold: float = 0.15
    most_centres: int = 64
    least_thing_pixels: int = 60  # of 256×256
    least_thing_likelihood: float = 0.2  # of its class, in the mean of its pixels
    least_stuff_pixels: int = 700
    least_stuff_likelihood: float = 0.65


@torch.no_grad()
def decide(fields: Fields, place: int, is_thing: list[bool], rule: Decision = Decision()):
    """The picture at `place` of a batch → ids [256, 256] and the class of each id (1…): things from left
    to right by their centres, then stuff in the order of the classes."""
    semantic = F.interpolate(fields.semantic[place:place + 1], scale_factor=STRIDE, mode="bilinear")[0]
    labels, likely = semantic.argmax(0), semantic.softmax(0)
    offset = F.interpolate(fields.offset[place:place + 1], scale_factor=STRIDE, mode="bilinear")[0]
    height, width = labels.shape
    heat = fields.centre[place].sigmoid()
    peak = heat == F.max_pool2d(heat[None, None], 3, 1, 1)[0, 0]
    scores = torch.where(peak & (heat >= rule.centre_threshold), heat, 0).flatten()
    count = min(rule.most_centres, int((scores > 0).sum()))
    order = torch.sort(scores, descending=True, stable=True).indices[:count]
    columns = width // STRIDE
    order = order[(order % columns * len(scores) + order).argsort()]
    # The middle of a cell, in pixel indices.
    ys = (order // columns) * STRIDE + (STRIDE - 1) / 2
    xs = (order % columns) * STRIDE + (STRIDE - 1) / 2
    thing_class = torch.tensor([*is_thing, False])
    things = thing_class[labels]
    ids = torch.zeros(height, width, dtype=torch.long)
    classes = []
    if count:
        y, x = things.nonzero(as_tuple=True)
        to_y, to_x = y + offset[0][things], x + offset[1][things]
        nearest = ((to_y[:, None] - ys) ** 2 + (to_x[:, None] - xs) ** 2).argmin(1)
        # Each pixel votes with what it thinks likely, not for one class alone.
        of_things = likely[:, things] * thing_class[:, None]
        votes, winner = torch.zeros(count, len(thing_class)).index_add(0, nearest, of_things.T).max(1)
        area = torch.bincount(nearest, minlength=count)
        new = torch.zeros(count, dtype=torch.long)
        for instance in range(count):
            pixels = int(area[instance])
            if pixels >= rule.least_thing_pixels and votes[instance] >= rule.least_thing_likelihood * pixels:
                classes.append(int(winner[instance]))
                new[instance] = len(classes)
        ids[y, x] = new[nearest]
    for label, thing in enumerate(is_thing):
        region = labels == label
        if thing or region.sum() < rule.least_stuff_pixels:
            continue
        if likely[label][region].mean() >= rule.least_stuff_likelihood:
            classes.append(label)
            ids[region] = len(classes)
    # Stuff that is dropped leaves its pixels to what is likeliest there of the stuff that is kept.
    kept = [number for number, label in enumerate(classes, 1) if not is_thing[label]]
    if kept:
        left = (ids == 0) & torch.tensor([*(not thing for thing in is_thing), False])[labels]
        likeliest = likely[[classes[number - 1] for number in kept]].argmax(0)
        ids[left] = torch.tensor(kept)[likeliest][left]
    return ids.numpy(), classes


class Quality:
    """Panoptic quality as panopticapi reckons it (no crowds here), summed over pictures."""

    def __init__(self):
        self.iou = collections.defaultdict(float)
        self.tp = collections.Counter()
        self.fp = collections.Counter()
        self.fn = collections.Counter()

    def add(self, truth: numpy.ndarray, truth_classes: list, guess: numpy.ndarray, guess_classes: list):
        """Maps of ids, 0 void, and the class of each id from 1."""
        size = len(guess_classes) + 1
        pairs = numpy.bincount((truth.astype(numpy.int64) * size + guess).ravel(), minlength=size * (
            len(truth_classes) + 1)).reshape(-1, size)
        truth_area, guess_area = pairs.sum(1), pairs.sum(0)
        found_truth, found_guess = set(), set()
        for t, g in zip(*numpy.nonzero(pairs[1:, 1:])):
            t, g = t + 1, g + 1
            if truth_classes[t - 1] != guess_classes[g - 1]:
                continue
            union = truth_area[t] + guess_area[g] - pairs[t, g] - pairs[0, g]
            if pairs[t, g] / union > 0.5:
                self.tp[truth_classes[t - 1]] += 1
                self.iou[truth_classes[t - 1]] += pairs[t, g] / union
                found_truth.add(t)
                found_guess.add(g)
        for t, name in enumerate(truth_classes, 1):
            if t not in found_truth and truth_area[t]:
                self.fn[name] += 1
        for g, name in enumerate(guess_classes, 1):
            if g not in found_guess and guess_area[g] and pairs[0, g] <= 0.5 * guess_area[g]:
                self.fp[name] += 1

    def merge(self, other: "Quality"):
        for name in ("iou", "tp", "fp", "fn"):
            for key, value in getattr(other, name).items():
                getattr(self, name)[key] += value

    def of(self, key) -> float:
        total = self.tp[key] + (self.fp[key] + self.fn[key]) / 2
        return 100 * self.iou[key] / total if total else float("nan")

    def summary(self, is_thing) -> str:
        keys = sorted(set(self.tp) | set(self.fp) | set(self.fn))
        def mean(chosen):
            values = [self.of(key) for key in chosen]
            return sum(values) / len(values) if values else float("nan")
        tp, fp, fn = (sum(counter.values()) for counter in (self.tp, self.fp, self.fn))
        return (f"PQ {mean(keys):.1f}  things {mean([k for k in keys if is_thing(k)]):.1f}  "
                f"stuff {mean([k for k in keys if not is_thing(k)]):.1f}  "
                f"RQ(all) {100 * tp / max(1, tp + (fp + fn) / 2):.1f}  tp {tp} fp {fp} fn {fn}")
