"""All figures of pictures whose truth is known, in one run: panoptic quality, COCO's average precision, how far scores are
probabilities, answers from the pixels and from the true maps, and the time that maps take.

    python -m pocket.figures --crayon ../.build/release/crayon --truth panoptic.json --truth-dir panoptic --images images \\
        --only held-back.json:panoptic --out figures
    python -m pocket.figures --crayon ../.build/release/crayon --instances instances.json --images images --out figures

The second is for pictures of which the things alone are known: there are no quality and no answers then. Scenes have
questions of their own: --data scenes-eval/questions.jsonl. Maps that are in --out already are kept, if the weights are the
same; answers are asked anew. Writes report.md and report.json beside them, and prints the one or the other.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess

import numpy
from pycocotools.coco import COCO

from . import measures
from .measures import Answered, Segment
from .records import read_map

PARTS = ("maps", "answers", "ceiling")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--crayon", required=True, help="the program")
    add("--truth", type=pathlib.Path, help="true maps: a file in the COCO panoptic format")
    add("--truth-dir", type=pathlib.Path, help="the folder of its PNGs")
    add("--instances", type=pathlib.Path, help="in place of maps: a file in COCO's instance format")
    add("--images", type=pathlib.Path, required=True, help="the folder of the pictures")
    add("--only", metavar="FILE[:KEY]", help="these pictures: a JSON list of ids, or the list of this key")
    add("--limit", type=int, help="at most so many pictures")
    add("--pipeline", default="pocket")
    add("--jobs", type=int, help="pictures that are annotated at once (default: the number of processors)")
    add("--data", type=pathlib.Path, help="questions that were made with the pictures (default: about the true maps)")
    add("--questions", type=int, default=10, help="a picture, about the true maps; all wordings")
    add("--seed", type=int, default=1_000_000, help="of the questions")
    add("--parts", nargs="+", choices=PARTS, default=PARTS,
        help="maps: quality, precision, scores, time; answers: from the pixels; ceiling: from the true maps")
    add("--out", type=pathlib.Path, required=True, help="a folder, for one choice of pictures")
    add("--json", action="store_true", help="print JSON in place of tables")
    options = parser.parse_args()
    if (options.truth is None) == (options.instances is None):
        parser.error("one of --truth and --instances")
    if options.truth and not options.truth_dir:
        parser.error("--truth wants --truth-dir")
    return options


# The pictures


def ids_of(only: str) -> set[int]:
    """`ids.json`, or `held-back.json:panoptic` for a list within an object."""
    name, _, key = only.partition(":")
    ids = json.loads(pathlib.Path(name).read_text())
    return set(ids[key] if key else ids)


def chosen(dataset: dict, only: str | None, limit: int | None) -> dict:
    """The dataset with these pictures alone."""
    images = dataset["images"]
    if only:
        ids = ids_of(only)
        images = [image for image in images if image["id"] in ids]
        if missing := ids - {image["id"] for image in images}:
            raise SystemExit(f"{only}: no such pictures: {sorted(missing)[:5]}")
    images = images[:limit]
    ids = {image["id"] for image in images}
    return {**dataset, "images": images,
            "annotations": [entry for entry in dataset["annotations"] if entry["image_id"] in ids]}


def stem(entry: dict) -> str:
    return pathlib.Path(entry["file_name"]).stem


class Folder:
    """What is written: links to the chosen pictures and true maps, so that crayon sees no others, and the results."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.path = options.out
        source = options.truth or options.instances
        self.dataset = chosen(json.loads(source.read_text()), options.only, options.limit)
        shutil.rmtree(self.path / "pictures", ignore_errors=True)
        (self.path / "pictures").mkdir(parents=True)
        for image in self.dataset["images"]:
            name = pathlib.Path(image["file_name"]).name
            (self.path / "pictures" / name).symlink_to((options.images / image["file_name"]).resolve())
        if options.truth:
            (self.path / "truth").mkdir(exist_ok=True)
            (self.path / "truth/panoptic.json").write_text(json.dumps(self.dataset))
            (self.path / "truth/panoptic").unlink(missing_ok=True)
            (self.path / "truth/panoptic").symlink_to(options.truth_dir.resolve())

    def crayon(self, *words) -> str:
        """What it prints; its messages go where ours go."""
        words = [self.options.crayon, *map(str, words)]
        run = subprocess.run(words, stdout=subprocess.PIPE, text=True)
        if run.returncode:
            raise SystemExit(f"exit status {run.returncode}: {' '.join(words)}")
        return run.stdout


