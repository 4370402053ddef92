"""The packed, folded decoder against the plain one."""

import math

import torch
from conftest import SMALL, small_tensors
from torch.nn import functional as F

from pocket.language import ADAPTERS, ALPHA, RANK, Packing


def plain(language, x, adapter_scale=ALPHA / RANK / len(ADAPTERS), crayon=None, image_rows=None):
    """One causal sequence, adapters beside their matrices, as autograd sees it."""
    shape, total = language.shape, len(x)

    def linear(module, y):
        out, row = y @ module.weight.T, 0
        parts = []
        for place, size in enumerate(module.splits):
            part = out[:, row:row + size]
            for name in ("image", "vl"):
                a = module.a[name][place * RANK:(place + 1) * RANK]
                part = part + adapter_scale * (y @ a.T) @ module.b[name][row:row + size].T
            parts.append(part)
            row += size
        return torch.cat(parts, 1)

    def norm(y, gain):
        return y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + shape.epsilon) * gain

    half = shape.head_width // 2
    angles = torch.arange(total)[:, None] * shape.rope_base ** (-torch.arange(half) / half)
    cos, sin = angles.cos()[:, None], angles.sin()[:, None]

    def rotary(h):
        a, b = h[..., :half], h[..., half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    for layer in language.layers:
        q, k, v = linear(layer.qkv, norm(x, layer.attention_gain)).split(layer.qkv.splits, 1)
        q, k, v = (t.reshape(total, -1, shape.head_width) for t in (q, k, v))
        q, k = rotary(q), rotary(k)
        k, v = (t.repeat_interleave(shape.heads // shape.key_heads, 1) for t in (k, v))
        scores = torch.einsum("qhd,khd->hqk", q, k) / math.sqrt(shape.head_width)
        scores = scores.masked_fill(~torch.ones(total, total, dtype=torch.bool).tril(), float("-inf"))
        o = torch.einsum("hqk,khd->qhd", scores.softmax(-1), v).reshape(total, -1)
        o = linear(layer.o, o)
        if crayon is not None:
            o = o.index_add(0, image_rows, crayon @ layer.crayon_a.T @ layer.crayon_b.T)
        x = x + o
        gate, up = linear(layer.gate_up, norm(x, layer.mlp_gain)).chunk(2, 1)
        x = x + linear(layer.down, F.silu(gate) * up)
    return norm(x, language.gain)


def two_pictures():
    """Prefixes of 5 and 7 rows; three questions of 3, 4 and 2 rows, of the pictures 0, 1 and 1."""
    prefix = torch.tensor([[0, 1, 2, 3, 4, -1, -1], [5, 6, 7, 8, 9, 10, 11]])
    question = torch.tensor([[12, 13, 14, -1], [15, 16, 17, 18], [19, 20, -1, -1]])
    positions = torch.tensor([*range(5), *range(7), *range(5, 8), *range(7, 11), *range(7, 9)])
    chains = [[*range(5), 12, 13, 14], [*range(5, 12), 15, 16, 17, 18], [*range(5, 12), 19, 20]]
    return Packing(positions, prefix, question, torch.tensor([0, 1, 1])), chains


def test_each_question_reads_its_prefix_and_itself_alone(language):
    packing, chains = two_pictures()
    x = torch.randn(21, SMALL.width)
    with torch.no_grad():
        packed = language(x, packing)
        for chain in chains:
            torch.testing.assert_close(packed[chain], plain(language, x[chain]), rtol=1e-4, atol=1e-5)


def test_gradients_are_those_of_adapters_beside_their_matrices(language):
    packing, chains = two_pictures()
    x = torch.randn(21, SMALL.width, requires_grad=True)
    crayon = torch.randn(4, SMALL.width, requires_grad=True)
    rows = torch.tensor([1, 2, 3, 4])  # of picture 0
    weight = torch.randn(3, SMALL.width)
    watched = [p for name, p in language.named_parameters() if not name.endswith(".image")]

    out = language(x, packing, "vl", crayon, rows)
    (out[12:15] * weight).sum().backward()
    ours = [x.grad.clone(), crayon.grad.clone(), *(p.grad.clone() for p in watched)]
    assert all(p.grad is None for name, p in language.named_parameters() if name.endswith(".image"))

    x.grad = crayon.grad = None
    language.zero_grad()
    chain = chains[0]
    # In the chain, the rows of picture 0 are where they are in the batch.
    (plain(language, x[chain], crayon=crayon, image_rows=rows)[5:8] * weight).sum().backward()
    for one, other in zip(ours, [x.grad, crayon.grad, *(p.grad for p in watched)]):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_no_adapter_is_the_base(language):
    from pocket.language import Language

    packing, _ = two_pictures()
    x = torch.randn(21, SMALL.width)
    language.fold([])
    base = Language(small_tensors(), SMALL)
    with torch.no_grad():
        assert torch.equal(language(x, packing), base(x, packing))


def test_merged_adapters_are_each_and_together_the_sum(language):
    packing, _ = two_pictures()
    x = torch.randn(21, SMALL.width)
    linear = language.layers[0].qkv
    pairs = [(torch.randn(RANK, SMALL.width), torch.randn(size, RANK)) for size in linear.splits]
    for place, (a, b) in enumerate(pairs):
        linear.begin_as(place, a, b)
    wanted = torch.cat([b @ a for a, b in pairs]) + linear.weight
    for adapters in (["image"], ["vl"], ["image", "vl"]):
        language.fold(adapters)
        torch.testing.assert_close(linear.folded, wanted, rtol=1e-3, atol=1e-4)


def test_a_decoder_that_goes_on_reads_as_one_that_reads_at_once(language):
    from pocket.generate import Causal

    x, crayon, rows = torch.randn(9, SMALL.width), torch.randn(3, SMALL.width), torch.tensor([1, 2, 3])
    with torch.no_grad():
        whole = plain(language, x, crayon=crayon, image_rows=rows)
        decoder = Causal(language)
        parts = [decoder.read(x[:6], crayon, rows), decoder.read(x[6:7]), decoder.read(x[7:])]
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-4, atol=1e-5)
