"""Writes the files of Pipelines/pocket from checkpoints, in 16 bit.

    python -m pocket.export --base FILE.gguf --language RUN --segmenter RUN --vision RUN --masks RUN --out DIR

A stage without a checkpoint stays as DIR has it, or is written as it starts; STATUS.txt says so.
"""

import argparse
import dataclasses
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file

from . import base, checkpoint, initialise, panoptic
from .language import ADAPTERS, RANK
from .masks import Masks
from .model import Pocket
from .panoptic import Decision
from .segmenter import (
    ADE, BINS, BOTTLENECKS, CONTEXT, DECODED, DEVIATION, ENCODED, FINE, GRID, GRIDS, MASK, MEAN, ROI, SEMANTIC, WIDTH,
    Segmenter)
from .vision import Vision

LIMIT = 40_000_000  # bytes of a pipeline
# What of an exported folder tells that a stage is in it.
PARTS = {"language": "adapters.safetensors", "vision": "vision", "segmenter": "segmenter", "masks": "grounding.safetensors"}
# Our stacked matrices and the modules of Hugging Face's Llama that they hold.
MODULES = {
    "qkv": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], "o": ["self_attn.o_proj"],
    "gate_up": ["mlp.gate_proj", "mlp.up_proj"], "down": ["mlp.down_proj"]}


def adapter_tensors(pocket: Pocket) -> dict[str, torch.Tensor]:
    out = {}
    for number, layer in enumerate(pocket.language.layers):
        for stack, linear in layer.adapted().items():
            row = 0
            for place, (module, size) in enumerate(zip(MODULES[stack], linear.splits)):
                for adapter in ADAPTERS:
                    name = f"{adapter}.model.layers.{number}.{module}"
                    out[f"{name}.lora_A.weight"] = linear.a[adapter][place * RANK:(place + 1) * RANK]
                    out[f"{name}.lora_B.weight"] = linear.b[adapter][row:row + size]
                row += size
        name = f"crayon.model.layers.{number}.self_attn.o_proj"
        out[f"{name}.lora_A.weight"], out[f"{name}.lora_B.weight"] = layer.crayon_a, layer.crayon_b
    return out


def connector_modules(pocket: Pocket) -> dict[str, torch.nn.Module]:
    return {"vision_connector": pocket.vision_connector, "palette": pocket.palette}


def begin_merged(pocket: Pocket, adapters: dict[str, torch.Tensor], alpha: float):
    """Each adapter begins as the sum of both of a file, of any rank, so that each alone does what both did together."""
    for number, layer in enumerate(pocket.language.layers):
        for stack, linear in layer.adapted().items():
            for place, module in enumerate(MODULES[stack]):
                names = [f"{adapter}.model.layers.{number}.{module}" for adapter in ADAPTERS]
                a = torch.cat([adapters[f"{name}.lora_A.weight"].float() for name in names])
                b = torch.cat([adapters[f"{name}.lora_B.weight"].float() for name in names], 1)
                linear.begin_as(place, a, b * (alpha * len(names) / len(a)))


@torch.no_grad()
def load_exported(pocket: Pocket, folder: pathlib.Path, merged_alpha: float | None = None):
    """The other way around: a model with the weights of a folder.

    `merged_alpha`: the alpha of adapters that are to be merged, as `begin_merged` has it."""
    crayon, connector = load_file(folder / "crayon.safetensors"), load_file(folder / "connector.safetensors")
    adapters, grounding = load_file(folder / "adapters.safetensors"), load_file(folder / "grounding.safetensors")
    if merged_alpha:
        begin_merged(pocket, adapters, merged_alpha)
    for name, tensor in adapter_tensors(pocket).items():
        if not merged_alpha or name.startswith("crayon."):
            tensor.copy_(adapters[name])
    pocket.crayon.load_state_dict(crayon)
    pocket.vision_position.copy_(connector["vision_position"])
    for part, module in connector_modules(pocket).items():
        module.load_state_dict({name: connector[f"{part}.{name}"] for name in module.state_dict()})
    pocket.regions.load_state_dict(
        {name: grounding[name] for name in pocket.regions.state_dict()})
    pocket.language.fold()


def load_masks(masks: Masks, folder: pathlib.Path):
    grounding = load_file(folder / "grounding.safetensors")
    masks.load_state_dict({name: grounding[name] for name in masks.state_dict()})


