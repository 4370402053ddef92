"""Exact match per family on a fixed set of records, with the listing and without it."""

import collections
import pathlib

import torch

from .base import Words
from .batches import pack, sample
from .model import Pocket
from .records import Record


class Tally:
    """Right and asked, per key."""

    def __init__(self):
        self.counts = collections.defaultdict(lambda: [0.0, 0])

    def add(self, key: str, right: float):
        self.counts[key][0] += right
        self.counts[key][1] += 1

    def merge(self, other: dict):
        for key, (right, asked) in other.items():
            self.counts[key][0] += right
            self.counts[key][1] += asked

    def __str__(self):
        return "  ".join(f"{key} {100 * right / asked:.0f}" for key, (right, asked) in sorted(self.counts.items()))


@torch.no_grad()
def measure(pocket: Pocket, words: Words, records: list[Record], listed: bool, vision=None, crayon: str = "on",
            questions: int = 24, device: str = "cpu") -> Tally:
    """Answers are exact if greedy decoding would give them; where is right if all its boxes have IoU 0.5."""
    tally = Tally()
    for record in records:
        asked = record.questions[:questions]
        batch = pack([sample(words, record, asked, listed, picture=vision is not None)]).to(device)
        seen = vision(batch.pictures) if vision is not None and batch.pictures is not None else None
        outcome = pocket(batch, None, seen, crayon)
        for place, question in enumerate(asked):
            right = float(outcome.exact[place])
            tally.add(question.family, right)
            tally.add("held-out" if question.held_out else "known", right)
        for place, iou in enumerate(outcome.iou.tolist()):
            family = asked[int(batch.trigger_turns[place])].family
            tally.add(f"iou@.5:{family}", float(iou >= 0.5))
            tally.add(f"iou:{family}", iou)
    return tally


def report(file: pathlib.Path, text: str):
    print(text, flush=True)
    with open(file, "a") as log:
        log.write(text + "\n")
