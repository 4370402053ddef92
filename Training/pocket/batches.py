"""Records to packed batches: token ids, which rows are image cells or locations, and what is asked of which row."""

import dataclasses
import re

import numpy
import torch

from . import crayon, palette
from .base import IM_END, Words
from .decided import LEAST_OVERLAP
from .language import Packing
from .records import Question, Record, squashed

_REGION = re.compile(r"\[(\d+)\]")


@dataclasses.dataclass
class Look:
    """What is shown of a segment: the cells whose tokens' mean it is, and its colours where there is a picture."""

    cells: numpy.ndarray
    colours: numpy.ndarray | None


@dataclasses.dataclass
class Turn:
    """A question and its answer as tokens; `slots` are places in `tokens` with their boxes, `triggers` those with the
    number of the answer's region, `objects` those behind the question's regions, with the segments there."""

    tokens: list[int]
    slots: list[tuple[int, tuple[float, ...]]]
    objects: list[tuple[int, Look]]
    triggers: list[tuple[int, int]]
    targets: list[tuple[int, int]]  # place, token that is to follow
    family: str


def turn(words: Words, question: Question, listed: bool, regions: list[Look]) -> Turn:
    """`regions`: the segment at each of the question's regions, without a cell where none is."""
    tokens, slots, objects, triggers, targets = [], [], [], [], []
    text = (" " if listed else "\n") + question.text
    end = 0
    for match in _REGION.finditer(text):
        tokens += words.encode(text[end:match.start()])
        number = int(match[1]) - 1
        slots.append((len(tokens), question.input_boxes[number]))
        tokens.append(words.slot)
        if len(regions[number].cells):
            objects.append((len(tokens), regions[number]))
            tokens.append(words.slot)
        end = match.end()
    tokens += words.encode(text[end:]) + words.turn
    for number, piece in enumerate(question.answer.split("<at>")):
        if number:
            box = question.boxes[number - 1]
            targets.append((len(tokens) - 1, words.trigger))
            triggers.append((len(tokens), number - 1))
            slots.append((len(tokens) + 1, box))
            tokens += [words.trigger, words.slot]
        for token in words.encode(piece):
            targets.append((len(tokens) - 1, token))
            tokens.append(token)
    targets.append((len(tokens) - 1, IM_END))
    return Turn(tokens, slots, objects, triggers, targets, question.family)


@dataclasses.dataclass
class Segments:
    """What can be pointed at: a map's segments, in increasing id."""

    semantic: list[int]
    numbering: list[int]
    boxes: list[tuple[float, ...]]  # in fractions of the picture


@dataclasses.dataclass
class Target:
    """What a trigger means."""

    box: tuple[float, ...]
    segment: int  # place among the map's; -1 where none fits


@dataclasses.dataclass
class Sample:
    """A picture (or a map alone) with some of its questions."""

    prefix: list[int]  # image cells hold the slot token
    image_start: int
    cells: numpy.ndarray  # those of the grid that the prefix holds, in increasing order
    semantic: numpy.ndarray
    numbering: numpy.ndarray
    segments: Segments
    turns: list[Turn]
    meant: list[list[Target]]  # of each turn's triggers
    objects: list[tuple[int, Look]]  # places in the prefix that show a segment
    picture: numpy.ndarray | None = None


def some_cells(semantic: numpy.ndarray, numbering: numpy.ndarray, rng: numpy.random.Generator) -> numpy.ndarray:
    """One to three random cells of each segment, and some more."""
    most, more = rng.integers(1, 4), rng.choice([0, 0.05, 0.15])
    order = rng.permutation(crayon.CELLS)
    kept, seen = [], {}
    for cell in order.tolist():
        key = int(semantic[cell]), int(numbering[cell])
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= most or rng.random() < more:
            kept.append(cell)
    return numpy.sort(numpy.array(kept))


def sample(
    words: Words, record: Record, questions: list[Question], listed: bool, picture: bool = True,
    thinned: numpy.random.Generator | None = None,
) -> Sample:
    """With `thinned`, only some cells of each segment are kept, at their positions: most cells say what their
    neighbours say, and training without them is a third faster. But where something ends only all cells say: boxes
    are then not decoded from the triggers' states."""
    panoptic, segments = record.read_map(), record.segments
    owner = crayon.winners(panoptic)
    semantic, numbering = crayon.grids(owner, segments)
    cells = numpy.arange(crayon.CELLS) if thinned is None else some_cells(semantic, numbering, thinned)
    # A segment's colours are those of all its pixels, as the product counts them, not of the vision tower's square.
    shown = record.read_pixels() if picture and record.picture is not None else None
    if shown is not None and shown.shape[:2] != panoptic.shape:
        raise ValueError(f"{record.picture} and {record.map} are not of the same size")
    ids = sorted(segment["id"] for segment in segments)
    colours = dict(zip(ids, palette.statistics(shown, panoptic, ids))) if shown is not None else {}
    prefix = words.head + [words.slot] * len(cells)
    objects = []
    if listed:
        looks = [Look(crayon.cells_of(i, owner, panoptic), colours[i]) for i in ids] if shown is not None else []
        prefix, objects = told(words, prefix, segments, looks)

    def at(box) -> Look:
        segment = crayon.segment_at(box, segments, panoptic.shape)
        return Look(numpy.flatnonzero(owner == segment), colours.get(segment))

    turns = [turn(words, question, listed, [at(box) for box in question.input_boxes]) for question in questions]
    meant = [
        [Target(box, _place(box, region, segments, panoptic.shape)) for box, region in zip(one.boxes, one.region_ids)]
        for one in questions]
    return Sample(prefix, len(words.head), cells, semantic, numbering, _segments(segments, panoptic.shape), turns, meant,
                  objects, squashed(shown) if shown is not None else None)


