"""Questions that a person wrote down while looking at photographs, answered and judged by what must be in the answer.

    python -m pocket.people --crayon ../.build/release/crayon --questions people.jsonl \\
        --photographs COCO --out people [--from-pixels]

`--photographs`: images, panoptic and panoptic.json in the COCO panoptic format; without `--from-pixels` the true maps are given.
Each line has `image_id`, `question` and `right`: regular expressions, of which one must be found in the answer.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess

from .decided_photographs import ids_without


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--crayon", required=True, help="the program")
    add("--questions", type=pathlib.Path, required=True)
    add("--photographs", type=pathlib.Path, required=True)
    add("--pipeline", default="pocket")
    add("--from-pixels", action="store_true", help="without the true maps")
    add("--held-back", metavar="FILE:KEY", help="photographs that nothing was trained on, for a figure of these alone")
    add("--adapters", choices=["both", "image", "vl", "none"], default="both")
    add("--out", type=pathlib.Path, required=True, help="a folder")
    return parser.parse_args()


def is_right(answer: str, patterns: list[str]) -> bool:
    return any(re.search(pattern, answer, re.IGNORECASE) for pattern in patterns)


def records(questions: list[dict], photographs: pathlib.Path, out: pathlib.Path) -> pathlib.Path:
    """The questions as `crayon eval vqa` reads them; their answers there are not asked for."""
    dataset = json.loads((photographs / "panoptic.json").read_text())
    images = {image["id"]: image for image in dataset["images"]}
    by_image = collections.defaultdict(list)
    for question in questions:
        by_image[question["image_id"]].append(question["question"])
    link = out / "images"
    if not link.exists():
        link.symlink_to((photographs / "images").resolve())
    file = out / "questions.jsonl"
    with open(file, "w") as lines:
        for number, (image_id, asked) in enumerate(sorted(by_image.items())):
            image = images[image_id]
            name = pathlib.Path(image["file_name"])
            lines.write(json.dumps({
                "id": number, "image": f"images/{name.name}", "map": f"{name.stem}.png", "width": image["width"],
                "height": image["height"], "segments": [],
                "questions": [{"family": "unrelated", "wording": 1, "held_out": False, "question": text, "answer": "-",
                               "value": None, "category": None, "polling": None, "regions": [], "input_regions": []}
                              for text in asked]}) + "\n")
    return file


def main():
    options = arguments()
    questions = sorted(map(json.loads, options.questions.read_text().splitlines()), key=lambda entry: entry["image_id"])
    options.out.mkdir(parents=True, exist_ok=True)
    answers = options.out / "answers.jsonl"
    answers.unlink(missing_ok=True)
    maps = [] if options.from_pixels else ["--panoptic-dir", options.photographs / "panoptic"]
    subprocess.run(
        [options.crayon, "eval", "vqa", "--data", records(questions, options.photographs, options.out), "--pipeline",
         options.pipeline, "--adapters", options.adapters, "--answers", answers, "--json", *maps],
        check=True, stdout=subprocess.DEVNULL)
    said = [json.loads(line)["answer"] for line in answers.read_text().splitlines()]
    good = [is_right(answer, question["right"]) for question, answer in zip(questions, said, strict=True)]
    for question, answer, is_good in zip(questions, said, good):
        print("right" if is_good else "WRONG", question["image_id"], question["question"], "→", answer, sep="  ")
    print(f"{sum(good)} of {len(questions)}")
    if options.held_back:
        held = ids_without(options.held_back)
        of_held = [is_good for question, is_good in zip(questions, good) if question["image_id"] in held]
        print(f"{sum(of_held)} of {len(of_held)} on photographs that are held back")


if __name__ == "__main__":
    main()
