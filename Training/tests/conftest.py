import pathlib
import sys

import pytest
import torch

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]

from pocket.base import Shape  # noqa: E402
from pocket.language import Language  # noqa: E402

SMALL = Shape(width=48, layers=2, heads=6, key_heads=2, hidden=64, vocabulary=50)


def small_tensors(shape=SMALL, seed=0):
    torch.manual_seed(seed)
    keys = shape.key_heads * shape.head_width
    sizes = {"attn_q": (shape.width, shape.width), "attn_k": (keys, shape.width), "attn_v": (keys, shape.width),
             "attn_output": (shape.width, shape.width), "ffn_gate": (shape.hidden, shape.width),
             "ffn_up": (shape.hidden, shape.width), "ffn_down": (shape.width, shape.hidden)}
    out = {"token_embd.weight": torch.randn(shape.vocabulary, shape.width),
           "output_norm.weight": 1 + torch.randn(shape.width) / 4}
    for layer in range(shape.layers):
        for name, size in sizes.items():
            out[f"blk.{layer}.{name}.weight"] = torch.randn(size) / 5
        for name in ("attn_norm", "ffn_norm"):
            out[f"blk.{layer}.{name}.weight"] = 1 + torch.randn(shape.width) / 4
    return out


@pytest.fixture
def language():
    torch.manual_seed(1)
    model = Language(small_tensors(), SMALL)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".b." in name or name.endswith("crayon_b"):
                parameter.copy_(torch.randn_like(parameter) / 10)
    model.fold()
    return model
