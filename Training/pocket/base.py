"""The frozen language base: SmolLM2's 4-bit GGUF file, unpacked once to plain float32, and its tokenizer."""

import dataclasses
import pathlib

import gguf
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

IM_START, IM_END = 1, 2
# Nearly all of the special tokens that pretraining did not use have one and the same embedding, so a tied head cannot
# say one of them and not the others; `<filename>` was used, in code, and stands apart.
TRIGGER_NAME, SLOT_NAME = "<filename>", "<empty_output>"


@dataclasses.dataclass(frozen=True)
class Shape:
    """The sizes of SmolLM2-135M."""

    width: int = 576
    layers: int = 30
    heads: int = 9
    key_heads: int = 3
    hidden: int = 1536
    vocabulary: int = 49152
    rope_base: float = 100_000.0
    epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads


def _rotary_halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """llama.cpp keeps the two values that are rotated together side by side; Hugging Face keeps them half a head
    apart. Undoes the former."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def unpack(file: pathlib.Path) -> dict[str, torch.Tensor]:
    """The tensors of a llama GGUF in float32, by their names there, q and k in Hugging Face's row order."""
    shape = Shape()
    tensors = {}
    for tensor in gguf.GGUFReader(file).tensors:
        values = torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy()).float()
        if tensor.name.endswith("attn_q.weight"):
            values = _rotary_halves(values, shape.heads)
        elif tensor.name.endswith("attn_k.weight"):
            values = _rotary_halves(values, shape.key_heads)
        tensors[tensor.name] = values
    return tensors


def load(file: pathlib.Path) -> dict[str, torch.Tensor]:
    """`unpack`, kept beside nothing: unpacking takes about five seconds, which is not worth a cache."""
    tensors = unpack(file)
    expected = 2 + 9 * Shape().layers
    if len(tensors) != expected:
        raise ValueError(f"{file}: {len(tensors)} tensors, and SmolLM2-135M has {expected}")
    return tensors


class Words:
    """The base's tokenizer, with what the prompt needs of it."""

    def __init__(self, file: pathlib.Path):
        fields = gguf.GGUFReader(file).fields
        tokens, merges, types = (
            fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "merges", "token_type"))
        tokenizer = Tokenizer(models.BPE(
            {token: number for number, token in enumerate(tokens)},
            [tuple(merge.split(" ")) for merge in merges]))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
        tokenizer.decoder = decoders.ByteLevel()
        # Without its special tokens: a question that spells one is text.
        self._plain = Tokenizer.from_str(tokenizer.to_str())
        tokenizer.add_special_tokens(
            [AddedToken(token, special=True) for token, kind in zip(tokens, types) if kind == 3])
        self._full = tokenizer
        self.trigger = tokenizer.token_to_id(TRIGGER_NAME)
        self.slot = tokenizer.token_to_id(SLOT_NAME)
        self.head = [IM_START, *self.encode("user\n")]
        self.turn = [IM_END, *self.encode("\n"), IM_START, *self.encode("assistant\n")]

    def encode(self, text: str) -> list[int]:
        """The tokens of a piece of text that holds no special token."""
        return self._plain.encode(text).ids

    def decode(self, tokens: list[int]) -> str:
        return self._full.decode(tokens, skip_special_tokens=False)
