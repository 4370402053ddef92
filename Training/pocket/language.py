"""SmolLM2 with its adapters, laid out for many questions on one picture.

A batch is packed: the tokens of all prefixes (picture and listing), then those of all questions, with no padding, so
that every matrix product is as large as it can be. Only attention looks at who belongs to whom: a prefix attends to
itself, a question to its prefix and to itself (`Packing`). The base never trains. Adapters are folded into its
weights once a step (`fold`), and `_AdaptedProduct` reckons the gradients of one adapter as if it stood beside.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence

import torch
from torch import nn
from torch.nn import functional as F

from .base import Shape

ADAPTERS = ("image", "vl")
RANK, ALPHA = 12, 16
CRAYON_RANK = 16


@dataclasses.dataclass
class Packing:
    """Who attends to whom. Indices are rows of the packed batch; -1 marks padding."""

    positions: torch.Tensor  # [T] rotary position of each row
    prefix: torch.Tensor  # [B, P] rows of each prefix
    question: torch.Tensor  # [Q, L] rows of each question
    owner: torch.Tensor  # [Q] the prefix a question belongs to

    def to(self, device) -> "Packing":
        return Packing(*(getattr(self, field.name).to(device) for field in dataclasses.fields(self)))


class _Rearranged(torch.autograd.Function):
    """Rows by index. Each row is taken at most once, so the gradient is taken by the inverse index, which is much
    faster than adding rows up."""

    @staticmethod
    def forward(ctx, rows, index, inverse):
        ctx.save_for_backward(inverse)
        return rows.index_select(0, index.clamp(min=0))

    @staticmethod
    def backward(ctx, gradient):
        (inverse,) = ctx.saved_tensors
        taken = gradient.index_select(0, inverse.clamp(min=0))
        missing = inverse < 0
        if missing.any():
            taken[missing] = 0
        return taken, None, None


class _AddedRows(torch.autograd.Function):
    """x with `rows` added at distinct places, in place."""

    @staticmethod
    def forward(ctx, x, rows, places):
        ctx.save_for_backward(places)
        ctx.mark_dirty(x)
        x[places] += rows
        return x

    @staticmethod
    def backward(ctx, gradient):
        (places,) = ctx.saved_tensors
        return gradient, gradient.index_select(0, places), None


def _inverse(index: torch.Tensor, length: int) -> torch.Tensor:
    inverse = torch.full((length,), -1, dtype=torch.long, device=index.device)
    valid = index >= 0
    inverse[index[valid]] = valid.nonzero()[:, 0]
    return inverse


class _Paths:
    """The index tensors and masks of a batch, made once and used by every layer."""

    def __init__(self, packing: Packing, shape: Shape, dtype: torch.dtype):
        device = packing.positions.device
        total = len(packing.positions)
        self.batch, self.prefix_length = packing.prefix.shape
        self.questions, self.question_length = packing.question.shape
        self.owner = packing.owner
        self.single = self.batch == 1
        self.prefix = packing.prefix.reshape(-1)
        self.question = packing.question.reshape(-1)
        self.prefix_inverse = _inverse(self.prefix, total)
        self.question_inverse = _inverse(self.question, total)
        both = torch.cat([self.prefix, self.question])
        self.merged_inverse = both
        self.merged = _inverse(both, total)
        # [Q, P + L] what each question may see of its prefix, then [Q, L, P + L] with itself, causally.
        seen = (packing.prefix >= 0)[packing.owner]
        own = torch.ones(self.question_length, self.question_length, dtype=torch.bool, device=device).tril()
        mask = torch.cat([
            seen[:, None, :].expand(-1, self.question_length, -1),
            own[None].expand(self.questions, -1, -1)], 2)
        groups = shape.heads // shape.key_heads
        mask = torch.where(mask, 0.0, float("-inf"))
        self.mask = mask[:, None].expand(-1, groups, -1, -1).reshape(
            self.questions, 1, groups * self.question_length, -1).to(dtype)
        causal = torch.full((self.prefix_length, self.prefix_length), float("-inf"), device=device).triu(1)
        self.causal = causal.repeat(groups, 1).to(dtype)
        half = shape.head_width // 2
        rates = shape.rope_base ** (-torch.arange(half, device=device, dtype=torch.float64) / half)
        angles = packing.positions[:, None].double() * rates
        self.cos = angles.cos().to(dtype)[:, None]  # [T, 1, half]
        self.sin = angles.sin().to(dtype)[:, None]


class _Rotated(torch.autograd.Function):
    """Rotary positions on rows of heads; the gradient is the rotation back."""

    @staticmethod
    def forward(ctx, heads, cos, sin):
        ctx.save_for_backward(cos, sin)
        return _rotate(heads, cos, sin)

    @staticmethod
    def backward(ctx, gradient):
        cos, sin = ctx.saved_tensors
        return _rotate(gradient, cos, -sin), None, None


def _rotate(heads, cos, sin):
    a, b = heads.chunk(2, -1)
    out = torch.empty_like(heads)
    left, right = out.chunk(2, -1)
    torch.mul(a, cos, out=left).addcmul_(b, sin, value=-1)
    torch.mul(b, cos, out=right).addcmul_(a, sin)
    return out


class _Normed(torch.autograd.Function):
    """Root mean square norm with a frozen gain, in few passes over memory, from float32 to `dtype`."""

    @staticmethod
    def forward(ctx, x, gain, epsilon, dtype=torch.float32):
        inverse = torch.rsqrt(torch.linalg.vecdot(x, x)[:, None] / x.shape[-1] + epsilon)
        ctx.save_for_backward(x, gain, inverse)
        return (x * inverse).mul_(gain).to(dtype)

    @staticmethod
    def backward(ctx, gradient):
        x, gain, inverse = ctx.saved_tensors
        scaled = gradient * gain
        along = torch.linalg.vecdot(scaled, x)[:, None]
        return scaled.mul_(inverse).addcmul_(x, along * inverse.pow(3) / -x.shape[-1]), None, None, None


class _Gated(torch.autograd.Function):
    """silu(gate)·up of rows that hold gate and up side by side."""

    @staticmethod
    def forward(ctx, gate_up):
        ctx.save_for_backward(gate_up)
        gate, up = gate_up.chunk(2, -1)
        return F.silu(gate).mul_(up)

    @staticmethod
    def backward(ctx, gradient):
        (gate_up,) = ctx.saved_tensors
        gate, up = gate_up.chunk(2, -1)
        out = torch.empty_like(gate_up)
        for_gate, for_up = out.chunk(2, -1)
        torch.mul(gradient, F.silu(gate), out=for_up)
        for_gate.copy_(torch.ops.aten.silu_backward(gradient * up, gate))
        return out


class _AdaptedProduct(torch.autograd.Function):
    """x · (W + sBA)ᵀ with the sum already folded; gradients for x, A and B. Several matrices that read the same x
    stand below each other in W and B, `splits` rows each; A holds RANK rows for each of them. x is of W's type; A and
    B, which learn, are float32."""

    @staticmethod
    def forward(ctx, x, folded, a, b, splits, scale):
        ctx.save_for_backward(x, folded, a, b)
        ctx.splits, ctx.scale = splits, scale
        return x @ folded.T

    @staticmethod
    def backward(ctx, gradient):
        x, folded, a, b = ctx.saved_tensors
        for_x = gradient @ folded if ctx.needs_input_grad[0] else None
        if not ctx.needs_input_grad[2]:
            return for_x, None, None, None, None, None
        a, b = a.to(folded.dtype), b.to(folded.dtype)
        low = (x @ a.T).mul_(ctx.scale)
        for_low, for_b, row = [], [], 0
        for place, size in enumerate(ctx.splits):
            part = gradient[:, row:row + size]
            for_b.append(part.T @ low[:, place * RANK:(place + 1) * RANK])
            for_low.append(part @ b[row:row + size])
            row += size
        for_a = torch.cat(for_low, 1).mul_(ctx.scale).T @ x
        return for_x, None, for_a.float(), torch.cat(for_b).float(), None, None


class AdaptedLinear(nn.Module):
    """Frozen matrices that read the same input, stacked, each with a low-rank pair of every adapter."""

    def __init__(self, weights: list[torch.Tensor]):
        super().__init__()
        self.splits = [len(weight) for weight in weights]
        weight = torch.cat(weights)
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("folded", weight.clone(), persistent=False)
        self.a = nn.ParameterDict({
            name: nn.Parameter(torch.empty(RANK * len(weights), weight.shape[1])) for name in ADAPTERS})
        self.b = nn.ParameterDict({name: nn.Parameter(torch.empty(len(weight), RANK)) for name in ADAPTERS})
        self.scale = ALPHA / RANK  # of each of the adapters that are folded in
        self.begin()

    @torch.no_grad()
    def begin(self):
        """Pairs that add nothing yet."""
        for a, b in zip(self.a.values(), self.b.values()):
            bound = 1 / math.sqrt(a.shape[1])
            a.uniform_(-bound, bound)
            b.zero_()

    @torch.no_grad()
    def begin_as(self, place: int, a: torch.Tensor, b: torch.Tensor):
        """Each adapter of one of the matrices begins as b·a, or the RANK largest of its singular values."""
        (left, of_b), (right, of_a) = torch.linalg.qr(b), torch.linalg.qr(a.T)
        u, values, v = torch.linalg.svd(of_b @ of_a.T)
        root = (values[:RANK] * RANK / ALPHA).sqrt()
        row = sum(self.splits[:place])
        for name in ADAPTERS:
            self.a[name][place * RANK:(place + 1) * RANK] = root[:, None] * (v[:RANK] @ right.T)
            self.b[name][row:row + self.splits[place]] = left @ u[:, :RANK] * root

    @torch.no_grad()
    def fold(self, adapters: Sequence[str]):
        """Several adapters count their mean: each is complete alone."""
        self.scale = ALPHA / RANK / max(len(adapters), 1)
        if not adapters:
            self.folded.copy_(self.weight)
            return
        row = 0
        for place, size in enumerate(self.splits):
            rows = slice(row, row + size)
            b = torch.cat([self.b[name][rows] for name in adapters], 1) * self.scale
            a = torch.cat([self.a[name][place * RANK:(place + 1) * RANK] for name in adapters])
            torch.addmm(self.weight[rows], b.to(self.weight.dtype), a.to(self.weight.dtype), out=self.folded[rows])
            row += size

    def forward(self, x, adapter: str | None):
        a, b = (self.a[adapter], self.b[adapter]) if adapter else (None, None)
        return _AdaptedProduct.apply(x, self.folded, a, b, self.splits, self.scale)


class Layer(nn.Module):
    def __init__(self, shape: Shape, tensors: dict[str, torch.Tensor], number: int):
        super().__init__()
        self.shape = shape
        take = lambda name: tensors[f"blk.{number}.{name}.weight"]  # noqa: E731
        self.qkv = AdaptedLinear([take("attn_q"), take("attn_k"), take("attn_v")])
        self.o = AdaptedLinear([take("attn_output")])
        self.gate_up = AdaptedLinear([take("ffn_gate"), take("ffn_up")])
        self.down = AdaptedLinear([take("ffn_down")])
        self.register_buffer("attention_gain", take("attn_norm"), persistent=False)
        self.register_buffer("mlp_gain", take("ffn_norm"), persistent=False)
        self.crayon_a = nn.Parameter(torch.randn(CRAYON_RANK, shape.width) / math.sqrt(shape.width))
        self.crayon_b = nn.Parameter(torch.zeros(shape.width, CRAYON_RANK))

    def adapted(self) -> dict[str, AdaptedLinear]:
        return {"qkv": self.qkv, "o": self.o, "gate_up": self.gate_up, "down": self.down}

    def forward(self, x, paths: _Paths, adapter, crayon, image_rows):
        shape = self.shape
        dtype = self.qkv.folded.dtype
        y = _Normed.apply(x, self.attention_gain, shape.epsilon, dtype)
        qkv = self.qkv(y, adapter)
        turning, keys = shape.heads + shape.key_heads, shape.key_heads
        turned, v = qkv.view(len(x), turning + keys, -1).split([turning, keys], 1)
        q, k = _Rotated.apply(turned, paths.cos, paths.sin).split([shape.heads, keys], 1)
        o = self.o(_attend(q, k, v, paths, shape), adapter)
        if crayon is not None:
            o = _AddedRows.apply(o, ((crayon @ self.crayon_a.T) @ self.crayon_b.T).to(dtype), image_rows)
        x = x + o
        y = _Normed.apply(x, self.mlp_gain, shape.epsilon, dtype)
        return x + self.down(_Gated.apply(self.gate_up(y, adapter)), adapter)


def _weighed(q, k, v, mask):
    """Attention in plain products: on a processor, with its gradient, twice as fast as the fused one at these lengths."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    return torch.softmax(scores.add_(mask), -1) @ v