# Maps


def annotate(folder: Folder) -> dict:
    """Makes the maps, or keeps them; how long it took, the last time that all were made."""
    load = os.getloadavg()[0]
    jobs = folder.options.jobs or len(os.sched_getaffinity(0))
    summary = json.loads(folder.crayon(
        "annotate", folder.path / "pictures", "--out", folder.path / "maps", "--pipeline", folder.options.pipeline,
        "--jobs", jobs, "--json"))
    file = folder.path / "time.json"
    if summary["kept"] and file.exists():
        return json.loads(file.read_text())
    sizes = [(image["width"], image["height"]) for image in folder.dataset["images"]]
    time = {
        "pictures": summary["annotated"], "seconds": summary["seconds"],
        "pictures_per_second": summary["annotated"] / summary["seconds"] if summary["annotated"] else None,
        "jobs": jobs, "processors": len(os.sched_getaffinity(0)), "load_before": load,
        "mean_pixels": sum(width * height for width, height in sizes) / len(sizes), "pipeline": folder.options.pipeline}
    file.write_text(json.dumps(time))
    return time


def maps_made(folder: Folder) -> tuple[dict[str, dict], dict[int, dict]]:
    """By the pictures' stems what is annotated, and the categories."""
    dataset = json.loads((folder.path / "maps/panoptic.json").read_text())
    return {stem(entry): entry for entry in dataset["annotations"]}, {c["id"]: c for c in dataset["categories"]}


def segments(entry: dict, ids: numpy.ndarray, categories: dict[int, dict]) -> list[Segment]:
    return [Segment(categories[info["category_id"]]["name"], bool(categories[info["category_id"]]["isthing"]),
                    ids == info["id"], info.get("score"), bool(info.get("iscrowd"))) for info in entry["segments_info"]]


class Truth:
    """True segments of a picture, from maps or from instances."""

    def __init__(self, folder: Folder):
        self.dataset = folder.dataset
        self.categories = {c["id"]: c for c in self.dataset["categories"]}
        self.has_stuff = folder.options.truth is not None
        self.maps = folder.path / "truth/panoptic"
        if self.has_stuff:
            self.entries = {entry["image_id"]: entry for entry in self.dataset["annotations"]}
        else:
            self.coco = COCO()
            self.coco.dataset = self.dataset
            self.coco.imgs = {image["id"]: image for image in self.dataset["images"]}
        self.things = [c for c in self.dataset["categories"] if not self.has_stuff or c["isthing"]]
        self.thing_ids = {c["name"]: c["id"] for c in self.things}

    def of(self, image: dict) -> tuple[list[Segment], numpy.ndarray, list[dict]]:
        """Segments, void (where nothing is known), and the things as COCO's annotations."""
        if self.has_stuff:
            entry = self.entries[image["id"]]
            ids = read_map(self.maps / entry["file_name"])
            found = segments(entry, ids, self.categories)
            return found, ids == 0, measures.instances(found, image["id"], self.thing_ids)
        entries = [entry for entry in self.dataset["annotations"] if entry["image_id"] == image["id"]]
        found = [Segment(self.categories[entry["category_id"]]["name"], True, self.coco.annToMask(entry).astype(bool),
                         is_crowd=bool(entry["iscrowd"])) for entry in entries]
        return found, numpy.zeros((image["height"], image["width"]), bool), entries


