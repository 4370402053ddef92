"""Makes Tests/Fixtures/CoLLaVOPipeline: what the authors' demo makes of a picture's file, segmenter included.

    git clone https://github.com/ByungKwanLee/CoLLaVO
    pip install -r requirements-collavo.txt && python collavo_pipeline.py --repo CoLLaVO

All of their `demo.py`: torchvision's `Resize(antialias=False)` of the decoded picture (which is torch's `interpolate` in
32-bit, rounded), `demo_process` with transformers' Mask2Former and
its processor, and greedy `generate` with its cache. The checkpoint is that of Tests/Fixtures/CoLLaVO (collavo.py), the
segmenter that of Tests/Fixtures/2-Panoptic/mask2former-large (panoptic_mask2former.py). Pictures are drawn until the
segmenter finds three segments of one class.

picture.png: neither square nor of the model's size.
expected.json: by template, `semantic` and `numbering` of the grid, the `listing`, the sequence's `tokens` (-1 for the
image) and 64 `greedy` tokens; `margin` is the least by which one of them was ahead of the next likely.
"""

import argparse
import itertools
import json
import pathlib
import sys
import tempfile

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn.functional import interpolate
from transformers import CLIPVisionConfig, CLIPVisionModel, Mask2FormerForUniversalSegmentation, Mask2FormerImageProcessor

import collavo
import collavo_authors

# The authors' package has the same name as the script beside this one.
del sys.modules["collavo"]
FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures"
FOLDER = FIXTURES / "CoLLaVOPipeline"
SIDE = collavo.GRID * collavo.PATCH
QUESTIONS = {"demo": "How many cups are there?", "evaluation": "What is in the picture?"}


def draw(seed):
    generator = numpy.random.default_rng(seed)
    small = Image.fromarray(generator.integers(0, 256, (5, 7, 3), dtype=numpy.uint8))
    return small.resize((97, 61), Image.BICUBIC)


def resized(picture):
    pixels = torch.from_numpy(numpy.array(picture)).permute(2, 0, 1).float()
    return interpolate(pixels[None], size=(SIDE, SIDE), mode="bilinear", align_corners=False)[0].round().byte()


def load_model(module):
    folder = FIXTURES / "CoLLaVO"
    config = module("collavo.arch.configuration_internlm2").InternLM2Config.from_json_file(folder / "config.json")
    model = module("collavo.arch_collavo").CoLLaVOModel(config)
    tensors = {}
    for part in sorted(folder.glob("model-*.safetensors")):
        tensors |= load_file(part)
    model.load_state_dict(tensors)
    processor = module("collavo.arch.tokenization_internlm2").CoLLaVOTokenizer(
        str(folder / "tokenizer.model"), padding_side="left")
    processor.add_tokens("<image>", special_tokens=True)
    model.resize_token_embeddings(len(processor))
    model.config.image_token_index = processor(
        "<image>", add_special_tokens=False, return_tensors="pt").input_ids.item()
    model.config.ignore_index = model.config.pad_token_id = -100
    return model.float().eval(), processor


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repo", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    FOLDER.mkdir(exist_ok=True)
    clip = pathlib.Path(tempfile.mkdtemp())
    CLIPVisionModel(CLIPVisionConfig.from_json_file(FIXTURES / "CoLLaVO" / "vision" / "config.json")).save_pretrained(clip)
    model, processor = load_model(collavo_authors.load(arguments.repo, collavo.replacements(clip)))
    segmenter = FIXTURES / "2-Panoptic" / "mask2former-large"
    parts = dict(
        processor=processor, seg_model=Mask2FormerForUniversalSegmentation.from_pretrained(segmenter).eval(),
        seg_processor=Mask2FormerImageProcessor.from_pretrained(segmenter), device="cpu")

    for seed in itertools.count():
        picture = draw(seed)
        image = resized(picture)
        with torch.no_grad():
            given = model.demo_process(image=image, prompt="?", **parts)
        if given["seg_values"][1].max() >= 3:
            break
    picture.save(FOLDER / "picture.png")
    cases = {}
    for template, question in QUESTIONS.items():
        with torch.no_grad():
            if template == "demo":
                given = model.demo_process(image=image, prompt=question, **parts)
            else:
                given = model.eval_process(images=image[None], prompts=[question], **parts)
            semantic, numbering = (values[0].tolist() for values in given["seg_values"])
            ids = given["input_ids"][0].tolist()
            made = model.generate(
                **given, do_sample=False, max_new_tokens=64, use_cache=True, eos_token_id=None, pad_token_id=0,
                output_scores=True, return_dict_in_generate=True)
        token = model.config.image_token_index
        text = processor.decode([i for i in ids if i != token])
        best = torch.stack(made.scores)[:, 0].topk(2).values
        cases[template] = {
            "question": question, "listing": text[text.index("The image includes"):text.index(" " + question)],
            "semantic": semantic, "numbering": numbering, "tokens": [-1 if i == token else i for i in ids],
            "greedy": made.sequences[0, len(ids):].tolist(), "margin": (best[:, 0] - best[:, 1]).min().item()}
        print(template, seed, semantic, numbering, cases[template]["listing"], cases[template]["margin"])
    (FOLDER / "expected.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
