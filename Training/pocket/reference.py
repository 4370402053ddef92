"""Writes fixtures for the product's parity tests from exported weights.

    python -m pocket.reference --base FILE.gguf --weights Pipelines/pocket --data DIR --out Tests/Fixtures/Pocket

`--data` is a folder of scenes for evaluation, of which one is taken. picture.png, truth.png and decided.png are it, its
true map and the map that the segmenter decides for it (grey is a segment's id), strict.png another where all but one
stuff is too small; picture.json the categories and scores of these maps; picture.safetensors some rows and columns of what
the segmenter makes on its way. Each question: NAME.json with the
texts, tokens, the crayon's indices, cells, rows, greedy tokens, boxes and the places of the segments pointed at; NAME.safetensors with crayon features and
vision tokens of those cells, fused embeddings of those rows, the segments' colours where they are listed, and the states
at triggers.
"""

import argparse
import dataclasses
import json
import math
import pathlib

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from . import base, crayon, panoptic, records
from .batches import pack, sample
from .export import load_exported
from .generate import answer
from .model import Pocket
from .segmenter import from_exported, normalised
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
        "image_start": len(words.head), "cells": CELLS, "rows": rows, "greedy": reply.tokens, "text": text, "boxes": reply.boxes,
        "pointed": reply.pointed},
        indent=1) + "\n")
    print(f"{name}: {question.text} → {text}")


# Boxes that masks are drawn in, whatever is detected: corners in pixels of the network's picture, the cell whose
# features are told, and the place of the category. One box reaches beyond the picture.
MASKS = [((100.0, 80.0, 300.0, 400.0), 100, 22), ((-20.0, 450.0, 60.0, 530.0), 4200, 0)]


def taps(network, square) -> dict[str, torch.Tensor]:
    """Some rows and columns, channels first, of what the network makes of a square picture [side, side, 3]."""
    pictures = normalised(torch.from_numpy(square)[None])
    with torch.no_grad():
        quarter, backbone, pyramid = network.trunk(pictures)
        context, eighth, ade = network.stuff(pictures)
        fields = network(pictures)
        boxes = torch.tensor([box for box, _, _ in MASKS])
        cells, labels = ([mask[place] for mask in MASKS] for place in (1, 2))
        masks = network.masks(
            fields.coarse, fields.fine, boxes, torch.zeros(len(MASKS), dtype=torch.long),
            fields.detection[0, cells], torch.tensor(labels))
    maps = {"quarter": (quarter, 8), "stage4": (backbone[1], 8), **{
        f"p{level}": (values, step) for level, values, step in zip((3, 4, 5, 6), pyramid, (8, 4, 4, 2))},
        "stuff_context": (context, 4), "stuff_eighth": (eighth, 8), "stuff_logits": (ade, 8),
        "coarse": (fields.coarse, 8), "fine": (fields.fine, 16), "semantic": (fields.semantic, 12)}
    rows = {"logits": fields.logits, "distances": fields.distances, "detection": fields.detection}
    return {
        **{name: values[0, :, ::step, ::step] for name, (values, step) in maps.items()},
        **{name: values[0, ::101] for name, values in rows.items()}, "masks": masks}


def picture_case(weights: pathlib.Path, record, out: pathlib.Path):
    """A picture, its true map, and what the segmenter makes of it by the exported weights alone."""
    picture = record.read_picture()
    Image.fromarray(picture).save(out / "picture.png")
    Image.fromarray(record.read_map().astype(numpy.uint8)).save(out / "truth.png")
    config = json.loads((weights / "config.json").read_text())
    network = from_exported(load_file(weights / "model.safetensors"))
    rule = panoptic.Decision(**{field.name: config[field.name] for field in dataclasses.fields(panoptic.Decision)})
    side = config["image_size"]
    picture = Image.fromarray(picture)

    def decided(rule):
        """Ids at the picture's size, and of each that has a pixel there what it is."""
        ids, found = panoptic.mapped(network, picture, side, rule)
        return ids, found, {
            place: {"category": panoptic.NAMES[segment.label], "score": segment.score}
            for place, segment in enumerate(found, 1) if (ids == place).any()}

    ids, found, decided_names = decided(rule)
    if len(found) == len(decided(dataclasses.replace(rule, in_front=0.0))[1]):
        raise ValueError(f"record {record.id}: no thing is decided that lies in front of a likelier one")
    # Parts of the picture, before dropped stuff leaves its pixels to others.
    parts = sorted(math.exp(segment.features[-1]) for segment in found if len(segment.features) == 3)
    if len(parts) < 2:
        raise ValueError(f"record {record.id}: no two kinds of stuff are decided, so that one could be dropped")
    least = int((parts[-2] + parts[-1]) / 2 * 512**2)
    strict, _, strict_names = decided(dataclasses.replace(rule, least_stuff_pixels=least))
    for name, grey in (("decided", ids), ("strict", strict)):
        Image.fromarray(grey.astype(numpy.uint8)).save(out / f"{name}.png")
    square = numpy.array(picture.resize((side, side), Image.Resampling.BILINEAR))
    save_file({name: values.contiguous().clone() for name, values in taps(network, square).items()},
              out / "picture.safetensors")
    (out / "picture.json").write_text(json.dumps(
        {"decided": decided_names, "strict": strict_names, "strict_least_stuff_pixels": least,
         "masks": [{"box": box, "cell": cell, "label": label} for box, cell, label in MASKS],
         "truth": {segment["id"]: segment["category"] for segment in record.segments}}) + "\n")


def chosen(folder: pathlib.Path, families: list[str], few: int):
    """The first record of no more segments than `few` with a question of each family, and those questions."""
    for record in records.read(folder, evaluation=True):
        # Where nothing is, no place is asked for.
        questions = {question.family: question for question in reversed(record.questions)
                     if question.family != "where" or question.boxes}
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
