"""Makes Tests/Fixtures/3-CrayonPrompt: what CoLLaVO's own code makes of maps, and features as PyTorch computes them.

    git clone https://github.com/ByungKwanLee/CoLLaVO
    python crayon_prompt.py --repo CoLLaVO [--photographs DIR]

NAME.png and NAME.json are three small drawn maps with difficult places in them, and NAME.expected.json is what the
authors' `make_seg_prompt` and `classesboxes2string` give for them on their grid of 35 × 35. Of the photographs
(images, panoptic and panoptic.json of COCO) only digests are kept: SHA-256 over the semantic grid (one byte a cell,
row by row), the numbering grid (the same), and the words.

The authors' segmenter gives its segments on the grid itself, numbered from 1. A map is brought there by majority:
a pixel belongs to the cell that its centre lies in, void (0) counts like any segment, and of equals the smaller id
wins; a cell without a pixel's centre takes the pixel at its own. Segments that have no cell are not there.
The authors' numbers go on beyond 20, where their table ends; here they become 0, "unknown".
"""

import argparse
import hashlib
import json
import pathlib

import numpy
import torch
from PIL import Image
from safetensors.torch import save_file

import collavo_authors

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent / "Fixtures" / "3-CrayonPrompt"
CATEGORIES = json.loads((HERE.parent.parent / "Samples" / "scenes" / "categories.json").read_text())
GRID = 35


def majority(ids, rows=GRID, columns=GRID):
    height, width = ids.shape

    def cells(pixels, count):
        of_pixel = (2 * numpy.arange(pixels) + 1) * count // (2 * pixels)
        at_centre = (2 * numpy.arange(count) + 1) * pixels // (2 * count)
        return [numpy.flatnonzero(of_pixel == cell) if (of_pixel == cell).any() else at_centre[cell:cell + 1]
                for cell in range(count)]

    grid = numpy.zeros((rows, columns), ids.dtype)
    across = cells(width, columns)
    for row, y in enumerate(cells(height, rows)):
        for column, x in enumerate(across):
            # In ascending order, and argmax takes the first of the largest.
            values, counts = numpy.unique(ids[numpy.ix_(y, x)], return_counts=True)
            grid[row, column] = values[counts.argmax()]
    return grid


def prompt(authors, ids, categories):
    """Both grids [35, 35] and the sentence. categories: by segment id, the position in COCO's list."""
    grid = majority(ids)
    present = [i for i in numpy.unique(grid) if i != 0]
    if not present:
        return grid * 0, grid * 0, "None of detailed object information for image."
    numbered = numpy.zeros_like(grid)
    for index, identity in enumerate(present):
        numbered[grid == identity] = index + 1
    info = [{"id": index + 1, "label_id": categories[identity]} for index, identity in enumerate(present)]
    semantic, numbering, listed = authors.make_seg_prompt(torch.from_numpy(numbered.astype(numpy.int32)), info)
    numbering = torch.where(numbering > 20, 0, numbering)
    return semantic.numpy(), numbering.numpy(), f"The image includes {authors.classesboxes2string(listed)}."


def read(png):
    pixels = numpy.asarray(Image.open(png).convert("RGB")).astype(numpy.int64)
    return pixels[..., 0] + 256 * pixels[..., 1] + 65536 * pixels[..., 2]


def positions(segments, categories):
    order = {c["id"]: i for i, c in enumerate(categories)}
    return {s["id"]: order[s["category_id"]] for s in segments}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def photographs(authors, folder):
    data = json.loads((folder / "panoptic.json").read_text())
    assert [c["name"] for c in data["categories"]] == [c["name"] for c in CATEGORIES]
    digests = []
    for annotation in sorted(data["annotations"], key=lambda a: a["file_name"]):
        semantic, numbering, listing = prompt(
            authors, read(folder / "panoptic" / annotation["file_name"]),
            positions(annotation["segments_info"], data["categories"]))
        digests.append({
            "file": annotation["file_name"], "semantic": sha(semantic.astype(numpy.uint8).tobytes()),
            "numbering": sha(numbering.astype(numpy.uint8).tobytes()), "listing": sha(listing.encode())})
    (FOLDER / "photographs.json").write_text(json.dumps(digests, indent=0) + "\n")