def maps_figures(folder: Folder) -> dict:
    time = annotate(folder)
    made, categories = maps_made(folder)
    truth = Truth(folder)
    instances = {"truth": [], "guesses": []}
    scored = {"things": [], "stuff": []}
    for image in folder.dataset["images"]:
        true, void, entries = truth.of(image)
        entry = made[stem(image)]
        ids = read_map(folder.path / "maps/panoptic" / entry["file_name"])
        if ids.shape != void.shape:
            raise SystemExit(f"{image['file_name']}: the map is of {ids.shape}, the truth of {void.shape}")
        guesses = segments(entry, ids, categories)
        if not truth.has_stuff:
            guesses = [guess for guess in guesses if guess.is_thing]
        instances["truth"] += entries
        instances["guesses"] += measures.instances(guesses, image["id"], truth.thing_ids)
        for guess, right in zip(guesses, measures.judged(guesses, true, void)):
            scored["things" if guess.is_thing else "stuff"].append((guess.score, right))
    figures = {
        "pictures": len(folder.dataset["images"]), "time": time,
        "average_precision": {name: measures.average_precision(
            folder.dataset["images"], truth.things, instances["truth"], instances["guesses"], kind)
            for name, kind in (("box", "bbox"), ("mask", "segm"))},
        "reliability": {name: measures.reliability(found) for name, found in scored.items() if found}}
    if truth.has_stuff:
        figures["panoptic_quality"] = json.loads(folder.crayon(
            "eval", "panoptic", "--ground-truth", folder.path / "truth/panoptic.json", "--ground-truth-dir", truth.maps,
            "--predictions", folder.path / "maps/panoptic.json", "--predictions-dir", folder.path / "maps/panoptic",
            "--json"))
    return figures


# Answers


def write_questions(folder: Folder) -> pathlib.Path:
    """Asks about all true maps and keeps the chosen pictures', so that a picture has the same questions in any choice."""
    options = folder.options
    source = options.data
    if source is None:
        asked = folder.path / "asked"
        shutil.rmtree(asked, ignore_errors=True)
        folder.crayon("synth", "--maps", options.truth, "--maps-dir", options.truth_dir, "--questions", options.questions,
                      "--seed", options.seed, "--out", asked, "--json")
        source = asked / "questions.jsonl"
    names = {stem(image): pathlib.Path(image["file_name"]).name for image in folder.dataset["images"]}
    file = folder.path / "questions.jsonl"
    with open(source) as lines, open(file, "w") as out:
        for record in map(json.loads, lines):
            name = names.get(pathlib.Path(record["image"]).stem)
            if name:
                out.write(json.dumps({**record, "image": f"pictures/{name}"}, ensure_ascii=False) + "\n")
    return file


def answered(questions: pathlib.Path, answers: pathlib.Path) -> list[Answered]:
    """Questions and answers go in the same order."""
    said = [json.loads(line) for line in answers.read_text().splitlines()]
    asked = [(record["image"], question) for record in map(json.loads, questions.read_text().splitlines())
             for question in record["questions"]]
    if [question["question"] for _, question in asked] != [answer["question"] for answer in said]:
        raise SystemExit(f"{answers} are not the answers to {questions}")
    return [Answered(
        pathlib.Path(picture).stem, question["family"],
        # Where the true answer has no place, the log has one judgement.
        right=answer["right"] if answer.get("words_right") is None else answer["words_right"], placed=answer["right"],
        value=question.get("value"), category=question.get("category"), is_there=bool(question["regions"]))
        for (picture, question), answer in zip(asked, said)]