def _segments(segments: list[dict], shape: tuple[int, int]) -> Segments:
    ordered = sorted(segments, key=lambda s: s["id"])
    height, width = shape
    return Segments(*crayon.indices(ordered), [
        (x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in (s["box"] for s in ordered)])


def _place(box: tuple[float, ...], region: int, segments: list[dict], shape: tuple[int, int]) -> int:
    """Which segment an answer's box is of: the one it was asked of, or on a decided map the one that fits best."""
    fits = crayon.fits(box, segments, shape)
    chosen = region if fits.get(region, 0) > LEAST_OVERLAP else max(fits, key=fits.__getitem__, default=None)
    return list(fits).index(chosen) if chosen is not None and fits[chosen] > LEAST_OVERLAP else -1


def told(words: Words, prefix: list[int], segments: list[dict], looks: list[Look]):
    """The prefix with the listing, and the places behind its names at which segments show what they look like.
    `looks`: of all segments, in increasing id; empty where there is no picture."""
    if not looks:
        return prefix + words.encode("\n" + crayon.listing(segments)), []
    pending, objects = "\n", []
    for number, part in enumerate(re.split(r"(?=\))", crayon.listing(segments))):
        if number:
            prefix = prefix + words.encode(pending)
            objects.append((len(prefix), looks[number - 1]))
            prefix, pending = prefix + [words.slot], ""
        pending += part
    return prefix + words.encode(pending), objects


@dataclasses.dataclass
class Batch:
    tokens: torch.Tensor  # [T]
    packing: Packing
    image_rows: torch.Tensor  # [N] rows that hold image cells
    cells: torch.Tensor  # [N] which of the batch's B · CELLS cells each of them holds
    semantic: torch.Tensor  # [B, cells]
    numbering: torch.Tensor
    pictures: torch.Tensor | None  # [B, 3, 256, 256] normalised; rows of `has_picture`
    has_picture: torch.Tensor  # [B]
    slot_rows: torch.Tensor
    slot_boxes: torch.Tensor  # [S, 4]
    object_rows: torch.Tensor  # [O] rows of the listing that show a segment
    object_cells: torch.Tensor  # [O, B · CELLS] what each of these cells counts in the mean that is shown
    object_colours: torch.Tensor  # [O, palette.WIDTH]
    asked_rows: torch.Tensor  # [A] rows behind the regions of questions that show their segment
    asked_cells: torch.Tensor  # [A, B · CELLS]
    asked_colours: torch.Tensor  # [A, palette.WIDTH]
    asked_seen: torch.Tensor  # [A] 1 where there is a picture
    segment_semantic: torch.Tensor  # [M] all segments of the batch's maps
    segment_numbering: torch.Tensor
    segment_boxes: torch.Tensor  # [M, 4]
    trigger_rows: torch.Tensor
    trigger_boxes: torch.Tensor
    trigger_turns: torch.Tensor
    trigger_whole: torch.Tensor  # whether all cells of the picture are there, so that a box can be decoded
    trigger_segments: torch.Tensor  # which of all segments is meant; -1 where none fits
    trigger_maps: torch.Tensor  # [R, 2] first and behind the last of its map's segments
    target_rows: torch.Tensor
    targets: torch.Tensor
    target_turns: torch.Tensor  # the turn that a target belongs to
    families: list[str]

    def to(self, device) -> "Batch":
        values = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            values[field.name] = value.to(device) if isinstance(value, (torch.Tensor, Packing)) else value
        return Batch(**values)


_MEAN = numpy.array([0.48145466, 0.4578275, 0.40821073], numpy.float32)
_DEVIATION = numpy.array([0.26862954, 0.26130258, 0.27577711], numpy.float32)


def normalised(picture: numpy.ndarray) -> torch.Tensor:
    """Bytes [H, W, 3] → [3, H, W], as CLIP normalises."""
    values = (picture.astype(numpy.float32) / 255 - _MEAN) / _DEVIATION
    return torch.from_numpy(values.transpose(2, 0, 1).copy())


def _padded(rows: list[range]) -> torch.Tensor:
    out = torch.full((len(rows), max(len(row) for row in rows)), -1)
    for place, row in enumerate(rows):
        out[place, :len(row)] = torch.arange(row.start, row.stop)
    return out


def _means(looks: list[tuple[int, Look]], count: int) -> torch.Tensor:
    """A matrix that takes the mean of the cells of each segment, which begin at a picture's first. [N, count]"""
    out = torch.zeros(len(looks), count)
    for row, (first, look) in enumerate(looks):
        out[row, first + look.cells] = 1 / len(look.cells)
    return out


def _colours(looks: list[tuple[int, Look]]) -> torch.Tensor:
    """[N, palette.WIDTH], zeros where there is no picture."""
    none = numpy.zeros(palette.WIDTH, numpy.float32)
    rows = [none if look.colours is None else look.colours for _, look in looks]
    return torch.from_numpy(numpy.stack(rows)) if rows else torch.zeros(0, palette.WIDTH)


def _of_triggers(triggers: list[tuple]) -> list[torch.Tensor]:
    rows, boxes, turns, are_whole, segments, maps = ([trigger[place] for trigger in triggers] for place in range(6))
    whole = lambda values: torch.tensor(values, dtype=torch.long)  # noqa: E731
    return [whole(rows), torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), whole(turns),
            torch.tensor(are_whole, dtype=torch.bool), whole(segments), whole(maps).reshape(-1, 2)]


