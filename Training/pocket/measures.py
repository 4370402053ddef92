"""What a map and an answer are worth: measures that need the truth and nothing of the product."""

import contextlib
import dataclasses
import io
from collections.abc import Callable, Iterable

import numpy
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


@dataclasses.dataclass(frozen=True)
class Segment:
    category: str
    is_thing: bool
    mask: numpy.ndarray  # bool [H, W]
    score: float | None = None
    is_crowd: bool = False


# Maps


def judged(guesses: list[Segment], truths: list[Segment], void: numpy.ndarray) -> list[bool | None]:
    """Whether each guess is right: of a true segment's category, with which its overlap is above one half. None where it
    lies mostly on void or on a crowd of its category, and so is neither right nor wrong.

    As panoptic quality has it (Kirillov et al., arXiv 1801.00868, section 4): what is void does not count in the union. True
    masks of instances may lie over each other; then the best overlaps come first, and each truth is found once.
    """
    def overlap(guess: Segment, truth: Segment) -> float:
        shared = (guess.mask & truth.mask).sum()
        return shared / max(1, guess.mask.sum() + truth.mask.sum() - shared - (guess.mask & void).sum())

    def excused(guess: Segment) -> bool:
        area = void.copy()
        for truth in truths:
            if truth.is_crowd and truth.category == guess.category:
                area |= truth.mask
        return (guess.mask & area).sum() > guess.mask.sum() / 2

    pairs = [(overlap(guess, truth), g, t) for g, guess in enumerate(guesses) for t, truth in enumerate(truths)
             if guess.category == truth.category and not truth.is_crowd]
    matched = _one_to_one(pairs)
    return [True if g in matched else None if excused(guess) else False for g, guess in enumerate(guesses)]


def _one_to_one(pairs: Iterable[tuple[float, int, int]]) -> dict[int, int]:
    """Of (overlap, left, right) those above one half, the best first; everyone is in one pair at most."""
    matched = {}
    for overlap, left, right in sorted(pairs, reverse=True):
        if overlap > 0.5 and left not in matched and right not in matched.values():
            matched[left] = right
    return matched


def reliability(scored: Iterable[tuple[float | None, bool | None]], bins: int = 10) -> dict:
    """How far scores are probabilities: (score, whether it is right) of segments, by score, and the expected calibration
    error (Guo et al., arXiv 1706.04599), the mean distance of the bins' scores from what is right in them."""
    scored = list(scored)
    counted = [(score, right) for score, right in scored if score is not None and right is not None]
    rows = []
    for place in range(bins):
        # 1 belongs to the last bin.
        inside = [(score, right) for score, right in counted if min(int(score * bins), bins - 1) == place]
        rows.append({
            "from": place / bins, "to": (place + 1) / bins, "segments": len(inside),
            "right": sum(right for _, right in inside),
            "mean_score": sum(score for score, _ in inside) / len(inside) if inside else None})
    off = sum(abs(row["right"] - row["mean_score"] * row["segments"]) for row in rows if row["segments"])
    return {
        "bins": rows, "segments": len(counted), "right": sum(right for _, right in counted),
        "calibration_error": off / len(counted) if counted else None,
        "without_score": sum(score is None for score, _ in scored),
        "neither_right_nor_wrong": sum(right is None and score is not None for score, right in scored)}


# COCO's average precision


def instances(segments: list[Segment], image: int, categories: dict[str, int]) -> list[dict]:
    """The things among them as COCO's annotations, crowds as crowds."""
    entries = []
    for segment in segments:
        if not segment.is_thing or segment.category not in categories:
            continue
        encoded = coco_mask.encode(numpy.asfortranarray(segment.mask.astype(numpy.uint8)))
        entries.append({
            "image_id": image, "category_id": categories[segment.category], "iscrowd": int(segment.is_crowd),
            "segmentation": encoded, "bbox": coco_mask.toBbox(encoded).tolist(), "area": float(coco_mask.area(encoded)),
            "score": segment.score or 0})
    return entries


