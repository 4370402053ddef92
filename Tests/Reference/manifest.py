"""Writes Tests/Fixtures/MANIFEST.json: every fixture with its SHA-256 and the script that made it.

    python manifest.py

A test compares the files with it, so that a fixture cannot change unseen.
"""

import hashlib
import json
import pathlib

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures"
SCRIPTS = {
    "1-Imaging": "imaging.py",
    "2-Panoptic/mask2former": "panoptic_mask2former.py",
    "2-Panoptic/stuff-trunk": "panoptic_stuff_trunk.py",
    "2-Panoptic/bottom-up": "../../Training/pocket/reference.py",
    "Resampling": "resampling.py",
    "3-CrayonPrompt": "crayon_prompt.py",
    "4-Vision": "vision.py",
    "7-Grounding": "grounding.py",
    "CoLLaVOPipeline": "collavo_pipeline.py",
    "CoLLaVO": "collavo.py",
    "NExTChat": "nextchat.py",
    "6-Language": "language.py",
    "Quantization": "language.py",
    "Checkpoints": "checkpoints.py",
    "Formats": "formats.py",
    "Frozen": "frozen.py",
    "Evaluation/answers.json": "answers.py",
    "Evaluation/regions.json": "regions.py",
    "Evaluation": "panoptic_quality.py",
    "Tokenizers": "tokenizer_fixtures.py",
    "Pocket": "../../Training/pocket/reference.py",
    # Written by hand while looking at photographs; this asks them.
    "Colours": "../../Training/pocket/people.py",
}


def main():
    entries = {}
    for file in sorted(FIXTURES.rglob("*")):
        name = file.relative_to(FIXTURES).as_posix()
        if not file.is_file() or name == "MANIFEST.json":
            continue
        script = next((s for prefix, s in SCRIPTS.items() if name.startswith(prefix)), None)
        if script is None:
            raise SystemExit(f"{name}: no script is known to make it")
        entries[name] = {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "script": script}
    (FIXTURES / "MANIFEST.json").write_text(json.dumps(entries, indent=1) + "\n")
    print(len(entries), "fixtures")


if __name__ == "__main__":
    main()
