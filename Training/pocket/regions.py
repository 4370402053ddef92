"""Regions as vectors (pix2emb): boxes to input embeddings, hidden states to boxes or to the map's segments, and their
losses."""

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F


def _two_linears(width: int, hidden: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, out))


POINTER_WIDTH = 64


class Pointer(nn.Module):
    """Which of the map's segments a trigger's state means: attention over what the crayon says of each and the location
    of its box. The box decoder then reads the location of the likeliest."""

    def __init__(self, width: int):
        super().__init__()
        self.query = nn.Linear(width, POINTER_WIDTH, bias=False)
        self.key = nn.Linear(width, POINTER_WIDTH, bias=False)

    def forward(self, hidden: torch.Tensor, segments: torch.Tensor) -> torch.Tensor:
        """hidden [R, width] at triggers, segments [M, width], or [R, M, width] where each has its own → [R, M], before
        the softmax."""
        keys = self.key(F.rms_norm(segments, segments.shape[-1:], eps=1e-6))
        return (keys @ self.query(hidden)[:, :, None])[:, :, 0] / POINTER_WIDTH**0.5


class Regions(nn.Module):
    """Boxes are x0, y0, x1, y1 as fractions of the picture."""

    def __init__(self, width: int):
        super().__init__()
        self.location_encoder = _two_linears(4, width // 2, width)
        self.box_decoder = _two_linears(width, width // 2, 4)
        self.pointer = Pointer(width)


def overlap(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Intersection over union and its generalised form, of boxes [N, 4] pairwise."""
    def area(box):
        return (box[:, 2] - box[:, 0]).clamp(min=0) * (box[:, 3] - box[:, 1]).clamp(min=0)

    inner = torch.cat([torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])], 1)
    outer = torch.cat([torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:])], 1)
    intersection = area(inner)
    union = (area(a) + area(b) - intersection).clamp(min=1e-6)
    iou = intersection / union
    hull = area(outer).clamp(min=1e-6)
    return iou, iou - (hull - union) / hull


def losses(regions: Regions, hidden: torch.Tensor, boxes: torch.Tensor) -> dict[str, torch.Tensor]:
    """NExT-Chat's: detection of the box at its trigger, and both cycles. hidden [R, width] at triggers. The cycles teach
    the decoder alone: the encoder is for the language model to read, and the second one would be least where all boxes
    had nearly the same embedding."""
    still = {name: value.detach() for name, value in regions.location_encoder.named_parameters()}
    decoded = regions.box_decoder(hidden)
    _, giou = overlap(decoded, boxes)
    target = regions.location_encoder(boxes).detach()
    again = regions.box_decoder(target)
    # What G∘F makes of a hidden state is compared as the language model reads it: by direction and size of the
    # embedding that the decoded box and the true box have.
    there = functional_call(regions.location_encoder, still, (decoded,))
    return {
        "box": 2 * (decoded - boxes).abs().sum(1).mean() + 0.8 * (1 - giou).mean(),
        "cycle": (again - boxes).abs().sum(1).mean()
        + F.mse_loss(there, target) / target.pow(2).mean().clamp(min=1e-6),
    }
