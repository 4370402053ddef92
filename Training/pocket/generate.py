"""Greedy answers, one token at a time: slow and plain, for the fixtures and for looking at what a model says."""

import dataclasses

import torch
from torch.nn import functional as F

from .base import Words
from .batches import Batch
from .language import Packing
from .model import Pocket


@dataclasses.dataclass
class Reply:
    tokens: list[int]
    boxes: list[list[float]]  # decoded at each trigger
    trigger_hidden: list[torch.Tensor]
    prompt_hidden: torch.Tensor  # [T, width] behind the final norm, before the first token


@torch.no_grad()
def answer(pocket: Pocket, words: Words, batch: Batch, vision=None, most: int = 40, stop: int | None = None,
           crayon: str = "on") -> Reply:
    """`batch` holds one picture with one question whose answer is empty but for its end."""
    x, features = pocket.embed(batch, vision, crayon)
    # One sequence: the question attends to its prefix and itself, which is what a whole causal prompt does.
    positions = batch.packing.positions.tolist()
    prefix = int((batch.packing.prefix[0] >= 0).sum())
    tokens, boxes, states, prompt = [], [], [], None
    following = None
    while len(tokens) < most:
        length = len(positions)
        packing = Packing(
            torch.tensor(positions), torch.arange(prefix)[None], torch.arange(prefix, length)[None],
            torch.zeros(1, dtype=torch.long))
        hidden = pocket.language(x, packing, None, features, batch.image_rows)
        if prompt is None:
            prompt = hidden
        if following is None:
            token = int(pocket.language.logits(hidden[-1:]).argmax())
            row = F.embedding(torch.tensor([token]), pocket.language.embeddings)
            if token == words.trigger:
                box = pocket.regions.box_decoder(hidden[-1:])
                boxes.append(box[0].tolist())
                states.append(hidden[-1])
                following = pocket.regions.location_encoder(box)
        else:
            # Behind a trigger stands its location, whatever the logits say.
            token, row, following = words.slot, following, None
        tokens.append(token)
        if token == stop:
            break
        x = torch.cat([x, row])
        positions.append(positions[-1] + 1)
    return Reply(tokens, boxes, states, prompt)
