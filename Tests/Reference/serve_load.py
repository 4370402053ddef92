"""Many clients at once, a third of them cut off midway, beside the same questions asked one by one.

    python Tests/Reference/serve_load.py --crayon .build/release/crayon --clients 32 --seconds 120
"""
import argparse
import io
import json
import random
import statistics
import threading
import time

import httpx
from PIL import Image
from serve_support import SAMPLES, Server, data_address, question

QUESTIONS = ["how many cups are there?", "what is here?", "where is the bottle?", "is there a book?",
             "what colour is the vase?", "how many things are there?"]


def pictures(count):
    """The samples, and what is left of them when they are cut or turned over: so many that differ."""
    found = []
    for path in sorted(SAMPLES.glob("*.png")):
        picture = Image.open(path).convert("RGB")
        width, height = picture.size
        for variant in (picture, picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
                        picture.crop((width // 8, height // 8, width, height))):
            buffer = io.BytesIO()
            variant.save(buffer, "PNG", compress_level=1)
            found.append(data_address(buffer.getvalue()))
    return found[:count]


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


class Figures:
    def __init__(self):
        self.lock = threading.Lock()
        self.seconds, self.first, self.tokens, self.cut, self.busy, self.wrong = [], [], 0, 0, 0, []

    def report(self, name, wall):
        print(f"{name}: {len(self.seconds)} answers in {wall:.0f} s ({len(self.seconds) / wall:.2f}/s), "
              f"{self.tokens / wall:.1f} tokens/s; latency p50 {percentile(self.seconds, .5):.2f} s, "
              f"p99 {percentile(self.seconds, .99):.2f} s; first word p50 {percentile(self.first, .5):.2f} s; "
              f"{self.cut} cut off, {self.busy} sent away (429), {len(self.wrong)} wrong", flush=True)


def ask(client, body, figures, cut_after=None):
    """One question; given up after some time where that is wanted."""
    began = time.monotonic()
    tokens, first = 0, None
    with client.stream("POST", "/v1/chat/completions", json=body) as reply:
        if reply.status_code == 429:
            assert int(reply.headers["retry-after"]) >= 1
            with figures.lock:
                figures.busy += 1
            return
        if reply.status_code != 200:
            raise ValueError(f"{reply.status_code}: {reply.read()[:300]}")
        for line in reply.iter_lines():
            if not line.startswith("data: {"):
                continue
            event = json.loads(line[6:])
            if "error" in event:
                raise ValueError(str(event))
            first = first or time.monotonic() - began
            if event.get("usage"):
                tokens = event["usage"]["completion_tokens"]
            if cut_after is not None and time.monotonic() - began > cut_after:
                break
    with figures.lock:
        if tokens:
            figures.seconds.append(time.monotonic() - began)
            figures.first.append(first)
            figures.tokens += tokens
        else:
            figures.cut += 1


def body_of(chance, addresses):
    return {"model": "pocket-scenes", "stream": True, "stream_options": {"include_usage": True}, "max_tokens": 48,
            "messages": question(chance.choice(QUESTIONS), chance.choice(addresses)), "crayon": {"masks": False},
            "user": f"u{chance.randrange(32)}"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crayon", default=".build/release/crayon")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--pictures", type=int, default=40)
    options = parser.parse_args()
    addresses = pictures(options.pictures)
    print(f"{len(addresses)} pictures")
    with Server(options.crayon, "--pipeline", "pocket-scenes", "--no-cache") as server:
        # One by one first, on a server that has seen every picture.
        alone = Figures()
        with httpx.Client(base_url=server.address, timeout=600) as client:
            for address in addresses:
                client.post("/v1/annotations", json={"model": "pocket-scenes", "image": address}).raise_for_status()
            warm = server.memory()
            chance, began = random.Random(1), time.monotonic()
            while time.monotonic() - began < options.seconds / 2:
                ask(client, body_of(chance, addresses), alone)
            alone.report("one by one", time.monotonic() - began)
        together, memory, over = Figures(), [], time.monotonic() + options.seconds

        def work(seed):
            chance = random.Random(seed)
            while time.monotonic() < over:
                cut = chance.random() * 2 if chance.random() < 1 / 3 else None
                try:
                    timeout = httpx.Timeout(600, read=cut) if cut is not None else 600
                    with httpx.Client(base_url=server.address, timeout=timeout) as client:
                        ask(client, body_of(chance, addresses), together, cut)
                except httpx.ReadTimeout:
                    # This client's own doing: it has hung up.
                    with together.lock:
                        together.cut += 1
                except Exception as error:  # noqa: BLE001: all else is a fault of the server
                    with together.lock:
                        together.wrong.append(repr(error))

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(options.clients)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            memory.append(server.memory())
            time.sleep(1)
        together.report(f"{options.clients} clients", time.monotonic() - began)
        quarter = max(1, len(memory) // 4)
        print(f"memory: {warm} MB with all pictures seen; under load {statistics.mean(memory[:quarter]):.0f} MB in the "
              f"first quarter, {statistics.mean(memory[-quarter:]):.0f} MB in the last, at most {max(memory)} MB")
        metrics = httpx.get(f"{server.address}/metrics").text
        print(*(line for line in metrics.splitlines() if line.startswith(
            ("crayon_requests_cancelled", "crayon_queue", "crayon_pictures", "crayon_reused", "crayon_prompt"))), sep="\n")
        if together.wrong or "error:" in server.log():
            raise SystemExit(f"{together.wrong[:5]}\n{server.log()[-2000:]}")


main()