def pack(samples: list[Sample]) -> Batch:
    tokens, positions, prefixes, questions, owner = [], [], [], [], []
    image_rows, cells, ends = [], [], []
    slots, triggers, targets, families = [], [], [], []
    objects, asked_objects = [], []
    segments = Segments([], [], [])
    for place, one in enumerate(samples):
        start, first, kept = len(tokens), one.image_start, len(one.cells)
        prefixes.append(range(start, start + len(one.prefix)))
        image_rows += range(start + first, start + first + kept)
        cells += (one.cells + place * crayon.CELLS).tolist()
        objects += [(start + row, place * crayon.CELLS, look) for row, look in one.objects]
        tokens += one.prefix
        # Cells that are left out leave their positions empty.
        behind = first + crayon.CELLS
        ends.append(behind + len(one.prefix) - first - kept)
        positions += [*range(first), *(one.cells + first).tolist(), *range(behind, ends[-1])]
    for place, one in enumerate(samples):
        first = len(segments.boxes)
        segments.semantic += one.segments.semantic
        segments.numbering += one.segments.numbering
        segments.boxes += one.segments.boxes
        of_map = first, len(segments.boxes)
        for asked, meant in zip(one.turns, one.meant):
            start = len(tokens)
            asked_objects += [(start + row, place * crayon.CELLS, look) for row, look in asked.objects]
            questions.append(range(start, start + len(asked.tokens)))
            owner.append(place)
            number = len(families)
            slots += [(start + row, box) for row, box in asked.slots]
            for row, region in asked.triggers:
                target = meant[region]
                triggers.append((
                    start + row, target.box, number, len(one.cells) == crayon.CELLS,
                    target.segment + first if target.segment >= 0 else -1, of_map))
            targets += [(start + row, token, number) for row, token in asked.targets]
            families.append(asked.family)
            tokens += asked.tokens
            positions += range(ends[place], ends[place] + len(asked.tokens))
    whole = lambda values: torch.tensor(values, dtype=torch.long)  # noqa: E731
    boxes = lambda values: torch.tensor(values, dtype=torch.float32).reshape(-1, 4)  # noqa: E731
    looks, asked_looks = ([look for _, *look in of] for of in (objects, asked_objects))
    count = len(samples) * crayon.CELLS
    pictures = [normalised(one.picture) for one in samples if one.picture is not None]
    return Batch(
        whole(tokens), Packing(whole(positions), _padded(prefixes), _padded(questions), whole(owner)),
        whole(image_rows), whole(cells), whole(numpy.stack([one.semantic for one in samples])),
        whole(numpy.stack([one.numbering for one in samples])),
        torch.stack(pictures) if pictures else None, torch.tensor([one.picture is not None for one in samples]),
        whole([row for row, _ in slots]), boxes([box for _, box in slots]),
        whole([row for row, _, _ in objects]), _means(looks, count), _colours(looks),
        whole([row for row, _, _ in asked_objects]), _means(asked_looks, count), _colours(asked_looks),
        torch.tensor([float(look.colours is not None) for _, look in asked_looks]),
        whole(segments.semantic), whole(segments.numbering), boxes(segments.boxes),
        *_of_triggers(triggers),
        whole([row for row, _, _ in targets]), whole([token for _, token, _ in targets]),
        whole([number for _, _, number in targets]), families)
