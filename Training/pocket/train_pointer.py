"""Fits the pointer of a finished language run to that run's states: what the model knows of which segment it means is read
off, and nothing of what it says changes.

    python -m pocket.train_pointer --base FILE.gguf --data DIR[:WEIGHT]... --language RUN --vision DIR --out RUN
"""

import argparse
import pathlib
import time
import zlib

import numpy
import torch
from torch.nn import functional as F

from . import base, checkpoint, records
from .batches import pack, sample
from .evaluate import report
from .model import Pocket
from .regions import Pointer
from .vision import load_vision

PREFIX = "regions.pointer."


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--base", type=pathlib.Path, required=True)
    add("--data", nargs="+", required=True, help="folders of crayon synth, each with :WEIGHT if not 1")
    add("--language", type=pathlib.Path, required=True, help="folder of the run")
    add("--vision", type=pathlib.Path, required=True)
    add("--out", type=pathlib.Path, required=True, help="folder of a run that differs in the pointer alone")
    add("--minutes", type=float, default=5, help="of reading states")
    add("--questions", type=int, default=14, help="at most so many of a picture")
    add("--thinned", type=float, default=0.7)
    add("--listing-off", type=float, default=0.15)
    add("--steps", type=int, default=4000)
    add("--rate", type=float, default=2e-3)
    add("--seed", type=int, default=1)
    add("--processes", type=int, default=1, help="that read states, each with one thread")
    add("--bf16", action="store_true", help="products in bfloat16, as for train_language")
    return parser.parse_args()


class States:
    """Hidden states at triggers, with what each could mean and does."""

    def __init__(self):
        self.hidden, self.map, self.meant = [], [], []
        self.segments, self.kept = [], []

    def extend(self, other: "States"):
        self.map += [place + len(self.segments) for place in other.map]
        self.hidden += other.hidden
        self.meant += other.meant
        self.segments += other.segments
        self.kept += other.kept

    @torch.no_grad()
    def add(self, pocket: Pocket, batch, seen, is_kept: bool):
        """is_kept: whether the picture is one of those that nothing is learned from."""
        known = batch.trigger_segments >= 0
        if not known.any():
            return
        x, features = pocket.embed(batch, seen)
        hidden = pocket.language(x, batch.packing, None, features, batch.image_rows)
        self.hidden.append(hidden[batch.trigger_rows[known]].half())
        self.map += [len(self.segments)] * int(known.sum())
        self.meant.append(batch.trigger_segments[known])
        self.segments.append(pocket.segments(batch).half())
        self.kept.append(is_kept)

    def packed(self):
        """hidden [R, width], segments [maps, most, width] and how many there are, map and segment of each state, and which
        maps are kept back."""
        counts = torch.tensor([len(segments) for segments in self.segments])
        return (torch.cat(self.hidden), torch.nn.utils.rnn.pad_sequence(self.segments, batch_first=True), counts,
                torch.tensor(self.map), torch.cat(self.meant), torch.tensor(self.kept))


def fit(pointer: Pointer, states: States, steps: int, rate: float) -> tuple[float, float]:
    """→ how many of every tenth picture's states, which are kept back, are understood, before and after."""
    hidden, segments, counts, maps, meant, kept = states.packed()
    kept = kept[maps]

    def batch(rows):
        at = maps[rows]
        fits = pointer(hidden[rows].float(), segments[at].float())
        return fits.masked_fill(torch.arange(fits.shape[1]) >= counts[at, None], float("-inf")), meant[rows]

    @torch.no_grad()
    def right() -> float:
        hits = [(fits.argmax(1) == true).float() for fits, true in map(batch, kept.nonzero()[:, 0].split(256))]
        return torch.cat(hits).mean().item()

    before = right()
    learned = (~kept).nonzero()[:, 0]
    optimizer = torch.optim.AdamW(pointer.parameters(), weight_decay=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        loss = F.cross_entropy(*batch(learned[torch.randint(len(learned), (192,))]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return before, right()


def read(options: argparse.Namespace, rank: int) -> States:
    """What one of the processes reads."""
    torch.set_num_threads(1)
    rng = numpy.random.default_rng([options.seed, rank])
    words = base.Words(options.base)
    pocket = loaded(options)
    if options.bf16:
        pocket.language.store_in_bf16()
    pocket.language.fold()
    vision = load_vision(options.vision)
    folders, weights = [], []
    for text in options.data:
        folder, weight = records.weighted(text)
        folders.append([
            (record, asked) for record in records.read(folder)
            if (asked := [question for question in record.questions if question.boxes])])
        weights.append(weight)
    weights = numpy.array(weights) / sum(weights)
    states, began = States(), time.monotonic()
    while time.monotonic() - began < options.minutes * 60:
        # A picture is drawn more than once, by whichever process, and is always kept back or never.
        source = int(rng.choice(len(folders), p=weights))
        place = int(rng.integers(len(folders[source])))
        record, asked = folders[source][place]
        chosen = rng.permutation(len(asked))[:options.questions]
        batch = pack([sample(
            words, record, [asked[number] for number in chosen], rng.random() >= options.listing_off,
            thinned=rng if rng.random() < options.thinned else None)])
        with torch.no_grad():
            seen = vision(batch.pictures) if batch.pictures is not None else None
        states.add(pocket, batch, seen, zlib.crc32(f"{source} {place}".encode()) % 10 == 0)
    return states


def loaded(options: argparse.Namespace) -> Pocket:
    pocket = Pocket(base.load(options.base)).eval()
    pocket.load_state_dict(checkpoint.load(options.language / "checkpoint.pt")["model"])
    return pocket


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    with torch.multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        states = States()
        for part in pool.starmap(read, [(options, rank) for rank in range(options.processes)]):
            states.extend(part)
    pointer = loaded(options).regions.pointer
    before, after = fit(pointer, states, options.steps, options.rate)
    options.out.mkdir(parents=True, exist_ok=True)
    report(options.out / "log.txt",
           f"{len(states.map)} states of {len(states.segments)} maps: of those kept back {100 * before:.1f} % mean the right "
           f"segment before, {100 * after:.1f} % after")
    state = checkpoint.load(options.language / "checkpoint.pt")
    state["model"] |= {PREFIX + name: value for name, value in pointer.state_dict().items()}
    checkpoint.save(options.out / "checkpoint.pt", **state)


if __name__ == "__main__":
    main()