def answers_figures(folder: Folder, questions: pathlib.Path, from_truth: bool) -> dict:
    if not from_truth:
        annotate(folder)  # for what the map has of that which is counted
    answers = folder.path / ("answers-true-maps.jsonl" if from_truth else "answers.jsonl")
    answers.unlink(missing_ok=True)
    folder.crayon("eval", "vqa", "--data", questions, "--pipeline", folder.options.pipeline, "--answers", answers, "--json",
                  *(("--panoptic-dir", folder.path / "truth/panoptic") if from_truth else ()))
    if from_truth:
        made = {pathlib.Path(entry["file_name"]).stem: entry for entry in folder.dataset["annotations"]}
        categories = {c["id"]: c for c in folder.dataset["categories"]}
    else:
        made, categories = maps_made(folder)

    def on_map(picture: str, category: str) -> int:
        return sum(categories[info["category_id"]]["name"] == category for info in made[picture]["segments_info"])

    return measures.answers_figures(answered(questions, answers), on_map)


# The report


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def table(header: list[str], rows: list[list]) -> list[str]:
    line = "|---|" + "--:|" * (len(header) - 1)
    return ["| " + " | ".join(map(str, row)) + " |" for row in [header]] + [line] + [
        "| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def quality_report(quality: dict) -> list[str]:
    rows = [[name, *(percent(quality[name][key]) for key in ("pq", "sq", "rq")), quality[name]["classes"]]
            for name in ("all", "things", "stuff")]
    lines = ["## Panoptic quality", "", *table(["", "PQ", "SQ", "RQ", "classes"], rows)]

    def in_truth(entry):
        return entry["truePositives"] + entry["falseNegatives"]

    classes = [entry for entry in quality["classes"] if in_truth(entry)]
    # A class of one or two segments is best or worst by chance.
    some = [entry for entry in classes if in_truth(entry) >= 3]
    best = sorted(some, key=lambda entry: (-entry["pq"], -in_truth(entry)))[:8]
    worst = sorted(some, key=lambda entry: (entry["pq"], -in_truth(entry)))[:8]
    frequent = sorted(classes, key=lambda entry: -in_truth(entry))
    rows = [[entry["name"], percent(entry["pq"]), in_truth(entry), entry["truePositives"], entry["falsePositives"]]
            for entry in frequent[:12]]
    lines += table(["most frequent", "PQ", "in truth", "found", "found wrongly"], rows)
    for name, entries in ("Best", best), ("Worst", worst):
        lines += [f"{name} of {len(some)} classes with three segments or more: " + ", ".join(
            f"{entry['name']} {percent(entry['pq'])} ({in_truth(entry)})" for entry in entries), ""]
    without = sum(entry["truePositives"] == 0 for entry in classes)
    return lines + [f"{without} of the {len(classes)} classes in truth are never found.", ""]


def reliability_report(reliability: dict) -> list[str]:
    lines = ["## How far scores are probabilities", ""]
    for name, found in reliability.items():
        rows = [[f"{row['from']:.1f}–{row['to']:.1f}", row["segments"], row["right"],
                 percent(row["mean_score"]), percent(row["right"] / row["segments"])]
                for row in found["bins"] if row["segments"]]
        lines += table([f"{name}: score", "segments", "right", "mean score, %", "right, %"], rows) if rows else []
        lines += [f"{name}: {found['segments']} segments, {found['right']} right; expected calibration error "
                  f"{percent(found['calibration_error'])}; {found['without_score']} without a score; "
                  f"{found['neither_right_nor_wrong']} on void or a crowd, not counted", ""]
    return lines


def maps_report(figures: dict) -> list[str]:
    time = figures["time"]
    lines = quality_report(figures["panoptic_quality"]) if "panoptic_quality" in figures else []
    rows = [[name, *map(percent, found.values())] for name, found in figures["average_precision"].items()]
    lines += ["## Things, as COCO has it", "", *table(["", "AP", "AP50", "AP75", "small", "medium", "large"], rows)]
    lines += reliability_report(figures["reliability"])
    if time["pictures_per_second"]:
        lines += ["## Time", "", f"{time['pictures_per_second']:.1f} pictures a second ({time['pictures']} of "
                  f"{time['mean_pixels'] / 1e3:.0f} thousand pixels in the mean, {time['jobs']} at once, {time['processors']} "
                  f"processors, load before {time['load_before']:.1f}, pipeline {time['pipeline']})", ""]
    return lines


def answers_rows(figures: dict) -> list[tuple[str, dict | None, float | None]]:
    """What is asked, what is right of it, and what always saying the same would have right."""
    count, existence, where = figures["count"], figures["existence"], figures["where"]
    balanced = {"share": existence["balanced"], "asked": existence["all"]["asked"]}
    rows = [
        ("counts exactly right", count["all"], count["all"]["always_1"]),
        ("counts of what is there", count["there"], count["there"]["always_1"]),
        ("counts of 2 to 5", count["2_to_5"], count["2_to_5"]["always_1"]),
        ("existence, balanced", balanced, 0.5),
        ("existence where it is there", existence["yes"], None),
        ("existence where it is not", existence["no"], None),
        ("where: words and overlap", where["all"], None),
        ("where, of what is there: words and overlap", where["there"], None),
        ("where, of what is there: words alone", where["there_words_alone"], None),
        ("where, of what is not there", where["not_there"], None)]
    names = {"region": "what is here"}
    rows += [(names.get(name, name), found, None) for name, found in figures["families"].items()
             if name not in ("count", "existence", "where")]
    return rows + [("all, by words", figures["all"], None), ("all, places too", figures["all_with_places"], None)]


def answers_report(pixels: dict | None, truth: dict | None) -> list[str]:
    some = pixels or truth
    rows = []
    for place, (name, found, baseline) in enumerate(answers_rows(some)):
        if found["asked"]:
            both = [percent(answers_rows(figures)[place][1]["share"]) if figures else "–" for figures in (pixels, truth)]
            rows.append([name, found["asked"], *both, "" if baseline is None else percent(baseline)])
    lines = ["## Answers", "", *table(
        ["", "asked", "from pixels, %", "from true maps, %", "always “1” (yes), %"], rows)]
    groups = {"all": some["count"]["all"], **some["count"]["by_number"]}
    rows = []
    for name, group in groups.items():
        if group["asked"]:
            of = [(figures and (figures["count"]["all"] if name == "all" else figures["count"]["by_number"][name]))
                  for figures in (pixels, truth)]
            rows.append([name, group["asked"], percent(of[0] and of[0]["share"]), percent(of[0] and of[0]["map"]),
                         percent(of[1] and of[1]["share"]), percent(group["always_1"])])
    lines += table(["counts: true number", "asked", "from pixels, %", "the map has it, %", "from true maps, %",
                    "always “1”, %"], rows)
    if pixels:
        count = pixels["count"]
        lines += [f"Counts from pixels: map and words right {count['both_right']}; the map right and the words wrong "
                  f"{count['words_wrong']}; the map wrong and so the words {count['map_wrong']}; the map wrong and the words "
                  f"right {count['right_by_chance']}.", ""]
    return lines


def report(figures: dict) -> str:
    lines = []
    if "maps" in figures:
        lines += maps_report(figures["maps"])
    if "answers" in figures or "ceiling" in figures:
        lines += answers_report(figures.get("answers"), figures.get("ceiling"))
    return "\n".join([f"# Figures of {figures['pictures']} pictures", "", *lines])


def main():
    options = arguments()
    folder = Folder(options)
    figures = {"pictures": len(folder.dataset["images"])}
    if "maps" in options.parts:
        figures["maps"] = maps_figures(folder)
    if options.truth and {"answers", "ceiling"} & set(options.parts):
        questions = write_questions(folder)
        if "answers" in options.parts:
            figures["answers"] = answers_figures(folder, questions, from_truth=False)
        if "ceiling" in options.parts:
            figures["ceiling"] = answers_figures(folder, questions, from_truth=True)
    (folder.path / "report.json").write_text(json.dumps(figures, indent=2) + "\n")
    (folder.path / "report.md").write_text(report(figures))
    print(json.dumps(figures, indent=2) if options.json else report(figures))


if __name__ == "__main__":
    main()
