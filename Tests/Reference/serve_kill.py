"""Kills `crayon serve` (SIGKILL) while it saves edited maps, many times: every map has to stay whole, that of before or
that of after, and what is said of it has to fit it.

    python Tests/Reference/serve_kill.py --crayon .build/release/crayon --kills 200
"""
import argparse
import io
import json
import random
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import httpx
import numpy
from PIL import Image
from serve_support import SAMPLES, Server


def ids(png: bytes) -> numpy.ndarray:
    rgb = numpy.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(numpy.int64)
    return rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]


def check(folder: Path, name: str) -> None:
    """Map, record and dataset say the same."""
    found = ids((folder / "panoptic" / f"{name}.png").read_bytes())
    values, counts = numpy.unique(found[found > 0], return_counts=True)
    measured = dict(zip(values.tolist(), counts.tolist()))
    record = json.loads((folder / ".crayon" / f"{name}.json").read_text())
    assert {s["id"]: s["area"] for s in record["segments_info"]} == measured, f"the record of {name}"
    dataset = json.loads((folder / "panoptic.json").read_text())
    listed = next(a for a in dataset["annotations"] if a["file_name"] == f"{name}.png")
    assert {s["id"]: s["area"] for s in listed["segments_info"]} == measured, f"the dataset's entry of {name}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crayon", default=".build/release/crayon")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    names = ["cups", "mugs", "desk"]
    saves, unfinished = 0, 0
    faults = []  # of saves, which threads would keep to themselves
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "annotations"
        subprocess.run(
            [options.crayon, "annotate", *(str(SAMPLES / f"{n}.png") for n in names), "--panoptic",
             str(SAMPLES / "panoptic"), "--panoptic-json", str(SAMPLES / "panoptic.json"), "--out", str(folder)],
            check=True, capture_output=True)
        for kill in range(options.kills):
            server = Server(options.crayon, "--folder", str(folder))
            # What the last one left has been put right by opening the folder.
            for name in names:
                check(folder, name)
            over = threading.Event()

            def save(name):
                nonlocal saves
                with httpx.Client(base_url=server.address, timeout=60) as client:
                    try:
                        entry = client.get("/folder", params={"name": name}).json()["pictures"][0]["id"]
                        while not over.is_set():
                            stored = client.get(f"/folder/{entry}/map").json()
                            segments = stored["segments_info"]
                            # One pixel more or less, and another category: both have to come together.
                            runs, chosen = stored["runs"], chance.choice(segments)
                            grown = chance.randrange(0, len(runs) // 2 - 1) * 2
                            if runs[grown + 3] > 1:
                                runs[grown + 1] += 1
                                runs[grown + 3] -= 1
                            chosen["category_id"] = chance.choice(
                                [c for c in stored["categories"] if c["isthing"]])["id"]
                            for segment in segments:
                                segment.pop("area"), segment.pop("bbox")
                            reply = client.put(f"/folder/{entry}/map", json={
                                "width": stored["width"], "height": stored["height"], "runs": runs,
                                "segments_info": segments, "categories": stored["categories"],
                                "based_on": stored["version"]})
                            if reply.status_code != 200:
                                faults.append(reply.text)
                                return
                            saves += 1
                    except httpx.TransportError:
                        pass

            threads = [threading.Thread(target=save, args=(name,)) for name in names]
            for thread in threads:
                thread.start()
            over.wait(0.15 + chance.random() * 0.6)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            over.set()
            for thread in threads:
                thread.join()
            assert not faults, faults
            # Before anything puts it right: every map can be read.
            for name in names:
                ids((folder / "panoptic" / f"{name}.png").read_bytes())
            unfinished += len(list((folder / ".crayon").glob("*.edit")))
            if kill % 20 == 19:
                print(f"{kill + 1} kills, {saves} saves, {unfinished} edits found on their way", flush=True)
        again = subprocess.run(
            [options.crayon, "annotate", *(str(SAMPLES / f"{n}.png") for n in names), "--panoptic",
             str(SAMPLES / "panoptic"), "--panoptic-json", str(SAMPLES / "panoptic.json"), "--out", str(folder),
             "--json"], check=True, capture_output=True)
        kept = json.loads(again.stdout)
        assert kept["edited"] == len(names) and kept["failed"] == 0, kept
        for name in names:
            check(folder, name)
    print(f"{options.kills} kills during {saves} saves: every map whole; {unfinished} edits were gone on with")


main()