def _write(file: pathlib.Path, tensors: dict[str, torch.Tensor]):
    file.parent.mkdir(parents=True, exist_ok=True)
    half = {name: tensor.detach().half().contiguous().clone() for name, tensor in tensors.items()}
    for name, tensor in half.items():
        if not tensor.isfinite().all():
            raise ValueError(f"{file.name}: {name} does not fit 16 bit")
    save_file(half, file)


def _json(file: pathlib.Path, value: dict):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, indent=2) + "\n")


def write_segmenter(folder: pathlib.Path, segmenter: Segmenter, rule: Decision = Decision()):
    _write(folder / "model.safetensors", segmenter.state_dict())
    _json(folder / "config.json", {
        "model_type": "crayon-panoptic", "image_size": 512, "categories": panoptic.NAMES,
        "stem_width": 24, "stage_widths": [176, 352, 704], "stage_units": [4, 8, 4], "pyramid_width": WIDTH,
        "stuff_trunk": {
            "stem_width": BOTTLENECKS[0][0], "bottlenecks": [sizes[1:] for sizes in BOTTLENECKS], "encoder_width": ENCODED,
            "grids": GRIDS, "grid_width": GRID, "context_width": CONTEXT, "eighth_width": DECODED, "classes": ADE},
        "distance_bins": BINS, "semantic_width": SEMANTIC, "fine_width": FINE, "mask_width": MASK, "mask_cells": ROI,
        **dataclasses.asdict(rule), "image_mean": MEAN, "image_std": DEVIATION})


def write_vision(folder: pathlib.Path, vision: Vision):
    _write(folder / "model.safetensors", {
        f"vision_model.{name}": tensor for name, tensor in vision.model.state_dict().items()})
    config = vision.model.config.to_dict()
    keep = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_channels",
            "image_size", "patch_size", "hidden_act", "layer_norm_eps")
    _json(folder / "config.json", {
        "architectures": ["CLIPVisionModel"], "model_type": "clip_vision_model", **{key: config[key] for key in keep}})
    _json(folder / "preprocessor_config.json", {
        "image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"height": 256, "width": 256},
        "resample": 2, "do_center_crop": False, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
        "do_convert_rgb": True})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=pathlib.Path, required=True)
    for stage in ("language", "segmenter", "vision", "masks"):
        parser.add_argument(f"--{stage}", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(0)
    status = []
    there = {stage: (options.out / part).exists() for stage, part in PARTS.items()}

    def state_of(stage: str, file: str = "checkpoint.pt"):
        folder = getattr(options, stage)
        if folder is None or not (folder / file).exists():
            status.append(f"{stage}: {'as it was there' if there[stage] else 'untrained'}")
            return None
        state = checkpoint.load(folder / file)
        status.append(f"{stage}: {folder.name}" + (f", step {state['step']}" if "step" in state else ""))
        return state

    pocket = Pocket(base.load(options.base))
    state = state_of("language")
    if state:
        pocket.load_state_dict(state["model"])
    elif there["language"]:
        load_exported(pocket, options.out)
    else:
        initialise.start(pocket, base.Words(options.base))
    _write(options.out / "adapters.safetensors", adapter_tensors(pocket))
    _write(options.out / "crayon.safetensors", pocket.crayon.state_dict())
    vision = Vision()
    seen = state_of("vision", "vision.pt")
    if seen:
        vision.load_state_dict(seen["vision"])
    if seen or not there["vision"]:
        write_vision(options.out / "vision", vision)
    _write(options.out / "connector.safetensors", {
        **{f"{part}.{name}": tensor for part, module in connector_modules(pocket).items()
           for name, tensor in module.state_dict().items()},
        "vision_position": pocket.vision_position})
    state = state_of("segmenter")
    segmenter = Segmenter().eval()
    if state:
        segmenter.load_state_dict(state["average"])
    if state or not there["segmenter"]:
        write_segmenter(options.out / "segmenter", segmenter, Decision(**state["rule"]) if state and "rule" in state else Decision())
    masks = Masks()
    state = state_of("masks")
    if state:
        masks.load_state_dict(state["model"])
    elif there["masks"]:
        load_masks(masks, options.out)
    _write(options.out / "grounding.safetensors", {**pocket.regions.state_dict(), **masks.state_dict()})
    # The other pipeline's segmenter lies in the same folder.
    size = sum(file.stat().st_size for file in options.out.rglob("*.safetensors") if "scenes-segmenter" not in file.parts)
    status.append(f"{size / 1e6:.1f} MB")
    (options.out / "STATUS.txt").write_text("\n".join(status) + "\n")
    print("\n".join(status))
    if size > LIMIT:
        raise SystemExit(f"{size} bytes are more than {LIMIT}")


if __name__ == "__main__":
    main()
