"""The trained parts around the language base, put together."""

import dataclasses

import torch
from torch import nn
from torch.nn import functional as F

from . import palette
from . import regions as boxes
from .batches import Batch
from .crayon import CELLS, Connector, Crayon
from .language import Language
from .regions import Regions

VISION_WIDTH = 192


@dataclasses.dataclass
class Outcome:
    """What a batch came to. Exactness is that of greedy decoding: an answer is exact if each of its tokens is the
    likeliest behind the true ones before it."""

    losses: dict[str, torch.Tensor]
    exact: torch.Tensor  # [questions] all tokens right
    iou: torch.Tensor  # [triggers] of the box that is decoded from the segment that is pointed at
    trigger_hidden: torch.Tensor  # [triggers, width]


class Pocket(nn.Module):
    def __init__(self, tensors: dict[str, torch.Tensor]):
        super().__init__()
        self.language = Language(tensors)
        width = self.language.shape.width
        self.crayon = Crayon(width)
        # It stays as it was fitted: its inputs are of unlike sizes, and under steps of one size its tokens grow to
        # thirty times a word.
        self.vision_connector = Connector(VISION_WIDTH, width).requires_grad_(False)
        # What a segment's colours add to the mean of its vision tokens; nothing until it is fitted (train_palette).
        self.palette = Connector(palette.WIDTH, width).requires_grad_(False)
        for parameter in self.palette[2].parameters():
            nn.init.zeros_(parameter)
        self.vision_position = nn.Parameter(torch.zeros(CELLS, width))
        self.regions = Regions(width)

    def embed(self, batch: Batch, vision: torch.Tensor | None, crayon: str = "on"):
        """Input embeddings [T, width] and crayon features [image rows, width] (none where the crayon is off)."""
        image = self.vision_position.expand(len(batch.semantic), -1, -1)
        looks = torch.zeros_like(image)
        if vision is not None:
            seen = self.vision_connector(vision)
            looks = looks.index_add(0, batch.has_picture.nonzero()[:, 0], seen)
            image = image + looks
        # What a segment looks like: the mean of its vision tokens, and what its colours add. The listing shows it behind
        # the segment's name, placed; a question behind the location of a region, with what the crayon says of it.
        objects = batch.object_cells @ image.reshape(-1, image.shape[-1]) + self.palette(batch.object_colours)
        asked = (batch.asked_cells @ looks.reshape(-1, looks.shape[-1])
                 + self.palette(batch.asked_colours) * batch.asked_seen[:, None])
        features = None
        if crayon != "off":
            numbering = batch.numbering if crayon == "on" else torch.zeros_like(batch.numbering)
            features = self.crayon(batch.semantic, numbering)
            image = image + features
            features = features.reshape(-1, features.shape[-1])
            asked = asked + batch.asked_cells @ features
            features = features.index_select(0, batch.cells)
        image = image.reshape(-1, image.shape[-1]).index_select(0, batch.cells)
        x = F.embedding(batch.tokens, self.language.embeddings)
        x = x.index_copy(0, batch.image_rows, image)
        if len(batch.slot_rows):
            x = x.index_copy(0, batch.slot_rows, self.regions.location_encoder(batch.slot_boxes))
        x = x.index_copy(0, batch.object_rows, objects).index_copy(0, batch.asked_rows, asked)
        return x, features

    def segments(self, batch: Batch) -> torch.Tensor:
        """What can be pointed at: what the crayon says of each segment, and where it is. [M, width]"""
        return (self.crayon(batch.segment_semantic, batch.segment_numbering)
                + self.regions.location_encoder(batch.segment_boxes))

    def pointed(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """How each trigger's state fits the segments of its own map. [R, M], before the softmax"""
        scores = self.regions.pointer(hidden, self.segments(batch))
        places = torch.arange(scores.shape[1], device=scores.device)
        first, end = batch.trigger_maps[:, :1], batch.trigger_maps[:, 1:]
        return scores.masked_fill((places < first) | (places >= end), float("-inf"))

    def forward(self, batch: Batch, adapter: str | None, vision=None, crayon: str = "on") -> Outcome:
        x, features = self.embed(batch, vision, crayon)
        hidden = self.language(x, batch.packing, adapter, features, batch.image_rows)
        logits = self.language.logits(hidden.index_select(0, batch.target_rows))
        each = F.cross_entropy(logits, batch.targets, reduction="none")
        questions = len(batch.families)
        # Between the mean over answers and the mean over tokens: a long description neither drowns nor is drowned.
        lengths = torch.bincount(batch.target_turns, minlength=questions)
        losses = {"words": (each / lengths[batch.target_turns].sqrt()).sum() / questions}
        at = hidden.index_select(0, batch.trigger_rows)
        iou = torch.zeros(0)
        if len(at):
            pointed = self.pointed(at, batch)
            if batch.trigger_whole.any():
                losses |= boxes.losses(self.regions, at[batch.trigger_whole], batch.trigger_boxes[batch.trigger_whole])
            known = batch.trigger_segments >= 0
            if known.any():
                losses["pointer"] = F.cross_entropy(pointed[known], batch.trigger_segments[known])
            with torch.no_grad():
                found = self.regions.location_encoder(batch.segment_boxes[pointed.argmax(1)])
                iou, _ = boxes.overlap(self.regions.box_decoder(found), batch.trigger_boxes)
        with torch.no_grad():
            wrong = torch.zeros(questions, device=logits.device).index_add(
                0, batch.target_turns, (logits.argmax(1) != batch.targets).float())
        return Outcome(losses, wrong == 0, iou, at.detach())
