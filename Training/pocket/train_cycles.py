"""Brings a box there and back: trains the location encoder of a finished language run until the box decoder finds in
its embeddings the boxes that were put in, and the embeddings stay nearly what the language model knows.

    python -m pocket.train_cycles --data DIR... --language RUN --out RUN
"""

import argparse
import copy
import pathlib

import torch
from torch.nn import functional as F

from . import checkpoint, records
from .evaluate import report
from .regions import Regions

PREFIX = "regions."


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", nargs="+", type=pathlib.Path, required=True)
    add("--language", type=pathlib.Path, required=True, help="folder of the run")
    add("--out", type=pathlib.Path, required=True, help="folder of a run that differs in the encoder alone")
    add("--steps", type=int, default=6000)
    add("--rate", type=float, default=1e-3)
    add("--near", type=float, default=0.3, help="how dear it is to leave the embeddings that there were")
    add("--seed", type=int, default=1)
    return parser.parse_args()


def boxes_of(found: list[records.Record]) -> torch.Tensor:
    """What the questions and answers point at. [N, 4]"""
    return torch.tensor([
        box for record in found for question in record.questions for box in question.boxes + question.input_boxes])


def away(regions: Regions, boxes: torch.Tensor) -> torch.Tensor:
    """How far boxes come back from where they set out, per coordinate. [N]"""
    return (regions.box_decoder(regions.location_encoder(boxes)) - boxes).abs().mean(1)


def train(regions: Regions, boxes: torch.Tensor, steps: int, rate: float, near: float):
    before = copy.deepcopy(regions.location_encoder)
    optimizer = torch.optim.Adam(regions.location_encoder.parameters())
    for step in range(steps):
        drawn = boxes[torch.randint(len(boxes), (256,))]
        drawn = (drawn + 0.02 * torch.randn(drawn.shape)).clamp(0, 1)
        there = regions.location_encoder(drawn)
        with torch.no_grad():
            known = before(drawn)
        loss = ((regions.box_decoder(there) - drawn).abs().mean()
                + near * F.mse_loss(there, known) / known.pow(2).mean())
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    state = checkpoint.load(options.language / "checkpoint.pt")
    weights = {name.removeprefix(PREFIX): value for name, value in state["model"].items() if name.startswith(PREFIX)}
    regions = Regions(len(weights["location_encoder.2.bias"]))
    regions.load_state_dict(weights)
    boxes = torch.cat([boxes_of(records.read(folder)) for folder in options.data])
    kept, boxes = boxes[::20], boxes[torch.arange(len(boxes)) % 20 > 0]
    with torch.no_grad():
        known, first = regions.location_encoder(kept), away(regions, kept).mean()
    train(regions, boxes, options.steps, options.rate, options.near)
    with torch.no_grad():
        moved = (F.mse_loss(regions.location_encoder(kept), known) / known.pow(2).mean()).sqrt()
    options.out.mkdir(parents=True, exist_ok=True)
    report(options.out / "log.txt",
           f"{len(kept)} boxes kept back come back within {away(regions, kept).mean():.4f} a coordinate (before: "
           f"{first:.4f}); embeddings moved by {moved:.3f} of their size")
    state["model"] |= {PREFIX + name: value for name, value in regions.state_dict().items()}
    checkpoint.save(options.out / "checkpoint.pt", **state)


if __name__ == "__main__":
    main()
