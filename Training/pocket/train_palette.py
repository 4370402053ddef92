"""Fits what the colours of a segment add to the mean of its vision tokens: with it, a thing's token is the embedding of
its colour's word plus a quarter of its category's, as a cell's is wanted to be (train_vision).

    python -m pocket.train_palette --base FILE.gguf --data DIR... --language RUN --vision RUN --out RUN

A thing whose patches show much else, a small one above all, is known by its own pixels then.
"""

import argparse
import pathlib

import numpy
import torch
from torch.nn import functional as F

from . import base, categories, checkpoint, crayon, initialise, palette, scenes
from .batches import normalised
from .crayon import Connector
from .evaluate import report
from .model import Pocket
from .train_vision import CATEGORY_SHARE
from .vision import load_vision

SPREAD = 1.5  # of the shipped vision connector: what its colours' words are multiplied with
SHIFT = 3  # maps are moved by so many pixels at most: a segmenter's are not exact either


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--base", type=pathlib.Path, required=True)
    add("--data", nargs="+", type=pathlib.Path, required=True)
    add("--scenes", type=int, default=1500, help="so many of each folder")
    add("--language", type=pathlib.Path, required=True, help="folder of the run")
    add("--vision", type=pathlib.Path, required=True, help="vision.pt of a run, or an exported folder")
    add("--out", type=pathlib.Path, required=True, help="folder of a run that differs in the palette alone")
    add("--steps", type=int, default=4000)
    add("--seed", type=int, default=1)
    return parser.parse_args()


@torch.no_grad()
def examples(data: list[scenes.Scene], vision, pocket: Pocket, words: base.Words, rng: numpy.random.Generator):
    """Of each thing with a colour: its colours [N, palette.WIDTH], the mean of its tokens, and the token that is
    wanted [N, width]."""
    spoken: dict[str, torch.Tensor] = {}

    def word(name: str) -> torch.Tensor:
        if name not in spoken:
            spoken[name] = initialise.word(name, words, pocket.language.embeddings)
        return spoken[name]

    colours, tokens, wanted = [], [], []
    for scene in data:
        ids = numpy.roll(scene.ids, rng.integers(-SHIFT, SHIFT + 1, 2), (0, 1)) if rng.random() < 0.6 else scene.ids
        owner = crayon.winners(ids)
        looks = pocket.vision_connector(vision(normalised(scene.picture)[None]))[0]
        chosen = [place for place, segment in enumerate(scene.segments, 1)
                  if segment.get("colour") and categories.IS_THING[segment["category"]] and (ids == place).any()]
        colours += [*palette.statistics(scene.picture, ids, chosen)]
        for place in chosen:
            segment = scene.segments[place - 1]
            tokens.append(looks[torch.from_numpy(crayon.cells_of(place, owner, ids))].mean(0))
            category = categories.spoken(segment["category"])
            wanted.append(SPREAD * (word(segment["colour"]) + CATEGORY_SHARE * word(category)))
    return torch.from_numpy(numpy.stack(colours)), torch.stack(tokens), torch.stack(wanted)


def fit(out: Connector, colours: torch.Tensor, missing: torch.Tensor, steps: int, seed: int):
    """The network from colours to what tokens lack. The spread of its inputs is put into its first layer."""
    mean, deviation = colours.mean(0), colours.std(0) + 1e-3
    inputs = (colours - mean) / deviation
    torch.manual_seed(seed)
    fitted = Connector(out[0].in_features, out[2].out_features)
    optimizer = torch.optim.AdamW(fitted.parameters(), weight_decay=0.01)
    for step in range(steps):
        drawn = torch.randint(len(inputs), (256,))
        loss = 100 * F.mse_loss(fitted(inputs[drawn]), missing[drawn])
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        fitted[0].weight /= deviation
        fitted[0].bias -= fitted[0].weight @ mean
        out.load_state_dict(fitted.state_dict())


def main():
    options = arguments()
    words = base.Words(options.base)
    pocket = Pocket(base.load(options.base))
    state = checkpoint.load(options.language / "checkpoint.pt")
    # The run may be older than the palette, but lacks nothing else.
    unfitted = {name: value for name, value in pocket.state_dict().items() if name.startswith("palette.")}
    pocket.load_state_dict(unfitted | state["model"])
    vision = load_vision(options.vision)
    data = [scene for folder in options.data for scene in scenes.read(folder, limit=options.scenes)]
    colours, tokens, wanted = examples(data, vision, pocket, words, numpy.random.default_rng(options.seed))
    kept = torch.arange(len(colours)) % 10 == 0
    fit(pocket.palette, colours[~kept], (wanted - tokens)[~kept], options.steps, options.seed)
    with torch.no_grad():
        before, after = (F.mse_loss(t[kept], wanted[kept]) / wanted.var(0).mean()
                         for t in (tokens, tokens + pocket.palette(colours)))
    options.out.mkdir(parents=True, exist_ok=True)
    report(options.out / "log.txt", f"{len(colours)} things; of the wanted tokens' variance {100 * before:.0f} % was missing, "
           f"{100 * after:.0f} % is, of those kept back")
    state["model"] = pocket.state_dict()
    checkpoint.save(options.out / "checkpoint.pt", **state)


if __name__ == "__main__":
    main()
