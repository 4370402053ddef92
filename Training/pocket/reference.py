"""Writes fixtures for the product's parity tests from exported weights.

    python -m pocket.reference --base FILE.gguf --weights DIR --data DIR [--scenes DIR] --out DIR/fixtures

Each case: NAME.safetensors with the map, the crayon's indices, crayon features and vision tokens of some cells, fused
embeddings and hidden states of some rows, and the states at triggers; NAME.json with the texts, tokens, cells, rows,
greedy tokens and boxes. segmenter.safetensors holds every eighth row and column of the segmenter's fields.
"""

import argparse
import dataclasses
import json
import pathlib

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from . import base, crayon, records
from .batches import normalised, pack, sample
from .export import load_exported
from .generate import answer
from .model import Pocket
from .vision import load_vision

CELLS = [0, 17, 100, 135, 255]


def case(pocket, words, vision, record, question, listed, name, out: pathlib.Path):
    asked = dataclasses.replace(question, answer="", boxes=(), region_ids=())
    batch = pack([sample(words, record, [asked], listed, picture=vision is not None)])
    seen = None
    if vision is not None:
        with torch.no_grad():
            seen = vision(batch.pictures)
    reply = answer(pocket, words, batch, seen)
    with torch.no_grad():
        embedded, features = pocket.embed(batch, seen)
    rows = sorted({0, 2, 3, 100, 258, *range(len(embedded) - 6, len(embedded))})
    panoptic = record.read_map()
    tensors = {
        "panoptic": torch.from_numpy(panoptic.astype(numpy.uint8)),
        "semantic": batch.semantic[0].int(), "numbering": batch.numbering[0].int(),
        "crayon": features[CELLS], "embeddings": embedded[rows], "hidden": reply.prompt_hidden[rows]}
    if seen is not None:
        tensors["vision"] = seen[0][CELLS]
        Image.fromarray(record.read_picture()).save(out / f"{name}.png")
    if reply.trigger_hidden:
        tensors["triggers"] = torch.stack(reply.trigger_hidden)
    save_file({key: value.contiguous().clone() for key, value in tensors.items()}, out / f"{name}.safetensors")
    text = words.decode(reply.tokens)
    (out / f"{name}.json").write_text(json.dumps({
        "question": question.text, "expected": question.answer, "listing": crayon.listing(record.segments) if listed else None,
        "segments": record.segments, "input_boxes": question.input_boxes,
        "prefix_tokens": batch.tokens[:int((batch.packing.prefix >= 0).sum())].tolist(),
        "question_tokens": batch.tokens[int((batch.packing.prefix >= 0).sum()):].tolist(),
        "image_start": len(words.head), "cells": CELLS, "rows": rows, "greedy": reply.tokens, "text": text, "boxes": reply.boxes},
        indent=1) + "\n")
    print(f"{name}: {question.text} → {text}")


def segmenter_case(weights: pathlib.Path, picture: numpy.ndarray, out: pathlib.Path):
    """The fields of the segmenter for one picture, by the exported weights alone."""
    fields = run_exported_segmenter(weights, normalised(picture)[None])
    save_file({name: tensor[0, :, ::8, ::8].contiguous() for name, tensor in fields.items()}, out / "segmenter.safetensors")


@torch.no_grad()
def run_exported_segmenter(weights: pathlib.Path, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
    """What config.json and model.safetensors mean, in as few lines as it takes."""
    from torch.nn.functional import conv2d, interpolate, relu

    config = json.loads((weights / "config.json").read_text())
    w = {name: tensor.float() for name, tensor in load_file(weights / "model.safetensors").items()}

    def conv(x, name, stride=1):
        kernel = w[f"{name}.weight"]
        return conv2d(x, kernel, w[f"{name}.bias"], stride, kernel.shape[-1] // 2)

    x = relu(conv(relu(conv(pictures, "stem.0", 2)), "stem.1", 2))
    levels = []
    for stage, blocks in enumerate(config["blocks"]):
        if stage:
            x = relu(conv(x, f"stages.{stage}.down", 2))
        for block in range(blocks):
            name = f"stages.{stage}.blocks.{block}"
            x = relu(x + conv(relu(conv(x, f"{name}.conv1")), f"{name}.conv2"))
        levels.append(x)
    up = conv(levels[3], "lateral.3")
    maps = {}
    for level in (2, 1, 0):
        up = interpolate(up, scale_factor=2, mode="nearest")
        up = relu(conv(conv(levels[level], f"lateral.{level}") + up, f"smooth.{level}"))
        maps[level] = up
    instance = relu(conv(up, "instance.0"))
    return {
        "semantic": conv(relu(conv(up, "semantic.0")), "semantic.1"), "centre": conv(instance, "centre").sigmoid(),
        "offset": conv(instance, "offset"), "embedding": maps[1]}


def chosen(folder: pathlib.Path, family: str, few: int):
    """The first question of a family on a map of no more segments than `few`."""
    for record in records.read(folder, evaluation=True):
        for question in record.questions:
            if question.family == family and 2 <= len(record.segments) <= few:
                return record, question
    raise ValueError(f"{folder}: no question about {family}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="layouts")
    parser.add_argument("--scenes", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    words = base.Words(options.base)
    pocket = Pocket(base.load(options.base)).eval()
    load_exported(pocket, options.weights)
    case(pocket, words, None, *chosen(options.data, "describe", 9), True, "layout-listed", options.out)
    case(pocket, words, None, *chosen(options.data, "count", 12), False, "layout-unlisted", options.out)
    case(pocket, words, None, *chosen(options.data, "region", 12), False, "layout-region", options.out)
    if options.scenes:
        vision = load_vision(options.weights / "vision")
        record, question = chosen(options.scenes, "where", 30)
        case(pocket, words, vision, record, question, False, "scene-where", options.out)
        segmenter_case(options.weights / "segmenter", record.read_picture(), options.out)


if __name__ == "__main__":
    main()
