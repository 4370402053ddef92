"""Photographs and scenes as the segmenter meets them in training: cropped, resized to a square, mirrored, recoloured,
with things of other pictures pasted in, and what is known of each pixel and each box."""

import dataclasses
import json
import pathlib

import numpy
import torch
from PIL import Image

from . import categories, records
from .scenes import listed, recoloured
from .segmenter import STUFF

# Channels of the semantic branch: stuff in the order of a listing, and one for all things.
STUFF_NAMES = [name for name in listed(categories.NAMES) if not categories.IS_THING[name]]
THING = STUFF
UNKNOWN = 255
CLASS = {name: place for place, name in enumerate(STUFF_NAMES)} | {name: THING for name in categories.THINGS}
LABEL = {name: place for place, name in enumerate(categories.THINGS)}
GREY = (124, 116, 104)  # where a picture ends before its square does
SURE, DOUBTFUL = 0.4, 0.12  # a teacher's box is learned from the first score on, and nothing is from the second on


@dataclasses.dataclass
class Source:
    """A picture that can be drawn."""

    kind: str  # panoptic, instances, unlabelled or scene
    file: pathlib.Path
    map: pathlib.Path | None
    segments: list[dict]  # category, box in pixels of the picture, crowd
    teachers: list[list[float]] = dataclasses.field(default_factory=list)
    place: int = -1  # among the teacher's answers of stuff

    def read(self) -> tuple[Image.Image, numpy.ndarray | None]:
        """The picture, and of each pixel the place of its segment plus 1, 0 where nothing is known."""
        with Image.open(self.file) as file:
            picture = file.convert("RGB")
        if self.map is None:
            return picture, None
        with Image.open(self.map) as file:
            return picture, numpy.asarray(file)


def photographs(folder: pathlib.Path, without: set[int] = frozenset()) -> list[Source]:
    """Of `pocket.prepare_photographs`, but those of some ids."""
    found = []
    for place, entry in enumerate(json.loads((folder / "photographs.json").read_text())):
        if entry["id"] in without and entry["kind"] != "unlabelled":
            continue
        known = entry["kind"] != "unlabelled"
        found.append(Source(
            entry["kind"], pathlib.Path(entry["file"]), folder / "maps" / f"{entry['id']}.png" if known else None,
            entry.get("segments", []), entry["teachers"], place))
    return found


@dataclasses.dataclass
class SceneSource:
    """Of `crayon synth`."""

    record: records.Record
    kind: str = "scene"
    place: int = -1

    @property
    def segments(self) -> list[dict]:
        return [{**segment, "crowd": False} for segment in self.record.segments]

    @property
    def teachers(self) -> list:
        return []

    def read(self):
        ids = self.record.read_map()
        places = numpy.zeros(max(int(ids.max()), *(s["id"] for s in self.record.segments)) + 1, numpy.uint8)
        for place, segment in enumerate(self.record.segments, 1):
            places[segment["id"]] = place
        with Image.open(self.record.picture) as file:
            return file.convert("RGB"), places[ids]


def scenes(folder: pathlib.Path, evaluation: bool = False, limit: int | None = None) -> list[SceneSource]:
    return [SceneSource(record) for record in records.read(folder, evaluation, limit)]


@dataclasses.dataclass
class Drawn:
    """A square picture for a step, and what is known of it; places of segments begin at 0."""

    kind: str
    picture: numpy.ndarray  # [size, size, 3] bytes
    ids: numpy.ndarray  # [size, size] place of the segment plus 1, 0 unknown
    classes: list[int]  # of each segment, for the semantic branch
    boxes: numpy.ndarray  # [N, 4] of things to be found, pixels of the square
    labels: numpy.ndarray  # [N]
    places: numpy.ndarray  # [N] of their segments, −1 where they have no pixels
    doubtful: list[tuple[int, numpy.ndarray]]  # label and box of what may be a thing
    stuff: numpy.ndarray | None  # [size/8, size/8, 32] the teacher's logits
    pseudo: numpy.ndarray | None = None  # [size/4, size/4] classes that an earlier network was sure of


def _region(width: int, height: int, rng: numpy.random.Generator, whole: float) -> tuple[float, float, float, float]:
    """What of a picture is seen: all of it, a part, or more than there is."""
    if rng.random() < whole:
        return 0.0, 0.0, float(width), float(height)
    side = numpy.exp(rng.uniform(numpy.log(0.45), numpy.log(1.5)))
    aspect = numpy.exp(rng.uniform(-0.2, 0.2))
    w, h = width * side * aspect, height * side / aspect
    x, y = rng.uniform(min(0, width - w), max(0, width - w)), rng.uniform(min(0, height - h), max(0, height - h))
    return x, y, x + w, y + h


