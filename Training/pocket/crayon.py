"""The Crayon Prompt: which category and which number each cell of the picture has, and the features of that."""

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from . import categories
from .records import indexed
from .regions import overlap

GRID = 16
CELLS = GRID * GRID
TABLE_WIDTH = 192
NUMBERS = 21


def _bands(pixels: int) -> numpy.ndarray:
    """For each pixel along an axis, the row or column of cells that its centre lies in."""
    return (2 * numpy.arange(pixels) + 1) * GRID // (2 * pixels)


def winners(panoptic: numpy.ndarray) -> numpy.ndarray:
    """The segment of each cell, row-major, from a map of segment ids [H, W]: that with the largest area in the cell;
    of equal ones, the smallest id; no segment counts as id 0. Then, in increasing id, a segment that has won none takes
    the cell with most of its pixels, of equal ones the first, unless it is another's only one."""
    height, width = panoptic.shape
    if min(height, width) < GRID:
        raise ValueError(f"a map of {width}×{height}: training reads maps of at least {GRID}×{GRID}")
    ids, local = indexed(panoptic)
    cell = _bands(height)[:, None] * GRID + _bands(width)
    areas = numpy.bincount(
        (cell * len(ids) + local).ravel(), minlength=CELLS * len(ids)).reshape(CELLS, len(ids))
    owner = areas.argmax(1)
    held = numpy.bincount(owner, minlength=len(ids))
    for place in numpy.flatnonzero((held == 0) & (ids != 0)).tolist():
        spare = numpy.where((ids[owner] == 0) | (held[owner] > 1), areas[:, place], 0)
        taken = spare.argmax()
        if spare[taken]:
            held[owner[taken]] -= 1
            owner[taken], held[place] = place, 1
    return ids[owner]


def grids(cells: numpy.ndarray, segments: list[dict]) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Semantic and numbering index of each cell, from its segment."""
    of = {s["id"]: pair for s, *pair in zip(segments, *indices(segments))}
    pairs = [of.get(i, (0, 0)) for i in cells.tolist()]
    return numpy.array([semantic for semantic, _ in pairs]), numpy.array([number for _, number in pairs])


def indices(segments: list[dict]) -> tuple[list[int], list[int]]:
    """Semantic and numbering index of segments."""
    return ([categories.INDEX[s["category"]] + 1 for s in segments],
            [s["number"] if s["number"] < NUMBERS else 0 for s in segments])


def cells_of(segment: int, owner: numpy.ndarray, panoptic: numpy.ndarray) -> numpy.ndarray:
    """The cells of a segment; of one that has none, the cell with most of its pixels, of equal ones the first."""
    own = numpy.flatnonzero(owner == segment)
    if len(own):
        return own
    y, x = numpy.nonzero(panoptic == segment)
    cells = _bands(panoptic.shape[0])[y] * GRID + _bands(panoptic.shape[1])[x]
    return numpy.bincount(cells, minlength=1).argmax(keepdims=True)


def fits(box: tuple[float, ...], segments: list[dict], shape: tuple[int, int]) -> dict[int, float]:
    """How well each segment's box overlaps `box`, in fractions of the picture, by increasing id. `shape`: height and width
    of the map that the segments' boxes are of, in pixels."""
    segments = sorted(segments, key=lambda s: s["id"])
    height, width = shape
    boxes = torch.tensor([s["box"] for s in segments]).reshape(-1, 4) / torch.tensor([width, height, width, height])
    shared, _ = overlap(boxes, torch.tensor(box).expand_as(boxes))
    return dict(zip((s["id"] for s in segments), shared.tolist()))


def segment_at(box: tuple[float, ...], segments: list[dict], shape: tuple[int, int]) -> int | None:
    """The segment whose box fits best to `box`, as `fits` has it; of equal ones the first; none where none overlaps it."""
    found = fits(box, segments, shape)
    best = max(found, key=found.__getitem__, default=None)
    return best if best is not None and found[best] > 0 else None


def listing(segments: list[dict]) -> str:
    """The names of all segments, in increasing id, without a space at the end."""
    if not segments:
        return "None of detailed object information for image."
    names = (f"(#{s['number']} {categories.spoken(s['category'])})" for s in sorted(segments, key=lambda s: s["id"]))
    return "The image includes " + ", ".join(names) + "."


class Connector(nn.Sequential):
    """Linear, GELU, Linear."""

    def __init__(self, width: int, out: int):
        super().__init__(nn.Linear(width, out), nn.GELU(), nn.Linear(out, out))

    @torch.no_grad()
    def start_linear(self, matrix: torch.Tensor, bias: torch.Tensor | None = None):
        """Makes the connector the linear map `matrix` [in, out] exactly: gelu(x) − gelu(−x) = x, so a hidden unit
        and its negative pass a value through. Hidden units that are left over start unused, free to learn."""
        first, second = self[0], self[2]
        width = matrix.shape[0]
        if 2 * width > first.out_features:
            raise ValueError(f"{2 * width} hidden units are needed, and there are {first.out_features}")
        first.weight[:2 * width].zero_()
        first.bias.zero_()
        first.weight[:width] = torch.eye(width)
        first.weight[width:2 * width] = -torch.eye(width)
        second.weight.zero_()
        second.weight[:, :width] = matrix.T
        second.weight[:, width:2 * width] = -matrix.T
        second.bias.copy_(torch.zeros_like(second.bias) if bias is None else bias)


class Crayon(nn.Module):
    """Indices per cell → crayon features per cell."""

    def __init__(self, width: int):
        super().__init__()
        self.semantic = nn.Parameter(torch.zeros(len(categories.NAMES) + 1, TABLE_WIDTH))
        self.numbering = nn.Parameter(torch.zeros(NUMBERS, TABLE_WIDTH))
        self.connector = Connector(TABLE_WIDTH, width)

    def forward(self, semantic, numbering):
        return self.connector(F.embedding(semantic, self.semantic) + F.embedding(numbering, self.numbering))
