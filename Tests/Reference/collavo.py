"""Makes Tests/Fixtures/CoLLaVO: a tiny random CoLLaVO in the published layout, and all that the authors' own code
makes of a picture with it.

    git clone https://github.com/ByungKwanLee/CoLLaVO
    pip install -r requirements-collavo.txt && python collavo.py --repo CoLLaVO

Their code is run as it is, but for the sizes that it has in its text: the grid of 35 × 35 cells becomes 5 × 5, the
vision tower's 24 × 24 positions 3 × 3, its width 1024 becomes 24, the language model's 4096 becomes 32, the rank 256
becomes 4. The segmenter is stood in for by the map that it would give. Weights are random, nowhere zero, and exact in
16 bits; all else is 32-bit.

config.json, model-*-of-*.safetensors with their index, tokenizer.model, tokenizer_config.json and the rest: the checkpoint
as `save_pretrained` of the model and of the tokenizer write it, in 16 bits. vision/config.json: of the CLIP that it is built on.
tokenizer-prefix.model: the same texts for a tokenizer that puts a space before a text, which InternLM2's does not.
1-image.png, 2-panoptic.png, 2-panoptic.json: a picture and its map.
expected.safetensors: `vision` and `image` before and after the connector, `crayon.MAP`; for every case `CASE.hidden.N`
behind layer N (the last one: behind the norm too) and `CASE.logits` of the last position; `positions` is the vision
tower's table before it is stretched, [10, 24]. What goes into the layers is the tokens' rows of the embedding, and
`image` in the image's place, which is made sure of.
expected.json: for every case its map, template, question and listing, the tokens (-1 for the image), the same for the
other tokenizer, and 64 tokens of their greedy `generate` with its cache. `margin` is the least by which one of them was
ahead of the next likely.
"""

import argparse
import io
import json
import pathlib
import shutil
import tempfile

import numpy
import sentencepiece
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModel

import collavo_authors

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent / "Fixtures" / "CoLLaVO"
CATEGORIES = json.loads((HERE.parent.parent / "Samples" / "scenes" / "categories.json").read_text())

WIDTH, VISION, RANK, GRID, PATCH = 32, 24, 4, 5, 14
CELLS = GRID * GRID

QUESTIONS = {
    "demo": "How many cups are there?", "evaluation": "Where is the bowl?\nAnswer in one sentence.",
    "empty-demo": "What is in the picture?", "empty-evaluation": "Is there a dog [1] on the grass?"}

# Segment ids as the segmenter counts them; 0 is nothing.
MAP = [
    [4, 4, 4, 4, 4],
    [4, 1, 1, 2, 4],
    [4, 1, 0, 2, 2],
    [3, 3, 5, 5, 3],
    [3, 3, 3, 0, 3]]
SEGMENTS = {1: "cup", 2: "bowl", 3: "table-merged", 4: "wall-other-merged", 5: "cup"}


def position(name):
    return next(i for i, c in enumerate(CATEGORIES) if c["name"] == name)


def replacements(clip):
    return {
        "collavo/arch_collavo.py": [
            ("nn.Embedding(1+133, 1024)", f"nn.Embedding(1+133, {VISION})"),
            ("nn.Embedding(1+20, 1024)", f"nn.Embedding(1+20, {VISION})"), ("(35, 35)", f"({GRID}, {GRID})")],
        "collavo/utils/utils.py": [
            ("img_length=1225", f"img_length={CELLS}"), ("scale(1/35, 1/35)", f"scale(1/{GRID}, 1/{GRID})")],
        "collavo/arch/build_mlp.py": [
            ("'openai/clip-vit-large-patch14-336'", repr(str(clip))), ("mm_hidden_size = 1024", f"mm_hidden_size = {VISION}"),
            ("hidden_size = 4096", f"hidden_size = {WIDTH}"), ("orig_size = 24", "orig_size = 3"),
            ("new_size = 35", f"new_size = {GRID}"), ("new_num, 1024", f"new_num, {VISION}"),
            ("view(-1, 4096)", f"view(-1, {WIDTH})")],
        "collavo/arch/modeling_internlm2.py": [
            ("lora_r=256", f"lora_r={RANK}"), ("lora_alpha=256", f"lora_alpha={RANK}")],
    }


