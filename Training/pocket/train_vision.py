"""Trains the vision model on scenes, then fits its connector.

    python -m pocket.train_vision --data DIR... --eval DIR --out RUN --minutes 20 --base FILE.gguf

The tokens start as the patches' low cosine frequencies. First dense targets: each cell's dominant category, its
segment's colour name, and where its thing's centre is. Then the connector is fitted so that a cell's token is the
embedding of its colour word, plus a quarter of its category's: the language model starts with tokens that it can read.
"""

import argparse
import math
import pathlib
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from . import base, categories, checkpoint, initialise, parallel, scenes
from .ahead import Ahead
from .batches import normalised
from .crayon import CELLS, GRID, Connector
from .evaluate import report
from .model import VISION_WIDTH
from .vision import Vision, load_vision, start_from_cosines

CELL = scenes.SIZE // GRID
UNKNOWN = -100
FIT_STEPS = 700
CATEGORY_SHARE = 0.25  # of a category's word in the token that is wanted, beside its colour's whole one
HUE = 0.02  # colours are to be named, so tints change little


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", nargs="+", type=pathlib.Path, required=True)
    add("--scenes", type=int, help="so many of each folder; all unless told")
    add("--out", type=pathlib.Path, required=True)
    add("--start", type=pathlib.Path, help="a checkpoint of another run, or an exported folder, to start from")
    add("--base", type=pathlib.Path, required=True)
    add("--eval", type=pathlib.Path, required=True)
    add("--eval-records", type=int, default=100)
    add("--batch", type=int, default=8, help="for each process")
    add("--rate", type=float, default=1e-3)
    add("--minutes", type=float, required=True, help="the rate falls along a cosine over this time; 0 fits the connector alone")
    add("--processes", type=int, default=1)
    add("--workers", type=int, default=0, help="processes that make batches; for a fast device")
    add("--seed", type=int, default=1)
    add("--device", default="cpu")
    add("--bf16", action="store_true", help="products in bfloat16: several times faster on a processor with AMX")
    return parser.parse_args()


def colour_names(data: list[scenes.Scene]) -> list[str]:
    return sorted({s["colour"] for scene in data for s in scene.segments if s.get("colour")})


class Dense(nn.Module):
    """The vision model with the heads of its training."""

    def __init__(self, classes: int, colours: int):
        super().__init__()
        self.vision = Vision()
        self.norm = nn.LayerNorm(VISION_WIDTH)
        self.heads = nn.Linear(VISION_WIDTH, classes + 1 + colours + 2)
        self.sizes = [classes + 1, colours, 2]

    def forward(self, pictures):
        return self.heads(self.norm(self.vision(pictures))).split(self.sizes, -1)


