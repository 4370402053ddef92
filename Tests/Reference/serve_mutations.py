"""Sends damaged requests to `crayon serve`: every one has to get an answer of 2xx or 4xx, and the server has to live.

    python Tests/Reference/serve_mutations.py --crayon .build/release/crayon --count 20000
"""
import argparse
import collections
import concurrent.futures
import json
import random
import socket
import threading
import time

import httpx
from serve_support import Server, data_address, question, sample


def requests():
    """Whole requests, as bytes."""
    picture = data_address(sample("cups.png")[:3000])
    small = data_address(bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010"
        "0c9fe92ef0000000049454e44ae426082"))
    bodies = [
        ("POST", "/v1/chat/completions", {"model": "pocket-scenes", "messages": question("how many?", picture)}),
        ("POST", "/v1/chat/completions", {
            "model": "pocket-scenes", "messages": question("what is [1]?", small), "stream": True, "max_tokens": 2,
            "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["x"], "crayon": {
                "regions": [[0, 0, 1, 1]], "drop": [], "show": "on", "adapters": {"image": 1, "vl": 1}, "beams": 1}}),
        ("POST", "/v1/chat/completions", {
            "model": "pocket-scenes", "messages": question("how many cups?", small), "max_tokens": 2, "crayon": {
                "map": {"width": 1, "height": 1, "runs": [1, 1],
                        "segments_info": [{"id": 1, "category_id": 47, "area": 1, "bbox": [0, 0, 1, 1], "iscrowd": 0}]},
                "inspect": True}}),
        ("POST", "/v1/annotations", {"model": "pocket-scenes", "image": small, "crayon": {"inspect": True}}),
        ("GET", "/v1/models/pocket-scenes", None), ("GET", "/folder?category=cup&at_least=1&first=0&count=3", None),
        ("PUT", "/folder/0123456789abcdef/map", {"width": 1, "height": 1, "runs": [0, 1], "segments_info": [],
                                                  "based_on": "x"}),
    ]
    for method, path, body in bodies:
        data = b"" if body is None else json.dumps(body).encode()
        kind = b"" if body is None else b"Content-Type: application/json\r\n"
        yield (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode() + kind
               + f"Content-Length: {len(data)}\r\n\r\n".encode()), data


INTERESTING = [b"0", b"-1", b"1e999", b"9223372036854775808", b"null", b"true", b"[]", b"{}", b'""', b"[[[[[[[[", b"\x00",
               b"\xff\xfe", b"\\ud800", b'"', b"1" * 400, b"nan"]


def damaged(chance, data: bytes) -> bytes:
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1:
                del data[at:at + chance.randint(1, 40)]
            case 2:
                data[at:at] = chance.choice(INTERESTING)
            case 3:
                data[at:at + chance.randint(1, 12)] = chance.choice(INTERESTING)
            case 4:
                data[at:at] = data[at:at + chance.randint(1, 60)]
            case 5:
                # A number becomes another: the likeliest way to lie about a size.
                places = [i for i, b in enumerate(data) if 48 <= b <= 57]
                if places:
                    data[(p := chance.choice(places)):p + 1] = chance.choice(INTERESTING)
    return bytes(data)


def attempt(chance, whole, address) -> str:
    """Sends one request, damaged or not; what came of it."""
    head, body = chance.choice(whole)
    fate = chance.random()
    if fate < 0.8 and body:
        body = damaged(chance, body)
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
        head = b"\r\n".join(lines[:-2] + [b"Content-Length: %d" % len(body), b"", b""])
    elif fate < 0.99:
        head = damaged(chance, head)
    try:
        with socket.create_connection(address, timeout=60) as connection:
            connection.sendall(head + body)
            # What is cut short has to be given up, not waited for.
            if chance.random() < 0.3:
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(3 if b"Content-Length: %d" % len(body) not in head else 60)
            first = connection.recv(4096)
            return first[9:12].decode("latin1") if first.startswith(b"HTTP") else "closed"
    except TimeoutError:
        return "waits for more"
    except OSError:
        return "closed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crayon", default=".build/release/crayon")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--clients", type=int, default=16, help="at once: most wait for a request that never ends")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    whole = list(requests())
    answers = collections.Counter()
    lock = threading.Lock()
    end = time.monotonic() + options.seconds
    with Server(options.crayon, "--pipeline", "pocket-scenes", "--no-cache") as server:
        host, port = server.address.removeprefix("http://").split(":")
        before = server.memory()

        def client(number: int):
            chance = random.Random(f"{options.seed} {number}")
            for _ in range(number, options.count, options.clients):
                if time.monotonic() > end or server.process.poll() is not None:
                    return
                answer = attempt(chance, whole, (host, int(port)))
                with lock:
                    answers[answer] += 1
                    if answers.total() % 5000 == 0:
                        print(f"{answers.total()}: {dict(answers)}, {server.memory()} MB", flush=True)

        with concurrent.futures.ThreadPoolExecutor(options.clients) as pool:
            for done in [pool.submit(client, number) for number in range(options.clients)]:
                done.result()
        if server.process.poll() is not None:
            raise SystemExit(f"the server is gone after {answers.total()} requests (seed {options.seed}):\n{server.log()}")
        httpx.get(f"{server.address}/healthz").raise_for_status()
        after, log = server.memory(), server.log()
        assert server.stop() == 0, "the server did not end well"
    print(f"{answers.total()} requests: {dict(answers)}; memory {before} MB before, {after} MB behind")
    failures = {code: n for code, n in answers.items() if code.startswith("5")}
    if failures or "error:" in log:
        raise SystemExit(f"failures of the server itself: {failures}\n{log[-3000:]}")


main()
