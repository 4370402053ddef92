"""Photographs with the maps that a segmenter decides for them, and questions about these maps.

    crayon annotate photographs/images --out data/photograph-maps
    crayon synth --maps data/photograph-maps/panoptic.json --maps-dir data/photograph-maps/panoptic \\
        --questions 32 --seed 1 --out data/photograph-questions
    python -m pocket.decided_photographs --questions data/photograph-questions --maps data/photograph-maps \\
        --images photographs/images --truth panoptic.json --without held-back.json:panoptic --out data/decided-photographs

Nobody has asked these photographs anything, so the questions are of the decided map, and their answers what it shows: nobody
who reads a map can say more. Where the truth is known, a question stays only if its answer is right there too. A file of
instances tells the truth about things alone: what is said of stuff stays then.
"""

import argparse
import collections
import dataclasses
import json
import os
import pathlib

import torch

from . import categories, crayon, records
from .decided import LEAST_OVERLAP
from .regions import overlap


@dataclasses.dataclass
class Truth:
    """What is known of a photograph: boxes of segments, by category. Of crowds nothing can be counted."""

    boxes: dict[str, list[list[float]]]
    crowds: set[str]
    knows_stuff: bool

    def knows(self, category: str) -> bool:
        return self.knows_stuff or categories.IS_THING[category]

    def has(self, category: str) -> bool:
        return category in self.boxes or category in self.crowds


def read_truths(file: pathlib.Path) -> dict[str, Truth]:
    """By the stem of the picture's name. A COCO file, of panoptic segments or of instances."""
    dataset = json.loads(file.read_text())
    names = {category["id"]: category["name"] for category in dataset["categories"]}
    stems = {image["id"]: pathlib.Path(image["file_name"]).stem for image in dataset["images"]}
    knows_stuff = any("segments_info" in annotation for annotation in dataset["annotations"])
    truths = {stem: Truth({}, set(), knows_stuff) for stem in stems.values()}
    for annotation in dataset["annotations"]:
        truth = truths[stems[annotation["image_id"]]]
        for segment in annotation.get("segments_info", [annotation]):
            name = names[segment["category_id"]]
            if segment.get("iscrowd"):
                truth.crowds.add(name)
            else:
                x, y, width, height = segment["bbox"]
                truth.boxes.setdefault(name, []).append([x, y, x + width, y + height])
    return truths


@dataclasses.dataclass
class Comparison:
    """A photograph's decided segments beside its truth."""

    truth: Truth
    segments: list[dict]
    shape: tuple[int, int]

    def same_presence(self, category: str) -> bool:
        decided = any(segment["category"] == category for segment in self.segments)
        return not self.truth.knows(category) or decided == self.truth.has(category)

    def same_number(self, category: str) -> bool:
        """Stuff is no number: there it is, or not."""
        if not categories.IS_THING[category]:
            return self.same_presence(category)
        decided = sum(segment["category"] == category for segment in self.segments)
        return category not in self.truth.crowds and decided == len(self.truth.boxes.get(category, []))

    def is_there(self, segment: dict) -> bool:
        """Whether something of its category is where the segment is."""
        if not self.truth.knows(segment["category"]):
            return True
        boxes = torch.tensor(self.truth.boxes.get(segment["category"], [])).reshape(-1, 4)
        return bool((overlap(torch.tensor([segment["box"]]).float().expand_as(boxes), boxes)[0] > LEAST_OVERLAP).any())

    def all_there(self, category: str) -> bool:
        return self.same_number(category) and all(
            self.is_there(segment) for segment in self.segments if segment["category"] == category)

    def every(self, holds) -> bool:
        decided = {segment["category"] for segment in self.segments}
        crowds = {name for name in self.truth.crowds if self.truth.knows(name)}
        return all(holds(name) for name in decided | set(self.truth.boxes) | crowds)

    def keeps(self, question: dict) -> bool:
        category = question.get("category")
        match question["family"]:
            case "existence" | "stuff-count" | "anybody":
                return self.same_presence(category)
            case "count" | "who":
                return self.same_number(category)
            case "compare" | "two-counts":
                return self.every(self.same_number)
            case "where":
                return self.all_there(category)
            case "relation":
                asked = {region["id"] for region in question["regions"]}
                return all(self.is_there(segment) for segment in self.segments if segment["id"] in asked)
            case "region":
                x0, y0, x1, y1 = question["input_regions"][0]
                height, width = self.shape
                at = crayon.segment_at((x0 / width, y0 / height, x1 / width, y1 / height), self.segments, self.shape)
                return any(segment["id"] == at and segment["category"] == category and self.is_there(segment)
                           for segment in self.segments)
            case "list" | "nothing":
                return self.every(self.same_number)
            case "describe" | "part" | "part-count" | "on-top" | "on-top-count" | "beside" | "doing":
                return self.every(self.all_there)
            case family if family in records.OF_ALL_THERE_IS:
                return self.every(self.same_number)
            case family if family in records.OF_NOTHING_THERE:
                return True
        raise ValueError(f"questions of the family “{question['family']}” are not known here")


def ids_without(argument: str) -> set[int]:
    """FILE:KEY, a JSON file's list of ids."""
    file, _, key = argument.rpartition(":")
    return set(json.loads(pathlib.Path(file).read_text())[key])


def is_among(stem: str, ids: set[int]) -> bool:
    """COCO's photographs are called by their ids."""
    return stem.isdecimal() and int(stem) in ids


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--questions", type=pathlib.Path, required=True, help="folder of crayon synth --maps, asked about --maps")
    add("--maps", type=pathlib.Path, required=True, help="folder of crayon annotate")
    add("--images", type=pathlib.Path, required=True, help="the folder that was annotated")
    add("--truth", type=pathlib.Path, help="COCO file of panoptic segments or of instances")
    add("--without", nargs="*", required=True, metavar="FILE:KEY",
        help="photographs to leave out: a JSON file's lists of ids; none behind it for none")
    add("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    without = set().union(*(ids_without(argument) for argument in options.without))
    truths = read_truths(options.truth) if options.truth else None
    options.out.mkdir(parents=True, exist_ok=True)
    kept, asked, photographs = collections.Counter(), collections.Counter(), 0
    with open(options.questions / "questions.jsonl") as lines, open(options.out / "questions.jsonl", "w") as out:
        for line in lines:
            entry = json.loads(line)
            stem = pathlib.Path(entry["map"]).stem
            if is_among(stem, without) or min(entry["height"], entry["width"]) < crayon.GRID:
                continue
            if truths is not None and stem not in truths:
                raise ValueError(f"{options.truth} has no picture “{stem}”")
            comparison = Comparison(truths[stem], entry["segments"], (entry["height"], entry["width"])) if truths else None
            asked.update(question["family"] for question in entry["questions"])
            questions = [question for question in entry["questions"] if comparison is None or comparison.keeps(question)]
            kept.update(question["family"] for question in questions)
            if questions:
                photographs += 1
                out.write(json.dumps(entry | {
                    "image": os.path.relpath(options.images / entry["image"], options.out),
                    "map": os.path.relpath(options.maps / "panoptic" / entry["map"], options.out),
                    "questions": questions}) + "\n")
    print(f"{photographs} photographs:  "
          + "  ".join(f"{family} {kept[family]}/{asked[family]}" for family in sorted(asked)))


if __name__ == "__main__":
    main()
