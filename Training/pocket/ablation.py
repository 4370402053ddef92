"""What the crayon and the adapters are worth: asks a pipeline the same questions with parts of it left out, and writes
the scores as a table.

    python -m pocket.ablation --crayon ../.build/release/crayon --data data/scenes-eval --pictures 60 \\
        --out ../Pipelines/pocket/ABLATION.md

The true maps are given, so that the language model is judged and not the segmenter. The listing, from which words
alone could answer, is off as well as on. A second table compares pipelines that were trained for it:

    … --trained "Dual QLoRA" dual.yaml --trained "one adapter for all" one.yaml --steps 400
"""

import argparse
import json
import pathlib
import subprocess

FAMILIES = ["count", "existence", "compare", "colour", "relation", "where", "region", "list"]

SETTINGS = [
    ("no crayon", ["--crayon", "off"]),
    ("semantic only, listing off", ["--crayon", "semantic", "--listing", "none"]),
    ("semantic + numbering, listing off", ["--listing", "none"]),
    ("semantic only, listing on", ["--crayon", "semantic"]),
    ("semantic + numbering, listing on", []),
    ("the same, adapters: none", ["--adapters", "none"]),
    ("the same, adapters: image alone", ["--adapters", "image"]),
    ("the same, adapters: vl alone", ["--adapters", "vl"]),
]


def scores(options: argparse.Namespace, pipeline: str, flags: list[str]) -> dict[str, tuple[float, int]]:
    """Exactly right, in percent, and how many were asked, by family and for all."""
    run = subprocess.run(
        [options.crayon, "eval", "vqa", "--pipeline", pipeline, "--data", options.data / "questions.jsonl",
         "--panoptic-dir", options.data / "panoptic", "--pictures", str(options.pictures), "--json", *flags],
        capture_output=True, text=True, check=True)
    report = json.loads(run.stdout)
    parts = {name: family["all"] for name, family in report["families"].items()} | {"all": report["all"]}
    return {name: (100 * part["exact_match"], part["asked"]) for name, part in parts.items() if part["asked"]}


def table(options: argparse.Namespace, settings: list[tuple[str, str, list[str]]]) -> list[str]:
    """The lines of a table, a row for each (name, pipeline, flags)."""
    rows = []
    for name, pipeline, flags in settings:
        rows.append((name, scores(options, pipeline, flags)))
        print(name, rows[-1][1], flush=True)
    columns = [family for family in FAMILIES if family in rows[0][1]] + ["all"]
    return [
        "| | " + " | ".join(f"{name} ({rows[0][1][name][1]})" for name in columns) + " |",
        "|---|" + "--:|" * len(columns),
        *(f"| {name} | " + " | ".join(f"{found[column][0]:.0f}" for column in columns) + " |" for name, found in rows)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--crayon", required=True, help="the program")
    add("--data", type=pathlib.Path, required=True, help="scenes for evaluation")
    add("--pipeline", default="pocket")
    add("--pictures", type=int, default=60)
    add("--trained", nargs=2, action="append", default=[], metavar=("NAME", "PIPELINE"),
        help="adapters that began anew, all with as many steps")
    add("--steps", type=int, help="how many that was")
    add("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    if options.trained and not options.steps:
        parser.error("--trained wants --steps")
    lines = [
        "# What the crayon and the adapters are worth", "",
        f"Exactly right, in percent, from the true maps of the first {options.pictures} evaluation scenes; in brackets",
        "how many were asked. Made by `python -m pocket.ablation` ([Training](../../Training/README.md)).", "",
        *table(options, [(name, options.pipeline, flags) for name, flags in SETTINGS])]
    if options.trained:
        lines += [
            "", "## One adapter, or two", "",
            f"Adapters that began anew beside all else of a trained pipeline: the same {options.steps} steps, questions and",
            "rate for all. Two adapters hold twice the numbers, and each learns from its own kind of step alone.", "",
            *table(options, [
                (f"{name}, listing {'off' if flags else 'on'}", pipeline, flags)
                for flags in (["--listing", "none"], []) for name, pipeline in options.trained])]
    options.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