def randomise(module, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            size = 0.25 if parameter.dim() > 1 else 0.2
            values = torch.randn_like(parameter) * size + (1 if "norm" in name and "weight" in name else 0)
            values[values.abs() < 1e-3] = 1e-3
            parameter.copy_(values.half().float())


def clip(folder):
    config = CLIPVisionConfig(
        hidden_size=VISION, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2, image_size=42,
        patch_size=PATCH, hidden_act="quick_gelu", projection_dim=16)
    tower = CLIPVisionModel(config)
    randomise(tower, 3)
    tower.save_pretrained(folder)
    (FOLDER / "vision").mkdir(exist_ok=True)
    (FOLDER / "vision" / "config.json").write_text((folder / "config.json").read_text())
    return tower.vision_model.embeddings.position_embedding.weight.detach().clone()


def tokenizer(name, prefix):
    names = [c["name"].replace("-merged", "").replace("-other", "").replace("-stuff", "") for c in CATEGORIES]
    boxes = ", ".join(f"(#1 {n}) [0.{20 + i % 60:02}, 0.40, 0.60, 1.00]" for i, n in enumerate(names[::9]))
    texts = [
        "AI assistant should give helpful and detailed answers to user after fully understanding an image. ",
        "None of detailed object information for image. ", " USER: ", " ASSISTANT:", "user\n", "assistant\n",
        f"The image includes {boxes}. "] * 3 + list(QUESTIONS.values())
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=420, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=prefix, num_threads=1,
        user_defined_symbols=["[UNUSED_TOKEN_145]", "[UNUSED_TOKEN_146]"], minloglevel=2)
    (FOLDER / name).write_bytes(model.getvalue())
    return FOLDER / name


class Segmenter:
    """What the authors ask of transformers' segmenter, and of its processor: stands in for both."""

    def __init__(self, ids):
        self.ids = ids

    def to(self, device):
        return self

    def eval(self):
        return self

    def __call__(self, **inputs):
        return {}

    def post_process_panoptic_segmentation(self, outputs, target_sizes, **thresholds):
        assert target_sizes == [(GRID, GRID)]
        ids = torch.tensor(self.ids)
        present = [i for i in SEGMENTS if (ids == i).any()]
        return [{"segmentation": ids, "segments_info": [
            {"id": i, "label_id": position(SEGMENTS[i]), "score": 0.9} for i in present]}]


def pictures():
    y, x = numpy.mgrid[0:GRID * PATCH, 0:GRID * PATCH] / (GRID * PATCH)
    noise = numpy.random.default_rng(9).normal(0, 0.08, (*y.shape, 3))
    waves = numpy.stack([numpy.sin(7 * x + 2 * y), numpy.cos(5 * y - 3 * x), numpy.sin(11 * x * y + 1)], -1)
    pixels = ((0.5 + 0.4 * waves + noise).clip(0, 1) * 255).round().astype(numpy.uint8)
    Image.fromarray(pixels).save(FOLDER / "1-image.png")
    ids = numpy.kron(numpy.array(MAP), numpy.ones((PATCH, PATCH), int)).astype(numpy.uint8)
    Image.fromarray(numpy.stack([ids, 0 * ids, 0 * ids], -1)).save(FOLDER / "2-panoptic.png")
    used = {name: CATEGORIES[position(name)] for name in SEGMENTS.values()}
    (FOLDER / "2-panoptic.json").write_text(json.dumps({
        "segments_info": [{"id": i, "category_id": used[name]["id"]} for i, name in SEGMENTS.items()],
        "categories": list(used.values())}) + "\n")
    return torch.from_numpy(pixels).permute(2, 0, 1)


