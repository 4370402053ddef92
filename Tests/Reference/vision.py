"""Makes Tests/Fixtures/4-Vision: tiny random CLIPs with transformers' hidden states, pictures as CLIP's image
processor and the other ways of making a square leave them, and tables interpolated by torch.

    pip install -r requirements.txt && python vision.py

Tensors in expected.safetensors have torch's layouts (NCHW).
"""

import json
import pathlib
import shutil

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "4-Vision"

TOWERS = {
    # name: how it is published, sizes, and the side of another square to look at
    "whole": ("clip", dict(hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
                           image_size=32, patch_size=8, hidden_act="quick_gelu"), 56),
    "vision": ("bin", dict(hidden_size=48, intermediate_size=80, num_hidden_layers=2, num_attention_heads=3,
                           image_size=30, patch_size=6, hidden_act="gelu"), 18),
    "half": ("half", dict(hidden_size=64, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                          image_size=28, patch_size=7, hidden_act="quick_gelu", layer_norm_eps=1e-3), 49),
    "brain": ("brain", dict(hidden_size=20, intermediate_size=24, num_hidden_layers=1, num_attention_heads=1,
                            image_size=16, patch_size=4, hidden_act="gelu"), 16),
}


def draw(model):
    """Weights wide enough that no bias, scale or position goes unnoticed."""
    with torch.no_grad():
        for name, values in model.named_parameters():
            values.copy_(torch.randn_like(values))
            if values.dim() > 1:
                values.mul_(1.2 / values[0].numel() ** 0.5 if "embedding" not in name else 0.5)
            else:
                values.mul_(0.3).add_(1 if "norm" in name and "weight" in name else 0)


def published(name):
    """The prefix that published checkpoints have and this version of transformers leaves out."""
    return name if name.startswith(("vision_model.", "text_model.", "logit", "text_proj", "visual_proj")) \
        else "vision_model." + name


def make_tower(name, kind, sizes, side):
    folder = FOLDER / f"clip-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(len(name))
    vision = CLIPVisionConfig(**sizes)
    if kind == "clip":
        text = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2, vocab_size=10,
                    max_position_embeddings=4)
        whole = CLIPModel(CLIPConfig(text_config=text, vision_config=vision.to_dict(), projection_dim=8)).eval()
        draw(whole)
        whole.save_pretrained(folder)
        tower = CLIPVisionModel(vision).eval()
        state = whole.vision_model.state_dict()
        tower.load_state_dict(state)
        weights = load_file(folder / "model.safetensors")
        # Older checkpoints keep the numbers of the positions.
        weights["vision_model.embeddings.position_ids"] = torch.arange(vision.image_size ** 2 // 64 + 1)[None]
        save_file(weights, folder / "model.safetensors")
    else:
        tower = CLIPVisionModel(vision).eval()
        draw(tower)
        if kind in ("half", "brain"):
            dtype = torch.float16 if kind == "half" else torch.bfloat16
            tower = tower.to(dtype)
        tower.save_pretrained(folder)
        weights = load_file(folder / "model.safetensors")
        tower = tower.float()
        if kind == "bin":
            (folder / "model.safetensors").unlink()
            torch.save({published(k): v for k, v in weights.items()}, folder / "pytorch_model.bin")
        elif kind == "half":
            save_file({published(k): v for k, v in weights.items()}, folder / "model.safetensors")
        # "brain" stays as transformers 5 saves it, without the prefix.
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": vision.image_size}, crop_size={"height": vision.image_size, "width": vision.image_size})
    processor.save_pretrained(folder)
    expected = {}
    for tag, pixels in {
        "own": torch.randn(1, 3, vision.image_size, vision.image_size),
        "other": torch.randn(1, 3, side, side),
    }.items():
        with torch.inference_mode():
            output = tower(pixels, output_hidden_states=True, interpolate_pos_encoding=tag == "other")
        expected[f"{tag}.pixels"] = pixels
        for layer, state in enumerate(output.hidden_states):
            expected[f"{tag}.hidden.{layer}"] = state
    save_file({k: v.float().contiguous().clone() for k, v in expected.items()}, folder / "expected.safetensors")


def make_picture(size, seed):
    """Blobs of colour with noise: smooth enough to resize, rough enough to tell filters apart."""
    generator = numpy.random.default_rng(seed)
    small = generator.integers(0, 256, (7, 9, 3), dtype=numpy.uint8)
    picture = numpy.asarray(Image.fromarray(small).resize(size, Image.BICUBIC)).astype(int)
    noise = generator.integers(-20, 21, picture.shape)
    return Image.fromarray((picture + noise).clip(0, 255).astype(numpy.uint8))


def expand2square(picture, colour):
    """As LLaVA's and NExT-Chat's function of this name does it."""
    width, height = picture.size
    side = max(width, height)
    square = Image.new("RGB", (side, side), colour)
    square.paste(picture, ((side - width) // 2, (side - height) // 2))
    return square


def make_pictures():
    folder = FOLDER / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cases = []
    expected = {}
    mean_colour = tuple(int(value * 255) for value in CLIPImageProcessorPil.image_mean)
    for name, size in {"wide": (83, 44), "tall": (37, 90), "square": (50, 50), "odd": (61, 60), "small": (9, 13)}.items():
        picture = make_picture(size, len(name))
        picture.save(folder / f"{name}.png")
        for mode, side, settings in [
            ("centreCrop", 28, dict(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})),
            ("centreCrop", 25, dict(size={"shortest_edge": 32}, crop_size={"height": 25, "width": 25})),
            # A crop larger than the picture.
            ("centreCrop", 31, dict(size={"shortest_edge": 22}, crop_size={"height": 31, "width": 31})),
            ("squash", 28, dict(size={"height": 28, "width": 28}, do_center_crop=False, resample=2)),
            ("squash", 35, dict(size={"height": 35, "width": 35}, do_center_crop=False, resample=3)),
            ("padWhite", 28, dict(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})),
            ("padMean", 35, dict(size={"shortest_edge": 35}, crop_size={"height": 35, "width": 35})),
        ]:
            processor = CLIPImageProcessorPil(**settings)
            seen = picture
            if mode.startswith("pad"):
                seen = expand2square(picture, (255, 255, 255) if mode == "padWhite" else mean_colour)
            key = f"{name}.{len(cases)}"
            expected[key] = processor(images=seen, return_tensors="pt")["pixel_values"][0]
            cases.append(dict(
                key=key, picture=name, mode=mode, side=side, edge=settings["size"].get("shortest_edge", 0),
                filter="pillowBilinear" if settings.get("resample") == 2 else "pillowBicubic"))
    (folder / "cases.json").write_text(json.dumps(cases))
    save_file({k: v.float().contiguous() for k, v in expected.items()}, folder / "expected.safetensors")


def make_tables():
    torch.manual_seed(5)
    tensors = {}
    for rows, columns, channels, sizes in [(4, 4, 6, [(7, 7), (3, 5), (1, 1), (9, 2)]), (5, 2, 3, [(11, 13)]),
                                           (24, 24, 2, [(35, 35), (16, 16)])]:
        table = torch.randn(1, channels, rows, columns)
        tensors[f"table.{rows}x{columns}"] = table
        for size in sizes:
            tensors[f"table.{rows}x{columns}.{size[0]}x{size[1]}"] = torch.nn.functional.interpolate(
                table, size=size, mode="bicubic", align_corners=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in tensors.items()}, FOLDER / "bicubic.safetensors")


def main():
    for name, (kind, sizes, side) in TOWERS.items():
        make_tower(name, kind, sizes, side)
    make_pictures()
    make_tables()


if __name__ == "__main__":
    main()
