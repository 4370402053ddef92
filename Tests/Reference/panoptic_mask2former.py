"""Makes the fixtures of Mask2Former: Tests/Fixtures/2-Panoptic/mask2former-{tiny,small,base,large}.

Each is a random model in the published layout, of the shape family of one Swin variant (its window, its heads,
its proportion of depths), an odd picture, and what transformers makes of it: the pixels after preprocessing,
the maps of backbone and pixel decoder, class and mask logits, and the merged segments for several settings.
Weights are drawn wide, so that masks and classes are far from trivial.

    pip install -r requirements.txt && python panoptic_mask2former.py

Tensors in expected.safetensors have torch's layouts (NCHW).
"""

import itertools
import json
import pathlib
import shutil

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig
from transformers.models.mask2former.image_processing_pil_mask2former import Mask2FormerImageProcessorPil

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent / "Fixtures" / "2-Panoptic"
CATEGORIES = json.loads((HERE.parent.parent / "Samples" / "scenes" / "categories.json").read_text())

FAMILIES = {
    # name: window, heads, depths, queries, picture (width, height), short and long side, seed
    "tiny": (7, [3, 6, 12, 24], [1, 1, 3, 1], 10, (83, 61), (64, 107), 11),
    "small": (7, [3, 6, 12, 24], [2, 2, 6, 2], 10, (45, 100), (64, 107), 12),
    "base": (12, [4, 8, 16, 32], [2, 1, 3, 2], 12, (97, 97), (80, 133), 13),
    "large": (12, [6, 12, 24, 48], [1, 2, 2, 2], 20, (131, 50), (60, 133), 14),
}
WIDTH = 32


def make_model(window, heads, depths, queries, seed):
    backbone = SwinConfig(
        embed_dim=2 * heads[0], depths=depths, num_heads=heads, window_size=window, mlp_ratio=2.0,
        out_features=["stage1", "stage2", "stage3", "stage4"])
    config = Mask2FormerConfig(
        backbone_config=backbone, num_queries=queries, feature_size=WIDTH, mask_feature_size=WIDTH,
        hidden_dim=WIDTH, num_attention_heads=4, encoder_layers=2, decoder_layers=4,
        encoder_feedforward_dim=48, dim_feedforward=40,
        id2label={i: c["name"] for i, c in enumerate(CATEGORIES)})
    torch.manual_seed(seed)
    model = Mask2FormerForUniversalSegmentation(config).eval()
    with torch.no_grad():
        for name, values in model.named_parameters():
            values.copy_(torch.randn_like(values))
            if values.dim() > 1:
                values.mul_(1.4 / values[0].numel() ** 0.5)
            else:
                values.mul_(0.3).add_(1 if "norm" in name and "weight" in name else 0)
        # Sharper classes and masks: most queries are sure of theirs.
        model.class_predictor.weight.mul_(9)
        model.model.pixel_level_module.decoder.mask_projection.weight.mul_(2)
    return model


def make_picture(size, seed):
    """Blobs of colour with noise: smooth enough to resize, rough enough to tell filters apart."""
    generator = numpy.random.default_rng(seed)
    small = generator.integers(0, 256, (7, 9, 3), dtype=numpy.uint8)
    picture = numpy.asarray(Image.fromarray(small).resize(size, Image.BICUBIC)).astype(int)
    noise = generator.integers(-20, 21, picture.shape)
    return Image.fromarray((picture + noise).clip(0, 255).astype(numpy.uint8))


def settings(height, width):
    stuff = [i for i, c in enumerate(CATEGORIES) if not c["isthing"]]
    return [
        dict(threshold=0.5, mask_threshold=0.5, overlap=0.8, fuse=[], height=height, width=width),
        dict(threshold=0.2, mask_threshold=0.3, overlap=0.4, fuse=stuff, height=height, width=width),
        dict(threshold=0.2, mask_threshold=0.3, overlap=0.1, fuse=list(range(133)), height=height, width=width),
        # CoLLaVO's way: straight onto its token grid.
        dict(threshold=0.5, mask_threshold=0.95, overlap=0.8, fuse=[], height=35, width=35),
        dict(threshold=0.2, mask_threshold=0.3, overlap=0.0, fuse=[], height=35, width=35),
        dict(threshold=0.9999999, mask_threshold=0.5, overlap=0.8, fuse=[], height=9, width=12),
    ]


def merge(processor, output, setting):
    return processor.post_process_panoptic_segmentation(
        output, threshold=setting["threshold"], mask_threshold=setting["mask_threshold"],
        overlap_mask_area_threshold=setting["overlap"], label_ids_to_fuse=set(setting["fuse"]),
        target_sizes=[(setting["height"], setting["width"])])[0]


def is_telling(results):
    """Several segments, one of them of fused stuff, and none that transformers gives another's id: behind a
    fused segment it goes on counting from that one's id."""
    for result in results:
        labels = {}
        for segment in result["segments_info"]:
            if labels.setdefault(segment["id"], segment["label_id"]) != segment["label_id"]:
                return False
    counts = [len(r["segments_info"]) for r in results]
    fused = results[2]["segments_info"]
    return counts[0] >= 3 and counts[3] >= 1 and len({s["id"] for s in fused}) < len(fused) and counts[5] == 0


def main():
    for name, (window, heads, depths, queries, size, sides, seed) in FAMILIES.items():
        folder = FOLDER / f"mask2former-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        processor = Mask2FormerImageProcessorPil(
            size={"shortest_edge": sides[0], "longest_edge": sides[1]}, size_divisor=32, num_labels=133,
            ignore_index=255)
        cases = settings(size[1], size[0])
        for seed in itertools.count(seed, step=100):
            model = make_model(window, heads, depths, queries, seed)
            picture = make_picture(size, seed)
            inputs = processor(images=picture, return_tensors="pt")
            with torch.no_grad():
                output = model(**inputs, output_hidden_states=True)
            results = [merge(processor, output, case) for case in cases]
            if is_telling(results):
                break
        model.save_pretrained(folder)
        if name == "small":
            torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
            (folder / "model.safetensors").unlink()
        processor.save_pretrained(folder)
        picture.save(folder / "picture.png")
        taps = {
            "pixels": inputs["pixel_values"],
            "class_logits": output.class_queries_logits,
            "mask_logits": output.masks_queries_logits,
            "mask_features": output.pixel_decoder_last_hidden_state,
        }
        for stage, values in enumerate(output.encoder_hidden_states):
            taps[f"backbone.{stage}"] = values
        for level, values in enumerate(output.pixel_decoder_hidden_states):
            taps[f"pixel_decoder.{level}"] = values
        merged = []
        for index, (case, result) in enumerate(zip(cases, results)):
            # -1 throughout where nothing was found; void is 0 here.
            taps[f"merged.{index}"] = result["segmentation"].clamp(min=0)
            merged.append(case | {"segments": result["segments_info"]})
        save_file({k: v.float().contiguous() for k, v in taps.items()}, folder / "expected.safetensors")
        (folder / "expected.json").write_text(json.dumps(merged))
        print(name, seed, [len(m["segments"]) for m in merged], sum(f.stat().st_size for f in folder.iterdir()))


if __name__ == "__main__":
    main()
