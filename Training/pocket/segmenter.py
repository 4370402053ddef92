"""The panoptic segmenter: one network for photographs and renderings.

A trunk in the shape of NanoDet-Plus-m-1.5x (ShuffleNetV2 1.5x, arXiv 1807.11164, under a Ghost-PAN) with its detection
head (generalized focal loss, arXiv 2006.04388); beside it a trunk for stuff in the shape of MOSAIC (arXiv 2112.11623); and two
branches on both: a semantic one for stuff (after Panoptic FPN, arXiv 1901.02446), and one that draws a mask in each
detected box (after Mask R-CNN, arXiv 1703.06870, told what was detected). There are no batch norms: the published starts
have them folded, and so they are trained on.
"""

import dataclasses

import torch
from torch import nn
from torch.nn import functional as F

from . import categories
from .depthwise import Depthwise

THINGS, STUFF = len(categories.THINGS), len(categories.STUFF)
STRIDES = (8, 16, 32, 64)
BINS = 8  # of a distance from a cell's centre to a side of its box, in strides 0…7
WIDTH = 128  # of every level of the pyramid
SEMANTIC = 128  # of the semantic branch at stride 8
FINE = 48  # of the map at stride 4 that sharpens classes and masks
MASK = 64  # of the mask branch
ROI = 14  # cells a side of what the mask branch sees; its mask has twice as many
ADE = 32  # classes of stuff that the trunk for stuff starts with: ADE20K's 31 commonest, and none of them


def _leaky(x):
    return F.leaky_relu(x, 0.1)


def pointwise(into: int, out: int) -> nn.Conv2d:
    return nn.Conv2d(into, out, 1)


def _shuffled(x):
    """Channels of two halves, one by one from each."""
    batch, channels, height, width = x.shape
    return x.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(batch, channels, height, width)


class ShuffleUnit(nn.Module):
    """ShuffleNetV2's: the right half is convolved; the first of a stage halves the map and convolves both."""

    def __init__(self, into: int | None, width: int):
        super().__init__()
        half = width // 2
        self.down = into is not None
        if self.down:
            self.left_depthwise, self.left_out = Depthwise(into, 3, 2), pointwise(into, half)
        self.right_in = pointwise(into or half, half)
        self.right_depthwise = Depthwise(half, 3, 2 if self.down else 1)
        self.right_out = pointwise(half, half)

    def forward(self, x):
        if self.down:
            left, right = _leaky(self.left_out(self.left_depthwise(x))), x
        else:
            left, right = x.chunk(2, 1)
        right = _leaky(self.right_out(self.right_depthwise(_leaky(self.right_in(right)))))
        return _shuffled(torch.cat([left, right], 1))


class GhostBlock(nn.Module):
    """Two ghost modules (half of the channels are made of the others by a depthwise convolution) and a short cut."""

    def __init__(self):
        super().__init__()
        half = WIDTH // 2
        self.first, self.first_ghost = pointwise(2 * WIDTH, half), Depthwise(half, 3)
        self.second, self.second_ghost = pointwise(WIDTH, half), Depthwise(half, 3)
        self.short_depthwise, self.short_out = Depthwise(2 * WIDTH, 5), pointwise(2 * WIDTH, WIDTH)

    def forward(self, x):
        y = _leaky(self.first(x))
        y = torch.cat([y, _leaky(self.first_ghost(y))], 1)
        y = self.second(y)
        y = torch.cat([y, self.second_ghost(y)], 1)
        return y + self.short_out(self.short_depthwise(x))


class Separable(nn.Module):
    """A depthwise and a pointwise convolution, an activation behind each."""

    def __init__(self, width: int, size: int = 5, stride: int = 1, out: int | None = None):
        super().__init__()
        self.depthwise, self.pointwise = Depthwise(width, size, stride), pointwise(width, out or width)

    def forward(self, x):
        return _leaky(self.pointwise(_leaky(self.depthwise(x))))