@dataclasses.dataclass
class Placing:
    """A region of a picture in a square: axis-aligned, maybe mirrored."""

    region: tuple[float, float, float, float]
    size: int
    mirrored: bool

    def boxes(self, boxes: numpy.ndarray) -> numpy.ndarray:
        x0, y0, x1, y1 = self.region
        out = (boxes - numpy.array([x0, y0, x0, y0])) * (self.size / numpy.array([x1 - x0, y1 - y0, x1 - x0, y1 - y0]))
        return numpy.stack([self.size - out[:, 2], out[:, 1], self.size - out[:, 0], out[:, 3]], 1) if self.mirrored else out

    def inner(self, width: int, height: int):
        """The part of the picture that is seen, and where it lies in the square before it is mirrored."""
        x0, y0, x1, y1 = self.region
        box = (max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
        scale = self.size / (x1 - x0), self.size / (y1 - y0)
        at = (round((box[0] - x0) * scale[0]), round((box[1] - y0) * scale[1]),
              round((box[2] - x0) * scale[0]), round((box[3] - y0) * scale[1]))
        return box, (at[0], at[1], max(at[0] + 1, at[2]), max(at[1] + 1, at[3]))

    def samples(self, width: int, height: int, grid: tuple[int, int], cells: int):
        """Rows and columns of a grid over the picture that lie under `cells` equal parts of the square, and which
        parts lie in the picture."""
        out = []
        for low, high, length, count, mirror in (
                (self.region[1], self.region[3], height, grid[0], False),
                (self.region[0], self.region[2], width, grid[1], self.mirrored)):
            middles = (numpy.arange(cells) + 0.5) / cells
            if mirror:
                middles = 1 - middles
            at = (low + (high - low) * middles) / length
            out.append((numpy.clip((at * count).astype(int), 0, count - 1), (at >= 0) & (at < 1)))
        return out


def draw(source, rng: numpy.random.Generator, size: int, stuff: numpy.ndarray | None = None,
         pseudo: numpy.ndarray | None = None, plain: bool = False) -> Drawn:
    """`stuff`: the teacher's answers to all photographs; `pseudo`: [photographs, 128, 128] classes. `plain`: the whole
    picture as it is."""
    picture, ids = source.read()
    width, height = picture.size
    whole = 1.0 if plain else 0.5 if source.kind == "scene" else 0.25
    placing = Placing(_region(width, height, rng, whole), size, not plain and rng.random() < 0.5)
    box, at = placing.inner(width, height)
    area = (at[2] - at[0], at[3] - at[1])
    square = Image.new("RGB", (size, size), GREY)
    square.paste(picture.resize(area, Image.Resampling.BILINEAR, box), at[:2])
    square = numpy.asarray(square)
    known = numpy.zeros((size, size), numpy.uint8)
    if ids is not None:
        known[at[1]:at[3], at[0]:at[2]] = numpy.asarray(
            Image.fromarray(ids).resize(area, Image.Resampling.NEAREST, box))
    if placing.mirrored:
        square, known = square[:, ::-1], known[:, ::-1]
    if not plain:
        square = recoloured(square, rng, 0.06)

    boxes, labels, places, doubtful = [], [], [], []
    rows = [(LABEL.get(segment["category"]), segment["box"], segment["crowd"], place)
            for place, segment in enumerate(source.segments)]
    if source.kind == "unlabelled":
        scale = numpy.array([width, height, width, height])
        rows += [(int(row[0]), numpy.array(row[2:]) * scale, row[1] < SURE, -1)
                 for row in source.teachers if row[1] >= DOUBTFUL]
    rows = [row for row in rows if row[0] is not None]
    if rows:
        mapped = placing.boxes(numpy.array([row[1] for row in rows], float))
        clipped = mapped.clip(0, size)
        for (label, _, crowd, place), whole_box, seen in zip(rows, mapped, clipped):
            extent = seen[2:] - seen[:2]
            if extent.min() <= 2:
                continue
            share = extent.prod() / max(1e-6, (whole_box[2:] - whole_box[:2]).prod())
            if crowd or share < 0.3 or extent.prod() < 20:
                doubtful.append((label, seen))
            else:
                boxes.append(seen)
                labels.append(label)
                places.append(place)
    taught = drawn_pseudo = None
    if stuff is not None and source.place >= 0:
        (ys, y_in), (xs, x_in) = placing.samples(width, height, (64, 64), size // 8)
        taught = stuff[source.place][ys][:, xs].astype(numpy.float32) / 16
        taught[~(y_in[:, None] & x_in[None])] = numpy.nan
    if pseudo is not None and source.place >= 0:
        (ys, y_in), (xs, x_in) = placing.samples(width, height, pseudo.shape[1:], size // 4)
        drawn_pseudo = numpy.where(y_in[:, None] & x_in[None], pseudo[source.place][ys][:, xs], UNKNOWN)
    return Drawn(
        source.kind, square, known, [CLASS[segment["category"]] for segment in source.segments],
        numpy.array(boxes, numpy.float32).reshape(-1, 4), numpy.array(labels, numpy.int64),
        numpy.array(places, numpy.int64), doubtful, taught, drawn_pseudo)


def paste(drawn: Drawn, source: Source, rng: numpy.random.Generator, most: int = 3):
    """Things of another photograph into this one (arXiv 2012.07177), on top of all, at a new size and place."""
    picture, ids = source.read()
    pixels = numpy.asarray(picture)
    height, width = ids.shape
    size = len(drawn.ids)
    chosen = [place for place, segment in enumerate(source.segments)
              if segment["category"] in LABEL and not segment["crowd"] and _whole(segment["box"], width, height)]
    for place in rng.permutation(chosen)[:most]:
        if len(drawn.classes) >= 250:
            return
        x0, y0, x1, y1 = (int(round(value)) for value in source.segments[place]["box"])
        mask = ids[y0:y1, x0:x1] == place + 1
        if mask.sum() < 400:
            continue
        # As large as in its own picture, or up to twice as small or large.
        scale = size / max(width, height) * numpy.exp(rng.uniform(-0.7, 0.5))
        w, h = max(4, round((x1 - x0) * scale)), max(4, round((y1 - y0) * scale))
        if w >= 0.7 * size or h >= 0.7 * size:
            continue
        patch = numpy.asarray(Image.fromarray(pixels[y0:y1, x0:x1]).resize((w, h), Image.Resampling.BILINEAR))
        soft = numpy.asarray(Image.fromarray((mask * 255).astype(numpy.uint8)).resize((w, h), Image.Resampling.BILINEAR))
        if rng.random() < 0.5:
            patch, soft = patch[:, ::-1], soft[:, ::-1]
        x, y = int(rng.integers(0, size - w + 1)), int(rng.integers(0, size - h + 1))
        part = drawn.picture[y:y + h, x:x + w]
        share = soft[..., None].astype(numpy.float32) / 255
        drawn.picture[y:y + h, x:x + w] = (patch * share + part * (1 - share)).astype(numpy.uint8)
        covered = soft > 127
        drawn.ids[y:y + h, x:x + w][covered] = len(drawn.classes) + 1
        if drawn.boxes.size:
            _hide(drawn, (x, y, x + w, y + h))
        drawn.classes.append(THING)
        drawn.boxes = numpy.concatenate([drawn.boxes, numpy.array([[x, y, x + w, y + h]], numpy.float32)])
        drawn.labels = numpy.append(drawn.labels, LABEL[source.segments[place]["category"]])
        drawn.places = numpy.append(drawn.places, len(drawn.classes) - 1)


def _whole(box, width: int, height: int) -> bool:
    return box[0] > 1 and box[1] > 1 and box[2] < width - 1 and box[3] < height - 1


def _hide(drawn: Drawn, over: tuple[int, int, int, int]):
    """Things most of whose box is covered are doubtful."""
    low, high = numpy.maximum(drawn.boxes[:, :2], over[:2]), numpy.minimum(drawn.boxes[:, 2:], over[2:])
    inner = (high - low).clip(0).prod(1)
    hidden = inner > 0.6 * (drawn.boxes[:, 2:] - drawn.boxes[:, :2]).prod(1)
    drawn.doubtful += [(int(label), box) for label, box in zip(drawn.labels[hidden], drawn.boxes[hidden])]
    drawn.boxes, drawn.labels, drawn.places = drawn.boxes[~hidden], drawn.labels[~hidden], drawn.places[~hidden]


def semantic_target(drawn: Drawn, phase: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Classes [size/4, size/4] and what a pixel weighs: a segment weighs as the root of its area, since a panoptic quality
    counts a cup like a wall."""
    table = numpy.array([UNKNOWN, *drawn.classes])
    places = drawn.ids[phase::4, phase::4]
    classes = table[places]
    each = 1 / numpy.sqrt(numpy.maximum(numpy.bincount(places.ravel(), minlength=len(table)), 1)).astype(numpy.float32)
    weights = each[places]
    if drawn.pseudo is not None:
        # A segment of pseudo-labels is all of a class.
        known = classes == UNKNOWN
        count = numpy.bincount(drawn.pseudo[known], minlength=256)
        root = 1 / numpy.sqrt(numpy.maximum(count, 1)).astype(numpy.float32)
        weights = numpy.where(known, 0.7 * root[drawn.pseudo], weights)
        classes = numpy.where(known, drawn.pseudo, classes)
    weights = weights * (classes != UNKNOWN)
    mean = weights.sum() / max(1, (weights > 0).sum())
    return classes, numpy.minimum(weights / max(mean, 1e-6), 8.0)


def mask_target(ids: torch.Tensor, place: torch.Tensor, boxes: torch.Tensor, cells: int) -> torch.Tensor:
    """The share of a segment in each of `cells`×`cells` parts of a box, of four samples each. ids [size, size]."""
    size = len(ids)
    at = (torch.arange(2 * cells) + 0.5) / (2 * cells)
    x = (boxes[:, :1] + (boxes[:, 2:3] - boxes[:, :1]) * at).floor().long()
    y = (boxes[:, 1:2] + (boxes[:, 3:4] - boxes[:, 1:2]) * at).floor().long()
    inside = ((x >= 0) & (x < size))[:, None, :] & ((y >= 0) & (y < size))[:, :, None]
    here = ids[y.clamp(0, size - 1)[:, :, None], x.clamp(0, size - 1)[:, None, :]] == (place + 1)[:, None, None]
    return torch.nn.functional.avg_pool2d((here & inside).float()[:, None], 2)[:, 0]
