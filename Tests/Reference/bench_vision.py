"""Times crayon's CLIP ViT-L/14 at 490×490 beside transformers' on PyTorch, in one run on one machine, and compares
what they make of the same random weights and pixels (float32, within 1e-3 of the largest).

    python bench_vision.py --crayon ../../.build/release/crayon --folder /tmp/bench

The checkpoints (1.2 GB in float32, 0.6 GB in float16 and in bfloat16) are made in the folder once, in the published
layout for 336 pixels; both sides interpolate the table of positions to 35×35. Besides the time on the wall, which is
what counts on a machine of one's own, the time of all processors is given, which other programs disturb less. PyTorch's
bfloat16 takes a minute and more where the processor has no instructions for it; --peer-half leaves it out with 0.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

SIDE = 490


def make(folder):
    import torch
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModel

    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, image_size=336,
        patch_size=14, hidden_act="quick_gelu")
    model = CLIPVisionModel(config).eval()
    with torch.no_grad():
        for name, values in model.named_parameters():
            if values.dim() > 1 and "embedding" not in name:
                values.normal_(0, values[0].numel() ** -0.5)
    for name, dtype in [("float32", torch.float32), ("float16", torch.float16), ("bfloat16", torch.bfloat16)]:
        (folder / name).mkdir(parents=True, exist_ok=True)
        model.to(dtype).save_pretrained(folder / name, max_shard_size="4GB")
    save_file({"pixels": torch.randn(3, SIDE, SIDE)}, folder / "pixels.safetensors")


def peak_megabytes():
    """The kernel's record of this process; getrusage would count what its parent held."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def time_peer(folder, name, runs):
    """In a process of its own, so that its memory is its own."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import CLIPVisionModel

    torch.set_num_threads(os.cpu_count())
    model = CLIPVisionModel.from_pretrained(folder / name, dtype=getattr(torch, name)).eval()
    pixels = load_file(folder / "pixels.safetensors")["pixels"][None].to(model.dtype)
    seconds, processor = [], []
    with torch.inference_mode():
        for _ in range(runs + (name == "float32")):
            start, spent = time.perf_counter(), time.process_time()
            output = model(pixels, output_hidden_states=True, interpolate_pos_encoding=True)
            seconds.append(time.perf_counter() - start)
            processor.append(time.process_time() - spent)
    save_file({"features": output.hidden_states[-1][0, 1:].float().contiguous()}, folder / f"{name}-peer.safetensors")
    print(json.dumps({
        "best": min(seconds), "processor": min(processor), "torch": torch.__version__,
        "peakMegabytes": peak_megabytes()}))


def compare(folder, ours, theirs):
    from safetensors.torch import load_file

    a = load_file(folder / f"{ours}.safetensors")["features"]
    b = load_file(folder / f"{theirs}.safetensors")["features"]
    return ((a - b).abs().max() / b.abs().max()).item()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crayon", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-half", type=int, default=1, help="runs of PyTorch in bfloat16")
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder / "vision"
    if arguments.peer:
        return time_peer(folder, arguments.peer[0], int(arguments.peer[1]))
    if not (folder / "pixels.safetensors").exists():
        make(folder)

    def output(command):
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def ours(name):
        return output([
            arguments.crayon, "bench", "vision", "--json", "--model", folder / name, "--side", str(SIDE), "--input",
            folder / "pixels.safetensors", "--output", folder / f"{name}-ours.safetensors", "--runs",
            str(arguments.runs)])

    def peer(name, runs):
        return output([
            sys.executable, __file__, "--crayon", arguments.crayon, "--folder", arguments.folder, "--peer", name,
            str(runs)])

    print(f"{'CLIP ViT-L/14, 490×490':32} {'crayon':>9} {'PyTorch':>9} {'ratio':>6} {'processors':>17} {'ratio':>6} "
          f"{'peak MB':>8} {'PyTorch':>8} {'difference':>10}")

    def row(name, mine, theirs, difference):
        print(f"{name:32} {mine['times']['best']:8.3f}s {theirs['best']:8.3f}s {mine['times']['best'] / theirs['best']:6.2f} "
              f"{mine['times']['processor']:7.2f}s {theirs['processor']:7.2f}s {mine['times']['processor'] / theirs['processor']:6.2f} "
              f"{mine['peakMegabytes']:8.0f} {theirs['peakMegabytes']:8.0f} {difference:10.1e}", flush=True)

    plain = peer("float32", arguments.runs)
    mine = ours("float32")
    row("float32", mine, plain, compare(folder, "float32-ours", "float32-peer"))
    half = peer("bfloat16", arguments.peer_half) if arguments.peer_half else None
    for name in ["float16", "bfloat16"]:
        mine = ours(name)
        # Rounded weights are other weights: the difference is that of the rounding, the more so in the peer.
        if half:
            row(f"{name} weights, PyTorch bfloat16", mine, half, compare(folder, f"{name}-ours", "float32-peer"))
        else:
            row(f"{name} weights, PyTorch float32", mine, plain, compare(folder, f"{name}-ours", "float32-peer"))
    print(f"best of several runs, {mine['threads']} threads, kernels {mine['kernels']}, PyTorch {plain['torch']}")


if __name__ == "__main__":
    main()