class Trunk(nn.Module):
    """Pictures → what lies at strides 4 (24 channels), 16 and 32 of the backbone, and the pyramid at strides 8 to 64."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 24, 3, 2, 1)
        widths, counts = (24, 176, 352, 704), (4, 8, 4)
        self.stages = nn.ModuleList(
            nn.ModuleList(ShuffleUnit(widths[stage] if unit == 0 else None, widths[stage + 1]) for unit in range(count))
            for stage, count in enumerate(counts))
        self.reduce = nn.ModuleList(pointwise(width, WIDTH) for width in widths[1:])
        self.top_down = nn.ModuleList(GhostBlock() for _ in range(2))  # to stride 16, to stride 8
        self.down = nn.ModuleList(Separable(WIDTH, stride=2) for _ in range(2))
        self.bottom_up = nn.ModuleList(GhostBlock() for _ in range(2))
        self.extra_in, self.extra_out = Separable(WIDTH, stride=2), Separable(WIDTH, stride=2)

    def forward(self, pictures):
        quarter = F.max_pool2d(_leaky(self.stem(pictures)), 3, 2, 1)
        x, levels = quarter, []
        for stage in self.stages:
            for unit in stage:
                x = unit(x)
            levels.append(x)
        c3, c4, c5 = (_leaky(reduce(level)) for reduce, level in zip(self.reduce, levels))
        p4 = self.top_down[0](torch.cat([_doubled(c5), c4], 1))
        p3 = self.top_down[1](torch.cat([_doubled(p4), c3], 1))
        p4 = self.bottom_up[0](torch.cat([self.down[0](p3), p4], 1))
        p5 = self.bottom_up[1](torch.cat([self.down[1](p4), c5], 1))
        p6 = self.extra_in(c5) + self.extra_out(p5)
        return quarter, levels[1:], [p3, p4, p5, p6]


def _doubled(x, times: int = 2):
    return F.interpolate(x, scale_factor=times, mode="bilinear", align_corners=False)


def ending(x, size: int):
    """Zeros beyond the lower and right edge, where a convolution of a step of 2 on a map of even size wants them in
    TensorFlow's "same"; `size` − 2 in all."""
    before = (size - 2) // 2
    return F.pad(x, (before, size - 2 - before, before, size - 2 - before))


class Bottleneck(nn.Module):
    """MobileNetV2's inverted one (arXiv 1801.04381): wider, convolved by channel, narrower; a short cut where it fits."""

    def __init__(self, into: int, inner: int, out: int, size: int = 3, stride: int = 1, dilation: int = 1):
        super().__init__()
        self.expand, self.project = pointwise(into, inner), pointwise(inner, out)
        self.depthwise = Depthwise(inner, size, stride, None if stride == 1 else 0, dilation)
        self.short = stride == 1 and into == out

    def inner(self, x):
        x = self.expand(x).relu()
        if self.depthwise.stride[0] == 2:
            x = ending(x, self.depthwise.kernel_size[0])
        return self.depthwise(x).relu()

    def finished(self, x, inner):
        return self.project(inner) + x if self.short else self.project(inner)

    def forward(self, x):
        return self.finished(x, self.inner(x))


# Inputs, inner channels, outputs, size, step and dilation.
BOTTLENECKS = (
    (32, 96, 32, 3, 2, 1), (32, 64, 32, 3, 1, 1),
    (32, 160, 64, 5, 2, 1), (64, 192, 64, 3, 1, 1), (64, 128, 64, 3, 1, 1), (64, 192, 64, 3, 1, 1),
    (64, 384, 128, 5, 2, 1), (128, 384, 128, 3, 1, 1), (128, 384, 128, 3, 1, 1), (128, 384, 128, 3, 1, 1),
    (128, 768, 160, 3, 1, 1), (160, 640, 160, 3, 1, 1), (160, 960, 192, 3, 1, 1),
    (192, 384, 96, 5, 1, 2), (96, 384, 96, 5, 1, 2), (96, 384, 96, 5, 1, 2))
