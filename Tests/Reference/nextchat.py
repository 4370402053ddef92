"""Makes Tests/Fixtures/NExTChat: a tiny random NExT-Chat in the published layout, and all that the authors' own code
makes of a picture with it.

    git clone https://github.com/NExT-ChatV/NExT-Chat
    pip install -r requirements-nextchat.txt && python nextchat.py --repo NExT-Chat

Their code is run as it is, with the version of transformers that they ask for, but for the sizes that it has in its
text: SAM's square of 1024 pixels becomes 64, its width 1280 becomes 16, the mask decoder's 256 becomes 32. Weights are
random, nowhere zero, and exact in 16 bits; all else is 32-bit.

config.json, pytorch_model-*-of-*.bin with their index, tokenizer.model, tokenizer_config.json, added_tokens.json and the
rest: the checkpoint as their trainer saves it at the end of stage 3, by `save_pretrained` of the model and of the
tokenizer. CLIP is a part of the model then, in 16 bits beside the others' 32, and every layer's buffer `inv_freq` is there. The weights' files are of the kind that PyTorch 2.0 writes (published_layout.py).
vision/config.json: of the CLIP that theirs is made from.
picture-CASE.png: what is asked about. expected.safetensors: for every case `image` (the picture's tokens), `embeddings`
(all that goes into the language model), `hidden` (of the last position), and, where the answer points, `states`,
`boxes`, `masks` (logits over SAM's square) and `scores`; `picture.boxes` and `picture.masks` are both on the picture.
expected.json: for every case its question with the regions' boxes, the tokens of the prompt (-1 for the picture, -2 for
a region), and the tokens of the answer: greedy, with their cache.
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
from transformers import CLIPConfig, CLIPImageProcessor, CLIPTextConfig, CLIPVisionConfig, CLIPVisionModel, LlamaTokenizer

import nextchat_authors
from published_layout import old_torch_file

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "NExTChat"
WIDTH, VISION, PATCH, GRID, SQUARE, SAM = 32, 24, 14, 3, 64, 32
CELLS = GRID * GRID

CASES = {
    # name: the picture's size, the question with <at> <boxes> for every region, the regions, tokens of the answer
    "wide": ((61, 40), "Where is the cup? Please find it.", [], 64),
    "tall": ((33, 58), "What is <at> <boxes> beside <at> <boxes> ?", [(3, 5, 20, 31), (10, 22, 33, 58)], 64),
    "square": ((48, 48), "Describe <at> <boxes>", [(0, 0, 24, 30)], 64),
}


def replacements():
    return {
        "mllm/models/nextchat/nextchat_base.py": [("torch.zeros(256, 1024", f"torch.zeros(256, {VISION}")],
        "mllm/models/nextchat/nextchat_seg.py": [("*1024", f"*{SQUARE}")],
        "mllm/dataset/single_image_interactive.py": [
            ("ResizeAndPad(1024)", f"ResizeAndPad({SQUARE})"), (".cuda()", "")],
        "mllm/models/sam/modeling_sam.py": [
            ("encoder_embed_dim=1280", "encoder_embed_dim=16"), ("encoder_depth=32", "encoder_depth=2"),
            ("encoder_num_heads=16,\n        encoder_global_attn_indexes=[7, 15, 23, 31]",
             "encoder_num_heads=2,\n        encoder_global_attn_indexes=[1]"),
            ("prompt_embed_dim = 256", f"prompt_embed_dim = {SAM}"), ("image_size = 1024", f"image_size = {SQUARE}"),
            ("window_size=14,\n            out_chans", "window_size=3,\n            out_chans"),
            ("mask_in_chans=16", "mask_in_chans=8"), ("mlp_dim=2048", "mlp_dim=24"),
            ("iou_head_hidden_dim=256,\n        ),\n        pixel_mean", "iou_head_hidden_dim=16,\n        ),\n        pixel_mean")],
    }


def randomise(module, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            wide = parameter.dim() > 1 and "embed" not in name and "token" not in name and "rel_pos" not in name
            size = 1.3 / parameter[0].numel() ** 0.5 if wide else 0.3
            values = torch.randn_like(parameter) * size + (1 if "norm" in name and "weight" in name else 0)
            values[values.abs() < 1e-3] = 1e-3
            parameter.copy_(values.half().float())
        for name, buffer in module.named_buffers():
            # SAM's directions; the other buffers are computed, and not kept.
            if "gaussian" in name:
                buffer.copy_(torch.randn_like(buffer).half().float())


def vision(folder):
    """The CLIP that theirs begins with, in a folder; its configuration is kept as the whole CLIP's is published."""
    tower = CLIPVisionModel(CLIPVisionConfig(
        hidden_size=VISION, intermediate_size=40, num_hidden_layers=3, num_attention_heads=2, image_size=GRID * PATCH,
        patch_size=PATCH, hidden_act="quick_gelu", projection_dim=16)).eval()
    randomise(tower, 3)
    tower.save_pretrained(folder)
    text = CLIPTextConfig(hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, vocab_size=40)
    CLIPConfig.from_text_vision_configs(text, tower.config).save_pretrained(FOLDER / "vision")
    CLIPImageProcessor(
        size={"shortest_edge": GRID * PATCH}, crop_size={"height": GRID * PATCH, "width": GRID * PATCH},
    ).save_pretrained(folder)


