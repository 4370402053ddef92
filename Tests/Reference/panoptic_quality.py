"""Makes Tests/Fixtures/Evaluation: what panopticapi says of damaged predictions.

    git clone https://github.com/cocodataset/panopticapi
    PYTHONPATH=panopticapi python panoptic_quality.py [DIR with images, panoptic and panoptic.json of COCO]

tiny/ holds four small drawn maps, with void, crowds and segments in several parts, and damaged predictions, as
files. Of the photographs only the numbers are kept: tests damage their maps in the same way, which
Tests/Support/MapDamage.swift does too:

  A SplitMix64 is seeded with the image's id. Segments are taken in ascending order of id, and each draws
  `next % 10`: 0 drops it; 1 gives it the category that follows its own in the list (the last: the first); 2
  shifts it by `next % 21 - 10` columns and then `next % 21 - 10` rows, what leaves the map is lost; 3 splits it
  at the middle column of its box, the right half becoming a segment of its own; 4 gives its pixels to the segment
  before it, if one was kept; else it stays as it is. Segments are painted in that order over void, so later ones
  cover earlier ones, and numbered 1000, 2000, … as they are made. What ends without pixels is left out.
"""

import hashlib
import json
import pathlib
import sys
import tempfile

import numpy
from PIL import Image

from panopticapi.evaluation import pq_compute_single_core
from panopticapi.utils import id2rgb, rgb2id

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent / "Fixtures" / "Evaluation"
CATEGORIES = json.loads((HERE.parent.parent / "Samples" / "scenes" / "categories.json").read_text())


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)


def damage(ids, segments, categories, seed):
    """ids [height, width], segments as COCO lists them; returns both, damaged."""
    numbers = SplitMix64(seed)
    order = [c["id"] for c in categories]
    height, width = ids.shape
    out = numpy.zeros_like(ids)
    made = []

    def new(category):
        made.append(category)
        return 1000 * len(made)

    for segment in sorted(segments, key=lambda s: s["id"]):
        y, x = numpy.nonzero(ids == segment["id"])
        category = segment["category_id"]
        operation = numbers.next() % 10
        if operation == 0:
            continue
        if operation == 4 and made:
            out[y, x] = 1000 * len(made)
            continue
        if operation == 1:
            category = order[(order.index(category) + 1) % len(order)]
        if operation == 2:
            x = x + int(numbers.next() % 21) - 10
            y = y + int(numbers.next() % 21) - 10
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            y, x = y[inside], x[inside]
        identity = new(category)
        out[y, x] = identity
        if operation == 3:
            right = x >= (x.min() + x.max() + 1) // 2
            out[y[right], x[right]] = new(category)
    present = set(numpy.unique(out).tolist())
    listed = [{"id": 1000 * (i + 1), "category_id": c, "iscrowd": 0} for i, c in enumerate(made)]
    return out, [s for s in listed if s["id"] in present]


def quality(pairs, truth_folder, prediction_folder):
    categories = {c["id"]: c for c in CATEGORIES}
    stat = pq_compute_single_core(0, pairs, truth_folder, prediction_folder, categories)
    result = {}
    for name, isthing in [("all", None), ("things", True), ("stuff", False)]:
        result[name], classes = stat.pq_average(categories, isthing=isthing)
        if name == "all":
            result["classes"] = {
                str(c): values | {"tp": stat[c].tp, "fp": stat[c].fp, "fn": stat[c].fn, "iou": float(stat[c].iou)}
                for c, values in classes.items() if stat[c].tp + stat[c].fp + stat[c].fn}
    return result


def box_and_area(ids, identity):
    y, x = numpy.nonzero(ids == identity)
    return dict(area=len(x), bbox=[int(x.min()), int(y.min()), int(x.max() - x.min() + 1), int(y.max() - y.min() + 1)])


def draw_truth(seed):
    """Rectangles of things, stuff and crowds over each other; some void stays."""
    numbers = SplitMix64(seed)
    height, width = 30, 40
    ids = numpy.zeros((height, width), numpy.int64)
    segments = []
    for index in range(12):
        category = CATEGORIES[numbers.next() % 4 if index % 3 else 80 + numbers.next() % 3]
        x, y = numbers.next() % 34, numbers.next() % 24
        identity = int(1 + numbers.next() % 16_000_000)
        ids[y:y + 4 + numbers.next() % 14, x:x + 4 + numbers.next() % 18] = identity
        segments.append(dict(id=identity, category_id=category["id"],
                             iscrowd=int(category["isthing"] and numbers.next() % 3 == 0)))
        if index % 4 == 0:  # a second part, apart from the first
            ids[:2, 3 * index:3 * index + 3] = identity
    present = set(numpy.unique(ids).tolist())
    return ids, [s | box_and_area(ids, s["id"]) for s in segments if s["id"] in present]


def write(folder, entries):
    (folder / "maps").mkdir(parents=True, exist_ok=True)
    annotations, images = [], []
    for image_id, ids, segments in entries:
        name = f"{image_id:012d}"
        Image.fromarray(id2rgb(ids)).save(folder / "maps" / f"{name}.png")
        annotations.append(dict(image_id=image_id, file_name=f"{name}.png", segments_info=segments))
        images.append(dict(id=image_id, file_name=f"{name}.jpg", width=ids.shape[1], height=ids.shape[0]))
    (folder / "panoptic.json").write_text(
        json.dumps(dict(images=images, annotations=annotations, categories=CATEGORIES)))
    return annotations


def tiny():
    truth = [(image_id, *draw_truth(image_id)) for image_id in (3, 4, 5, 9)]
    prediction = [(i, *damage(ids, segments, CATEGORIES, i)) for i, ids, segments in truth]
    folders = FOLDER / "tiny" / "truth", FOLDER / "tiny" / "prediction"
    pairs = list(zip(write(folders[0], truth), write(folders[1], prediction)))
    return quality(pairs, *(str(f / "maps") for f in folders))


def photographs(source):
    dataset = json.loads((source / "panoptic.json").read_text())
    assert [c["id"] for c in dataset["categories"]] == [c["id"] for c in CATEGORIES]
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        damaged = []
        for annotation in dataset["annotations"]:
            ids = rgb2id(numpy.array(Image.open(source / "panoptic" / annotation["file_name"]), dtype=numpy.uint32))
            out, segments = damage(
                ids.astype(numpy.int64), annotation["segments_info"], CATEGORIES, annotation["image_id"])
            digest.update(out.astype("<i4").tobytes())
            damaged.append((annotation["image_id"], out, segments))
        predictions = write(folder, damaged)
        pairs = list(zip(dataset["annotations"], predictions))
        return quality(pairs, str(source / "panoptic"), str(folder / "maps")) | {"sha256": digest.hexdigest()}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    result = {"tiny": tiny()}
    stored = FOLDER / "expected.json"
    if len(sys.argv) > 1:
        result["photographs"] = photographs(pathlib.Path(sys.argv[1]))
    elif stored.exists():
        result["photographs"] = json.loads(stored.read_text())["photographs"]
    stored.write_text(json.dumps(result, indent=1) + "\n")
    print({name: value["all"] for name, value in result.items()})


if __name__ == "__main__":
    main()
