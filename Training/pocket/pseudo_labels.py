"""Classes of stuff in photographs that have no such truth, as a trained segmenter sees them.

    python -m pocket.pseudo_labels --photographs data/photographs --segmenter RUN --out pseudo.npy [--processes 2]

Written is [photographs, 128, 128]: the class of each cell (of the semantic branch), 255 where none is sure enough. What
is learned from it is truth where there is some (`pocket.pictures.semantic_target`).
"""

import argparse
import multiprocessing
import pathlib

import numpy
import torch
from PIL import Image

from . import pictures
from .segmenter import Segmenter, normalised
from .train_segmenter import load

SIDE = 512
LEAST = 0.6  # of the likeliest class


@torch.no_grad()
def likelihoods(network: Segmenter, picture: Image.Image) -> torch.Tensor:
    """[54, 128, 128], the mean of the picture and its mirror image."""
    square = numpy.array(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    views = normalised(torch.from_numpy(numpy.stack([square, square[:, ::-1]])))
    both = network(views).semantic.softmax(1)
    return (both[0] + both[1].flip(2)) / 2


_network = None


def _enter(run: pathlib.Path):
    global _network
    torch.set_num_threads(1)
    _network = load(run / "checkpoint.pt")


def _labelled(file) -> numpy.ndarray:
    with Image.open(file) as picture:
        likely, label = likelihoods(_network, picture.convert("RGB")).max(0)
    return torch.where(likely >= LEAST, label, pictures.UNKNOWN).to(torch.uint8).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--segmenter", type=pathlib.Path, required=True, help="folder of the run")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--most", type=int, help="of the unlabelled photographs, for want of time")
    options = parser.parse_args()
    known = pictures.photographs(options.photographs)
    unlabelled = [source for source in known if source.kind == "unlabelled"][:options.most]
    sources = [source for source in known if source.kind == "instances"] + unlabelled
    out = numpy.full((len(known), SIDE // 4, SIDE // 4), pictures.UNKNOWN, numpy.uint8)
    with multiprocessing.get_context("spawn").Pool(options.processes, _enter, (options.segmenter,)) as pool:
        for place, labels in enumerate(pool.imap(_labelled, (source.file for source in sources), chunksize=4)):
            out[sources[place].place] = labels
    numpy.save(options.out, out)
    counts = numpy.bincount(out.ravel(), minlength=256)
    print(f"{100 * (1 - counts[pictures.UNKNOWN] / out.size):.0f} % of all cells are sure")
    for place, name in enumerate([*pictures.STUFF_NAMES, "things"]):
        print(f"{100 * counts[place] / out.size:6.2f} %  {name}")


if __name__ == "__main__":
    main()
