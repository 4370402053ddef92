"""Writes CoLLaVO-7B or NExT-Chat-7B in full size with random weights, to measure with: times and memory do not hang on
what weights say.

    python full_size.py collavo --models ~/crayon-models --segmenter
    CRAYON_MODELS=~/crayon-models crayon models quantize CoLLaVO-7B --nf4
    CRAYON_MODELS=~/crayon-models crayon ask picture.png "What is there?" --pipeline collavo-7b --max-tokens 32 --json

Folders, names and shapes are those of the published repositories; values are halves drawn once for each size of tensor
and written again and again, so that 14 GB take as long as the disk does. The tokenizer is a small one: the model's
vocabulary keeps its size. Needs numpy alone. Remove the folder afterwards.
"""

import argparse
import json
import pathlib
import shutil
import struct

import numpy

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures"
CLIP = dict(
    hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, image_size=336, patch_size=14,
    hidden_act="quick_gelu", layer_norm_eps=1e-5, model_type="clip_vision_model", num_channels=3, projection_dim=768)


def clip(prefix, grid):
    width, middle = CLIP["hidden_size"], CLIP["intermediate_size"]
    yield f"{prefix}embeddings.class_embedding", [width]
    yield f"{prefix}embeddings.patch_embedding.weight", [width, 3, 14, 14]
    yield f"{prefix}embeddings.position_embedding.weight", [grid * grid + 1, width]
    for norm in ["pre_layrnorm", "post_layernorm"]:
        yield from ((f"{prefix}{norm}.{part}", [width]) for part in ["weight", "bias"])
    for layer in range(CLIP["num_hidden_layers"]):
        name = f"{prefix}encoder.layers.{layer}."
        for linear, rows, columns in (
                [(f"self_attn.{p}_proj", width, width) for p in ["q", "k", "v", "out"]]
                + [("mlp.fc1", middle, width), ("mlp.fc2", width, middle)]):
            yield f"{name}{linear}.weight", [rows, columns]
            yield f"{name}{linear}.bias", [rows]
        for norm in ["layer_norm1", "layer_norm2"]:
            yield from ((f"{name}{norm}.{part}", [width]) for part in ["weight", "bias"])


def sequential(prefix, *widths, step=2):
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        yield f"{prefix}.{index * step}.weight", [outputs, inputs]
        yield f"{prefix}.{index * step}.bias", [outputs]


def collavo():
    """InternLM2-7B with partial low-rank pairs of rank 256, CLIP at 35 x 35 cells, two connectors, two tables."""
    width, middle, rank, vocabulary = 4096, 14336, 256, 92544
    yield "model.tok_embeddings.weight", [vocabulary + 1, width]
    yield "output.weight", [vocabulary, width]
    yield "model.norm.weight", [width]
    for layer in range(32):
        name = f"model.layers.{layer}."
        yield from ((f"{name}{norm}.weight", [width]) for norm in ["attention_norm", "ffn_norm"])
        for linear, rows, columns in [
                ("attention.wqkv", width + 2048, width), ("attention.wo", width, width),
                ("feed_forward.w1", middle, width), ("feed_forward.w3", middle, width),
                ("feed_forward.w2", width, middle)]:
            yield f"{name}{linear}.Plora_main.weight", [rows, columns]
            for pair in ["Plora", "Plora_seg"]:
                yield f"{name}{linear}.{pair}_A.weight", [rank, columns]
                yield f"{name}{linear}.{pair}_B.weight", [rows, rank]
    yield from clip("vit.vision_tower.vision_model.", 35)
    for connector in ["vision_proj", "vision_proj_for_seg"]:
        yield from sequential(connector, 1024, width, width)
    yield "seg_prompt_embed.weight", [134, 1024]
    yield "seg_num_embed.weight", [21, 1024]


