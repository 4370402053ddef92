"""Makes Tests/Fixtures/7-Grounding: tiny random SAMs with what transformers makes of every kind of prompt, the pocket
pipeline's heads as its training has them, masks as pycocotools compresses them, and losses as torch computes them.

    pip install -r requirements.txt && python grounding.py

Tensors in expected.safetensors have torch's layouts (NCHW).
"""

import json
import pathlib
import shutil

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import SamConfig, SamModel
from transformers.loss.loss_for_object_detection import dice_loss, generalized_box_iou, sigmoid_focal_loss
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil
from transformers.models.sam.modeling_sam import SamMaskDecoder, SamPromptEncoder

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "7-Grounding"
WIDTH = 32

SAMS = {
    # name: layout, vision, decoder, picture (width, height)
    "base": ("folder", dict(hidden_size=24, num_hidden_layers=3, num_attention_heads=2, mlp_dim=40, image_size=64,
                            patch_size=8, window_size=3, global_attn_indexes=[1]),
             dict(num_attention_heads=4, mlp_dim=48, iou_head_hidden_dim=20), (53, 37)),
    "other": ("half", dict(hidden_size=30, num_hidden_layers=2, num_attention_heads=3, mlp_ratio=1.5, image_size=48,
                           patch_size=12, window_size=4, global_attn_indexes=[0, 1]),
              dict(num_attention_heads=2, mlp_dim=16, iou_head_hidden_dim=12, num_multimask_outputs=2, iou_head_depth=2,
                   num_hidden_layers=1), (20, 90)),
    # The authors' names, and torch's own epsilon in the mask decoder; eight heads, as in every published one.
    "original": ("pth", dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, mlp_dim=32, image_size=64,
                             patch_size=16, window_size=3, global_attn_indexes=[1]),
                 dict(num_attention_heads=8, mlp_dim=24, iou_head_hidden_dim=16, layer_norm_eps=1e-5,
                      attention_downsample_rate=2), (64, 64)),
}


def draw(model):
    """Weights wide enough that no bias, scale or position goes unnoticed."""
    with torch.no_grad():
        for name, values in model.named_parameters():
            values.copy_(torch.randn_like(values))
            if values.dim() > 1:
                if "rel_pos" in name or "pos_embed" in name:
                    values.mul_(0.5)
                elif "positional_embedding" not in name and "embed." not in name and "token" not in name:
                    values.mul_(values[0].numel() ** -0.5)
            else:
                values.mul_(0.3).add_(1 if "norm" in name and "weight" in name else 0)


def original_name(name):
    """transformers' name in the authors' spelling; of the shared table transformers writes one name of its two."""
    for old, new in [
        ("shared_image_embedding.positional_embedding", "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"),
        ("vision_encoder.patch_embed.projection", "image_encoder.patch_embed.proj"),
        ("vision_encoder.neck.conv1", "image_encoder.neck.0"), ("vision_encoder.neck.layer_norm1", "image_encoder.neck.1"),
        ("vision_encoder.neck.conv2", "image_encoder.neck.2"), ("vision_encoder.neck.layer_norm2", "image_encoder.neck.3"),
        ("vision_encoder.layers.", "image_encoder.blocks."), ("vision_encoder.", "image_encoder."),
        ("prompt_encoder.point_embed.", "prompt_encoder.point_embeddings."),
        ("prompt_encoder.mask_embed.conv1", "prompt_encoder.mask_downscaling.0"),
        ("prompt_encoder.mask_embed.layer_norm1", "prompt_encoder.mask_downscaling.1"),
        ("prompt_encoder.mask_embed.conv2", "prompt_encoder.mask_downscaling.3"),
        ("prompt_encoder.mask_embed.layer_norm2", "prompt_encoder.mask_downscaling.4"),
        ("prompt_encoder.mask_embed.conv3", "prompt_encoder.mask_downscaling.6"),
        ("mask_decoder.upscale_conv1", "mask_decoder.output_upscaling.0"),
        ("mask_decoder.upscale_layer_norm", "mask_decoder.output_upscaling.1"),
        ("mask_decoder.upscale_conv2", "mask_decoder.output_upscaling.3"),
        ("layer_norm_final_attn", "norm_final_attn"),
    ]:
        if name.startswith(old) or (old == "layer_norm_final_attn" and old in name):
            name = name.replace(old, new)
            break
    if "mlps" in name or "iou_prediction_head" in name:
        return name.replace(".layers.0.", ".layers.1.").replace(".proj_in.", ".layers.0.").replace(".proj_out.", ".layers.2.")
    return name.replace(".layer_norm", ".norm")