def targets(scene: scenes.Scene, classes: dict[str, int], colours: dict[str, int]):
    """Per cell: class (none is last), colour or UNKNOWN, and the way to the thing's centre in cells, or NaN."""
    count = len(scene.segments) + 1
    rows = numpy.arange(scenes.SIZE) // CELL
    cell = rows[:, None] * GRID + rows[None]
    winner = numpy.bincount(
        (cell * count + scene.ids).ravel(), minlength=CELLS * count).reshape(CELLS, count).argmax(1)
    of_class = numpy.array([len(classes), *(classes[s["category"]] for s in scene.segments)])
    of_colour = numpy.array([UNKNOWN, *(colours.get(s.get("colour"), UNKNOWN) for s in scene.segments)])
    ys, xs = numpy.mgrid[:scenes.SIZE, :scenes.SIZE]
    flat = scene.ids.ravel()
    area = numpy.maximum(numpy.bincount(flat, minlength=count), 1)
    centres = numpy.stack([numpy.bincount(flat, side.ravel(), count) / area for side in (ys, xs)], 1) / CELL
    for place, segment in enumerate(scene.segments, 1):
        if not categories.IS_THING[segment["category"]]:
            centres[place] = numpy.nan
    centres[0] = numpy.nan
    here = numpy.stack([numpy.arange(CELLS) // GRID, numpy.arange(CELLS) % GRID], 1) + 0.5
    return of_class[winner], of_colour[winner], (centres[winner] - here).astype(numpy.float32)


class Source:
    def __init__(self, options, data, classes, colours, rank):
        self.options, self.data, self.rank = options, data, rank
        self.classes = {name: place for place, name in enumerate(classes)}
        self.colours = {name: place for place, name in enumerate(colours)}

    def batch(self, step: int):
        rng = numpy.random.default_rng([self.options.seed, step, self.rank])
        return self.of([
            scenes.augmented(self.data[rng.integers(len(self.data))], rng, HUE) for _ in range(self.options.batch)])

    def of(self, chosen: list[scenes.Scene]):
        rest = zip(*(targets(scene, self.classes, self.colours) for scene in chosen))
        return (torch.stack([normalised(scene.picture) for scene in chosen]),
                *(torch.from_numpy(numpy.stack(part)) for part in rest))


def losses(out, classes, colours, ways) -> dict[str, torch.Tensor]:
    known = ~ways[..., 0].isnan()
    coloured = colours != UNKNOWN
    return {
        "classes": F.cross_entropy(out[0].flatten(0, 1), classes.flatten()),
        "colours": F.cross_entropy(out[1][coloured], colours[coloured]) if coloured.any() else out[1].sum() * 0,
        "centres": F.smooth_l1_loss(out[2][known], ways[known]) if known.any() else out[2].sum() * 0,
    }


@torch.no_grad()
def accuracy(dense: Dense, source: Source, data: list[scenes.Scene], device: str) -> list[float]:
    """Right and all cells: of classes, of classes of things, of colours of things."""
    counts = numpy.zeros(6)
    dense.eval()
    thing = torch.tensor([*(categories.IS_THING[name] for name in source.classes), False])
    for start in range(0, len(data), 8):
        pictures, classes, colours, _ = source.of(data[start:start + 8])
        out = [part.cpu() for part in dense(pictures.to(device))]
        right, things = out[0].argmax(-1) == classes, thing[classes]
        hue, coloured = out[1].argmax(-1) == colours, (colours != UNKNOWN) & things
        counts += [right.sum(), right.numel(), (right & things).sum(), things.sum(),
                   (hue & coloured).sum(), coloured.sum()]
    dense.train()
    return counts.tolist()


def fit_connector(vision: Vision, source: Source, words: base.Words, embeddings: torch.Tensor, steps: int = 100,
                  seed: int = 5) -> tuple[Connector, float]:
    """A connector from the vision model's tokens to words; returns the share of variance that it leaves."""
    colour = torch.stack([initialise.word(name, words, embeddings) for name in source.colours])
    named = torch.stack([
        *(initialise.word(categories.spoken(name), words, embeddings) for name in source.classes),
        torch.zeros(embeddings.shape[1])])
    inputs, outputs = [], []
    for step in range(steps):
        pictures, classes, colours, _ = source.batch((1 << 30) + step)
        with torch.no_grad():
            seen = vision(pictures)
        keep = colours != UNKNOWN
        inputs.append(seen[keep])
        outputs.append(colour[colours[keep]] + CATEGORY_SHARE * named[classes[keep]])
    x, y = torch.cat(inputs), torch.cat(outputs)
    mean = x.mean(0)
    centred = (x - mean).double()
    ridge = 1e-3 * centred.pow(2).mean() * len(x) * torch.eye(x.shape[1], dtype=torch.float64)
    matrix = torch.linalg.solve(centred.T @ centred + ridge, centred.T @ (y - y.mean(0)).double()).float()
    connector = Connector(x.shape[1], y.shape[1])
    connector.start_linear(matrix, y.mean(0) - mean @ matrix)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(connector.parameters(), 1e-3)
    for step in range(FIT_STEPS):
        chosen = torch.randint(len(x), (1024,), generator=generator)
        loss = F.mse_loss(connector(x[chosen]), y[chosen])
        optimizer.param_groups[0]["lr"] = 1e-3 * (1 - step / FIT_STEPS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return connector, loss.item() / y.var(0).mean().item()


@torch.no_grad()
def named_right(vision, connector, source: Source, data: list[scenes.Scene], file: pathlib.Path) -> float:
    """How often a thing's cell is nearest to its colour's word, of all colours' words."""
    words, embeddings = base.Words(file), base.load(file)["token_embd.weight"]
    colour = torch.stack([initialise.word(name, words, embeddings) for name in source.colours])
    right = count = 0
    for start in range(0, len(data), 8):
        pictures, _, colours, _ = source.of(data[start:start + 8])
        keep = colours != UNKNOWN
        tokens = connector(vision(pictures)[keep])
        guess = (tokens @ colour.T - colour.pow(2).sum(1) / 2).argmax(1)
        right += (guess == colours[keep]).sum().item()
        count += int(keep.sum())
    return right / max(count, 1)


def train(rank: int, options: argparse.Namespace):
    torch.manual_seed(options.seed)
    data = [scene for folder in options.data for scene in scenes.read(folder, limit=options.scenes)]
    evaluation = scenes.read(options.eval, True, options.eval_records)[rank::parallel.world()]
    file, log = options.out / "checkpoint.pt", options.out / "log.txt"
    state = checkpoint.load(file) if file.exists() else None
    begun = state or (checkpoint.load(options.start) if options.start and options.start.is_file() else None)
    classes = begun["classes"] if begun else scenes.class_names(data)
    colours = begun["colours"] if begun else colour_names(data)
    dense = Dense(len(classes), len(colours)).to(options.device)
    optimizer = torch.optim.AdamW(dense.parameters(), options.rate, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
    step, spent = 0, 0.0
    if begun:
        dense.load_state_dict(begun["model"])
    elif options.start:  # an exported folder; it has no heads
        dense.vision.load_state_dict(load_vision(options.start).state_dict())
    else:
        start_from_cosines(dense.vision)
    if state:
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    source = Source(options, data, classes, colours, rank)
    ahead = Ahead(source, step, options.workers)
    clock = saved = shown = time.monotonic()
    sums: dict[str, float] = {}
    since = step
    share = 0.0 if options.minutes else 1.0
    while share < 1:
        pictures, *rest = ahead.take()
        pictures = pictures.to(options.device)
        with torch.autocast(pictures.device.type, torch.bfloat16, enabled=options.bf16):
            out = dense(pictures)
        parts = losses([part.float() for part in out], *(part.to(options.device) for part in rest))
        optimizer.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        parallel.average_gradients(list(dense.parameters()))
        torch.nn.utils.clip_grad_norm_(dense.parameters(), 1.0)
        now = time.monotonic()
        spent = parallel.first_says(spent + min(now - clock, parallel.LONGEST_STEP))
        clock = now
        share = min(1.0, spent / (60 * options.minutes))
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))
        optimizer.step()
        step += 1
        for name, value in parts.items():
            sums[name] = sums.get(name, 0) + value.item()
        stop, keep, show = parallel.first_decides([share >= 1, now - saved > 180, now - shown > 60])
        share = 1.0 if stop else min(share, 0.9999)
        if show or stop:
            counts = numpy.sum(parallel.gathered(accuracy(dense, source, evaluation[:24], options.device)), axis=0)
            if rank == 0:
                figures = "  ".join(f"{name} {value / (step - since):.3f}" for name, value in sums.items())
                rate = (step - since) * options.batch * parallel.world() / (now - shown)
                right = "  ".join(f"{name} {100 * a / max(b, 1):.1f} %" for name, a, b in zip(
                    ("cells", "cells of things", "colours of things"), counts[::2], counts[1::2]))
                report(log, f"{time.strftime('%H:%M:%S')} step {step}  {figures}  {rate:.1f} pictures/s  {right}")
            shown, sums, since = time.monotonic(), {}, step
        if (keep or stop) and rank == 0:
            checkpoint.save(file, model=dense.state_dict(), optimizer=optimizer.state_dict(), step=step, spent=spent,
                            classes=classes, colours=colours)
        if keep:
            saved = now
    ahead.close()
    if rank == 0:
        dense.eval().cpu()
        tensors = base.load(options.base)
        connector, left = fit_connector(
            dense.vision, source, base.Words(options.base), tensors["token_embd.weight"])
        checkpoint.save(options.out / "vision.pt", vision=dense.vision.state_dict(), connector=connector.state_dict(),
                        classes=classes, colours=colours)
        report(log, f"connector: {100 * (1 - left):.0f} % of the words' variance; nearest colour word right in "
               f"{100 * named_right(dense.vision, connector, source, evaluation, options.base):.1f} % of things' cells")


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    parallel.launch(train, options)


if __name__ == "__main__":
    main()