QUARTER, EIGHTH = 1, 5  # bottlenecks whose inner channels the decoder reads
ENCODED = 448  # channels of the encoder's end; half of them are convolved 3×3, half 5×5
GRID = 64  # of each of these halves, convolved
CONTEXT, DECODED = 128, 64  # of what the trunk hands on at strides 16 and 8
GRIDS = (8, 4, 2)  # cells of stride 16 that are one of a coarser grid


class GridContext(nn.Module):
    """The means of a coarser grid, each half of the channels convolved at its own size."""

    def __init__(self):
        super().__init__()
        half = ENCODED // 2
        self.small_depthwise, self.small_out = Depthwise(half, 3), pointwise(half, GRID)
        self.large_depthwise, self.large_out = Depthwise(half, 5), pointwise(half, GRID)

    def forward(self, x):
        small, large = x.chunk(2, 1)
        small = self.small_out(self.small_depthwise(small).relu()).relu()
        return torch.cat([small, self.large_out(self.large_depthwise(large).relu()).relu()], 1)


class StuffTrunk(nn.Module):
    """Pictures → context at stride 16 (128 channels), what the decoder makes of it at stride 8 (64), and logits of ADE20K's
    classes at stride 4 (32)."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2)
        self.blocks = nn.ModuleList(Bottleneck(*sizes) for sizes in BOTTLENECKS)
        self.context_in = pointwise(BOTTLENECKS[-1][2], ENCODED)
        self.grids = nn.ModuleList(GridContext() for _ in GRIDS)
        self.context_out = pointwise(ENCODED + 2 * GRID * len(GRIDS), CONTEXT)
        self.eighth = pointwise(CONTEXT + BOTTLENECKS[EIGHTH][1], DECODED)
        self.eighth_depthwise, self.eighth_out = Depthwise(DECODED, 3), pointwise(DECODED, ADE)
        self.quarter_out = pointwise(BOTTLENECKS[QUARTER][1], ADE)

    def forward(self, pictures):
        x = self.stem(ending(pictures, 3)).relu()
        kept = {}
        for place, block in enumerate(self.blocks):
            inner = block.inner(x)
            if place in (QUARTER, EIGHTH):
                kept[place] = inner
            x = block.finished(x, inner)
        x = self.context_in(x).relu()
        grids = [F.interpolate(grid(F.avg_pool2d(x, cells)), scale_factor=cells, mode="bilinear", align_corners=False)
                 for grid, cells in zip(self.grids, GRIDS)]
        context = self.context_out(torch.cat([*grids, x], 1)).relu()
        eighth = self.eighth(torch.cat([_doubled(context), kept[EIGHTH]], 1)).relu()
        sharp = self.eighth_out(self.eighth_depthwise(eighth).relu()).relu()
        return context, eighth, _doubled(sharp) + self.quarter_out(kept[QUARTER]).relu()


class DetectionHead(nn.Module):
    """Of one level."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Separable(WIDTH), Separable(WIDTH)
        self.out = pointwise(WIDTH, THINGS + 4 * BINS)

    def forward(self, x):
        """Logits [B, 80, h, w], logits of distances [B, 32, h, w], and what was read off [B, 128, h, w]."""
        x = self.second(self.first(x))
        logits, distances = self.out(x).split([THINGS, 4 * BINS], 1)
        return logits, distances, x