def prompts(generator, side, cells):
    def numbers(*shape):
        return torch.from_numpy(generator.uniform(0, side, shape)).float().double()

    box = torch.tensor([side * 0.2, side * 0.3, side * 0.75, side * 0.8]).double()
    mask = torch.from_numpy(generator.normal(0, 3, (1, 4 * cells, 4 * cells))).float().double()
    given = torch.from_numpy(generator.normal(0, 1, (3, WIDTH))).float().double()
    return {
        "point": dict(points=numbers(1, 2), labels=[1]),
        "points": dict(points=numbers(3, 2), labels=[1, 0, 1]),
        "box": dict(box=box),
        "points-box": dict(points=numbers(2, 2), labels=[0, 1], box=box),
        "mask": dict(mask=mask),
        "box-mask": dict(box=box, mask=mask),
        "given": dict(given=given),
        "given-box": dict(given=given, box=box),
        "nothing": {},
    }


def answer(model, embeddings, prompt, multimask):
    sparse, dense = model.prompt_encoder(
        input_points=prompt["points"][None, None] if "points" in prompt else None,
        input_labels=torch.tensor(prompt["labels"])[None, None] if "points" in prompt else None,
        input_boxes=prompt["box"][None, None] if "box" in prompt else None,
        input_masks=prompt["mask"][None] if "mask" in prompt else None)
    if "given" in prompt:
        given = prompt["given"][None, None]
        sparse = given if sparse is None else torch.cat([given, sparse], 2)
    masks, scores = model.mask_decoder(
        image_embeddings=embeddings, image_positional_embeddings=model.get_image_wide_positional_embeddings(),
        sparse_prompt_embeddings=sparse, dense_prompt_embeddings=dense, multimask_output=multimask)
    return masks[0, 0], scores[0, 0]


