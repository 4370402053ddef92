#!/usr/bin/env python3
"""Makes the sample pictures, their panoptic maps and panoptic.json.

Four scenes are written by hand, in scenes/; the others are made by crayon's own renderer, each from a seed. A scene
written by hand is rendered twice by POV-Ray 3.7: as a picture, and as a map in which every object is one
flat colour, its segment id (see scenes/common.inc). While the map is made, the scene tells each
segment's id, kind and category; areas and boxes are counted from the map's pixels.

    python3 render.py               all pictures and maps
    python3 render.py breakfast desk     these two pictures anew; all maps, which are quick
    python3 render.py --maps        maps and panoptic.json only

Needs povray 3.7, crayon (on the PATH, or `CRAYON=…`), Pillow and NumPy. One thread is used so that every run gives the same bytes.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from PIL import Image

HERE = Path(__file__).resolve().parent
SCENES = HERE / "scenes"

# Name, width, height; the place in this list is the COCO image id.
PICTURES = [
    ("breakfast", 640, 480),
    ("shelf", 480, 640),
    ("desk", 800, 600),
    ("lawn", 640, 427),
]

# Name, width, height, seed of those that `crayon synth` makes; their ids go on behind the others.
SYNTHESISED = [
    ("cups", 512, 512, 1000782),
    ("mugs", 640, 480, 1000882),
    ("bookcase", 512, 512, 1000533),
    ("toys", 512, 512, 1000524),
    ("bottles", 512, 512, 1000503),
    ("oranges", 512, 512, 1000538),
    ("beach", 512, 512, 1000556),
    ("donut", 512, 512, 1000534),
    ("laptop", 512, 512, 1000525),
    ("suitcase", 512, 512, 1000543),
]

PICTURE_OPTIONS = ["+A0.1", "+AM2", "+R2", "-J", "Declare=Truth=0"]
# File_Gamma=1 with the scenes' assumed_gamma of 1: colours are written as they are given, byte for byte.
MAP_OPTIONS = ["-A", "File_Gamma=1.0", "Declare=Truth=1"]


def povray(name, width, height, options):
    """Renders one scene; returns the pixels [height, width, 3] and what POV-Ray printed."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.png"
        run = subprocess.run(
            ["povray", f"+I{name}.pov", f"+O{out}", f"+W{width}", f"+H{height}", "+FN8", "+WT1", "-D", *options],
            cwd=SCENES, capture_output=True, text=True, errors="replace",
        )
        if run.returncode != 0 or not out.exists():
            sys.exit(f"{name}: POV-Ray failed\n{run.stderr[-3000:]}")
        return numpy.asarray(Image.open(out).convert("RGB")), run.stderr


def synthesised(name, width, height, seed, wanted):
    """Renders a scene of crayon's own; returns its annotation."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        subprocess.run(
            [os.environ.get("CRAYON", "crayon"), "synth", "--count", "1", "--questions", "1", "--seed", str(seed),
             "--size", f"{width}x{height}", "--out", out], check=True, capture_output=True)
        if wanted:
            shutil.copyfile(out / "images" / f"{seed:06}.png", HERE / f"{name}.png")
        shutil.copyfile(out / "panoptic" / f"{seed:06}.png", HERE / "panoptic" / f"{name}.png")
        return json.loads((out / "panoptic.json").read_text())["annotations"][0]


def write_png(path, pixels):
    """Writes 8-bit RGB without gamma, date or comment, so that equal pixels are equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, optimize=True)


