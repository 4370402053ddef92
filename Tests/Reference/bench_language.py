"""Times crayon's language stage beside llama.cpp on the same file, taking turns, and on a model of 7B's shape in
nf4 with random weights, for which there is no peer here.

    python bench_language.py --crayon .build/release/crayon --model SmolLM2-135M-Instruct.Q4_1.gguf --folder DIR
"""

import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import time

import numpy

PROMPT, TOKENS, ROUNDS = 500, 64, 3
# Of a token's linear layers, of which the head is none while a prompt is read.
OPERATIONS_OF_SMOLLM2 = 2 * 30 * (576 * (576 + 2 * 192) + 576 * 576 + 3 * 576 * 1536)
SEVEN = dict(model_type="internlm2", vocab_size=92544, hidden_size=4096, intermediate_size=14336,
             num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, hidden_act="silu",
             max_position_embeddings=32768, rms_norm_eps=1e-5, rope_theta=1000000.0,
             tie_word_embeddings=False)


def make_7b(folder):
    """InternLM2-7B's shapes: nf4 linears as bitsandbytes saves them, 16-bit embeddings and head."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = numpy.random.default_rng(7)
    width, hidden = SEVEN["hidden_size"], SEVEN["intermediate_size"]
    shapes = {"attention.wqkv": (6144, width), "attention.wo": (width, width), "feed_forward.w1": (hidden, width),
              "feed_forward.w3": (hidden, width), "feed_forward.w2": (width, hidden)}
    noise = generator.integers(0, 256, 1 << 24, dtype=numpy.uint8).tobytes()

    def random(count):
        start = int(generator.integers(0, 1 << 20))
        piece = noise[start:]
        return (piece * (count // len(piece) + 1))[:count]

    entries = []

    def add(name, kind, shape, count, data):
        entries.append((name, kind, list(shape), count, data))

    half = numpy.float16
    embedding = generator.standard_normal(1 << 20).astype(half) * half(0.02)

    def halves(count):
        return lambda: numpy.resize(embedding, count // 2).tobytes()

    for name in ["model.tok_embeddings.weight", "output.weight"]:
        add(name, "F16", (SEVEN["vocab_size"], width), SEVEN["vocab_size"] * width * 2,
            halves(SEVEN["vocab_size"] * width * 2))
    ones = numpy.ones(width, numpy.float32).tobytes()
    add("model.norm.weight", "F32", (width,), len(ones), lambda: ones)
    code = numpy.array([
        -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
        -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
        0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023,
        1], numpy.float32).tobytes()
    nested = numpy.linspace(-1, 1, 256, dtype=numpy.float32).tobytes()
    for layer in range(SEVEN["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        for norm in ["attention_norm", "ffn_norm"]:
            add(f"{prefix}{norm}.weight", "F32", (width,), len(ones), lambda: ones)
        for module, (rows, columns) in shapes.items():
            name, values = f"{prefix}{module}.weight", rows * columns
            state = json.dumps(dict(
                quant_type="nf4", blocksize=64, dtype="float16", shape=[rows, columns], nested_blocksize=256,
                nested_dtype="float32", nested_offset=0.03)).encode()
            scales = numpy.full(values // 64 // 256, 0.02, numpy.float32).tobytes()
            add(name, "U8", (values // 2, 1), values // 2, lambda n=values // 2: random(n))
            add(name + ".absmax", "U8", (values // 64,), values // 64, lambda n=values // 64: random(n))
            add(name + ".nested_absmax", "F32", (len(scales) // 4,), len(scales), lambda s=scales: s)
            add(name + ".nested_quant_map", "F32", (256,), 1024, lambda: nested)
            add(name + ".quant_map", "F32", (16,), 64, lambda: code)
            add(name + ".quant_state.bitsandbytes__nf4", "U8", (len(state),), len(state), lambda s=state: s)
    entries.sort(key=lambda e: {"F32": 0, "F16": 1, "U8": 2}[e[1]])
    header, offset = {}, 0
    for name, kind, shape, count, _ in entries:
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder / "model.safetensors.part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for entry in entries:
            file.write(entry[4]())
    (folder / "config.json").write_text(json.dumps(SEVEN))
    os.rename(folder / "model.safetensors.part", folder / "model.safetensors")


def time_peer(model):
    from llama_cpp import Llama

    threads = len(os.sched_getaffinity(0))
    llama = Llama(model, n_ctx=1024, n_threads=threads, n_threads_batch=threads, n_batch=512, verbose=False)
    tokens = [17 + i * 31 % (49152 - 17) for i in range(PROMPT)]
    best = [0, 0]
    for _ in range(ROUNDS + 1):
        llama.reset()
        start = time.perf_counter()
        llama.eval(tokens)
        best[0] = max(best[0], PROMPT / (time.perf_counter() - start))
        token = llama.sample(temp=0)
        start = time.perf_counter()
        for _ in range(TOKENS):
            llama.eval([token])
            token = llama.sample(temp=0)
        best[1] = max(best[1], TOKENS / (time.perf_counter() - start))
    print(json.dumps(best))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crayon", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return time_peer(arguments.model)

    def output(command, **environment):
        return json.loads(subprocess.run(
            command, check=True, capture_output=True, text=True, env={**os.environ, **environment}).stdout)

    def ours(*options, **environment):
        return output([arguments.crayon, "bench", "language", "--json", "--runs", str(ROUNDS), *options], **environment)

    print(f"{'SmolLM2-135M-Instruct, Q4_1':40} {'crayon':>10} {'llama.cpp':>10} {'ratio':>6}")
    rounds = []
    for _ in range(3):
        rounds.append((ours("--model", arguments.model), output(
            [sys.executable, __file__, "--crayon", arguments.crayon, "--model", arguments.model, "--folder",
             arguments.folder, "--peer"])))
    middle = len(rounds) // 2
    for index, (name, key) in enumerate([
            (f"prompt of {PROMPT}, tokens/s", "promptTokensPerSecond"), ("writing, tokens/s", "tokensPerSecond")]):
        ratios = sorted(a[key] / b[index] for a, b in rounds)
        print(f"  {name:38} {max(a[key] for a, _ in rounds):10.1f} {max(b[index] for _, b in rounds):10.1f} "
              f"{ratios[middle]:6.2f}  (the middle of {len(rounds)} turns)", flush=True)
    last = rounds[-1][0]
    ratios = sorted(a["adaptedRatio"] for a, _ in rounds)
    print(f"  with adapters of rank {last['adapterRank']} on every linear: {ratios[middle]:.0%} of the speed without")
    print(f"  load {last['loadSeconds'] * 1000:.1f} ms, peak {last['peakMegabytes']:.0f} MB of "
          f"{last['weightMegabytes']:.0f} MB of weights, kernels {last['kernels']}")
    roof = output([arguments.crayon, "bench", "products", "--json", "--inner", "576", "--columns", "1536"])
    fastest = max(roof["gigaflops"].values())
    best = max((a for a, _ in rounds), key=lambda a: a["tokensPerSecond"])
    flops = max(a["promptTokensPerSecond"] for a, _ in rounds) * OPERATIONS_OF_SMOLLM2 / 1e9
    print(f"  {flops / fastest:.0%} of the {fastest:.0f} GFLOP/s of the fastest product, "
          f"{best['gigabytesPerSecond'] / roof['readGigabytesPerSecond']:.0%} of the "
          f"{roof['readGigabytesPerSecond']:.1f} GB/s at which memory is read")
    if core := os.environ.get("OPENBLAS_CORETYPE"):
        free = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
        own = json.loads(subprocess.run(
            [arguments.crayon, "bench", "language", "--json", "--runs", str(ROUNDS), "--model", arguments.model,
             "--adapters", "0"], check=True, capture_output=True, text=True, env=free).stdout)
        print(f"  without OPENBLAS_CORETYPE={core}: prompt {own['promptTokensPerSecond']:.1f}, writing "
              f"{own['tokensPerSecond']:.1f} tokens/s")
    portable = ours("--model", arguments.model, "--adapters", "0", CRAYON_KERNELS="portable")
    print(f"  portable kernels: prompt {portable['promptTokensPerSecond']:.1f}, writing "
          f"{portable['tokensPerSecond']:.1f} tokens/s")
    seven = arguments.folder / "7b-nf4"
    if not (seven / "model.safetensors").exists():
        make_7b(seven)
    big = ours("--model", str(seven), "--prompt", "512", "--tokens", "8", "--runs", "1", "--adapters", "0")
    print(f"A model of 7B's shape, nf4: load {big['loadSeconds']:.2f} s, peak {big['peakMegabytes'] / 1000:.2f} GB, "
          f"prompt {big['promptTokensPerSecond']:.1f}, writing {big['tokensPerSecond']:.2f} tokens/s")
    # The roofline: what products of matrices reach here, and what memory gives.
    roof = output([arguments.crayon, "bench", "products", "--json", "--inner", "4096", "--columns", "4096"])
    flops, fastest = big["promptTokensPerSecond"] * operations_of_7b() / 1e9, max(roof["gigaflops"].values())
    print(f"  {flops / fastest:.0%} of the {fastest:.0f} GFLOP/s of the fastest product, "
          f"{big['gigabytesPerSecond'] / roof['readGigabytesPerSecond']:.0%} of the "
          f"{roof['readGigabytesPerSecond']:.1f} GB/s at which memory is read")


def operations_of_7b():
    """Of a token's linear layers; a multiplication and an addition are two."""
    width, hidden = SEVEN["hidden_size"], SEVEN["intermediate_size"]
    return 2 * SEVEN["num_hidden_layers"] * (6144 * width + width * width + 3 * hidden * width)


if __name__ == "__main__":
    main()
