"""Kills the program (SIGKILL) at random moments while it annotates, evaluates, exports and fetches models, and lets it go on:
what comes out in the end has to be, byte for byte, what a run that nobody killed gives, and what lies there in between has to
be whole.

    python Tests/Reference/kills.py --crayon .build/release/crayon --kills 250 [--only annotate …] [--seed 1]

`--kills` is for each of the four; the pictures are those of Samples.
"""
import argparse
import hashlib
import http.server
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "Samples"


class Killer:
    """Runs a command again and again; each run but the last is killed."""

    def __init__(self, chance: random.Random, environment: dict[str, str] | None = None):
        self.chance, self.environment = chance, {**os.environ, **(environment or {})}
        self.kills = self.rounds = 0

    def whole(self, *command) -> float:
        """How long a run takes that nobody kills."""
        start = time.monotonic()
        run = subprocess.run([*map(str, command)], capture_output=True, text=True, env=self.environment)
        assert run.returncode == 0, f"{command}: {run.returncode}\n{run.stderr}"
        return time.monotonic() - start

    def killed(self, within: float, *command) -> bool:
        """Whether the kill came before the end; a run that ends has to end well."""
        process = subprocess.Popen(
            [*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=self.environment)
        try:
            _, errors = process.communicate(timeout=self.chance.uniform(0.02, within))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            self.kills += 1
            return True
        assert process.returncode == 0, f"{command}: {process.returncode}\n{errors}"
        return False


def contents(folder: Path) -> dict[str, str]:
    """Digests of all files below a folder."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*")) if file.is_file()}


def check_whole(folder: Path):
    """Every picture and JSON file that has its final name can be read to its end."""
    for file in folder.rglob("*"):
        if file.name.startswith(".") or not file.is_file():
            continue
        if file.suffix == ".png":
            Image.open(file).load()
        elif file.suffix == ".json":
            json.loads(file.read_bytes())


def pictures(place: Path, copies: int) -> Path:
    folder = place / "pictures"
    folder.mkdir()
    for copy in range(copies):
        for picture in SAMPLES.glob("*.png"):
            shutil.copy(picture, folder / f"{copy}-{picture.name}")
    return folder


def annotate(options, chance, place: Path) -> str:
    source = pictures(place, 3)
    killer = Killer(chance)
    command = (options.crayon, "annotate", source, "--pipeline", "pocket-scenes", "--overlay", "--out")
    seconds = killer.whole(*command, place / "expected")
    expected = contents(place / "expected")
    while killer.kills < options.kills:
        out = place / "out"
        while killer.killed(1.2 * seconds, *command, out):
            check_whole(out)
        # The last run found nothing to do, or did the rest.
        killer.whole(*command, out)
        assert contents(out) == expected, sorted(set(contents(out).items()) ^ set(expected.items()))
        killer.rounds += 1
        shutil.rmtree(out)
    return f"{killer.kills} kills in {killer.rounds} datasets of {len(list(source.iterdir()))} pictures"


def evaluate(options, chance, place: Path) -> str:
    data = place / "data"
    killer = Killer(chance)
    killer.whole(options.crayon, "synth", "--count", 4, "--questions", 8, "--seed", 1_000_000, "--size", "128x128", "--out", data)
    command = (options.crayon, "eval", "vqa", "--data", data / "questions.jsonl", "--pipeline", "pocket-scenes", "--answers")
    seconds = killer.whole(*command, place / "expected.jsonl")
    expected = (place / "expected.jsonl").read_text()
    while killer.kills < options.kills:
        answers = place / "answers.jsonl"
        while killer.killed(1.2 * seconds, *command, answers):
            # A line may be on its way; those before it are whole.
            for line in answers.read_text().splitlines()[:-1] if answers.exists() else []:
                json.loads(line)
        killer.whole(*command, answers)
        assert answers.read_text() == expected
        killer.rounds += 1
        answers.unlink()
    return f"{killer.kills} kills in {killer.rounds} evaluations of {len(expected.splitlines())} questions"


def export(options, chance, place: Path) -> str:
    source = pictures(place, 2)
    killer = Killer(chance)
    annotated = place / "annotated"
    killer.whole(options.crayon, "annotate", source, "--pipeline", "pocket-scenes", "--out", annotated)
    formats = ["coco-instances", "yolo-seg", "labelme", "cvat", "masks"]
    seconds, expected = {}, {}
    for name in formats:
        seconds[name] = killer.whole(options.crayon, "export", annotated, "--to", name, "--out", place / f"expected-{name}")
        expected[name] = contents(place / f"expected-{name}")
    while killer.kills < options.kills:
        name = formats[killer.rounds % len(formats)]
        # Formats that say where the pictures lie say it from their own place: it has to be as deep.
        out = place / f"exported-{name}"
        command = (options.crayon, "export", annotated, "--to", name, "--out", out)
        while not out.exists() and killer.killed(1.2 * seconds[name], *command):
            # All of it or nothing.
            assert not out.exists() or contents(out) == expected[name]
        assert contents(out) == expected[name], name
        killer.rounds += 1
        shutil.rmtree(out)
    left = [each.name for each in place.iterdir() if each.name not in {
        "pictures", "annotated", *(f"expected-{name}" for name in formats)}]
    return f"{killer.kills} kills in {killer.rounds} exports; left beside them: {left or 'nothing'}"


class Hub(http.server.BaseHTTPRequestHandler):
    """One repository, as the hub serves it, slowly enough to be cut."""

    files: dict[str, bytes] = {}
    commit = "c0ffee00" * 5
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.split("/")[-1]
        if self.path.startswith("/api/"):
            listing = {"id": "owner/model", "sha": self.commit, "siblings": [
                {"rfilename": name, "size": len(data), "blobId": "0" * 40,
                 "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 135}}
                for name, data in self.files.items()]}
            return self.answer(200, json.dumps(listing).encode())
        data = self.files.get(name)
        if data is None:
            return self.answer(404, b"", [("x-error-code", "EntryNotFound")])
        asked = self.headers.get("range")
        if not asked:
            return self.answer(200, data)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        first, last = int(first), min(int(last or len(data) - 1), len(data) - 1)
        if first > last:
            return self.answer(416, b"")
        self.answer(206, data[first:last + 1], [("content-range", f"bytes {first}-{last}/{len(data)}")])

    def answer(self, status: int, data: bytes, headers=()):
        try:
            self.send_response(status)
            for name, value in [("content-length", str(len(data))), *headers]:
                self.send_header(name, value)
            self.end_headers()
            for start in range(0, len(data), 1 << 16):
                self.wfile.write(data[start:start + (1 << 16)])
                time.sleep(0.004)
        except OSError:
            self.close_connection = True  # whoever asked is gone

    def log_message(self, *_):
        pass


class HubServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Whoever asked has been killed."""


def pull(options, chance, place: Path) -> str:
    Hub.files = {f"part-{number}.bin": chance.randbytes(1 << 20) for number in range(6)}
    server = HubServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    killer = Killer(chance, {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}", "HF_TOKEN": "", "HF_HOME": str(place / "hub"),
        "CRAYON_MODELS": str(place / "models"), "XDG_CACHE_HOME": str(place / "cache")})
    command = (options.crayon, "models", "pull", "owner/model", "--all", "--unchecked")
    seconds = killer.whole(*command)

    def fetched() -> dict[str, bytes]:
        """Files that have their names."""
        return {file.name: file.read_bytes() for file in (place / "models").rglob("part-?.bin")}

    assert fetched() == Hub.files
    while killer.kills < options.kills:
        shutil.rmtree(place / "models")
        while killer.killed(1.2 * seconds, *command):
            for name, data in fetched().items():
                assert data == Hub.files[name], name
        killer.whole(*command)
        assert fetched() == Hub.files
        killer.rounds += 1
    server.shutdown()
    return f"{killer.kills} kills in {killer.rounds} models of 6 files"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {part.__name__: part for part in (annotate, evaluate, export, pull)}
    parser.add_argument("--crayon", default=".build/release/crayon")
    parser.add_argument("--kills", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=parts, default=[*parts])
    options = parser.parse_args()
    options.crayon = Path(options.crayon).resolve()
    for name in options.only:
        with tempfile.TemporaryDirectory() as place:
            print(f"{name}: {parts[name](options, random.Random(options.seed), Path(place))}", flush=True)


main()