def named(name):
    return next(c["id"] for c in CATEGORIES if c["name"] == name)


def drawn():
    """Three maps: objects and stuff of names that are spoken alike, one too small for a cell; 23 of a kind; fewer
    pixels than cells."""
    table = numpy.zeros((90, 130), numpy.int64)
    table[:40] = 9000  # wall
    table[40:] = 70001  # table
    table[40:, 100:] = 512  # the other wall
    for index, (y, x, size) in enumerate([(20, 10, 25), (50, 30, 17), (30, 60, 22), (45, 45, 9)]):
        table[y:y + size, x:x + size] = 300 + 7 * index
    table[60, 100:102] = 4  # too small for a cell
    table[0:12, 118:] = 0
    # Half of each of some cells, so that equals are decided.
    table[80:90, 0:13] = numpy.where(numpy.arange(13)[None, :] % 2 == 0, 300, 307)
    shelf = numpy.full((70, 105), 5, numpy.int64)
    for index in range(23):
        y, x = divmod(index, 8)
        shelf[2 + 23 * y:20 + 23 * y, 1 + 13 * x:11 + 13 * x] = 16777215 - 1000 * index
    generator = numpy.random.default_rng(11)
    few = generator.integers(0, 5, (13, 20)) * 250
    return {
        "table": (table, {
            9000: "wall-other-merged", 70001: "table-merged", 512: "wall-brick", 300: "cup", 307: "cup", 314: "bowl",
            321: "apple", 4: "spoon"}),
        "shelf": (shelf, {5: "shelf"} | {16777215 - 1000 * index: "book" for index in range(23)}),
        "few": (few, {250: "window-other", 500: "window-blind", 750: "dog", 1000: "dog"}),
    }


def write(name, ids, segments, authors):
    Image.fromarray(numpy.stack([ids % 256, ids // 256 % 256, ids // 65536], -1).astype(numpy.uint8)).save(
        FOLDER / f"{name}.png")
    listed = [{"id": int(i), "category_id": named(segments[i])} for i in sorted(segments) if (ids == i).any()]
    used = {s["category_id"] for s in listed}
    (FOLDER / f"{name}.json").write_text(json.dumps(
        {"segments_info": listed, "categories": [c for c in CATEGORIES if c["id"] in used]}) + "\n")
    semantic, numbering, listing = prompt(authors, ids, positions(listed, CATEGORIES))
    (FOLDER / f"{name}.expected.json").write_text(json.dumps(
        {"semantic": semantic.flatten().tolist(), "numbering": numbering.flatten().tolist(), "listing": listing}) + "\n")
    print(name, sorted(set(semantic.flatten().tolist())), int(numbering.max()), listing)


def features():
    """A connector over two tables, on cells that use their first and last rows."""
    torch.manual_seed(5)
    semantic, numbering = torch.randn(7, 8), torch.randn(21, 8)
    connector = torch.nn.Sequential(torch.nn.Linear(8, 12), torch.nn.GELU(), torch.nn.Linear(12, 12))
    cells = torch.tensor([[0, 0], [6, 20], [1, 1], [6, 0], [0, 20], [1, 2], [1, 1], [3, 5]])
    with torch.inference_mode():
        expected = connector(semantic[cells[:, 0]] + numbering[cells[:, 1]])
        alone = connector(semantic[cells[:, 0]] + numbering[0])
    tensors = {"semantic": semantic, "numbering": numbering, "expected": expected, "expected_semantic": alone,
               "cells": cells}
    tensors |= {f"connector.{name}": value.detach() for name, value in connector.state_dict().items()}
    save_file(tensors, FOLDER / "features.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repo", type=pathlib.Path, required=True)
    parser.add_argument("--photographs", type=pathlib.Path)
    arguments = parser.parse_args()
    authors = collavo_authors.load(arguments.repo, {})("collavo.utils.utils")
    assert [c["name"] for c in CATEGORIES] == authors.COCO_PANOPTIC_CLASSES
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (ids, segments) in drawn().items():
        write(name, ids, segments, authors)
    features()
    if arguments.photographs:
        photographs(authors, arguments.photographs)


if __name__ == "__main__":
    main()
