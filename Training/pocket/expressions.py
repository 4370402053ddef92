"""Writes where-questions as referring expressions: what `crayon eval rec` and `crayon eval res` read.

    python -m pocket.expressions --data scenes-eval --limit 150 --out expressions.jsonl
"""

import argparse
import itertools
import json
import pathlib

import numpy

from . import records


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=pathlib.Path, required=True, help="a folder of crayon synth")
    add("--limit", type=int, help="at most so many expressions")
    add("--out", type=pathlib.Path, required=True, help="JSON lines, with pictures relative to --data")
    return parser.parse_args()


def runs(mask: numpy.ndarray) -> list[int]:
    """COCO's run lengths: down the columns, outside first."""
    pixels = mask.flatten(order="F")
    changes = numpy.flatnonzero(numpy.diff(pixels)) + 1
    lengths = numpy.diff([0, *changes, pixels.size]).tolist()
    return [0, *lengths] if pixels[0] else lengths


def expressions(folder: pathlib.Path):
    """An expression for every answer that points to one place: “The red cup is at <at>.” is of “the red cup”."""
    for record in records.read(folder, evaluation=True):
        asked = [question for question in record.questions
                 if question.family == "where" and len(question.boxes) == 1 and " is at <at>" in question.answer]
        panoptic = record.read_map() if asked else None
        for question in asked:
            name = question.answer.partition(" is at ")[0]
            height, width = panoptic.shape
            yield {
                "img_path": str(record.picture.relative_to(folder)), "expression": name[0].lower() + name[1:],
                "bbox": [round(side * scale) for side, scale in zip(question.boxes[0], 2 * (width, height))],
                "mask": {"size": [height, width], "counts": runs(panoptic == question.region_ids[0])},
                "height": height, "width": width}


def main():
    options = arguments()
    with open(options.out, "w") as lines:
        for entry in itertools.islice(expressions(options.data), options.limit):
            lines.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