def make_sam(name, layout, vision, decoder, size):
    folder = FOLDER / f"sam-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(len(name))
    side, patch = vision["image_size"], vision["patch_size"]
    model = SamModel(SamConfig(
        vision_config=vision | dict(output_channels=WIDTH, num_pos_feats=WIDTH // 2),
        prompt_encoder_config=dict(hidden_size=WIDTH, image_size=side, patch_size=patch, mask_input_channels=8),
        mask_decoder_config=decoder | dict(hidden_size=WIDTH))).eval()
    draw(model)
    if layout == "half":
        model = model.half()
    model.save_pretrained(folder)
    # What it makes of things is reckoned in 64 bits: random layers carry rounding far.
    model = model.double()
    processor = SamImageProcessorPil(
        size={"longest_edge": side}, pad_size={"height": side, "width": side},
        mask_size={"longest_edge": side // 4}, mask_pad_size={"height": side // 4, "width": side // 4})
    processor.save_pretrained(folder)
    if layout == "pth":
        weights = load_file(folder / "model.safetensors")
        torch.save({original_name(k): v for k, v in weights.items()}, folder / "sam_vit_tiny.pth")
        (folder / "model.safetensors").unlink()

    generator = numpy.random.default_rng(len(name))
    picture = Image.fromarray(generator.integers(0, 256, (size[1], size[0], 3), dtype=numpy.uint8))
    picture.save(folder / "picture.png")
    inputs = processor(images=picture, return_tensors="pt")
    expected = {"pixels": inputs["pixel_values"]}
    cases = []
    with torch.inference_mode():
        embeddings = model.get_image_embeddings(inputs["pixel_values"].double())
        expected["embeddings"] = embeddings
        for kind, prompt in prompts(generator, side, side // patch).items():
            for choice, multimask in [("single", False), ("alternatives", True)]:
                masks, scores = answer(model, embeddings, prompt, multimask)
                expected[f"{kind}.{choice}.masks"] = masks
                expected[f"{kind}.{choice}.scores"] = scores
            if kind == "box":
                expected["box.picture"] = processor.post_process_masks(
                    [masks[None]], inputs["original_sizes"], inputs["reshaped_input_sizes"], binarize=False)[0][0]
            for part in ["given", "mask"]:
                if part in prompt and kind in ("given", "mask"):
                    expected[part] = prompt[part]
            cases.append(dict(
                kind=kind, points=prompt["points"].tolist() if "points" in prompt else [],
                labels=prompt.get("labels", []), box=prompt["box"].tolist() if "box" in prompt else None,
                given="given" in prompt, mask="mask" in prompt))
    save_file({k: v.float().contiguous().clone() for k, v in expected.items()}, folder / "expected.safetensors")
    (folder / "cases.json").write_text(json.dumps(cases))


def two_linears(inputs, between, outputs):
    return nn.Sequential(nn.Linear(inputs, between), nn.ReLU(), nn.Linear(between, outputs))


def make_pocket():
    """As the pocket pipeline's training has it, smaller: box corners are edges, and four tokens come before them."""
    width, inner, cells, side = 24, 16, 8, 64
    folder = FOLDER / "pocket"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(21)
    config = SamConfig(
        vision_config=dict(hidden_size=inner, num_pos_feats=inner // 2, image_size=side, patch_size=side // cells,
                           output_channels=inner),
        prompt_encoder_config=dict(hidden_size=inner, image_size=side, patch_size=side // cells),
        mask_decoder_config=dict(hidden_size=inner, mlp_dim=2 * inner, num_attention_heads=2, iou_head_hidden_dim=inner))
    parts = nn.ModuleDict(dict(
        location_encoder=two_linears(4, width // 2, width), box_decoder=two_linears(width, width // 2, 4),
        mask_prompt=two_linears(width, width, 4 * inner), prompt_encoder=SamPromptEncoder(config),
        mask_decoder=SamMaskDecoder(config.mask_decoder_config))).eval()
    config._attn_implementation = "eager"
    draw(parts)
    with torch.no_grad():
        # Boxes that mostly lie in the picture.
        parts["box_decoder"][2].weight.mul_(0.15)
        parts["box_decoder"][2].bias.copy_(torch.tensor([0.2, 0.3, 0.7, 0.8]))
    hidden = torch.randn(5, width)
    features = torch.randn(1, inner, cells, cells)
    boxes = torch.rand(4, 4)
    # Whose choices differ: the locations of random boxes are much alike, what the crayon says is not.
    parts["pointer"] = nn.ModuleDict({name: nn.Linear(width, 64, bias=False) for name in ("query", "key")})
    said = 4 * torch.randn(len(boxes), width)
    save_file(parts.state_dict(), folder / "grounding.safetensors")
    with torch.inference_mode():
        encoded = parts["location_encoder"](boxes)
        keys = parts["pointer"]["key"](nn.functional.rms_norm(said + encoded, (width,), eps=1e-6))
        fits = parts["pointer"]["query"](hidden) @ keys.T
        pointed, in_turn, left = fits.argmax(1), [], fits.clone()
        for row in left:
            in_turn.append(int(row.argmax()) if row.isfinite().any() else -1)
            left[:, in_turn[-1]] = float("-inf")
        decoded = parts["box_decoder"](hidden)
        tokens = parts["mask_prompt"](hidden).reshape(1, len(hidden), 4, inner)
        corners = parts["prompt_encoder"]._embed_boxes((decoded * side - 0.5)[None])
        dense = parts["prompt_encoder"].no_mask_embed.weight.reshape(1, -1, 1, 1).expand(1, -1, cells, cells)
        line = (torch.arange(cells) + 0.5) / cells
        y, x = torch.meshgrid(line, line, indexing="ij")
        places = parts["prompt_encoder"].shared_embedding(torch.stack([x, y], -1)[None]).permute(0, 3, 1, 2)
        masks, scores = parts["mask_decoder"](features, places, torch.cat([tokens, corners], 2), dense, False)
        bare, _ = parts["mask_decoder"](features, places, tokens, dense, False)
        save_file({
            "hidden": hidden, "features": features, "boxes": boxes, "decoded": decoded,
            "encoded": encoded, "cycled": parts["location_encoder"](decoded), "said": said, "pointed": pointed.float(),
            "in_turn": torch.tensor(in_turn).float(),
            "pointed_boxes": parts["box_decoder"](encoded[pointed]),
            "masks": masks[0, :, 0].contiguous(), "bare": bare[0, :, 0].contiguous(), "scores": scores[0, :, 0].contiguous(),
        }, folder / "expected.safetensors")


def make_run_lengths():
    from pycocotools import mask as coco

    generator = numpy.random.default_rng(3)
    cases = []

    def add(mask):
        encoded = coco.encode(numpy.asfortranarray(mask.astype(numpy.uint8)))
        cases.append(dict(
            width=mask.shape[1], height=mask.shape[0], pixels="".join("01"[int(v)] for v in mask.flatten()),
            counts=encoded["counts"].decode(), area=int(coco.area(encoded)),
            xywh=[int(v) for v in coco.toBbox(encoded)]))
        return encoded

    for shape in [(1, 1), (1, 7), (7, 1), (5, 6), (13, 9)]:
        for density in [0, 0.1, 0.5, 0.9, 1]:
            add(generator.random(shape) < density)
    # Long runs, whose lengths have several digits, and differences below zero.
    for height, width in [(60, 80), (90, 40)]:
        mask = numpy.zeros((height, width), bool)
        mask[7:40, 5:30] = True
        mask[20:, 33:36] = True
        add(mask)
        add(~mask)
    pairs = []
    for _ in range(6):
        a, b = generator.random((2, 15, 11)) < generator.random()
        overlap = coco.iou([add(a)], [add(b)], [0])[0, 0]
        pairs.append([len(cases) - 2, len(cases) - 1, float(overlap)])
    (FOLDER / "run-lengths.json").write_text(json.dumps(dict(masks=cases, overlaps=pairs)))


def make_losses():
    torch.manual_seed(4)
    logits = torch.randn(2, 6, 5) * 3
    truth = (torch.rand(2, 6, 5) > 0.6).float()
    corners = torch.rand(2, 5, 2, 2).sort(dim=2).values.reshape(2, 5, 4)
    boxes, targets = corners[0], corners[1]
    entropies = [nn.functional.binary_cross_entropy_with_logits(a, b) for a, b in zip(logits, truth)]
    giou = torch.diag(generalized_box_iou(boxes, targets))
    flat = [(a.reshape(1, -1), b.reshape(1, -1)) for a, b in zip(logits, truth)]
    values = dict(
        logits=logits.flatten(1).tolist(), truth=truth.flatten(1).tolist(), boxes=boxes.tolist(), targets=targets.tolist(),
        crossEntropy=[e.item() for e in entropies],
        focal=[sigmoid_focal_loss(a, b, 1, alpha=0.25, gamma=2).item() for a, b in flat],
        focalOfMean=[(0.8 * (1 - torch.exp(-e)) ** 2 * e).item() for e in entropies],
        dice=[dice_loss(a, b, 1).item() for a, b in flat],
        l1=nn.functional.l1_loss(boxes, targets).item(), giou=giou.tolist(),
        detection=(2 * nn.functional.l1_loss(boxes, targets) + 0.8 * (1 - giou).mean()).item())
    (FOLDER / "losses.json").write_text(json.dumps(values))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, arguments in SAMS.items():
        make_sam(name, *arguments)
    make_pocket()
    make_losses()
    make_run_lengths()


if __name__ == "__main__":
    main()
