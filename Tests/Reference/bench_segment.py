"""Times crayon's Mask2Former beside transformers' on PyTorch, in turns on one machine: PyTorch in float32 and in
bfloat16, random weights, the network alone (no decoding, no merging). Weights do not matter for a time. What is reached
of the fastest product of matrices that crayon measures here is given too.

    python bench_segment.py --crayon ../../.build/release/crayon --folder /tmp/bench

The checkpoints (Swin-T 190 MB, Swin-L 870 MB) are made in the folder once, in the published layout.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
CATEGORIES = json.loads((HERE.parent.parent / "Samples" / "scenes" / "categories.json").read_text())

# The published sizes.
VARIANTS = {
    "tiny": dict(embed_dim=96, depths=[2, 2, 6, 2], num_heads=[3, 6, 12, 24], window_size=7, queries=100),
    "large": dict(embed_dim=192, depths=[2, 2, 18, 2], num_heads=[6, 12, 24, 48], window_size=12, queries=200),
}
RUNS = [("tiny", 384, 384, 5), ("tiny", 800, 1088, 2), ("large", 800, 1088, 1)]
TURNS = 3


def make(folder, name):
    import torch
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig

    sizes = dict(VARIANTS[name])
    queries = sizes.pop("queries")
    torch.manual_seed(0)
    model = Mask2FormerForUniversalSegmentation(Mask2FormerConfig(
        backbone_config=SwinConfig(out_features=["stage1", "stage2", "stage3", "stage4"], **sizes),
        num_queries=queries, id2label={i: c["name"] for i, c in enumerate(CATEGORIES)}))
    model.save_pretrained(folder / name, max_shard_size="2GB")
    (folder / name / "preprocessor_config.json").write_text(
        json.dumps({"size": {"shortest_edge": 800, "longest_edge": 1333}, "size_divisor": 32}))
    (folder / f"{name}.yaml").write_text(f"segmenter:\n  kind: mask2former\n  weights: {name}\n")


def peak_megabytes():
    """The kernel's record of this process; getrusage would count what its parent held."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def time_peer(folder, name, kind, height, width, runs):
    """In a process of its own, so that its memory is its own."""
    import torch
    from transformers import Mask2FormerForUniversalSegmentation

    torch.set_num_threads(os.cpu_count())
    model = Mask2FormerForUniversalSegmentation.from_pretrained(
        folder / name, dtype=getattr(torch, kind)).eval()
    seconds = []
    with torch.inference_mode():
        pixels = torch.randn(1, 3, height, width, dtype=getattr(torch, kind))
        for _ in range(runs + 1):
            start = time.perf_counter()
            model(pixels)
            seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "best": min(seconds[1:]), "median": sorted(seconds[1:])[runs // 2], "torch": torch.__version__,
        "peakMegabytes": peak_megabytes()}))


def count_operations(folder, name, height, width):
    """Of the products and convolutions of one picture; a multiplication and an addition are two."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import Mask2FormerForUniversalSegmentation

    model = Mask2FormerForUniversalSegmentation.from_pretrained(folder / name).eval()
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        model(torch.randn(1, 3, height, width))
    print(json.dumps(counter.get_total_flops()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crayon", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--peer", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--count", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        name, kind, *numbers = arguments.peer
        return time_peer(arguments.folder, name, kind, *map(int, numbers))
    if arguments.count:
        name, height, width = arguments.count
        return count_operations(arguments.folder, name, int(height), int(width))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in VARIANTS:
        if not (arguments.folder / f"{name}.yaml").exists():
            make(arguments.folder, name)

    def output(command):
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def peer(*options):
        return output([
            sys.executable, __file__, "--crayon", arguments.crayon, "--folder", arguments.folder, *map(str, options)])

    roof = max(output([arguments.crayon, "bench", "products", "--json"])["gigaflops"].values())
    print(f"{'Mask2Former':26} {'crayon':>9} {'PyTorch':>9} {'ratio':>6} {'bfloat16':>9} {'ratio':>6} "
          f"{'of the fastest product':>22} {'peak MB':>8} {'PyTorch':>8}")
    for name, height, width, runs in RUNS:
        rounds = []
        for _ in range(TURNS):
            rounds.append((
                output([
                    arguments.crayon, "bench", "segment", "--json", "--pipeline", arguments.folder / f"{name}.yaml",
                    "--size", f"{height}x{width}", "--runs", str(runs)]),
                *[peer("--peer", name, kind, height, width, runs) for kind in ["float32", "bfloat16"]]))

        def ratio(index):
            return sorted(turn[0]["times"]["best"] / turn[index]["best"] for turn in rounds)[TURNS // 2]

        best = min(turn[0]["times"]["best"] for turn in rounds)
        reached = peer("--count", name, height, width) / best / 1e9 / roof
        theirs = [min(turn[index]["best"] for turn in rounds) for index in [1, 2]]
        ours, plain, _ = rounds[-1]
        print(f"{f'Swin-{name}, {height}×{width}':26} {best:8.3f}s {theirs[0]:8.3f}s {ratio(1):6.2f} {theirs[1]:8.3f}s "
              f"{ratio(2):6.2f} {reached:21.0%} {ours['peakMegabytes']:9.0f} {plain['peakMegabytes']:8.0f}", flush=True)
    print(f"best of {TURNS} turns and their middle ratio, {ours['threads']} threads, kernels {ours['kernels']}, PyTorch "
          f"{plain['torch']}; the fastest product makes {roof:.0f} GFLOP/s")


if __name__ == "__main__":
    main()