def annotation(name, image_id, pixels, printed, categories):
    """The COCO panoptic annotation of one map, checked against what the scene said of itself."""
    declared = {}
    for number, kind, category in re.findall(r"^segment (\d+) (thing|stuff) (.+?)\s*$", printed, re.M):
        number = int(number)
        check(name, category in categories, f"{category} is no COCO panoptic category")
        check(name, number not in declared, f"id {number} is given twice")
        check(name, 0 < number < 1 << 24, f"id {number} does not fit a map")
        check(name, (kind == "thing") == bool(categories[category]["isthing"]), f"{category} is not a {kind}")
        declared[number] = category
    stuff = [c for c in declared.values() if not categories[c]["isthing"]]
    check(name, len(stuff) == len(set(stuff)), "a stuff category has more than one segment")

    ids = pixels.astype(numpy.uint32) @ numpy.array([1, 256, 65536], dtype=numpy.uint32)
    present = set(numpy.unique(ids).tolist()) - {0}
    check(name, present <= declared.keys(), f"ids in the map alone: {sorted(present - declared.keys())}")
    check(name, declared.keys() <= present, f"segments that cannot be seen: {[(n, declared[n]) for n in declared.keys() - present]}")

    segments = []
    for number, category in declared.items():
        rows, columns = numpy.nonzero(ids == number)
        x, y = int(columns.min()), int(rows.min())
        segments.append({
            "id": number,
            "category_id": categories[category]["id"],
            "area": len(rows),
            "bbox": [x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1],
            "iscrowd": 0,
        })
    return {"image_id": image_id, "file_name": f"{name}.png", "segments_info": segments}


def check(name, holds, message):
    if not holds:
        sys.exit(f"{name}: {message}")


def dump(data):
    """JSON with one image, segment or category to a line, so that changes can be read."""
    def rows(items, indent):
        return "[\n" + ",\n".join(" " * indent + json.dumps(i) for i in items) + "\n" + " " * (indent - 2) + "]"

    annotations = ",\n".join(
        f'    {{"image_id": {a["image_id"]}, "file_name": {json.dumps(a["file_name"])}, '
        f'"segments_info": {rows(a["segments_info"], 6)}}}'
        for a in data["annotations"]
    )
    return (
        "{\n"
        f'  "info": {json.dumps(data["info"])},\n'
        f'  "licenses": {json.dumps(data["licenses"])},\n'
        f'  "images": {rows(data["images"], 4)},\n'
        f'  "annotations": [\n{annotations}\n  ],\n'
        f'  "categories": {rows(data["categories"], 4)}\n'
        "}\n"
    )


def main():
    names = [picture[0] for picture in PICTURES + SYNTHESISED]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"pictures to render: {', '.join(names)} (all unless given)")
    parser.add_argument("--maps", action="store_true", help="render no picture, only the maps")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    wanted = [] if arguments.maps else arguments.names or names

    categories = json.loads((SCENES / "categories.json").read_text())
    by_name = {c["name"]: c for c in categories}
    images, annotations = [], []
    for image_id, (name, width, height) in enumerate(PICTURES, start=1):
        if name in wanted:
            pixels, _ = povray(name, width, height, PICTURE_OPTIONS)
            write_png(HERE / f"{name}.png", pixels)
        pixels, printed = povray(name, width, height, MAP_OPTIONS)
        found = annotation(name, image_id, pixels, printed, by_name)
        write_png(HERE / "panoptic" / f"{name}.png", pixels)
        images.append({"id": image_id, "file_name": f"{name}.png", "width": width, "height": height, "license": 1})
        annotations.append(found)
        print(f"{name}: {len(found['segments_info'])} segments", file=sys.stderr)

    for image_id, (name, width, height, seed) in enumerate(SYNTHESISED, start=len(PICTURES) + 1):
        found = synthesised(name, width, height, seed, name in wanted)
        images.append({"id": image_id, "file_name": f"{name}.png", "width": width, "height": height, "license": 1})
        annotations.append(found | {"image_id": image_id, "file_name": f"{name}.png"})
        print(f"{name}: {len(found['segments_info'])} segments", file=sys.stderr)

    result = {
        "info": {"description": "crayon sample pictures with exact panoptic truth", "version": "1.0"},
        "licenses": [{"id": 1, "name": "Apache License 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}],
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }
    text = dump(result)
    assert json.loads(text) == result
    (HERE / "panoptic.json").write_text(text)


if __name__ == "__main__":
    main()
