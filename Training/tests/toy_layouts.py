"""Random layouts with a few wordings, in the format of `crayon synth`, for the smoke tests: the real ones come from
there.

    python tests/toy_layouts.py --count 100 --seed 1 --out DIR
"""

import argparse
import json
import pathlib
import sys

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from pocket import categories  # noqa: E402
from pocket.records import write_map  # noqa: E402

SIZE = 256


def plural(name):
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("f") and not name.endswith("ff"):
        return name[:-1] + "ves"
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return {"person": "people", "mouse": "mice", "sheep": "sheep", "knife": "knives"}.get(name, name + "s")


def a(name):
    return ("an " if name[0] in "aeiou" else "a ") + name


def joined(parts):
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def layout(rng):
    canvas = numpy.zeros((SIZE, SIZE), numpy.int64)
    names = []
    rows, columns = numpy.mgrid[:SIZE, :SIZE]
    for stuff in rng.choice(categories.STUFF, rng.integers(0, 4), replace=False):
        names.append(str(stuff))
        split = rng.integers(0, 200)
        where = [rows >= split, rows < 256 - split, columns >= split, columns < 256 - split][rng.integers(4)]
        canvas[where] = len(names)
    for thing in rng.choice(categories.THINGS, rng.integers(1, 5), replace=False):
        for _ in range(min(rng.geometric(0.3), 9)):
            names.append(str(thing))
            y, x = rng.uniform(0, SIZE, 2)
            h, w = numpy.exp(rng.uniform(numpy.log(14), numpy.log(70), 2))
            inside = ((rows - y) / h) ** 2 + ((columns - x) / w) ** 2 < 1 if rng.random() < 0.5 else (
                (abs(rows - y) < h) & (abs(columns - x) < w))
            canvas[inside] = len(names)
    order = rng.permutation(len(names)) + 1
    final, segments, numbers = numpy.zeros_like(canvas), [], {}
    for old in numpy.argsort(order):
        inside = canvas == old + 1
        if inside.sum() < 150:
            continue
        final[inside] = order[old]
        ys, xs = numpy.nonzero(inside)
        name = names[old]
        numbers[name] = numbers.get(name, 0) + 1
        segments.append({"id": int(order[old]), "category": name, "number": numbers[name],
                         "box": [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]})
    return final, segments


def questions(rng, segments):
    of = {}
    for segment in segments:
        of.setdefault(segment["category"], []).append(segment)
    out = []

    def ask(family, wordings, answer, regions=(), inputs=()):
        wording = int(rng.integers(len(wordings)))
        out.append({"family": family, "wording": wording, "held_out": False, "question": wordings[wording],
                    "answer": answer, "regions": [{"id": s["id"], "box": s["box"]} for s in regions],
                    "input_regions": list(inputs)})

    present = list(of)
    absent = [str(n) for n in rng.choice(categories.NAMES, 6, replace=False) if n not in of]
    for name in [*rng.permutation(present)[:4], *absent[:1]]:
        word, count = categories.spoken(str(name)), len(of.get(name, []))
        answer = f"There is 1 {word}." if count == 1 else f"There are {count or 'no'} {plural(word)}."
        ask("count", [f"How many {plural(word)} are there?", f"Count the {plural(word)}.",
                      f"What is the number of {plural(word)} in the picture?"], answer)
    for name in [*rng.permutation(present)[:2], *absent[1:3]]:
        word = categories.spoken(str(name))
        ask("existence", [f"Is there {a(word)}?", f"Do you see any {plural(word)}?",
                          f"Does the picture show {a(word)}?"], "Yes." if name in of else "No.")
    for name in rng.permutation(present)[:5]:
        word, found = categories.spoken(str(name)), of[name]
        start = f"The {word} is at" if len(found) == 1 else f"The {plural(word)} are at"
        ask("where", [f"Where is the {word}?", f"Find every {word}.", f"Point to the {plural(word)}."],
            f"{start} {joined(['<at>'] * len(found))}.", found)
    for segment in rng.permutation(numpy.array(segments, object))[:6]:
        word = a(categories.spoken(segment["category"]))
        ask("region", ["What is in [1]?", "What do you see at [1]?", "Name the thing in the region [1]."],
            word[0].upper() + word[1:] + ".", inputs=[segment["box"]])
    if segments:
        parts = [a(categories.spoken(n)) if len(s) == 1 else f"{len(s)} {plural(categories.spoken(n))}"
                 for n, s in of.items()]
        text = joined(parts)
        ask("list", ["What is in the picture?", "List what you see."], text[0].upper() + text[1:] + ".")
    return out


def write(folder: pathlib.Path, count: int, seed: int, pictures: bool = False):
    (folder / "panoptic").mkdir(parents=True, exist_ok=True)
    (folder / "images").mkdir(exist_ok=True)
    with open(folder / "questions.jsonl", "w") as lines:
        for number in range(count):
            rng = numpy.random.default_rng([seed, number])
            canvas, segments = layout(rng)
            name = f"{number:06}.png"
            write_map(canvas, folder / "panoptic" / name)
            if pictures:
                for segment in segments:
                    segment["colour"] = str(rng.choice(["red", "green", "blue", "white"]))
                colours = rng.integers(0, 256, (256, 3))
                Image.fromarray(colours[canvas % 256].astype(numpy.uint8)).save(folder / "images" / name)
            lines.write(json.dumps({
                "id": seed + number, "image": f"images/{name}" if pictures else None, "map": f"panoptic/{name}",
                "width": SIZE, "height": SIZE, "segments": segments, "questions": questions(rng, segments)}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--pictures", action="store_true")
    arguments = parser.parse_args()
    write(arguments.out, arguments.count, arguments.seed, arguments.pictures)