def sam():
    """SAM ViT-H with the authors' names."""
    width, side, window, depth = 1280, 64, 14, 32
    name = "image_encoder."
    yield name + "pos_embed", [1, side, side, width]
    yield name + "patch_embed.proj.weight", [width, 3, 16, 16]
    yield name + "patch_embed.proj.bias", [width]
    for block in range(depth):
        at = f"{name}blocks.{block}."
        span = side if block in (7, 15, 23, 31) else window
        for norm in ["norm1", "norm2"]:
            yield from ((f"{at}{norm}.{part}", [width]) for part in ["weight", "bias"])
        yield from ((f"{at}attn.rel_pos_{axis}", [2 * span - 1, width // 16]) for axis in "hw")
        for linear, rows, columns in [
                ("attn.qkv", 3 * width, width), ("attn.proj", width, width), ("mlp.lin1", 4 * width, width),
                ("mlp.lin2", width, 4 * width)]:
            yield f"{at}{linear}.weight", [rows, columns]
            yield f"{at}{linear}.bias", [rows]
    yield name + "neck.0.weight", [256, width, 1, 1]
    yield name + "neck.2.weight", [256, 256, 3, 3]
    for norm in ["neck.1", "neck.3"]:
        yield from ((f"{name}{norm}.{part}", [256]) for part in ["weight", "bias"])
    yield "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", [2, 128]
    for index in range(4):
        yield f"prompt_encoder.point_embeddings.{index}.weight", [1, 256]
    for part in ["not_a_point_embed", "no_mask_embed"]:
        yield f"prompt_encoder.{part}.weight", [1, 256]
    for part, shape in [("0", [4, 1, 2, 2]), ("3", [16, 4, 2, 2]), ("6", [256, 16, 1, 1]), ("1", [4]), ("4", [16])]:
        yield f"prompt_encoder.mask_downscaling.{part}.weight", shape
        yield f"prompt_encoder.mask_downscaling.{part}.bias", [shape[0]]
    name = "mask_decoder."
    attentions = [(f"layers.{i}.{a}", 256 if a == "self_attn" else 128) for i in range(2) for a in [
        "self_attn", "cross_attn_token_to_image", "cross_attn_image_to_token"]] + [("final_attn_token_to_image", 128)]
    for attention, inner in attentions:
        for part, rows, columns in [("q", inner, 256), ("k", inner, 256), ("v", inner, 256), ("out", 256, inner)]:
            yield f"{name}transformer.{attention}.{part}_proj.weight", [rows, columns]
            yield f"{name}transformer.{attention}.{part}_proj.bias", [rows]
    norms = [f"layers.{i}.norm{n}" for i in range(2) for n in range(1, 5)] + ["norm_final_attn"]
    for norm in norms:
        yield from ((f"{name}transformer.{norm}.{part}", [256]) for part in ["weight", "bias"])
    for i in range(2):
        for part, rows, columns in [("lin1", 2048, 256), ("lin2", 256, 2048)]:
            yield f"{name}transformer.layers.{i}.mlp.{part}.weight", [rows, columns]
            yield f"{name}transformer.layers.{i}.mlp.{part}.bias", [rows]
    yield name + "iou_token.weight", [1, 256]
    yield name + "mask_tokens.weight", [4, 256]
    for part, shape, bias in [("0", [256, 64, 2, 2], 64), ("1", [64], 64), ("3", [64, 32, 2, 2], 32)]:
        yield f"{name}output_upscaling.{part}.weight", shape
        yield f"{name}output_upscaling.{part}.bias", [bias]
    for i in range(4):
        yield from sequential(f"{name}output_hypernetworks_mlps.{i}.layers", 256, 256, 256, 32, step=1)
    yield from sequential(f"{name}iou_prediction_head.layers", 256, 256, 256, 4, step=1)


def nextchat(vocabulary):
    """Vicuna-7B, a connector of two layers, CLIP, the heads, and SAM ViT-H."""
    width, middle = 4096, 11008
    for name in ["model.embed_tokens.weight", "lm_head.weight"]:
        yield name, [vocabulary, width]
    yield "model.norm.weight", [width]
    for layer in range(32):
        name = f"model.layers.{layer}."
        yield from ((f"{name}{norm}.weight", [width]) for norm in ["input_layernorm", "post_attention_layernorm"])
        yield from ((f"{name}self_attn.{p}_proj.weight", [width, width]) for p in "qkvo")
        yield from ((f"{name}mlp.{p}_proj.weight", [middle, width]) for p in ["gate", "up"])
        yield f"{name}mlp.down_proj.weight", [width, middle]
    yield from sequential("model.mm_projector", 1024, width, width)
    yield from clip("model.vision_tower.vision_model.", 24)
    yield from sequential("loc_encoder", 4, width // 2, width)
    yield from sequential("loc_decoder", width, width // 2, 4)
    yield from sequential("seg_prompt_mlp", width, width, 1024)
    for name, shape in sam():
        yield "sam.model." + name, shape


def write(path, tensors, kind="F16"):
    """One safetensors file. Norms are near 1, all else is small, so that numbers stay numbers."""
    size = numpy.dtype(numpy.float16).itemsize
    header, offset, tensors = {"__metadata__": {"format": "pt"}}, 0, list(tensors)
    for name, shape in tensors:
        count = int(numpy.prod(shape))
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + count * size]}
        offset += count * size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    generator = numpy.random.default_rng(1)
    noise = generator.standard_normal(1 << 24, dtype=numpy.float32)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, shape in tensors:
            count, columns = int(numpy.prod(shape)), int(numpy.prod(shape[1:]))
            is_norm = "norm" in name and name.endswith("weight") or name.endswith(("neck.1.weight", "neck.3.weight"))
            values = noise * (0.02 if is_norm else 0.7 / max(columns, 64) ** 0.5) + (1 if is_norm else 0)
            values = values[:min(count, len(values))].astype(numpy.float16).tobytes()
            for start in range(0, count * size, len(values)):
                file.write(values[:min(len(values), count * size - start)])
    print(f"{path}: {offset / 1e9:.2f} GB")


def folder(models, name):
    made = models / name
    made.mkdir(parents=True, exist_ok=True)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["collavo", "nextchat"])
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--segmenter", action="store_true", help="Mask2Former with Swin-L too; needs transformers")
    arguments = parser.parse_args()
    models = arguments.models
    if arguments.model == "collavo":
        made = folder(models, "CoLLaVO-7B")
        config = json.loads((FIXTURES / "CoLLaVO" / "config.json").read_text())
        config |= dict(
            hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32,
            num_key_value_heads=8, vocab_size=92544, max_position_embeddings=32768, rope_theta=1000000)
        (made / "config.json").write_text(json.dumps(config))
        shutil.copy(FIXTURES / "CoLLaVO" / "tokenizer.model", made)
        write(made / "model.safetensors", collavo())
        (folder(models, "clip-vit-large-patch14-336-config") / "config.json").write_text(json.dumps(CLIP))
    else:
        made = folder(models, "nextchat-7b-336")
        config = json.loads((FIXTURES / "NExTChat" / "config.json").read_text())
        config |= dict(
            hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
            num_key_value_heads=32, vocab_size=32005, max_position_embeddings=4096, mm_hidden_size=1024)
        (made / "config.json").write_text(json.dumps(config))
        shutil.copy(FIXTURES / "NExTChat" / "tokenizer.model", made)
        write(made / "model.safetensors", nextchat(32005))
        (folder(models, "clip-vit-large-patch14-336-config") / "config.json").write_text(json.dumps(CLIP))
    if arguments.segmenter:
        from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig

        labels = json.loads((FIXTURES / "2-Panoptic" / "mask2former-large" / "config.json").read_text())["id2label"]
        model = Mask2FormerForUniversalSegmentation(Mask2FormerConfig(
            backbone_config=SwinConfig(
                embed_dim=192, depths=[2, 2, 18, 2], num_heads=[6, 12, 24, 48], window_size=12,
                out_features=["stage1", "stage2", "stage3", "stage4"]),
            num_queries=200, id2label={int(i): name for i, name in labels.items()}))
        made = folder(models, "mask2former-swin-large-coco-panoptic")
        model.half().save_pretrained(made)
        processor = json.loads(
            (FIXTURES / "2-Panoptic" / "mask2former-large" / "preprocessor_config.json").read_text())
        processor["size"] = {"shortest_edge": 800, "longest_edge": 1333}
        (made / "preprocessor_config.json").write_text(json.dumps(processor))


if __name__ == "__main__":
    main()
