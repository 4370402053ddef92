"""Draws Tests/Fixtures/Frozen: scenes of evaluation seeds with their maps, and questions of all families. Frozen, because a
figure that is to be held needs the same questions always: draw them anew only with a reason, and find the floors of
Lab/Tests/AnswersTests/FrozenQuestionsTests.swift again then.

    python frozen.py --crayon ../../.build/release/crayon
"""

import argparse
import pathlib
import shutil
import subprocess

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "Frozen"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crayon", required=True)
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([options.crayon, "synth", "--count", "24", "--size", "160x160", "--questions", "14", "--seed", "1000100",
                    "--out", FOLDER], check=True)


if __name__ == "__main__":
    main()
