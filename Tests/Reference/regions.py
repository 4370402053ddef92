"""Makes Tests/Fixtures/Evaluation/regions.json: answers about regions with the scores that they should get.

    pip install -r requirements.txt && python regions.py

captions: CIDEr-D by the paper's formula on vectors over all n-grams, with lengths in pairs of words as COCO's own code
has them, and METEOR of 2005 with exact words. boxes: overlaps by counting the cells of a fine grid. masks: overlaps of
bitmaps. polygons: as pycocotools fills them.
"""

import json
import math
import pathlib
import re

import numpy
from pycocotools import mask as coco

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "Evaluation"

CAPTIONS = [
    ("A red cup on the table.", ["a red cup", "the red cup on a wooden table"]),
    ("man in the blue shirt", ["The man in a blue shirt", "guy on the left", "man, blue shirt"]),
    ("the dog", ["a brown dog lying on the grass"]),
    ("the cat the cat the cat", ["the cat sat on the mat"]),
    ("on the mat the cat sat", ["the cat sat on the mat"]),
    ("", ["a bowl of fruit"]),
    ("A bowl of fruit", ["a bowl of fruit"]),
    ("something else entirely", ["woman with an umbrella"]),
    ("a woman with a red umbrella near a red car", ["woman with a red umbrella near the car"]),
]


def words(text):
    return [w for w in (re.sub(r"^[^\w]+|[^\w]+$", "", w) for w in text.lower().split()) if w]


def grams(tokens, n):
    return [tuple(tokens[i:i + n]) for i in range(len(tokens) - n + 1)]


def cider(captions):
    scores = numpy.zeros(len(captions))
    for n in range(1, 5):
        vocabulary = sorted({g for a, refs in captions for t in [a, *refs] for g in grams(words(t), n)})
        index = {g: i for i, g in enumerate(vocabulary)}

        def vector(text):
            counts = numpy.zeros(len(vocabulary))
            for g in grams(words(text), n):
                counts[index[g]] += 1
            return counts

        frequency = sum((numpy.clip(sum(vector(r) for r in refs), 0, 1) for _, refs in captions))
        rarity = math.log(len(captions)) - numpy.log(numpy.maximum(1, frequency))
        for i, (answer, refs) in enumerate(captions):
            c = vector(answer) * rarity
            for ref in refs:
                r = vector(ref) * rarity
                norm = numpy.linalg.norm(c) * numpy.linalg.norm(r)
                cosine = (numpy.minimum(c, r) * r).sum() / norm if norm else 0
                difference = len(grams(words(answer), 2)) - len(grams(words(ref), 2))
                scores[i] += 10 / 4 / len(refs) * cosine * math.exp(-difference ** 2 / 72)
    return scores.tolist()


def meteor(answer, refs):
    def one(a, r):
        a, r, pairs = list(a), list(r), {}
        total = (len(a), len(r))
        for length in range(min(map(len, (a, r))), 0, -1):
            for i in range(len(a) - length + 1):
                for j in range(len(r) - length + 1):
                    if None not in a[i:i + length] and a[i:i + length] == r[j:j + length]:
                        pairs |= {i + k: j + k for k in range(length)}
                        a[i:i + length] = [None] * length
                        r[j:j + length] = [False] * length
        if not pairs:
            return 0.0
        m = len(pairs)
        chunks = sum(pairs.get(i - 1, -2) + 1 != j for i, j in pairs.items())
        p, q = m / total[0], m / total[1]
        return 10 * p * q / (q + 9 * p) * (1 - 0.5 * (chunks / m) ** 3)

    return max(one(words(answer), words(r)) for r in refs)


def boxes(generator):
    """Corners on whole numbers, so that counting cells is exact."""
    made = []
    for _ in range(40):
        a, b = (sorted(generator.integers(0, 20, 2)) for _ in range(2)), (sorted(generator.integers(0, 20, 2)) for _ in range(2))
        grids = []
        corners = []
        for (x0, x1), (y0, y1) in (tuple(a), tuple(b)):
            grid = numpy.zeros((21, 21), bool)
            grid[y0:y1 + 1, x0:x1 + 1] = True
            grids.append(grid)
            corners.append([int(x0), int(y0), int(x1) + 1, int(y1) + 1])
        made.append(dict(a=corners[0], b=corners[1], iou=float((grids[0] & grids[1]).sum() / (grids[0] | grids[1]).sum())))
    return made


def masks(generator):
    height, width = 12, 17
    pairs, shared, covered, ious = [], 0, 0, []
    for index in range(12):
        truth = generator.random((height, width)) < 0.5
        answer = truth ^ (generator.random((height, width)) < index / 14)
        common, union = int((truth & answer).sum()), int((truth | answer).sum())
        shared, covered = shared + common, covered + union
        ious.append(common / union)
        pairs.append([coco.encode(numpy.asfortranarray(m.astype(numpy.uint8)))["counts"].decode() for m in (truth, answer)])
    return dict(
        size=[height, width], pairs=pairs, cumulative=shared / covered, mean=sum(ious) / len(ious),
        precision=sum(i > 0.5 for i in ious) / len(ious))


def polygons(generator):
    made = []
    for index in range(30):
        width, height = (int(v) for v in generator.integers(5, 60, 2))
        parts = []
        for _ in range(1 + index % 3):
            count = int(generator.integers(3, 9))
            # Some beyond the edges, and some on whole and half pixels.
            points = generator.uniform(-3, 1.1 * max(width, height), 2 * count)
            parts.append((numpy.round(points * 2) / 2 if index % 4 == 0 else numpy.round(points, 2)).tolist())
        whole = coco.merge(coco.frPyObjects(parts, height, width))
        made.append(dict(width=width, height=height, polygons=parts, counts=whole["counts"].decode()))
    return made


def main():
    generator = numpy.random.default_rng(5)
    (FOLDER / "regions.json").write_text(json.dumps(dict(
        captions=[
            dict(answer=a, references=r, cider=c, meteor=meteor(a, r)) for (a, r), c in zip(CAPTIONS, cider(CAPTIONS))],
        boxes=boxes(generator), masks=masks(generator), polygons=polygons(generator))) + "\n")


if __name__ == "__main__":
    main()
