"""Panoptic maps of what a file of COCO's instances tells: things alone, all else void.

    python -m pocket.instance_maps --instances instances.json --categories panoptic.json \\
        --without held-back.json:things --out data/true-things

Then `crayon synth --maps` asks about them, and `pocket.decided_photographs` puts questions and photographs together.
Where instances lie over each other the smaller one is seen. `--categories`: a panoptic file whose categories the maps' are.
"""

import argparse
import json
import pathlib

import numpy
from pycocotools import mask as masks

from .decided_photographs import ids_without
from .records import write_map

LEAST_PIXELS = 8  # of what is left of an instance behind the others


def pixels(annotation: dict, height: int, width: int) -> numpy.ndarray:
    """A mask, as polygons or run lengths of either kind. [height, width]"""
    shape = annotation["segmentation"]
    if isinstance(shape, list):
        shape = masks.merge(masks.frPyObjects(shape, height, width))
    elif isinstance(shape["counts"], list):
        shape = masks.frPyObjects(shape, height, width)
    return masks.decode(shape).astype(bool)


def painted(annotations: list[dict], height: int, width: int) -> tuple[numpy.ndarray, list[dict]]:
    """Segment ids [height, width], 0 for void, and the segments as a panoptic file lists them."""
    ids = numpy.zeros((height, width), numpy.uint32)
    ordered = sorted(annotations, key=lambda annotation: -annotation["area"])
    for number, annotation in enumerate(ordered, 1):
        ids[pixels(annotation, height, width)] = number
    segments = []
    for number, annotation in enumerate(ordered, 1):
        rows, columns = numpy.nonzero(ids == number)
        if len(rows) < LEAST_PIXELS:
            ids[ids == number] = 0
            continue
        left, top = int(columns.min()), int(rows.min())
        segments.append({
            "id": number, "category_id": annotation["category_id"], "area": len(rows),
            "iscrowd": annotation.get("iscrowd", 0),
            "bbox": [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]})
    return ids, segments


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--instances", type=pathlib.Path, required=True)
    add("--categories", type=pathlib.Path, required=True)
    add("--without", nargs="*", default=[], metavar="FILE:KEY", help="photographs to leave out: a JSON file's lists of ids")
    add("--out", type=pathlib.Path, required=True, help="a folder: panoptic.json and panoptic/")
    options = parser.parse_args()
    dataset = json.loads(options.instances.read_text())
    without = set().union(*(ids_without(argument) for argument in options.without))
    by_image = {image["id"]: [] for image in dataset["images"]}
    for annotation in dataset["annotations"]:
        by_image[annotation["image_id"]].append(annotation)
    (options.out / "panoptic").mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for image in dataset["images"]:
        if image["id"] in without:
            continue
        ids, segments = painted(by_image[image["id"]], image["height"], image["width"])
        if not segments:
            continue
        name = pathlib.Path(image["file_name"]).stem + ".png"
        write_map(ids, options.out / "panoptic" / name)
        images.append(image)
        annotations.append({"image_id": image["id"], "file_name": name, "segments_info": segments})
    categories = json.loads(options.categories.read_text())["categories"]
    (options.out / "panoptic.json").write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    print(f"{len(images)} of {len(dataset['images'])} photographs have things that are seen")


if __name__ == "__main__":
    main()
