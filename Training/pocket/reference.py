"""Writes fixtures for the product's parity tests from exported weights.

    python -m pocket.reference --base FILE.gguf --weights Pipelines/pocket --data DIR --out Tests/Fixtures/Pocket

`--data` is a folder of scenes for evaluation, of which one is taken. picture.png, truth.png and decided.png are it, its
true map and the map that the segmenter decides for it (grey is a segment's id), strict.png another where all but one
stuff is too small; picture.json the categories of these maps; picture.safetensors every fourth row and column of the mask decoder's features. Each question: NAME.json with the
texts, tokens, the crayon's indices, cells, rows, greedy tokens and boxes; NAME.safetensors with crayon features and
vision tokens of those cells, fused embeddings of those rows, the segments' colours where they are listed, and the states
at triggers.
"""

import argparse
import dataclasses
import json
import pathlib

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from . import base, categories, crayon, panoptic, records
from .batches import normalised, pack, sample
from .export import load_exported
from .generate import answer
from .model import Pocket
from .segmenter import Fields
from .vision import load_vision

CELLS = [0, 17, 100, 135, 255]


def case(pocket, words, vision, record, question, listed, name, out: pathlib.Path):
    asked = dataclasses.replace(question, answer="", boxes=(), region_ids=())
    batch = pack([sample(words, record, [asked], listed, picture=True)])
    with torch.no_grad():
        seen = vision(batch.pictures)
    reply = answer(pocket, words, batch, seen, stop=base.IM_END)
    with torch.no_grad():
        embedded, features = pocket.embed(batch, seen)
    rows = sorted({0, 2, 3, 100, *range(258, min(274, len(embedded))), *range(len(embedded) - 12, len(embedded))})
    tensors = {"crayon": features[CELLS], "vision": seen[0][CELLS], "embeddings": embedded[rows]}
    if listed:
        tensors["colours"] = batch.object_colours
    if reply.trigger_hidden:
        tensors["triggers"] = torch.stack(reply.trigger_hidden)
    save_file({key: value.contiguous().clone() for key, value in tensors.items()}, out / f"{name}.safetensors")
    text = words.decode(reply.tokens)
    (out / f"{name}.json").write_text(json.dumps({
        "question": question.text, "expected": question.answer, "listing": crayon.listing(record.segments) if listed else None,
        "semantic": batch.semantic[0].tolist(), "numbering": batch.numbering[0].tolist(), "input_boxes": question.input_boxes,
        "prefix_tokens": batch.tokens[:int((batch.packing.prefix >= 0).sum())].tolist(),
        "question_tokens": batch.tokens[int((batch.packing.prefix >= 0).sum()):].tolist(),
        "image_start": len(words.head), "cells": CELLS, "rows": rows, "greedy": reply.tokens, "text": text, "boxes": reply.boxes},
        indent=1) + "\n")
    print(f"{name}: {question.text} → {text}")


def picture_case(weights: pathlib.Path, record: records.Record, out: pathlib.Path):
    """A picture, its true map, and what the segmenter makes of it by the exported weights alone."""
    picture = record.read_picture()
    Image.fromarray(picture).save(out / "picture.png")
    fields = run_exported_segmenter(weights, normalised(picture)[None])
    config = json.loads((weights / "config.json").read_text())
    names = config["categories"]
    rule = panoptic.Decision(**{field.name: config[field.name] for field in dataclasses.fields(panoptic.Decision)})
    is_thing = [categories.IS_THING[name] for name in names]
    decided = Fields(fields["semantic"], fields["centre"][:, 0].logit(), fields["offset"], fields["embedding"])
    ids, classes = panoptic.decide(decided, 0, is_thing, rule)
    areas = sorted(int((ids == place).sum()) for place, label in enumerate(classes, 1) if not is_thing[label])
    if len(areas) < 2:
        raise ValueError(f"record {record.id}: no two kinds of stuff are decided, so that one could be dropped")
    least = (areas[-2] + areas[-1] + 1) // 2
    strict, strict_classes = panoptic.decide(decided, 0, is_thing, dataclasses.replace(rule, least_stuff_pixels=least))
    save_file({"embedding": fields["embedding"][0, :, ::4, ::4].contiguous()}, out / "picture.safetensors")
    for name, grey in (("decided", ids), ("strict", strict), ("truth", record.read_map())):
        Image.fromarray(grey.astype(numpy.uint8)).save(out / f"{name}.png")
    (out / "picture.json").write_text(json.dumps(
        {"decided": {place: names[label] for place, label in enumerate(classes, 1)},
         "strict": {place: names[label] for place, label in enumerate(strict_classes, 1)},
         "strict_least_stuff_pixels": least,
         "truth": {segment["id"]: segment["category"] for segment in record.segments}}) + "\n")


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


def chosen(folder: pathlib.Path, families: list[str], few: int):
    """The first record of no more segments than `few` with a question of each family, and those questions."""
    for record in records.read(folder, evaluation=True):
        questions = {question.family: question for question in reversed(record.questions)}
        if 2 <= len(record.segments) <= few and all(family in questions for family in families):
            return record, [questions[family] for family in families]
    raise ValueError(f"{folder}: no picture with questions about {', '.join(families)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="scenes for evaluation")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    words = base.Words(options.base)
    pocket = Pocket(base.load(options.base)).eval()
    load_exported(pocket, options.weights)
    vision = load_vision(options.weights / "vision")
    record, questions = chosen(options.data, ["where", "count", "region"], 12)
    picture_case(options.weights / "segmenter", record, options.out)
    for question, listed in zip(questions, (False, True, True)):
        case(pocket, words, vision, record, question, listed, question.family, options.out)


if __name__ == "__main__":
    main()
