"""Times crayon's SAM ViT-B at 1024×1024 beside transformers' on PyTorch, in one run on one machine, and compares what
they make of the same random weights and pixels (float32, within 1e-3 of the largest).

    python bench_sam.py --crayon ../../.build/release/crayon --folder /tmp/bench

The checkpoint (375 MB) is made in the folder once, in the published layout. Besides the time on the wall, which is what
counts on a machine of one's own, the time of all processors is given, which other programs disturb less.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

SIDE = 1024


def make(folder):
    import torch
    from safetensors.torch import save_file
    from transformers import SamConfig, SamModel
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    torch.manual_seed(0)
    model = SamModel(SamConfig()).eval()
    with torch.no_grad():
        for name, values in model.named_parameters():
            if "rel_pos" in name or "pos_embed" in name:
                values.normal_(0, 0.2)
            elif values.dim() > 1 and "embed" not in name and "token" not in name:
                values.normal_(0, values[0].numel() ** -0.5)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    SamImageProcessorPil().save_pretrained(folder)
    save_file({"pixels": torch.randn(3, SIDE, SIDE)}, folder / "pixels.safetensors")


def time_peer(folder, runs):
    """In a process of its own, so that its memory is its own."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import SamModel

    torch.set_num_threads(os.cpu_count())
    model = SamModel.from_pretrained(folder).eval()
    pixels = load_file(folder / "pixels.safetensors")["pixels"][None]

    def measure(work):
        seconds, processor = [], []
        for _ in range(runs + 1):
            start, spent = time.perf_counter(), time.process_time()
            output = work()
            seconds.append(time.perf_counter() - start)
            processor.append(time.process_time() - spent)
        return output, {"best": min(seconds[1:]), "processor": min(processor[1:])}

    with torch.inference_mode():
        features, encoder = measure(lambda: model.get_image_embeddings(pixels))
        box = torch.tensor([[[0.0, 0.0, SIDE / 2, SIDE / 2]]])
        output, decoder = measure(
            lambda: model(image_embeddings=features, input_boxes=box, multimask_output=False))
    save_file({
        "features": features[0].flatten(1).T.contiguous(), "masks": output.pred_masks[0, 0].flatten(1).contiguous(),
        "scores": output.iou_scores[0, 0].contiguous()}, folder / "peer.safetensors")
    status = pathlib.Path("/proc/self/status").read_text()
    print(json.dumps({
        "encoder": encoder, "decoder": decoder, "torch": torch.__version__,
        "peakMegabytes": int(status.split("VmHWM:")[1].split()[0]) / 1024}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crayon", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.folder / "sam"
    if arguments.peer:
        return time_peer(folder, arguments.runs)
    if not (folder / "pixels.safetensors").exists():
        make(folder)

    from safetensors.torch import load_file

    def output(command):
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    theirs = output([
        sys.executable, __file__, "--crayon", arguments.crayon, "--folder", arguments.folder, "--peer", "--runs",
        str(arguments.runs)])
    mine = output([
        arguments.crayon, "bench", "sam", "--json", "--model", folder, "--input", folder / "pixels.safetensors",
        "--output", folder / "ours.safetensors", "--runs", str(arguments.runs)])
    a, b = load_file(folder / "ours.safetensors"), load_file(folder / "peer.safetensors")
    print(f"{'SAM ViT-B, 1024×1024':32} {'crayon':>9} {'PyTorch':>9} {'ratio':>6} {'processors':>17} {'ratio':>6} "
          f"{'difference':>10}")
    for part, key in [("encoder", "features"), ("decoder", "masks")]:
        m, t = mine[part], theirs[part]
        difference = ((a[key] - b[key]).abs().max() / b[key].abs().max()).item()
        print(f"{part:32} {m['best']:8.3f}s {t['best']:8.3f}s {m['best'] / t['best']:6.2f} {m['processor']:7.2f}s "
              f"{t['processor']:7.2f}s {m['processor'] / t['processor']:6.2f} {difference:10.1e}")
    print(f"best of {arguments.runs} runs, {mine['threads']} threads, kernels {mine['kernels']}, PyTorch "
          f"{theirs['torch']}; peak {mine['peakMegabytes']:.0f} MB, PyTorch {theirs['peakMegabytes']:.0f} MB")


if __name__ == "__main__":
    main()