def save(model, tokenizer):
    """In 16 bits, and in parts; the model stays in 32."""
    # Their files of code are not saved beside it.
    for part in (model, model.config, tokenizer):
        type(part)._auto_class = None
    tensors = {name: value.half().contiguous() for name, value in model.state_dict().items()}
    assert all(torch.equal(tensors[name].float(), value) for name, value in model.state_dict().items())
    model.save_pretrained(FOLDER, state_dict=tensors, max_shard_size="100KB")
    tokenizer.save_pretrained(FOLDER)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repo", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    folder = pathlib.Path(tempfile.mkdtemp())
    positions = clip(folder / "clip")
    module = collavo_authors.load(arguments.repo, replacements(folder / "clip"))
    from_config = module("collavo.arch.configuration_internlm2").InternLM2Config
    processor_class = module("collavo.arch.tokenization_internlm2").CoLLaVOTokenizer

    def processor(name, prefix):
        made = processor_class(str(tokenizer(name, prefix)), padding_side="left")
        made.add_tokens("<image>", special_tokens=True)
        return made

    bare, prefixed = processor("tokenizer.model", False), processor("tokenizer-prefix.model", True)
    vocabulary = len(bare) - 1
    config = from_config(
        vocab_size=vocabulary, hidden_size=WIDTH, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-5, bias=False, rope_theta=10000,
        rope_scaling={"type": "dynamic", "factor": 1.0}, max_length=512, architectures=["CoLLaVOModel"])
    model = module("collavo.arch_collavo").CoLLaVOModel(config)
    for index, part in enumerate([model.model, model.output, model.vision_proj, model.vision_proj_for_seg,
                                  model.seg_prompt_embed, model.seg_num_embed]):
        randomise(part, 100 + index)
    with torch.no_grad():
        # Logits far enough apart that their order does not hang on the last bits.
        model.output.weight.mul_(2)
    model.eval()
    save(model, processor_class(str(FOLDER / "tokenizer.model"), padding_side="left"))

    # As their `prepare_collavo` does.
    model.resize_token_embeddings(len(bare))
    model.config.image_token_index = bare("<image>", add_special_tokens=False, return_tensors="pt").input_ids.item()
    model.config.ignore_index = model.config.pad_token_id = -100

    image = pictures()
    nothing = [[0] * GRID] * GRID
    stored, cases = {"positions": positions}, {}
    for name, question in QUESTIONS.items():
        segmenter = Segmenter(nothing if name.startswith("empty") else MAP)

        def inputs(processor):
            common = dict(processor=processor, seg_model=segmenter, seg_processor=segmenter, device="cpu")
            if name.endswith("demo"):
                return model.demo_process(image=image, prompt=question, **common)
            return model.eval_process(images=image[None], prompts=[question], **common)

        with torch.no_grad():
            given = inputs(bare)
            fresh = {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in given.items()}
            out = model(**given, output_hidden_states=True, use_cache=False)
            vision = model.vit(given["pixel_values"])
            seg = model.seg_prompt_embed.weight[given["seg_values"][0]] + model.seg_num_embed.weight[given["seg_values"][1]]
            made = model.generate(
                **fresh, do_sample=False, max_new_tokens=64, use_cache=True, eos_token_id=None, pad_token_id=0,
                output_scores=True, return_dict_in_generate=True)
        ids = given["input_ids"][0].tolist()
        kind = "empty" if name.startswith("empty") else "map"
        with torch.no_grad():
            stored |= {"vision": vision[0], "image": model.vision_proj(vision)[0],
                       f"crayon.{kind}": model.vision_proj_for_seg(seg)[0], f"{name}.logits": out.logits[0, -1:]}
        stored |= {f"{name}.hidden.{i}": hidden[0] for i, hidden in enumerate(out.hidden_states) if i > 0}
        token = model.config.image_token_index
        place = ids.index(token)
        table = model.model.tok_embeddings.weight.detach()
        assert torch.equal(
            torch.cat([table[ids[:place]], stored["image"], table[ids[place + 1:]]]), out.hidden_states[0][0])
        text = bare.decode([i for i in ids if i != token])
        start = text.index("The image includes") if kind == "map" else text.index("None of")
        cases[name] = {
            "map": kind, "template": name.removeprefix("empty-"), "question": question,
            "listing": text[start:text.index(" " + question)],
            "semantic": given["seg_values"][0][0].tolist(), "numbering": given["seg_values"][1][0].tolist(),
            "tokens": [-1 if i == token else i for i in ids],
            "prefixed": [-1 if i == token else i for i in inputs(prefixed)["input_ids"][0].tolist()],
            "greedy": made.sequences[0, len(ids):].tolist()}
        best = torch.stack(made.scores)[:, 0].topk(2).values
        cases[name]["margin"] = (best[:, 0] - best[:, 1]).min().item()
        print(name, len(ids) + CELLS - 1, cases[name]["listing"], cases[name]["greedy"], cases[name]["margin"])
    save_file({k: v.detach().float().contiguous().clone() for k, v in stored.items()}, FOLDER / "expected.safetensors")
    (FOLDER / "expected.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    for file in FOLDER.rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            print(f"{file.stat().st_size:8} {file.relative_to(FOLDER)}")


if __name__ == "__main__":
    main()
