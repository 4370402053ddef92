"""Fits what the colours of a segment add to the mean of its vision tokens: with it, a thing's token is the embedding of
its colour's word plus a quarter of its category's, as a cell's is wanted to be (train_vision).

    python -m pocket.train_palette --base FILE.gguf --data DIR... --language RUN --vision RUN --out RUN

A thing whose patches show much else, a small one above all, is known by its own pixels then.
"""

import argparse
import dataclasses
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
SHARPNESS = 8.0  # of the choice between colour words, by distance in units of a word's own length
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


@dataclasses.dataclass
class Examples:
    colours: torch.Tensor
    tokens: torch.Tensor
    wanted: torch.Tensor
    names: torch.Tensor
    words: torch.Tensor

    def chosen(self, rows: torch.Tensor) -> "Examples":
        return Examples(self.colours[rows], self.tokens[rows], self.wanted[rows], self.names[rows], self.words)

    def choices(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits of the colour words: the nearer a token is to one, the likelier."""
        lengths = self.words.pow(2).sum(1)
        return (tokens / SPREAD @ self.words.T - lengths / 2) * (SHARPNESS / lengths.mean())


@torch.no_grad()
def examples(data: list[scenes.Scene], vision, pocket: Pocket, words: base.Words,
             rng: numpy.random.Generator) -> Examples:
    """Of each thing with a colour: its colours [N, palette.WIDTH], the mean of its tokens, the token that is wanted
    [N, width], and its colour's place in the words of all colours [words, width]."""
    spoken: dict[str, torch.Tensor] = {}

    def word(name: str) -> torch.Tensor:
        if name not in spoken:
            spoken[name] = initialise.word(name, words, pocket.language.embeddings)
        return spoken[name]

    named = sorted({segment["colour"] for scene in data for segment in scene.segments if segment.get("colour")})
    colours, tokens, wanted, names = [], [], [], []
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
            names.append(named.index(segment["colour"]))
    return Examples(torch.from_numpy(numpy.stack(colours)), torch.stack(tokens), torch.stack(wanted),
                    torch.tensor(names), torch.stack([word(name) for name in named]))


def fit(out: Connector, of: Examples, steps: int, seed: int):
    """The network from colours to what tokens lack, so that the nearest colour word is the right one. The spread of
    its inputs is put into its first layer."""
    colours = of.colours
    mean, deviation = colours.mean(0), colours.std(0) + 1e-3
    inputs = (colours - mean) / deviation
    torch.manual_seed(seed)
    fitted = Connector(out[0].in_features, out[2].out_features)
    optimizer = torch.optim.AdamW(fitted.parameters(), weight_decay=0.01)
    for step in range(steps):
        drawn = torch.randint(len(inputs), (256,))
        tokens = of.tokens[drawn] + fitted(inputs[drawn])
        loss = 100 * F.mse_loss(tokens, of.wanted[drawn]) + F.cross_entropy(of.choices(tokens), of.names[drawn])
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
    found = examples(data, vision, pocket, words, numpy.random.default_rng(options.seed))
    kept = torch.arange(len(found.colours)) % 10 == 0
    fit(pocket.palette, found.chosen(~kept), options.steps, options.seed)
    test = found.chosen(kept)
    with torch.no_grad():
        before, after = ((test.choices(tokens).argmax(1) == test.names).float().mean()
                         for tokens in (test.tokens, test.tokens + pocket.palette(test.colours)))
    options.out.mkdir(parents=True, exist_ok=True)
    report(options.out / "log.txt", f"{len(found.colours)} things; the nearest colour word was right for "
           f"{100 * before:.1f} %, and is for {100 * after:.1f} %, of those kept back")
    state["model"] = pocket.state_dict()
    checkpoint.save(options.out / "checkpoint.pt", **state)


if __name__ == "__main__":
    main()
