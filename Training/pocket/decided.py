"""Scenes with the maps that a segmenter decides for them, and of their questions those whose answers are right there.

    crayon annotate data/scenes/images --out data/maps
    python -m pocket.decided --scenes data/scenes --maps data/maps --out data/decided

A decided map tears and merges things, and a language model that has met only true maps reads their colours and places
worse. The answers stay those of the scene: a question is kept where the map has what it is about.
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib

import torch

from . import crayon, records
from .regions import overlap

LEAST_OVERLAP = 0.5  # of boxes, for two segments to be the same


def numbered(annotation: dict, names: dict[int, str]) -> list[dict]:
    """The segments of a COCO panoptic annotation, as `crayon synth` writes them."""
    met = collections.Counter()
    out = []
    for segment in sorted(annotation["segments_info"], key=lambda segment: segment["id"]):
        name = names[segment["category_id"]]
        met[name] += 1
        x, y, width, height = segment["bbox"]
        out.append({"id": segment["id"], "category": name, "number": met[name], "box": [x, y, x + width, y + height]})
    return out


@dataclasses.dataclass
class Comparison:
    """A scene's true segments and the decided ones."""

    truth: list[dict]
    decided: list[dict]
    shape: tuple[int, int]

    def same_number(self, category: str) -> bool:
        return len(_of(self.truth, category)) == len(_of(self.decided, category))

    def same_presence(self, category: str) -> bool:
        return bool(_of(self.truth, category)) == bool(_of(self.decided, category))

    def same(self, category: str) -> bool:
        """As many, and each where the true one of its number is."""
        true, decided = _of(self.truth, category), _of(self.decided, category)
        if not true or len(true) != len(decided):
            return len(true) == len(decided)
        boxes = (torch.tensor([segment["box"] for segment in part], dtype=torch.float32) for part in (true, decided))
        return bool((overlap(*boxes)[0] > LEAST_OVERLAP).all())

    def every(self, holds) -> bool:
        return all(holds(segment["category"]) for segment in self.truth + self.decided)

    def keeps(self, question: records.Question, category: str | None) -> bool:
        match question.family:
            case "count":
                return self.same_number(category)
            case "existence" | "stuff-count":
                return self.same_presence(category)
            case "anybody":
                return self.same_presence(category)
            case "who":
                return self.same_number(category)
            case ("colour" | "where" | "colours" | "is-colour" | "coloured-count" | "coloured-existence" | "coloured-where"
                  | "which-one"):
                return self.same(category)
            case "region":
                at = crayon.segment_at(question.input_boxes[0], self.decided, self.shape)
                return any(segment["id"] == at and segment["category"] == category for segment in self.decided)
            case "compare" | "two-counts":
                return self.every(self.same_number)
            case "relation":
                return self.every(self.same)
            case family if family in records.OF_ALL_THERE_IS:
                return self.every(self.same)
            case "list" | "describe" | "nothing":
                return _listing(self.truth) == _listing(self.decided) and self.every(self.same)
            case family if family in records.OF_NOTHING_THERE:
                return True
        raise ValueError(f"questions of the family “{question.family}” are not known here")


def _of(segments: list[dict], category: str) -> list[dict]:
    return [segment for segment in segments if segment["category"] == category]


def _listing(segments: list[dict]) -> list[str]:
    """The kinds in the order in which a list names them."""
    return list(dict.fromkeys(segment["category"] for segment in segments))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=pathlib.Path, required=True)
    parser.add_argument("--maps", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    maps = json.loads((options.maps / "panoptic.json").read_text())
    names = {category["id"]: category["name"] for category in maps["categories"]}
    annotations = {pathlib.Path(entry["file_name"]).stem: entry for entry in maps["annotations"]}
    options.out.mkdir(parents=True, exist_ok=True)
    kept, asked = collections.Counter(), collections.Counter()
    with open(options.scenes / "questions.jsonl") as lines, open(options.out / "questions.jsonl", "w") as out:
        for line, record in zip(lines, records.read(options.scenes)):
            annotation = annotations.get(record.map.stem)
            if annotation is None:
                continue
            entry = json.loads(line)
            decided = numbered(annotation, names)
            comparison = Comparison(record.segments, decided, (entry["height"], entry["width"]))
            questions = []
            for question, raw in zip(record.questions, entry["questions"], strict=True):
                asked[question.family] += 1
                if comparison.keeps(question, raw.get("category")):
                    kept[question.family] += 1
                    questions.append(raw)
            entry |= {
                "image": os.path.relpath(record.picture, options.out), "segments": decided, "questions": questions,
                "map": os.path.relpath(options.maps / "panoptic" / annotation["file_name"], options.out)}
            if questions:
                out.write(json.dumps(entry) + "\n")
    print("  ".join(f"{family} {kept[family]}/{asked[family]}" for family in sorted(asked)))


if __name__ == "__main__":
    main()
