"""What `crayon synth` writes: one JSON line a picture in questions.jsonl, beside maps and pictures."""

import dataclasses
import json
import pathlib

import numpy
from PIL import Image, ImageOps

FIRST_EVALUATION_SEED = 1_000_000
IMAGE_LEVEL = ("where", "coloured-where", "region")

# By what of the map their answers depend on: on all that there is, or on nothing.
OF_ALL_THERE_IS = frozenset((
    "group", "group-existence", "group-count", "part", "part-count", "on-top", "on-top-count", "beside", "doing", "purpose",
    "narrower"))
OF_NOTHING_THERE = frozenset(("unknown", "unrelated", "unknowable", "other-language"))


@dataclasses.dataclass(frozen=True)
class Question:
    family: str
    wording: int
    held_out: bool
    text: str
    answer: str
    value: str | None
    boxes: tuple[tuple[float, ...], ...]  # of the answer's <at>, in fractions of the picture
    region_ids: tuple[int, ...]
    input_boxes: tuple[tuple[float, ...], ...]  # of [1], [2], … in the question

    @property
    def kind(self) -> str:
        return "image" if self.family in IMAGE_LEVEL else "vl"


def read_map(png: pathlib.Path) -> numpy.ndarray:
    """Segment ids [H, W] of a map in the COCO panoptic format; 0 is no segment."""
    rgb = numpy.asarray(Image.open(png).convert("RGB")).astype(numpy.int64)
    return rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]


def write_map(ids: numpy.ndarray, png: pathlib.Path):
    """Segment ids [H, W], as `read_map` reads them."""
    rgb = numpy.stack([ids & 255, ids >> 8 & 255, ids >> 16], -1).astype(numpy.uint8)
    Image.fromarray(rgb).save(png)


@dataclasses.dataclass(frozen=True)
class Record:
    id: int
    picture: pathlib.Path | None
    map: pathlib.Path
    segments: list[dict]
    questions: list[Question]

    def read_map(self) -> numpy.ndarray:
        """Segment ids [H, W]; 0 is no segment."""
        return read_map(self.map)

    def read_pixels(self) -> numpy.ndarray:
        """Bytes [H, W, 3], upright and of the map's size."""
        return numpy.asarray(ImageOps.exif_transpose(Image.open(self.picture)).convert("RGB"))

    def read_picture(self) -> numpy.ndarray:
        """Bytes [256, 256, 3]."""
        return squashed(self.read_pixels())


def indexed(panoptic: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The ids of a map in increasing order, and for each pixel the place of its own; as `numpy.unique` has it, but for small
    ids, as a segmenter gives them, without sorting a photograph's pixels."""
    if panoptic.max() >= 1 << 16:
        ids, places = numpy.unique(panoptic, return_inverse=True)
        return ids, places.reshape(panoptic.shape)
    ids = numpy.flatnonzero(numpy.bincount(panoptic.ravel()))
    places = numpy.zeros(ids[-1] + 1, numpy.int64)
    places[ids] = numpy.arange(len(ids))
    return ids, places[panoptic]


def squashed(pixels: numpy.ndarray) -> numpy.ndarray:
    """A picture as the vision tower takes it, bytes [256, 256, 3], made square as the product does it."""
    if pixels.shape[:2] == (256, 256):
        return pixels
    return numpy.asarray(Image.fromarray(pixels).resize((256, 256), Image.Resampling.BILINEAR))


def _question(entry: dict, width: int, height: int) -> Question:
    def fractions(box):
        return box[0] / width, box[1] / height, box[2] / width, box[3] / height

    regions = entry.get("regions") or []
    question = Question(
        entry["family"], entry.get("wording", 0), entry.get("held_out", False), entry["question"], entry["answer"],
        entry.get("value"), tuple(fractions(region["box"]) for region in regions),
        tuple(region["id"] for region in regions),
        tuple(fractions(box) for box in entry.get("input_regions") or []))
    if question.answer.count("<at>") != len(question.boxes):
        raise ValueError(f"“{question.answer}” does not name {len(question.boxes)} regions")
    return question


def _record(line: str, folder: pathlib.Path) -> Record:
    entry = json.loads(line)
    return Record(
        entry["id"], folder / entry["image"] if entry.get("image") else None, folder / entry["map"],
        entry["segments"],
        [_question(question, entry["width"], entry["height"]) for question in entry["questions"]])


def weighted(argument: str) -> tuple[pathlib.Path, float]:
    """DIR[:WEIGHT]: a folder to read, and how readily it is drawn; 1 where it does not say."""
    path, _, weight = argument.partition(":")
    return pathlib.Path(path), float(weight or 1)


def read(folder: pathlib.Path, evaluation: bool = False, limit: int | None = None) -> list[Record]:
    """The records of a folder. Training refuses what is kept for evaluation, by id (seed and place in the run)
    and by wording."""
    records = []
    with open(folder / "questions.jsonl") as lines:
        for line in lines:
            if limit is not None and len(records) == limit:
                break
            record = _record(line, folder)
            if not evaluation:
                if record.id >= FIRST_EVALUATION_SEED:
                    raise ValueError(f"{folder}: record {record.id} is for evaluation only")
                if any(question.held_out for question in record.questions):
                    raise ValueError(f"{folder}: record {record.id} has a wording that is kept for evaluation")
            records.append(record)
    if not records:
        raise ValueError(f"{folder}: no records")
    return records
