"""Starts the crayon in the language model's own words.

The feature of (category, number) starts as the mean embedding of the tokens of the category's spoken name plus that
of the number, so that the untrained decoder already reads an image cell as a word. Both tables together have rank
153, which the 192 columns hold exactly, and `Connector.start_linear` passes them on exactly. Positions and locations
start as one smooth function of the place: a region is the mean of its cells, so that what asks for a region looks
like what stands there.
"""

import math

import torch
from torch.nn import functional as F

from . import categories
from .base import Words
from .crayon import GRID, NUMBERS, TABLE_WIDTH
from .model import Pocket

_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty").split()
POSITION_NORM = 1.5  # a word's is about 3.2


def word(text: str, words: Words, embeddings: torch.Tensor) -> torch.Tensor:
    """The mean embedding of the text's tokens as it stands within a sentence."""
    return embeddings[words.encode(" " + text)].mean(0)


def _number(number: int, words: Words, embeddings: torch.Tensor) -> torch.Tensor:
    digits = embeddings[[token for digit in str(number) for token in words.encode(digit)]].mean(0)
    return (word(_NUMBER_WORDS[number - 1], words, embeddings) + digits) / 2


def crayon_targets(words: Words, embeddings: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    semantic = torch.stack([
        torch.zeros(embeddings.shape[1]),
        *(word(categories.spoken(name), words, embeddings) for name in categories.NAMES)])
    numbering = torch.stack([
        torch.zeros(embeddings.shape[1]), *(_number(n, words, embeddings) for n in range(1, NUMBERS))])
    return semantic, numbering


def _places(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Features of places [N] → [N, 22]: waves along either side, the shorter the weaker, and slow ones along both."""
    waves = [torch.cos(math.pi * k * side) / math.sqrt(k) for k in range(1, 9) for side in (x, y)]
    both = [torch.cos(math.pi * k * x) * torch.cos(math.pi * l * y) / 2 for k in (1, 2, 3) for l in (1, 2)]
    return torch.stack(waves + both, 1)


def _place_table(width: int, generator: torch.Generator) -> torch.Tensor:
    """Features of places to embeddings of about POSITION_NORM."""
    directions = torch.linalg.qr(torch.randn(width, 22, generator=generator)).Q.T
    line = (torch.arange(GRID) + 0.5) / GRID
    features = _places(line.repeat(GRID), line.repeat_interleave(GRID))
    return directions * (POSITION_NORM / features.norm(dim=1).mean())


def _random_boxes(count: int, generator: torch.Generator) -> torch.Tensor:
    corner = torch.rand(count, 2, generator=generator)
    size = torch.exp(torch.empty(count, 2).uniform_(math.log(0.04), 0, generator=generator))
    first = corner * (1 - size)
    return torch.cat([first, first + size], 1)


def _region_targets(boxes: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """The mean of the place features over a box, and its width and height along two more directions."""
    steps = (torch.arange(8) + 0.5) / 8
    total = 0
    for u in steps:
        for v in steps:
            x = boxes[:, 0] + u * (boxes[:, 2] - boxes[:, 0])
            y = boxes[:, 1] + v * (boxes[:, 3] - boxes[:, 1])
            total = total + _places(x, y)
    return total / len(steps) ** 2 @ table * 2


def start(pocket: Pocket, words: Words, seed: int = 0):
    """Tables, connector, positions and location encoder; about half a minute."""
    generator = torch.Generator().manual_seed(seed)
    embeddings = pocket.language.embeddings
    semantic, numbering = crayon_targets(words, embeddings)
    _, _, basis = torch.linalg.svd(torch.cat([semantic, numbering]))
    basis = basis[:TABLE_WIDTH]
    table = _place_table(pocket.language.shape.width, generator)
    with torch.no_grad():
        pocket.crayon.semantic.copy_(semantic @ basis.T)
        pocket.crayon.numbering.copy_(numbering @ basis.T)
        pocket.crayon.connector.start_linear(basis)
        line = (torch.arange(GRID) + 0.5) / GRID
        pocket.vision_position.copy_(_places(line.repeat(GRID), line.repeat_interleave(GRID)) @ table)
        # Until there is a vision model, nothing of it is heard.
        pocket.vision_connector[2].weight.zero_()
        pocket.vision_connector[2].bias.zero_()
        # Boxes start in the middle, whatever the hidden state.
        pocket.regions.box_decoder[2].weight.mul_(0.1)
        pocket.regions.box_decoder[2].bias.copy_(torch.tensor([0.3, 0.3, 0.7, 0.7]))
    encoder = pocket.regions.location_encoder
    optimizer = torch.optim.Adam(encoder.parameters(), 3e-3)
    directions = torch.randn(2, table.shape[1], generator=generator) / math.sqrt(table.shape[1])
    steps = 800
    for step in range(steps):
        boxes = _random_boxes(512, generator)
        target = _region_targets(boxes, table) + 1.5 * (boxes[:, 2:] - boxes[:, :2]) @ directions
        loss = F.mse_loss(encoder(boxes), target)
        optimizer.param_groups[0]["lr"] = 3e-3 * (1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item() / target.pow(2).mean().item()
