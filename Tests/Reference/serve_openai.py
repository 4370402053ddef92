"""`crayon serve` with OpenAI's own Python package as the client: chat, streams, pictures, errors.

    python Tests/Reference/serve_openai.py --crayon .build/release/crayon
"""
import argparse
import http.client
import io
import json
import socket
import time

import httpx
import jsonschema
import numpy
import openai
from openapi_spec_validator import validate
from PIL import Image
from serve_support import Server, data_address, question, sample


def refused(kind, ask):
    try:
        ask()
    except kind as error:
        return error
    raise SystemExit(f"{kind.__name__} was expected")


def old_stream(address, body):
    """The answer to a client that speaks HTTP/1.0."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=300)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.version, dict(response.getheaders()), response.read()


def unread(address):
    """A client that is sent more than a connection holds, and does not read it."""
    noise = io.BytesIO()
    Image.fromarray(numpy.random.default_rng(1).integers(0, 256, (2000, 2000, 3), numpy.uint8)).save(noise, "BMP")
    body = json.dumps({
        "model": "pocket-scenes", "image": data_address(noise.getvalue(), "image/bmp"), "stream": True,
        "crayon": {"inspect": True, "picture": True}}).encode()
    host, port = address.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)))
    client.sendall(b"POST /v1/annotations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    said = b""
    # The last stage: what comes behind it is large.
    while b'"vision"' not in said:
        said += client.recv(4096)
    return client


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crayon", default=".build/release/crayon")
    options = parser.parse_args()
    checks = 0

    def check(holds, what):
        nonlocal checks
        checks += 1
        if not holds:
            raise SystemExit(f"failed: {what}")

    with Server(options.crayon, "--pipeline", "pocket-scenes", "--no-cache") as server:
        client = openai.OpenAI(base_url=f"{server.address}/v1", api_key="unused", max_retries=0)
        check([m.id for m in client.models.list()] == ["pocket-scenes"], "models.list")
        check(client.models.retrieve("pocket-scenes").owned_by == "crayon", "models.retrieve")

        cups = question("how many cups are there?", sample("cups.png"))
        reply = client.chat.completions.create(model="pocket-scenes", messages=cups)
        check(reply.choices[0].message.content == "There are 4 cups.", "the answer")
        check(reply.choices[0].finish_reason == "stop", "finish_reason")
        check(reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens, "usage")
        check(reply.model_extra["crayon"]["evidence"]["agrees"] is True, "evidence")

        again = client.chat.completions.create(model="pocket-scenes", messages=cups)
        check(again.usage.prompt_tokens_details.cached_tokens > 256, "the prefix is reused")

        ball = question("where is the sports ball?", sample("bookcase.png"))
        stream = client.chat.completions.create(
            model="pocket-scenes", messages=ball, stream=True, stream_options={"include_usage": True})
        text, usage, regions, reasons = "", None, None, []
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                reasons += [choice.finish_reason] if choice.finish_reason else []
            regions = (chunk.model_extra.get("crayon") or {}).get("regions", regions)
        whole = client.chat.completions.create(model="pocket-scenes", messages=ball)
        check(text == whole.choices[0].message.content, "a stream says what the answer says")
        check(reasons == ["stop"] and usage.completion_tokens > 0, "how a stream ends")
        check(regions and regions[0]["phrase"], "regions in a stream")

        box = regions[0]["box"]
        named = client.chat.completions.create(
            model="pocket-scenes", messages=question("what is [1]?", sample("bookcase.png")),
            extra_body={"crayon": {"regions": [box]}})
        check("sports ball" in named.choices[0].message.content, "a region of a question")

        talk = cups + [{"role": "assistant", "content": "There are 4 cups."},
                       {"role": "user", "content": "is there a bowl?"}]
        check(client.chat.completions.create(model="pocket-scenes", messages=talk).choices[0].message.content,
              "a second turn")
        free = [client.chat.completions.create(
            model="pocket-scenes", messages=question("what is here?", sample("cups.png")), temperature=1.5, seed=seed,
            max_tokens=24).choices[0].message.content for seed in (1, 1, 2)]
        check(free[0] == free[1], "a seed gives the same answer")
        short = client.chat.completions.create(
            model="pocket-scenes", messages=cups, max_completion_tokens=1)
        check(short.choices[0].finish_reason == "length", "max_completion_tokens")
        for limit in 1, 5, 7:
            # At 7 it has pointed: what it reads of the place is none of its tokens.
            part = client.chat.completions.create(model="pocket-scenes", messages=ball, max_tokens=limit)
            check(part.choices[0].finish_reason == "length" and part.usage.completion_tokens == limit, "max_tokens")
        stopped = client.chat.completions.create(model="pocket-scenes", messages=cups, stop=[" cups"])
        check(stopped.choices[0].message.content == "There are 4", "stop")

        create = client.chat.completions.create
        error = refused(openai.NotFoundError, lambda: create(model="gpt-4o", messages=cups))
        check(error.code == "model_not_found" and error.param == "model", "an unknown model")
        refused(openai.BadRequestError, lambda: create(model="pocket-scenes", messages=[]))
        refused(openai.BadRequestError, lambda: create(model="pocket-scenes", messages=cups, n=2))
        refused(openai.BadRequestError, lambda: create(
            model="pocket-scenes", messages=question("?", "https://example.org/cat.png")))
        broken = refused(openai.BadRequestError, lambda: create(
            model="pocket-scenes", messages=question("?", sample("cups.png")[:9000]), stream=True))
        check("the picture is damaged" in broken.message, "a damaged picture")

        version, headers, body = old_stream(
            server.address, {"model": "pocket-scenes", "messages": ball, "stream": True})
        check(version == 10 and "Transfer-Encoding" not in headers, "HTTP/1.0")
        check(body.startswith(b"data: {") and body.endswith(b"data: [DONE]\n\n"), "a stream of HTTP/1.0")

        # What is described is what is sent.
        described = httpx.get(f"{server.address}/openapi.json").json()
        validate(described)
        schemas = {"components": described["components"]}

        def fits(name, value):
            jsonschema.Draft202012Validator(
                {**schemas, "$ref": f"#/components/schemas/{name}"}).validate(value)

        fits("ChatCompletion", json.loads(whole.to_json()))
        fits("ModelList", httpx.get(f"{server.address}/v1/models").json())
        fits("Error", error.response.json())
        annotated = httpx.post(f"{server.address}/v1/annotations", timeout=300, json={
            "model": "pocket-scenes", "image": data_address(sample("cups.png"))}).json()
        fits("Annotation", annotated)
        check(len(annotated["panoptic"]["annotations"]) == 1, "annotations")
        # One who does not read holds the stop for its ten seconds, and no longer.
        idle = unread(server.address)
        time.sleep(2)
        open_now = httpx.get(f"{server.address}/metrics").text
        check("\ncrayon_requests_open 2\n" in open_now, "what is being sent is open")
        began = time.monotonic()
        check(server.stop() == 0, "a stop is no failure")
        check(time.monotonic() - began < 30, "a stop in time")
        idle.close()
        check("error" not in server.log(), "nothing is said to be wrong")
    print(f"openai {openai.__version__}: {checks} checks hold")


main()
