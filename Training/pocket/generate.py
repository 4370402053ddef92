"""Greedy answers: one plain causal pass over the prompt, then token by token with the keys and values kept. For the
fixtures, and for looking at what a model says."""

import dataclasses

import torch
from torch.nn import functional as F

from .base import Words
from .batches import Batch
from .language import Language, _Normed, _rotate
from .model import Pocket


@dataclasses.dataclass
class Reply:
    tokens: list[int]
    boxes: list[list[float]]  # decoded at each trigger
    pointed: list[int]  # which of the map's segments each trigger means; none where there is no map
    trigger_hidden: list[torch.Tensor]
    prompt_hidden: torch.Tensor  # [T, width] behind the final norm, before the first token


class Causal:
    """A decoder that goes on where it stopped."""

    def __init__(self, language: Language):
        self.language = language
        self.kept = [None] * len(language.layers)
        self.length = 0

    @torch.no_grad()
    def read(self, x: torch.Tensor, crayon=None, image_rows=None) -> torch.Tensor:
        """x [T, width], the rows that follow → their states behind the final norm."""
        language, shape = self.language, self.language.shape
        total, half = len(x), shape.head_width // 2
        rates = shape.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.arange(self.length, self.length + total)[:, None].double() * rates
        cos, sin = angles.cos().float()[:, None], angles.sin().float()[:, None]
        seen = torch.ones(total, self.length + total, dtype=torch.bool).tril(self.length)
        for number, layer in enumerate(language.layers):
            qkv = layer.qkv(_Normed.apply(x, layer.attention_gain, shape.epsilon), None)
            turned, v = qkv.view(total, -1, shape.head_width).split(
                [shape.heads + shape.key_heads, shape.key_heads], 1)
            q, k = _rotate(turned, cos, sin).split([shape.heads, shape.key_heads], 1)
            if self.kept[number] is not None:
                k, v = (torch.cat(pair) for pair in zip(self.kept[number], (k, v)))
            self.kept[number] = k, v
            o = F.scaled_dot_product_attention(
                *(t.transpose(0, 1)[None] for t in (q, k, v)), attn_mask=seen, enable_gqa=True)
            o = layer.o(o[0].transpose(0, 1).reshape(total, -1), None)
            if crayon is not None:
                o = o.index_add(0, image_rows, crayon @ layer.crayon_a.T @ layer.crayon_b.T)
            x = x + o
            gate, up = layer.gate_up(_Normed.apply(x, layer.mlp_gain, shape.epsilon), None).chunk(2, -1)
            x = x + layer.down(F.silu(gate) * up, None)
        self.length += total
        return _Normed.apply(x, language.gain, shape.epsilon)


@torch.no_grad()
def answer(pocket: Pocket, words: Words, batch: Batch, vision=None, most: int = 40, stop: int | None = None,
           crayon: str = "on") -> Reply:
    """`batch` holds one picture, all its cells, and one question whose answer is empty but for its end."""
    x, features = pocket.embed(batch, vision, crayon)
    decoder = Causal(pocket.language)
    prompt = hidden = decoder.read(x, features, batch.image_rows)
    tokens, boxes, pointed, states = [], [], [], []
    segments = pocket.segments(batch)
    while len(tokens) < most:
        token = int(pocket.language.logits(hidden[-1:]).argmax())
        tokens.append(token)
        if token == stop:
            break
        hidden = decoder.read(pocket.language.embeddings[token][None])
        if token == words.trigger:
            states.append(hidden[0])
            # Behind a trigger stands its location, whatever the logits say.
            tokens.append(words.slot)
            if len(pointed) < len(segments) and crayon != "off":
                # Each is meant once in an answer.
                fits = pocket.regions.pointer(hidden, segments)[0]
                fits[pointed] = -torch.inf
                pointed.append(int(fits.argmax()))
                location = pocket.regions.location_encoder(batch.segment_boxes[pointed[-1:]])
                boxes.append(pocket.regions.box_decoder(location)[0].tolist())
            else:
                box = pocket.regions.box_decoder(hidden)
                location = pocket.regions.location_encoder(box)
                boxes.append(box[0].tolist())
            hidden = decoder.read(location)
    return Reply(tokens, boxes, pointed, states, prompt)