def tokenizer(system):
    texts = [system, "USER: ", " ASSISTANT:", "Answer:"] * 3
    for _, question, _, _ in CASES.values():
        # Words behind a token have no space before them, and must be pieces without one.
        texts += [question.replace("<at> <boxes>", ""), "".join(f":{word}" for word in question.split())] * 3
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=360, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True, num_threads=1,
        minloglevel=2)
    (FOLDER / "tokenizer.model").write_bytes(model.getvalue())
    made = LlamaTokenizer(str(FOLDER / "tokenizer.model"), legacy=False, padding_side="right")
    made.pad_token = made.unk_token
    return made


def save(model, text):
    """As their trainer does, in parts; the files as of its time."""
    model.save_pretrained(FOLDER, max_shard_size="150KB", safe_serialization=False)
    for file in FOLDER.glob("pytorch_model-*.bin"):
        old_torch_file(torch.load(file), file)
    text.save_pretrained(FOLDER)
    # Not where it happened to lie.
    config = json.loads((FOLDER / "config.json").read_text())
    config["mm_vision_tower"] = "openai/clip-vit-large-patch14-336"
    (FOLDER / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def pictures():
    made = {}
    for index, (name, (size, *_)) in enumerate(CASES.items()):
        y, x = numpy.mgrid[0:size[1], 0:size[0]] / max(size)
        waves = numpy.stack([numpy.sin(7 * x + 2 * y), numpy.cos(5 * y - 3 * x), numpy.sin(11 * x * y + index)], -1)
        noise = numpy.random.default_rng(index).normal(0, 0.1, waves.shape)
        pixels = ((0.5 + 0.4 * waves + noise).clip(0, 1) * 255).round().astype(numpy.uint8)
        made[name] = Image.fromarray(pixels)
        made[name].save(FOLDER / f"picture-{name}.png")
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repo", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    module, to_picture_box, to_picture_mask = nextchat_authors.load(arguments.repo, replacements())
    template = module("mllm.conversation").get_conv_template
    system = template("vicuna_v1.1").system
    process = module("mllm.dataset.process_function")
    transform = module("mllm.dataset.utils.transform")
    interactive = module("mllm.dataset.single_image_interactive").SingleImageInteractive
    seg = module("mllm.models.nextchat.nextchat_seg")
    config_class = module("mllm.models.nextchat.nextchat_base").NextChatConfig

    folder = pathlib.Path(tempfile.mkdtemp())
    vision(folder)
    text = tokenizer(system)
    config = config_class(
        vocab_size=len(text), hidden_size=WIDTH, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=512, rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2, pad_token_id=0,
        architectures=["NextChatForSegLM"])
    model = seg.NextChatForSegLM(config).eval()
    # As their `load_pretrained_nextchat` does.
    made = model.model.initialize_vision_modules(
        vision_tower=str(folder), mm_vision_select_layer=-2, mm_depth=2)
    model.config.mm_use_im_start_end = True
    model.initialize_vision_tokenizer(mm_use_im_start_end=True, tokenizer=text, device="cpu")
    tower = model.model.vision_tower.float()
    marks = tower.config

    preprocessor = dict(
        image=made["image_processor"], text=text, target={"boxes": process.PlainBoxFormatter()},
        conv=dict(image_token_len=CELLS, sep_image_conv_front=False, use_im_start_end=True))
    functions = dict(
        conv=process.ChatConvProcess(), target=process.BoxFormatProcess(), text=process.ChatTextProcess(),
        image=process.ChatImageProcessor())
    # What goes into the box decoder: at last, the states at all triggers.
    seen = []
    model.loc_decoder.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    def chat(name, picture):
        """What their code gives the model of a case."""
        _, question, regions, _ = CASES[name]
        chat = interactive(
            preprocessor=preprocessor, process_func=functions, tokenize_kwargs=dict(truncation_size=None),
            conv_template=lambda: template("vicuna_v1.1"), training_args=None,
            transforms=transform.Expand2square(), mode="test")
        chat.set_image(picture)
        chat.append_message(
            role="human", message=question, boxes=[list(r) for r in regions] or None,
            boxes_seq=[[i] for i in range(len(regions))] or None)
        inputs = chat.to_model_input()
        assert text.unk_token_id not in inputs["input_ids"][0].tolist(), name
        return inputs

    def answer(name, picture, inputs):
        """What their code makes of it; None where it does not point as an answer should."""
        ids = inputs["input_ids"][0].tolist()
        embeds = model.loc_encoder(inputs["loc_inputs"]) if len(inputs["loc_inputs"]) else None
        sequence = model.model.encode_input_embeds(inputs["input_ids"], inputs["images"], embeds, None)
        hidden = model.model(inputs_embeds=sequence).last_hidden_state[0, -1:]
        tokens, masks, scores, boxes = model.generate(**inputs, max_new_tokens=CASES[name][3], num_beams=1)
        # Theirs begins with the token that starts a text, which is not part of the answer.
        assert tokens[0, 0] == config.bos_token_id
        tokens = tokens[0, 1:].tolist()
        points = [i for i, token in enumerate(tokens) if token == marks.at_token]
        # A slot is never chosen here, and never left out; theirs chooses one, and then takes it for a slot.
        good = 2 <= len(points) <= 8 and points[-1] + 2 < len(tokens) and tokens.count(marks.box_token) == len(points) \
            and all(tokens[i + 1] == marks.box_token for i in points) and ((masks > 0).flatten(1).any(1)).all() \
            and (boxes[:, 2:] - boxes[:, :2] > 0.05).all() and (boxes > -0.5).all() and (boxes < 1.5).all()
        if not good:
            return None
        start = ids.index(marks.im_start_token) + 1
        return tokens, {
            "image": sequence[0, start:start + CELLS], "embeddings": sequence[0], "hidden": hidden, "states": seen[-1],
            "boxes": boxes, "masks": masks[:, 0], "scores": scores[:, 0],
            "picture.boxes": to_picture_box(*picture.size, boxes.clone()),
            "picture.masks": to_picture_mask(*picture.size, masks).float()}

    drawn = pictures()
    with torch.inference_mode():
        for seed in range(1000):
            del model.model.vision_tower
            randomise(model, seed)
            # Boxes that mostly lie in the picture, an answer that points now and then, and logits far enough apart
            # that their order does not hang on the last bits.
            model.loc_decoder[2].weight.mul_(0.25)
            model.loc_decoder[2].bias.copy_(torch.tensor([0.25, 0.25, 0.75, 0.75]))
            model.lm_head.weight.mul_(2)
            model.lm_head.weight[marks.at_token].mul_(2)
            model.model.vision_tower = tower
            inputs = {name: chat(name, picture) for name, picture in drawn.items()}
            answers = {}
            for name, picture in drawn.items():
                if not (made := answer(name, picture, inputs[name])):
                    break
                answers[name] = made
            if len(answers) == len(drawn):
                break
    print("seed", seed)
    model.model.vision_tower = tower.half()
    save(model, text)
    expected, cases = {}, {}
    for name, (tokens, values) in answers.items():
        expected |= {f"{name}.{key}": value for key, value in values.items()}
        _, question, regions, _ = CASES[name]
        prompt = inputs[name]["input_ids"][0].tolist()
        cases[name] = dict(
            question=question, regions=regions, tokens=tokens,
            prompt=[-1 if i == marks.im_patch_token else -2 if i == marks.box_token else i for i in prompt])
        print(name, len(prompt), "tokens,", len(tokens), "answered,", len(values["boxes"]), "regions")
    save_file({k: v.float().contiguous().clone() for k, v in expected.items()}, FOLDER / "expected.safetensors")
    (FOLDER / "expected.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
