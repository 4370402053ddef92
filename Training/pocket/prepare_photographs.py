"""Photographs as the segmenter trains on them: maps of their segments, and what the teachers say of each.

    python -m pocket.prepare_photographs --photographs DIR --panoptic DIR --out data/photographs [--processes 2]

`--photographs` has things/ (pictures and COCO's instances.json), unlabelled/ and teachers/; `--panoptic` images/,
panoptic/ and panoptic.json. Written are photographs.json, a list of pictures; maps/NAME.png, where there is truth: grey is
a segment's place plus 1, 0 what nothing is known of; and stuff.npy, the teacher's logits of stuff, [pictures, 64, 64, 32]
in sixteenths.
"""

import argparse
import json
import multiprocessing
import pathlib

import numpy
import torch
from PIL import Image

from . import records, teachers

LOGIT_UNIT = 1 / 16


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--panoptic", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--processes", type=int, default=1)
    return parser.parse_args()


def _box(bbox) -> list[float]:
    x, y, width, height = bbox
    return [x, y, x + width, y + height]


def panoptic_pictures(folder: pathlib.Path, out: pathlib.Path) -> list[dict]:
    dataset = json.loads((folder / "panoptic.json").read_text())
    names = {category["id"]: category["name"] for category in dataset["categories"]}
    images = {image["id"]: image for image in dataset["images"]}
    found = []
    for annotation in dataset["annotations"]:
        image = images[annotation["image_id"]]
        ids = records.read_map(folder / "panoptic" / annotation["file_name"])
        grey = numpy.zeros(ids.shape, numpy.uint8)
        segments = []
        for place, segment in enumerate(annotation["segments_info"], 1):
            grey[ids == segment["id"]] = place
            segments.append({"category": names[segment["category_id"]], "box": _box(segment["bbox"]),
                             "crowd": bool(segment["iscrowd"])})
        Image.fromarray(grey).save(out / "maps" / f"{image['id']}.png")
        found.append({"id": image["id"], "kind": "panoptic", "file": str(folder / "images" / image["file_name"]),
                      "segments": segments})
    return found


def instance_pictures(folder: pathlib.Path, out: pathlib.Path) -> list[dict]:
    from pycocotools.coco import COCO

    coco = COCO(folder / "instances.json")
    names = {category["id"]: category["name"] for category in coco.dataset["categories"]}
    found = []
    for image in coco.dataset["images"]:
        # What is small lies on what is large, as in a panoptic map.
        annotations = sorted(coco.imgToAnns[image["id"]], key=lambda annotation: -annotation["area"])[:255]
        grey = numpy.zeros((image["height"], image["width"]), numpy.uint8)
        segments = []
        for place, annotation in enumerate(annotations, 1):
            grey[coco.annToMask(annotation) > 0] = place
            segments.append({"category": names[annotation["category_id"]], "box": _box(annotation["bbox"]),
                             "crowd": bool(annotation["iscrowd"])})
        Image.fromarray(grey).save(out / "maps" / f"{image['id']}.png")
        found.append({"id": image["id"], "kind": "instances", "file": str(folder / "images" / image["file_name"]),
                      "segments": segments})
    return found


def unlabelled_pictures(folder: pathlib.Path) -> list[dict]:
    return [{"id": int(file.stem), "kind": "unlabelled", "file": str(file)} for file in sorted(folder.glob("*.jpg"))]


_teachers = None


def _enter(folder: pathlib.Path):
    global _teachers
    torch.set_num_threads(1)
    _teachers = (
        teachers.BoxTeacher(folder / "nanodet-plus-m-1.5x_416.npz"), teachers.TransformerTeacher(folder / "deimv2_femto.onnx"),
        teachers.StuffTeacher(folder / "mosaic_ade20k_logits.tflite"))


def _taught(file: str):
    boxes, transformer, stuff = _teachers
    picture = Image.open(file).convert("RGB")
    rows = teachers.fused([*boxes(picture), transformer(picture)])
    logits = numpy.clip(numpy.round(stuff(picture) / LOGIT_UNIT), 0, 255).astype(numpy.uint8)
    return rows[rows[:, 1] > 0.05], logits


def main():
    options = arguments()
    (options.out / "maps").mkdir(parents=True, exist_ok=True)
    pictures = [
        *panoptic_pictures(options.panoptic, options.out), *instance_pictures(options.photographs / "things", options.out),
        *unlabelled_pictures(options.photographs / "unlabelled")]
    stuff = numpy.lib.format.open_memmap(
        options.out / "stuff.npy", "w+", numpy.uint8, (len(pictures), 64, 64, 32))
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes, _enter, (options.photographs / "teachers",)) as pool:
        answers = pool.imap(_taught, (picture["file"] for picture in pictures), chunksize=4)
        for place, (picture, (rows, logits)) in enumerate(zip(pictures, answers)):
            picture["teachers"] = [
                [int(row[0]), *(round(float(value), 4) for value in row[1:])] for row in rows]
            stuff[place] = logits
            if place % 200 == 0:
                print(f"{place} of {len(pictures)}", flush=True)
    stuff.flush()
    (options.out / "photographs.json").write_text(json.dumps(pictures))


if __name__ == "__main__":
    main()
