"""The bottom-up panoptic segmenter (after Panoptic-DeepLab, arXiv 1911.10194): semantic classes, centres of things,
and from each pixel the way to its centre. 3×3 convolutions only, so that any program can run it."""

import dataclasses

import torch
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass(frozen=True)
class SegmenterShape:
    stem: tuple[int, int] = (16, 32)
    widths: tuple[int, ...] = (32, 64, 128, 192)  # at strides 4, 8, 16, 32
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    decoder: int = 64


def _conv(into: int, out: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(into, out, size, stride, size // 2, bias=False), nn.BatchNorm2d(out))


class Block(nn.Module):
    """relu(x + conv2(relu(conv1(x))))"""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = _conv(width, width)
        self.conv2 = _conv(width, width)
        nn.init.zeros_(self.conv2[1].weight)

    def forward(self, x):
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Stage(nn.Module):
    def __init__(self, into: int | None, width: int, blocks: int):
        super().__init__()
        if into is not None:
            self.down = _conv(into, width, 2)
        self.blocks = nn.ModuleList(Block(width) for _ in range(blocks))

    def forward(self, x):
        if hasattr(self, "down"):
            x = F.relu(self.down(x))
        for block in self.blocks:
            x = block(x)
        return x


@dataclasses.dataclass
class Fields:
    """At stride 4, 64×64 for a picture of 256×256; `embedding` [B, 64, 32, 32] at stride 8."""

    semantic: torch.Tensor  # [B, classes + 1, h, w] logits; void is last
    centre: torch.Tensor  # [B, h, w] logits
    offset: torch.Tensor  # [B, 2, h, w] dy, dx in pixels of the picture
    embedding: torch.Tensor

    def float(self) -> "Fields":
        return self._each(torch.Tensor.float)

    def cpu(self) -> "Fields":
        return self._each(torch.Tensor.cpu)

    def _each(self, change) -> "Fields":
        return Fields(change(self.semantic), change(self.centre), change(self.offset), change(self.embedding))


# About 1.0, 1.3 and 1.6 GMAC at 256×256. A deep one may start from a small one: a new block begins as the identity.
SHAPES = {
    "small": SegmenterShape(), "deep": SegmenterShape(blocks=(2, 2, 4, 4)),
    "wide": SegmenterShape((32, 48), (48, 96, 128, 192))}


class Segmenter(nn.Module):
    def __init__(self, classes: int, shape: SegmenterShape = SHAPES["small"]):
        super().__init__()
        self.shape = shape
        widths, decoder = shape.widths, shape.decoder
        self.stem = nn.ModuleList([_conv(3, shape.stem[0], 2), _conv(shape.stem[0], shape.stem[1], 2)])
        assert shape.stem[1] == widths[0]
        self.stages = nn.ModuleList(
            Stage(widths[place - 1] if place else None, width, shape.blocks[place])
            for place, width in enumerate(widths))
        # lateral.N takes stage N; smooth.N follows the sum at stage N's size.
        self.lateral = nn.ModuleList(_conv(width, decoder, size=1) for width in widths)
        self.smooth = nn.ModuleList(_conv(decoder, decoder) for _ in widths[:-1])
        self.semantic = nn.ModuleList([_conv(decoder, decoder), nn.Conv2d(decoder, classes + 1, 1)])
        self.instance = nn.ModuleList([_conv(decoder, decoder), nn.Conv2d(decoder, 3, 1)])
        # Few places are centres; offsets are tens of pixels.
        nn.init.normal_(self.instance[1].weight, std=0.01)
        with torch.no_grad():
            self.instance[1].bias.copy_(torch.tensor([-3.0, 0, 0]))

    def forward(self, pictures: torch.Tensor) -> Fields:
        x = pictures
        for conv in self.stem:
            x = F.relu(conv(x))
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        up = self.lateral[3](levels[3])
        maps = {}
        for level in (2, 1, 0):
            up = F.interpolate(up, scale_factor=2, mode="nearest")
            up = F.relu(self.smooth[level](self.lateral[level](levels[level]) + up))
            maps[level] = up
        semantic = self.semantic[1](F.relu(self.semantic[0](up)))
        instance = self.instance[1](F.relu(self.instance[0](up)))
        return Fields(semantic, instance[:, 0], OFFSET_UNIT * instance[:, 1:], maps[1])


OFFSET_UNIT = 32.0  # the head speaks in these, so that all heads learn at one rate; the export multiplies it in


def folded(segmenter: Segmenter) -> dict[str, torch.Tensor]:
    """The weights of inference: each batch norm inside its convolution, `instance.1` split into `centre` and
    `offset` (in pixels)."""
    out = {}
    for name, module in segmenter.named_modules():
        if isinstance(module, nn.Sequential) and len(module) == 2 and isinstance(module[1], nn.BatchNorm2d):
            conv, norm = module
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            out[f"{name}.weight"] = conv.weight * gain[:, None, None, None]
            out[f"{name}.bias"] = norm.bias - norm.running_mean * gain
    out["semantic.1.weight"], out["semantic.1.bias"] = segmenter.semantic[1].weight, segmenter.semantic[1].bias
    weight, bias = segmenter.instance[1].weight, segmenter.instance[1].bias
    out["centre.weight"], out["centre.bias"] = weight[:1], bias[:1]
    out["offset.weight"], out["offset.bias"] = weight[1:] * OFFSET_UNIT, bias[1:] * OFFSET_UNIT
    return {name: tensor.detach().clone() for name, tensor in out.items()}


@torch.no_grad()
def unfold(segmenter: Segmenter, weights: dict[str, torch.Tensor], pictures: torch.Tensor):
    """Puts the weights of inference back for training. Each norm takes the statistics that it meets on `pictures`
    and gains that undo them, so that the network says the same in training and in inference. Blocks that have no
    weights stay the identity that they begin as."""
    hooks = []
    for name, module in segmenter.named_modules():
        if isinstance(module, nn.Sequential) and len(module) == 2 and isinstance(module[1], nn.BatchNorm2d):
            conv, norm = module
            block = name.rpartition(".")[0]
            if ".blocks." in name and not any(known.startswith(f"{block}.") for known in weights):
                continue
            conv.weight.copy_(weights[f"{name}.weight"])
            hooks.append(norm.register_forward_pre_hook(_met(weights[f"{name}.bias"])))
    segmenter.semantic[1].weight.copy_(weights["semantic.1.weight"])
    segmenter.semantic[1].bias.copy_(weights["semantic.1.bias"])
    for part in ("weight", "bias"):
        target = getattr(segmenter.instance[1], part)
        target[:1], target[1:] = weights[f"centre.{part}"], weights[f"offset.{part}"] / OFFSET_UNIT
    segmenter.eval()(pictures)
    for hook in hooks:
        hook.remove()


def _met(bias: torch.Tensor):
    def take(norm: nn.BatchNorm2d, inputs):
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(bias + mean)

    return take
