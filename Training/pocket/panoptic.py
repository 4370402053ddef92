"""From what the network says to a map, and how good a map is (panoptic quality)."""

import collections
import dataclasses
import math

import numpy
import torch
from torch.nn import functional as F

from . import categories, detection
from .pictures import STUFF_NAMES
from .segmenter import Fields, Segmenter, centres, normalised

NAMES = [*categories.THINGS, *STUFF_NAMES]  # of all that a map can hold: things, then stuff in the order of a listing


@dataclasses.dataclass(frozen=True)
class Decision:
    least_detection: float = 0.15  # of a box that a mask is drawn in
    # Weights of a logistic regression: that a segment is right, its class and an overlap above a half.
    # Of things: 1, the detection's logit, the visible part, the mask's mean inside, the logarithm of the part of the picture.
    thing_probability: tuple[float, ...] = (0.0, 1.0, 0.0, 0.0, 0.0)
    # Of stuff: 1, the logit of the class in the mean of its pixels, the logarithm of the part of the picture.
    stuff_probability: tuple[float, ...] = (0.0, 1.0, 0.0)
    least_thing_probability: float = 0.25
    least_stuff_probability: float = 0.3
    most_detections: int = 100
    overlapping: float = 0.6  # of boxes of a class, of which the likelier stands
    growth: float = 1.2  # of a box in which a mask is drawn
    least_visible: float = 0.5  # the part of a thing that likelier ones must leave
    in_front: float = 0.5  # what is smaller than this part of a likelier thing of another class lies in front of it
    least_thing_pixels: int = 24  # of 512×512
    least_stuff_pixels: int = 2500


@dataclasses.dataclass
class Found:
    """A segment of a map."""

    label: int  # place in NAMES
    score: float  # how probable it is that it is right
    features: tuple[float, ...]  # which that is read off


@torch.no_grad()
def decide(network: Segmenter, fields: Fields, place: int, size: tuple[int, int], rule: Decision = Decision()):
    """The picture at `place` of a batch whose input was `size` (h, w) → ids [h, w] and what each (1…) is: things from left
    to right by the middles of their boxes, then stuff in the order of a listing."""
    height, width = size
    places, strides = centres(height, width)
    found = detection.detected(
        fields.logits[place], fields.distances[place], places, strides, size, rule.least_detection,
        rule.most_detections, rule.overlapping)
    boxes = grown(found.boxes, rule.growth)
    masks = network.masks(
        fields.coarse, fields.fine, boxes, torch.full((len(boxes),), place), fields.detection[place, found.cells],
        found.labels).sigmoid() if len(boxes) else torch.zeros(0, 28, 28)
    ids = torch.zeros(height, width, dtype=torch.long)
    least_pixels = rule.least_thing_pixels * ids.numel() / 512**2
    things: list[tuple[float, Found, int]] = []  # middle, what it is, and how many pixels it took
    # The likelier a thing, the earlier it takes its pixels.
    for label, score, box, (x0, y0, x1, y1), values in zip(
            found.labels.tolist(), found.scores.tolist(), found.boxes.tolist(), boxes.tolist(), masks):
        left, top, right, bottom = max(0, int(x0)), max(0, int(y0)), min(width, int(x1) + 1), min(height, int(y1) + 1)
        if right <= left or bottom <= top:
            continue
        mask = pasted(values, (x0, y0, x1, y1), (left, top, right, bottom))
        own = mask > 0.5
        here = ids[top:bottom, left:right]
        free = own & (here == 0)
        area = int(own.sum())
        if int(free.sum()) < rule.least_visible * area:
            # Of a person and a tie, or a table and a cup, the small one is in front, however sure the large one is.
            behind = [number for number, (_, thing, pixels) in enumerate(things, 1)
                      if thing.label != label and area < rule.in_front * pixels]
            free = own & torch.isin(here, torch.tensor([0, *behind]))
        visible = int(free.sum())
        if visible < least_pixels or visible < rule.least_visible * area:
            continue
        features = (1, _logit(score), visible / area, float(mask[free].mean()), math.log(visible / ids.numel()))
        probability = _probability(rule.thing_probability, features)
        if probability < rule.least_thing_probability:
            continue
        things.append((box[0] + box[2], Found(label, probability, features), visible))
        here[free] = len(things)
    # What those in front of it left too little of is none.
    pixels = ids.flatten().bincount(minlength=len(things) + 1).tolist()
    order = [thing for thing in range(len(things)) if pixels[thing + 1] >= least_pixels]
    order.sort(key=lambda thing: things[thing][0])
    renumbered = torch.zeros(len(things) + 1, dtype=torch.long)
    for new, old in enumerate(order, 1):
        renumbered[old + 1] = new
    ids = renumbered[ids]
    out = [things[old][1] for old in order]
    # Stuff is decided at half of the size, which its edges do not suffer from.
    semantic = F.interpolate(fields.semantic[place:place + 1], (height // 2, width // 2), mode="bilinear")[0]
    likely = semantic.softmax(0)
    stuff = likely[:-1].argmax(0)
    free = ids[::2, ::2] == 0
    kept = []
    for label in stuff[free].unique().tolist():
        region = free & (stuff == label)
        area, sure = 4 * int(region.sum()), float(likely[label][region].mean())
        features = (1, _logit(sure), math.log(area / ids.numel()))
        probability = _probability(rule.stuff_probability, features)
        if area >= rule.least_stuff_pixels * ids.numel() / 512**2 and probability >= rule.least_stuff_probability:
            kept.append(label)
            out.append(Found(len(categories.THINGS) + label, probability, features))
    if kept:
        # What is dropped leaves its pixels to what is likeliest there of the stuff that is kept.
        numbers = torch.arange(len(kept)) + len(order) + 1
        best = numbers[likely[kept].argmax(0)].repeat_interleave(2, 0).repeat_interleave(2, 1)
        ids = torch.where(ids == 0, best, ids)
    return ids.numpy(), out


def _logit(share: float) -> float:
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))


