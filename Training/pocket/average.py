"""Averages the weights of two exported pipelines, of which the second was trained on from the first.

    python -m pocket.average --first ../Pipelines/pocket --second pocket --language 0.3 --segmenter 0.5 --out averaged

Where a short run begins at finished weights, what lies between both is often better than either: the run's steps
differ by chance as much as by what they learn (“model soups”, arXiv 2203.05482).
"""

import argparse
import pathlib
import shutil

from safetensors import safe_open
from safetensors.torch import load_file, save_file

LANGUAGE = ["adapters", "connector", "crayon", "grounding"]
SEGMENTER = ["segmenter/model"]


def averaged(first: dict, second: dict, share: float) -> dict:
    """`share` of `second`, the rest of `first`, tensor by tensor in the first's type; whole numbers stay the first's."""
    if first.keys() != second.keys():
        raise ValueError(f"only one of both has {sorted(first.keys() ^ second.keys())}")
    return {name: ((1 - share) * tensor.float() + share * second[name].float()).to(tensor.dtype)
            if tensor.is_floating_point() else tensor for name, tensor in first.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--first", type=pathlib.Path, required=True, help="folder of an exported pipeline; what is not averaged is its")
    add("--second", type=pathlib.Path, required=True)
    add("--language", type=float, default=0.5, help="the second's share in what the language stage trains")
    add("--segmenter", type=float, default=0.5, help="the second's share in the segmenter")
    add("--out", type=pathlib.Path, required=True, help="a new folder")
    options = parser.parse_args()
    shutil.copytree(options.first, options.out)
    for parts, share in ((LANGUAGE, options.language), (SEGMENTER, options.segmenter)):
        for part in parts:
            name = f"{part}.safetensors"
            with safe_open(options.first / name, "pt") as file:
                metadata = file.metadata()
            weights = averaged(load_file(options.first / name), load_file(options.second / name), share)
            save_file(weights, options.out / name, metadata)


if __name__ == "__main__":
    main()