def _attend(q, k, v, paths: _Paths, shape: Shape):
    """q [T, heads, D], k and v [T, key heads, D] → [T, width]."""
    groups, keys, width = shape.heads // shape.key_heads, shape.key_heads, shape.head_width
    total = len(q)

    def part(rows, index, inverse, count):
        flat = _Rearranged.apply(rows.reshape(total, -1), index, inverse)
        return flat.reshape(count, -1, rows.shape[1], width).transpose(1, 2)

    qp, kp, vp = (part(t, paths.prefix, paths.prefix_inverse, paths.batch) for t in (q, k, v))
    qq, kq, vq = (part(t, paths.question, paths.question_inverse, paths.questions) for t in (q, k, v))
    # Prefixes, causally: padding is at their ends. The heads of a group share their keys, so they stand below each
    # other as more queries.
    of_prefix = _weighed(qp.reshape(paths.batch, keys, groups * paths.prefix_length, width), kp, vp, paths.causal)
    of_prefix = of_prefix.reshape(paths.batch, shape.heads, paths.prefix_length, width)
    folded = qq.reshape(paths.questions, keys, groups * paths.question_length, width)
    if paths.single:
        behind = lambda t, own: torch.cat([t.expand(paths.questions, -1, -1, -1), own], 2)  # noqa: E731
    else:
        behind = lambda t, own: torch.cat([t.index_select(0, paths.owner), own], 2)  # noqa: E731
    of_question = _weighed(folded, behind(kp, kq), behind(vp, vq), paths.mask)
    of_question = of_question.reshape(paths.questions, shape.heads, paths.question_length, width)
    rows = torch.cat([
        t.transpose(1, 2).reshape(-1, shape.width) for t in (of_prefix, of_question)])
    return _Rearranged.apply(rows, paths.merged, paths.merged_inverse)