def _probability(weights: tuple[float, ...], features: tuple[float, ...]) -> float:
    return 1 / (1 + math.exp(-sum(weight * feature for weight, feature in zip(weights, features))))


def grown(boxes: torch.Tensor, by: float) -> torch.Tensor:
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2 * by
    return torch.cat([middle - half, middle + half], 1)


def pasted(mask: torch.Tensor, box, window) -> torch.Tensor:
    """A mask of a box (pixels, any) at the whole pixels of a window, bilinearly; beyond the mask's middles its edge goes on,
    beyond the box there is nothing."""
    (x0, y0, x1, y1), (left, top, right, bottom) = box, window
    x = (torch.arange(left, right) + 0.5 - x0) / max(x1 - x0, 1e-6) * 2 - 1
    y = (torch.arange(top, bottom) + 0.5 - y0) / max(y1 - y0, 1e-6) * 2 - 1
    grid = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)
    out = F.grid_sample(mask[None, None], grid[None], padding_mode="border", align_corners=False)[0, 0]
    return out * ((x.abs() <= 1)[None] & (y.abs() <= 1)[:, None])


@torch.no_grad()
def mapped(network: Segmenter, picture, side: int, rule: Decision = Decision()):
    """A picture (PIL, of any size), squashed to a square → ids at the picture's size and what each is."""
    from PIL import Image

    square = torch.from_numpy(numpy.array(picture.resize((side, side), Image.Resampling.BILINEAR)))
    ids, found = decide(network, network(normalised(square[None])), 0, (side, side), rule)
    return stretched(ids, picture.height, picture.width), found


def stretched(ids: numpy.ndarray, height: int, width: int) -> numpy.ndarray:
    """A map at another size: of each pixel what lies under its middle."""
    rows, columns = ((numpy.arange(count) + 0.5) * old / count for count, old in zip((height, width), ids.shape))
    return ids[rows.astype(int)][:, columns.astype(int)]


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