class SemanticBranch(nn.Module):
    """Stuff, and one class for all things, which is last."""

    def __init__(self):
        super().__init__()
        self.lateral = nn.ModuleList(
            pointwise(width, SEMANTIC) for width in (352, 704, WIDTH, WIDTH, WIDTH, WIDTH, CONTEXT, DECODED))
        self.whole = nn.Linear(704, SEMANTIC)  # of the whole picture's mean
        self.blocks = nn.ModuleList(Separable(SEMANTIC) for _ in range(3))
        self.coarse_to_fine, self.quarter = pointwise(SEMANTIC, FINE), pointwise(24, FINE)
        self.fine = Separable(FINE, 3)
        self.coarse_out, self.fine_out = pointwise(SEMANTIC, STUFF + 1), pointwise(FINE, STUFF + 1)
        self.prior = pointwise(ADE, STUFF + 1)  # how ADE20K's classes are read as ours
        with torch.no_grad():
            for out in (self.coarse_out, self.fine_out, self.prior):
                nn.init.normal_(out.weight, std=0.01)

    def forward(self, quarter, backbone, pyramid, stuff):
        """`coarse` [B, 128, h/8, w/8], `fine` [B, 48, h/4, w/4], logits [B, 54, h/4, w/4]."""
        context, eighth, ade = stuff
        sizes = (2, 4, 1, 2, 4, 8, 2, 1)
        parts = [
            lateral(level) if times == 1 else _doubled(lateral(level), times)
            for lateral, level, times in zip(self.lateral, [*backbone, *pyramid, context, eighth], sizes)]
        whole = self.whole(backbone[1].mean((2, 3)))[:, :, None, None]
        coarse = _leaky(sum(parts) + whole)
        for block in self.blocks:
            coarse = coarse + block(coarse)
        fine = self.fine(_leaky(_doubled(self.coarse_to_fine(coarse)) + self.quarter(quarter)))
        logits = _doubled(self.coarse_out(coarse)) + self.fine_out(fine) + self.prior(ade)
        return coarse, fine, logits


