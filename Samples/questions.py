#!/usr/bin/env python3
"""Makes questions.jsonl: questions that `crayon synth` draws about the samples' maps, of which those are kept that
`pocket-scenes` answers rightly from the pixels, whichever kernels it computes with.

    python3 questions.py               draws, asks, writes; some 250 questions, a few minutes

Needs crayon (on the PATH, or `CRAYON=…`). How many of the questions drawn were right is printed by family: that is the
figure that says something, for what is kept is right by its making.
"""

import collections
import itertools
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CRAYON = os.environ.get("CRAYON", "crayon")
PIPELINE = "pocket-scenes"
KEPT = 12  # of a picture's questions, at most
# Sums differ in their last bits between kernels; an answer that hangs on them is not kept. What a processor lacks is
# left out.
KERNELS = [{}, {"CRAYON_KERNELS": "avx2", "OPENBLAS_CORETYPE": "Zen"},
           {"CRAYON_KERNELS": "portable", "OPENBLAS_CORETYPE": "Sandybridge"}]
RIGHT, SURELY_RIGHT = 0.5, 0.6  # the overlap of a place with the truth; the latter is kept, for kernels not tried here
# What the README asks is asked too.
ASKED_BY_HAND = {"cups.png": {
    "answer": "There are 4 cups.", "category": "cup", "family": "count", "held_out": False, "input_regions": [],
    "question": "how many cups", "regions": [], "value": "4", "wording": 3}}


def drawn(folder: Path) -> list[dict]:
    subprocess.run([CRAYON, "synth", "--maps", HERE / "panoptic.json", "--maps-dir", HERE / "panoptic",
                    "--questions", "16", "--seed", "1", "--out", folder], check=True, capture_output=True)
    records = [json.loads(line) for line in open(folder / "questions.jsonl")]
    for record in records:
        name = Path(record["map"]).stem
        record["image"], record["map"] = f"{name}.png", f"panoptic/{name}.png"
        if by_hand := ASKED_BY_HAND.get(record["image"]):
            record["questions"] = [by_hand, *(q for q in record["questions"] if q["question"] != by_hand["question"])]
    return records


def asked(image: str, questions: list[dict], kernels: dict[str, str]) -> list[tuple[str, list[list[int]]]]:
    """Answers, and the boxes they point at. All of a picture in one conversation; those about a region each in its own."""
    answers = [None] * len(questions)
    regions_of = lambda place: questions[place]["input_regions"]  # noqa: E731
    for regions, places in itertools.groupby(sorted(range(len(questions)), key=regions_of), key=regions_of):
        places = list(places)
        flags = [part for box in regions for part in ("--region", ",".join(map(str, box)))]
        lines = "".join(f"{questions[place]['question']}\n/regions\n" for place in places)
        done = subprocess.run([CRAYON, "chat", HERE / image, "--pipeline", PIPELINE, *flags], input=lines, env=os.environ | kernels,
                              capture_output=True, text=True, check=True)
        found = []
        for line in done.stdout.splitlines():
            if region := re.fullmatch(r"\[\d+\] .* at (\d+),(\d+),(\d+),(\d+)", line):
                found[-1][1].append([int(side) for side in region.groups()])
            else:
                found.append((line, []))
        if len(found) != len(places):
            raise SystemExit(f"{image}: {len(places)} questions, {len(found)} answers")
        for place, answer in zip(places, found):
            answers[place] = answer
    return answers


def overlap(a: list[int], b: list[int]) -> float:
    inner = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return inner / (area(a) + area(b) - inner)


def is_right(answer: str, boxes: list[list[int]], question: dict, least: float) -> bool:
    """Word for word, and every place that is asked for is found, with an overlap above `least`."""
    number = itertools.count(1)
    wanted = re.sub("<at>", lambda _: f"[{next(number)}]", question["answer"])
    return answer == wanted and all(
        max((overlap(box, region["box"]) for box in boxes), default=0) > least for region in question["regions"])


def main():
    runs = [kernels for kernels in KERNELS if not kernels
            or subprocess.run([CRAYON, "models", "list"], env=os.environ | kernels, capture_output=True).returncode == 0]
    counts = collections.defaultdict(lambda: [0, 0])
    with tempfile.TemporaryDirectory() as folder:
        records = drawn(Path(folder) / "questions")
    for record in records:
        questions, right = record["questions"], []
        answers = [asked(record["image"], questions, kernels) for kernels in runs]
        for question, *given in zip(questions, *answers):
            counts[question["family"]][0] += all(is_right(*one, question, RIGHT) for one in given)
            counts[question["family"]][1] += 1
            if all(is_right(*one, question, SURELY_RIGHT) for one in given):
                right.append(question)
        # Of every family some, before more of one.
        order = sorted(right, key=lambda q: [r for r in right if r["family"] == q["family"]].index(q))
        record["questions"] = [question for question in right if question in order[:KEPT]]
    with open(HERE / "questions.jsonl.part", "w") as out:
        for record in records:
            out.write(json.dumps(record, sort_keys=True, ensure_ascii=False) + "\n")
    os.replace(HERE / "questions.jsonl.part", HERE / "questions.jsonl")
    for family, (right, all_asked) in sorted(counts.items()):
        print(f"{family}: {right} of {all_asked}")
    print(f"all: {sum(r for r, _ in counts.values())} of {sum(a for _, a in counts.values())}; "
          f"kept {sum(len(record['questions']) for record in records)}")


if __name__ == "__main__":
    main()