class Language(nn.Module):
    """The decoder, from input embeddings to hidden states behind the final norm."""

    def __init__(self, tensors: dict[str, torch.Tensor], shape: Shape = Shape()):
        super().__init__()
        self.shape = shape
        self.register_buffer("embeddings", tensors["token_embd.weight"], persistent=False)
        self.register_buffer("gain", tensors["output_norm.weight"], persistent=False)
        self.layers = nn.ModuleList(Layer(shape, tensors, number) for number in range(shape.layers))

    def _adapted(self) -> Iterator[AdaptedLinear]:
        for layer in self.layers:
            yield from layer.adapted().values()

    def fold(self, adapters: Sequence[str] = ADAPTERS):
        """Puts these adapters into the weights; to be called after each change of theirs."""
        for linear in self._adapted():
            linear.fold(adapters)

    def begin_adapters(self):
        """Both as if nothing had been learned."""
        for linear in self._adapted():
            linear.begin()

    def store_in_bf16(self):
        """The layers' matrices; what runs between them is then in bf16 too, but for the sums along the layers."""
        for linear in self._adapted():
            linear.weight, linear.folded = linear.weight.bfloat16(), linear.folded.bfloat16()

    def forward(self, x, packing: Packing, adapter=None, crayon=None, image_rows=None):
        """x [T, width] packed; crayon [images·cells, width] at `image_rows`, or none; gradients only for
        `adapter`'s pairs."""
        paths = _Paths(packing, self.shape, self.layers[0].qkv.folded.dtype)
        for layer in self.layers:
            x = layer(x, paths, adapter, crayon, image_rows)
        return _Normed.apply(x, self.gain, self.shape.epsilon)

    def logits(self, hidden):
        return F.linear(hidden, self.embeddings)