class MaskBranch(nn.Module):
    """A mask of 28×28 in a box, of the category that was detected there."""

    def __init__(self):
        super().__init__()
        self.coarse_in, self.fine_in = pointwise(SEMANTIC, MASK), pointwise(FINE, MASK)
        self.detection = nn.Linear(WIDTH, MASK)
        self.category = nn.Embedding(THINGS, MASK)
        self.place = nn.Parameter(torch.zeros(MASK, ROI, ROI))
        self.convolutions = nn.ModuleList(nn.Conv2d(MASK, MASK, 3, 1, 1) for _ in range(3))
        self.last = Separable(MASK, 3, out=MASK // 2)
        self.out = pointwise(MASK // 2, 1)
        nn.init.normal_(self.category.weight, std=0.1)

    def forward(self, coarse, fine, boxes, picture, detection, labels):
        """boxes [N, 4] (x0, y0, x1, y1) in pixels of the network's input, `picture` [N] which of the batch they lie in,
        `detection` [N, 128] what the detection head read them off, `labels` [N] → logits [N, 28, 28]."""
        told = self.detection(detection) + self.category(labels)
        x = self.coarse_in(sampled(coarse, 8, boxes, picture, ROI))
        x = _leaky(x + told[:, :, None, None] + self.place)
        for convolution in self.convolutions:
            x = _leaky(convolution(x))
        x = _leaky(_doubled(x) + self.fine_in(sampled(fine, 4, boxes, picture, 2 * ROI)))
        return self.out(self.last(x))[:, 0]


def sampled(maps, stride: int, boxes, picture, cells: int):
    """Bilinear samples in the middles of `cells`×`cells` equal parts of each box, zero outside: [N, C, cells, cells]."""
    height, width = maps.shape[2:]
    middles = (torch.arange(cells, device=boxes.device) + 0.5) / cells
    x = boxes[:, :1] + (boxes[:, 2:3] - boxes[:, :1]) * middles  # [N, cells]
    y = boxes[:, 1:2] + (boxes[:, 3:4] - boxes[:, 1:2]) * middles
    # grid_sample's −1 and 1 are the outer edges of the map.
    x, y = 2 * x / (stride * width) - 1, 2 * y / (stride * height) - 1
    grid = torch.stack([x[:, None, :].expand(-1, cells, -1), y[:, :, None].expand(-1, -1, cells)], -1)
    out = maps.new_empty(len(boxes), maps.shape[1], cells, cells)
    for place in picture.unique():
        chosen = (picture == place).nonzero()[:, 0]
        count = len(chosen)
        part = F.grid_sample(
            maps[place:place + 1], grid[chosen].reshape(1, count * cells, cells, 2), align_corners=False)
        out = out.index_copy(0, chosen, part[0].view(-1, count, cells, cells).transpose(0, 1))
    return out


@dataclasses.dataclass
class Fields:
    """What the network says of a batch before anything is decided; cells of all levels lie behind each other."""

    logits: torch.Tensor  # [B, cells, 80]
    distances: torch.Tensor  # [B, cells, 32]
    detection: torch.Tensor  # [B, cells, 128]
    # Of the branches.
    coarse: torch.Tensor | None = None  # [B, 128, h/8, w/8]
    fine: torch.Tensor | None = None  # [B, 48, h/4, w/4]
    semantic: torch.Tensor | None = None  # [B, 54, h/4, w/4]
    ade: torch.Tensor | None = None  # [B, 32, h/4, w/4], logits of the trunk for stuff


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk, self.stuff = Trunk(), StuffTrunk()
        self.detect = nn.ModuleList(DetectionHead() for _ in STRIDES)
        self.semantic = SemanticBranch()
        self.masks = MaskBranch()

    def detections(self, pictures: torch.Tensor) -> Fields:
        """Without the branches."""
        return self._detections(self.trunk(pictures)[2])

    def _detections(self, pyramid) -> Fields:
        heads = [head(level) for head, level in zip(self.detect, pyramid)]
        return Fields(*(torch.cat([part.flatten(2) for part in parts], 2).transpose(1, 2) for parts in zip(*heads)))

    def forward(self, pictures: torch.Tensor, still: bool = False) -> Fields:
        """pictures [B, 3, h, w], h and w multiples of 128, as `normalised` makes them. `still`: nothing is learned through the
        trunks and detection."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not still):
            quarter, backbone, pyramid = self.trunk(pictures)
            stuff = self.stuff(pictures)
            fields = self._detections(pyramid)
        fields.coarse, fields.fine, fields.semantic = self.semantic(quarter, backbone, pyramid, stuff)
        fields.ade = stuff[2]
        return fields


# Of the published start: blue, green, red, in bytes. Ours is the same with red first.
MEAN = (123.675, 116.28, 103.53)
DEVIATION = (58.395, 57.12, 57.375)


def normalised(pictures: torch.Tensor) -> torch.Tensor:
    """Bytes [B, h, w, 3], red first → [B, 3, h, w]."""
    mean, deviation = (torch.tensor(value, device=pictures.device) for value in (MEAN, DEVIATION))
    return ((pictures.float() - mean) / deviation).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def centres(height: int, width: int, device="cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Where the cells of all levels are, [cells, 2] (x, y) in pixels of the input, and their strides [cells]. As in
    NanoDet-Plus, half a pixel is not added."""
    places, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(
            torch.arange(height // stride, device=device), torch.arange(width // stride, device=device), indexing="ij")
        places.append(torch.stack([x, y], -1).reshape(-1, 2) * stride)
        strides.append(torch.full((len(places[-1]),), stride, device=device))
    return torch.cat(places).float(), torch.cat(strides).float()


def boxes_of(distances: torch.Tensor, places: torch.Tensor, strides: torch.Tensor) -> torch.Tensor:
    """Logits of distances [..., cells, 32] (left, top, right, bottom) → boxes [..., cells, 4] in pixels."""
    share = distances.unflatten(-1, (4, BINS)).softmax(-1)
    reach = (share * torch.arange(BINS, device=distances.device)).sum(-1) * strides[:, None]
    return torch.cat([places - reach[..., :2], places + reach[..., 2:]], -1)


def from_exported(weights: dict[str, torch.Tensor]) -> Segmenter:
    network = Segmenter()
    network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return network.eval()
