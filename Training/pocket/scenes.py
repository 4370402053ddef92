"""Pictures with their maps, in memory, as the segmenter and the vision model train on them."""

import dataclasses
import pathlib
from collections.abc import Iterable

import numpy
from PIL import Image, ImageFilter

from . import categories, records

SIZE = 256


@dataclasses.dataclass
class Scene:
    picture: numpy.ndarray  # [256, 256, 3] bytes
    ids: numpy.ndarray  # [256, 256] 0 or the place of a segment in `segments`, plus 1
    segments: list[dict]


def read(folder: pathlib.Path, evaluation: bool = False, limit: int | None = None) -> list[Scene]:
    scenes = []
    for record in records.read(folder, evaluation, limit):
        if record.picture is None:
            raise ValueError(f"{folder}: record {record.id} has no picture")
        ids = record.read_map()
        places = numpy.zeros(int(max(ids.max(), *(s["id"] for s in record.segments), 0)) + 1
                             if record.segments else int(ids.max()) + 1, numpy.uint8)
        for place, segment in enumerate(record.segments):
            places[segment["id"]] = place + 1
        scenes.append(Scene(record.read_picture(), places[ids], record.segments))
    return scenes


def _cropped(scene: Scene, rng: numpy.random.Generator, size: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A part of the picture, at least 0.6 of its side, at `size`; one side may be squeezed, as a photograph's longer
    side is when it is made square."""
    width = height = SIZE
    if rng.random() < 0.5:
        width = rng.uniform(0.6, 1) * SIZE
        height = min(SIZE, width * numpy.exp(rng.uniform(-0.4, 0.4)))
    x, y = rng.uniform(0, SIZE - width), rng.uniform(0, SIZE - height)
    box = (x, y, x + width, y + height)
    picture = Image.fromarray(scene.picture).resize((size, size), Image.Resampling.BILINEAR, box)
    ids = Image.fromarray(scene.ids).resize((size, size), Image.Resampling.NEAREST, box)
    return numpy.asarray(picture), numpy.asarray(ids)


def recoloured(picture: numpy.ndarray, rng: numpy.random.Generator, hue: float) -> numpy.ndarray:
    """Exposure, contrast, tint, blur and noise."""
    if rng.random() < 0.2:
        radius = rng.uniform(0.3, 1.5)
        picture = numpy.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))
    gain = numpy.exp(rng.normal(0, 0.15) + rng.normal(0, hue, 3)).astype(numpy.float32)
    values = picture.astype(numpy.float32)
    mean = values.mean()
    contrast = numpy.float32(numpy.exp(rng.normal(0, 0.15)))
    values = ((values - mean) * contrast + mean) * gain + numpy.float32(rng.normal(0, 8))
    if rng.random() < 0.3:
        values += rng.normal(0, rng.uniform(1, 10), (*picture.shape[:2], 1)).astype(numpy.float32)
    return numpy.clip(values, 0, 255).astype(numpy.uint8)


def augmented(scene: Scene, rng: numpy.random.Generator, hue: float = 0.06, size: int = SIZE) -> Scene:
    picture, ids = _cropped(scene, rng, size)
    if rng.random() < 0.5:
        picture, ids = picture[:, ::-1], ids[:, ::-1]
    return Scene(recoloured(picture, rng, hue), ids, scene.segments)


# Stuff as `crayon synth` lists it, as nearly as one order can: what its maps are numbered by, a segmenter's are too.
STUFF = (
    "sand", "sea", "pavement-merged", "road", "grass-merged", "mountain-merged", "building-other-merged",
    "fence-merged", "shelf", "table-merged", "tree-merged", "wall-brick", "wall-other-merged", "wall-tile",
    "wall-wood", "floor-wood", "floor-other-merged", "ceiling-merged", "rug-merged", "sky-other-merged",
    "window-other", "door-stuff", "curtain")


def listed(names: Iterable[str]) -> list[str]:
    """Categories in the order of a listing: COCO's, and then stuff as scenes have it."""
    place = {name: number for number, name in enumerate((*categories.NAMES, *STUFF))}
    return sorted(names, key=place.__getitem__)


def class_names(scenes: list[Scene]) -> list[str]:
    """The categories that occur, in the order of a listing."""
    return listed({segment["category"] for scene in scenes for segment in scene.segments})