def average_precision(images: list[dict], categories: list[dict], truth: list[dict], guesses: list[dict],
                      kind: str) -> dict[str, float | None]:
    """pycocotools' figures, 0 to 1; None where there is no truth of that size.

    kind: "bbox" or "segm"
    """
    def indexed(entries: list[dict]) -> COCO:
        coco = COCO()
        coco.dataset = {
            "images": images, "categories": categories,
            "annotations": [{**entry, "id": number} for number, entry in enumerate(entries, 1)]}
        coco.createIndex()
        return coco

    if kind == "bbox":  # A guess is as large as its box then; a truth always as its mask.
        guesses = [{**entry, "area": entry["bbox"][2] * entry["bbox"][3]} for entry in guesses]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(indexed(truth), indexed(guesses), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    names = ("AP", "AP50", "AP75", "APs", "APm", "APl")
    return {name: None if value < 0 else float(value) for name, value in zip(names, evaluation.stats)}


# Answers


@dataclasses.dataclass(frozen=True)
class Answered:
    """A question of crayon synth, and what was answered."""
    picture: str
    family: str
    right: bool  # its words: the same number, yes or no, colour, category
    placed: bool  # its words and all its places; its words alone where the true answer has no place
    value: str | None = None
    category: str | None = None
    is_there: bool = False  # whether the true answer points at something


def share(of: Iterable[Answered], right: Callable[[Answered], bool] = lambda answer: answer.right) -> dict:
    of = list(of)
    count = sum(map(right, of))
    return {"asked": len(of), "right": count, "share": count / len(of) if of else None}


def placed(answer: Answered) -> bool:
    return answer.placed


def where(answers: list[Answered]) -> dict:
    """Right are words and places together; what is not there has no place, and is right by its words."""
    there = [answer for answer in answers if answer.is_there]
    return {"all": share(answers, placed), "words_alone": share(answers), "there": share(there, placed),
            "there_words_alone": share(there),
            "not_there": share((answer for answer in answers if not answer.is_there), placed)}


def existence(answers: list[Answered]) -> dict:
    """Balanced: the mean of what is right where the truth is yes and where it is no, so that always saying one is 0.5."""
    yes, no = (share(answer for answer in answers if answer.value == value) for value in ("yes", "no"))
    balanced = (yes["share"] + no["share"]) / 2 if yes["asked"] and no["asked"] else None
    return {"all": share(answers), "yes": yes, "no": no, "balanced": balanced}


def counts(answers: list[Answered], on_map: Callable[[str, str], int]) -> dict:
    """Counts that are exactly right, beside always saying 1 and beside the map's own number of segments.

    on_map: a picture and a category → how many of it the map has
    """
    def by_map(answer: Answered) -> bool:
        return on_map(answer.picture, answer.category) == int(answer.value)

    def group(chosen: Callable[[int], bool]) -> dict:
        asked = [answer for answer in answers if chosen(int(answer.value))]
        return {**share(asked), "always_1": share(asked, lambda answer: answer.value == "1")["share"],
                "map": share(asked, by_map)["share"]}

    outcomes = [(by_map(answer), answer.right) for answer in answers]
    return {
        "all": group(lambda number: True), "there": group(lambda number: number > 0),
        "2_to_5": group(lambda number: 2 <= number <= 5),
        "by_number": {**{str(n): group(lambda number, n=n: number == n) for n in range(5)},
                      "5+": group(lambda number: number >= 5)},
        # Whose fault it is: words that are wrong on a map that is right, or a map that is wrong.
        "both_right": outcomes.count((True, True)), "words_wrong": outcomes.count((True, False)),
        "map_wrong": outcomes.count((False, False)), "right_by_chance": outcomes.count((False, True))}


def answers_figures(answers: list[Answered], on_map: Callable[[str, str], int]) -> dict:
    """All of them, by family."""
    families = {name: [answer for answer in answers if answer.family == name]
                for name in sorted({answer.family for answer in answers})}
    return {
        "count": counts(families.get("count", []), on_map), "existence": existence(families.get("existence", [])),
        "where": where(families.get("where", [])),
        "families": {name: share(of, placed) for name, of in families.items()},
        "all": share(answers), "all_with_places": share(answers, placed)}
