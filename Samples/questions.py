#!/usr/bin/env python3
"""Makes questions.jsonl, what `crayon-lab synth` draws about the samples' maps, and wrong.jsonl, what of that `pocket-scenes`
answers wrongly from the pixels, with some kernels or others.

    python3 questions.py               asks the questions there are, and writes wrong.jsonl; some minutes
    python3 questions.py --draw        draws others first

Needs crayon-lab (on the PATH, or `CRAYON_LAB=…`). No question is left out for its answer.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = os.environ.get("CRAYON_LAB", "crayon-lab")
QUESTIONS, WRONG = HERE / "questions.jsonl", HERE / "wrong.jsonl"
# Sums differ in their last bits between kernels: an answer that hangs on them counts as wrong. What a processor lacks is
# left out.
KERNELS = [{}, {"CRAYON_KERNELS": "avx2", "OPENBLAS_CORETYPE": "Zen"},
           {"CRAYON_KERNELS": "portable", "OPENBLAS_CORETYPE": "Sandybridge"}]
# What the README asks is asked too.
ASKED_BY_HAND = {"cups.png": {
    "answer": "There are 4 cups.", "category": "cup", "family": "count", "held_out": False, "input_regions": [],
    "question": "how many cups", "regions": [], "value": "4", "wording": 3}}


def written(file: Path, lines: list[dict]):
    beside = file.with_suffix(".part")
    beside.write_text("".join(json.dumps(line, sort_keys=True, ensure_ascii=False) + "\n" for line in lines))
    os.replace(beside, file)


def draw():
    """Twelve questions a picture, by a seed that is kept from training, so kept wordings are among them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([LAB, "synth", "--maps", HERE / "panoptic.json", "--maps-dir", HERE / "panoptic", "--questions", "12",
                        "--seed", "1000000", "--out", f"{folder}/questions"], check=True, capture_output=True)
        records = [json.loads(line) for line in open(f"{folder}/questions/questions.jsonl")]
    for record in records:
        name = Path(record["map"]).stem
        record["image"], record["map"] = f"{name}.png", f"panoptic/{name}.png"
        if by_hand := ASKED_BY_HAND.get(record["image"]):
            record["questions"] = [by_hand, *(q for q in record["questions"] if q["question"] != by_hand["question"])]
    written(QUESTIONS, records)


def ask(kernels: dict[str, str]) -> list[dict]:
    """What is answered wrongly."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([LAB, "eval", "vqa", "--data", QUESTIONS, "--pipeline", "pocket-scenes", "--answers",
                        f"{folder}/answers.jsonl"], env=os.environ | kernels, check=True, capture_output=True)
        answers = [json.loads(line) for line in open(f"{folder}/answers.jsonl")]
    return [{"image": Path(answer["image"]).name, "question": answer["question"], "answer": answer["answer"]}
            for answer in answers if not answer["right"]]


def has(kernels: dict[str, str]) -> bool:
    """Whether this processor can run them; a question file that is none is the next thing that would be complained of."""
    done = subprocess.run([LAB, "eval", "vqa", "--data", WRONG.with_suffix(".none")], env=os.environ | kernels, text=True,
                          capture_output=True)
    return "CRAYON_KERNELS" not in done.stderr


def main():
    if "--draw" in sys.argv[1:]:
        draw()
    runs = [kernels for kernels in KERNELS if not kernels or has(kernels)]
    wrong = {(one["image"], one["question"]): one for kernels in reversed(runs) for one in ask(kernels)}
    written(WRONG, [wrong[key] for key in sorted(wrong)])
    asked = sum(len(json.loads(line)["questions"]) for line in open(QUESTIONS))
    print(f"{asked - len(wrong)} of {asked} are answered rightly by {len(runs)} sets of kernels")


if __name__ == "__main__":
    main()
