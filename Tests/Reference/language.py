"""Makes Tests/Fixtures/6-Language and Tests/Fixtures/Quantization: tiny decoders and adapters with what
transformers and PEFT make of them, matrices in every block format with what gguf and bitsandbytes read in them,
and what transformers answers with SmolLM2-135M-Instruct.

    pip install -r requirements.txt && python language.py [--smollm2 FILE.gguf]
"""

import argparse
import json
import pathlib
import shutil

import gguf
import numpy
import torch
from gguf import GGMLQuantizationType as Type
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures"
LANGUAGE = FIXTURES / "6-Language"
QUANTIZATION = FIXTURES / "Quantization"

PROMPTS = [
    "What is the capital of France?",
    "Name three things that you find in a kitchen.",
    "Write one sentence about the sea.",
    "How many legs has a spider, and how many an ant?",
    "Translate to French: the red cup is on the table.",
    "Why is the sky blue? Answer briefly.",
    "List the first five prime numbers.",
    "Say something kind to a tired person.",
]


def configuration(**changes):
    values = dict(
        vocab_size=97, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, rope_theta=10000.0,
        tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
    return LlamaConfig(**{**values, **changes})


def model(seed, **changes):
    torch.manual_seed(seed)
    tiny = LlamaForCausalLM(configuration(**changes)).eval()
    with torch.no_grad():
        for name, parameter in tiny.named_parameters():
            # Large enough that every part of the model matters.
            parameter.copy_(torch.randn_like(parameter) * (0.2 if parameter.dim() > 1 else 0.3)
                            + (1 if "norm" in name else 0))
    return tiny


def reference(tiny, tokens):
    with torch.inference_mode():
        out = tiny(torch.tensor([tokens]), output_hidden_states=True)
    return {"logits": out.logits[0].contiguous(), "hidden": out.hidden_states[-1][0].contiguous()}


def tokens_for(seed, count, vocabulary=97):
    return numpy.random.default_rng(seed).integers(3, vocabulary, count).tolist()


def decoders():
    greedy = dict(do_sample=False, pad_token_id=0, eos_token_id=None)
    variants = {
        "llama": {},
        "llama-tied-bias": dict(tie_word_embeddings=True, attention_bias=True, num_key_value_heads=4),
        "llama-3": dict(rope_parameters=dict(
            rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=32)),
        "llama-linear": dict(rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0)),
    }
    for index, (name, changes) in enumerate(variants.items()):
        folder = LANGUAGE / name
        tiny = model(index + 1, **changes)
        tiny.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        tokens = tokens_for(index, 40)
        expected = reference(tiny, tokens)
        save_file(expected, folder / "expected.safetensors")
        with torch.inference_mode():
            prompt = torch.tensor([tokens[:12]])
            long = tiny.generate(prompt, max_new_tokens=64, **greedy)[0, 12:].tolist()
            beams = tiny.generate(
                prompt, max_new_tokens=12, num_beams=4, do_sample=False, pad_token_id=0, eos_token_id=5,
                early_stopping=False)[0, 12:].tolist()
            penalised = tiny.generate(prompt, max_new_tokens=24, repetition_penalty=1.3, **greedy)[0, 12:].tolist()
        (folder / "expected.json").write_text(json.dumps(
            {"tokens": tokens, "prompt": 12, "greedy": long, "beams": beams, "beamStop": 5,
             "penalised": penalised, "penalty": 1.3}))
    return model(1), tokens_for(0, 40)


def internlm2(tiny, tokens):
    """InternLM2 is Llama with other names and with queries, keys and values in one matrix, grouped by
    key-value head; so what transformers' Llama gives is what it must give."""
    folder = LANGUAGE / "internlm2"
    folder.mkdir(parents=True, exist_ok=True)
    source, config = tiny.state_dict(), tiny.config
    groups, head = config.num_key_value_heads, config.hidden_size // config.num_attention_heads
    tensors = {
        "model.tok_embeddings.weight": source["model.embed_tokens.weight"],
        "model.norm.weight": source["model.norm.weight"],
        "output.weight": source["lm_head.weight"],
    }
    for layer in range(config.num_hidden_layers):
        old, new = f"model.layers.{layer}.", f"model.layers.{layer}."
        q = source[old + "self_attn.q_proj.weight"].reshape(groups, -1, config.hidden_size)
        k = source[old + "self_attn.k_proj.weight"].reshape(groups, head, config.hidden_size)
        v = source[old + "self_attn.v_proj.weight"].reshape(groups, head, config.hidden_size)
        tensors[new + "attention.wqkv.weight"] = torch.cat([q, k, v], 1).reshape(-1, config.hidden_size)
        for theirs, ours in [("self_attn.o_proj", "attention.wo"), ("mlp.gate_proj", "feed_forward.w1"),
                             ("mlp.up_proj", "feed_forward.w3"), ("mlp.down_proj", "feed_forward.w2"),
                             ("input_layernorm", "attention_norm"), ("post_attention_layernorm", "ffn_norm")]:
            tensors[f"{new}{ours}.weight"] = source[f"{old}{theirs}.weight"]
    save_file({name: t.half().contiguous() for name, t in tensors.items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({
        "model_type": "internlm2", "vocab_size": 97, "hidden_size": 64, "intermediate_size": 96,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_act": "silu",
        "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "rope_scaling": {"type": "dynamic", "factor": 2.0}, "tie_word_embeddings": False, "bias": False}))
    rounded = LlamaForCausalLM(tiny.config).eval()
    rounded.load_state_dict({name: t.half().float() for name, t in source.items()})
    save_file(reference(rounded, tokens), folder / "expected.safetensors")
    (folder / "expected.json").write_text(json.dumps({"tokens": tokens}))


def neighbours(weight, heads):
    """llama.cpp keeps values that are rotated together side by side."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def gguf_llama(tiny):
    """The same model as a GGUF file, half of it in Q8_0 (whose loss is in expected.safetensors)."""
    folder = LANGUAGE / "gguf"
    folder.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(folder / "llama.gguf", "llama")
    config = tiny.config
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    names = {
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    rounded = {}
    for name, tensor in tiny.state_dict().items():
        array = tensor.numpy()
        if name.startswith("model.layers."):
            _, _, layer, rest = name.split(".", 3)
            module = rest.removesuffix(".weight")
            target = f"blk.{layer}.{names[module]}.weight"
        else:
            module = ""
            target = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
                      "lm_head.weight": "output.weight"}[name]
        heads = {"self_attn.q_proj": 4, "self_attn.k_proj": 2}.get(module)
        stored = neighbours(array, heads) if heads else array
        if "mlp" in module:
            packed = gguf.quants.quantize(stored, Type.Q8_0)
            writer.add_tensor(target, packed, raw_dtype=Type.Q8_0)
            array = gguf.quants.dequantize(packed, Type.Q8_0)
        else:
            writer.add_tensor(target, stored)
        rounded[name] = torch.from_numpy(array.copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    other = LlamaForCausalLM(config).eval()
    other.load_state_dict(rounded)
    return other


def adapters(tiny, tokens, over_gguf):
    """Two adapters on every linear, and the logits with one, the other, both, none, and other gains."""
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

    def adapted(base):
        torch.manual_seed(99)
        both = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, target_modules=modules), adapter_name="image")
        both.add_adapter("vl", LoraConfig(r=8, lora_alpha=8, use_rslora=True, target_modules=modules[:4]))
        with torch.no_grad():
            for name, parameter in both.named_parameters():
                if "lora_" in name:
                    parameter.copy_((torch.randn_like(parameter) * 0.2).half().float())
        return both.eval()

    def logits(both, image, vl):
        both.base_model.set_adapter(["image", "vl"])
        changed = []
        for module in both.modules():
            if isinstance(getattr(module, "scaling", None), dict):
                changed.append((module, dict(module.scaling)))
                for name, gain in [("image", image), ("vl", vl)]:
                    if name in module.scaling:
                        module.scaling[name] *= gain
        with torch.inference_mode():
            out = both(torch.tensor([tokens])).logits[0].contiguous()
        for module, scaling in changed:
            module.scaling.update(scaling)
        return out

    both = adapted(tiny)
    folder = LANGUAGE / "adapters"
    both.save_pretrained(folder)
    for file in folder.rglob("README.md"):
        file.unlink()
    cases = {"none": (0, 0), "image": (1, 0), "vl": (0, 1), "both": (1, 1), "gains": (0.5, -1.5)}
    expected = {name: logits(both, *gains) for name, gains in cases.items()}
    over = adapted(over_gguf)
    expected |= {f"gguf.{name}": logits(over, *gains) for name, gains in cases.items()}
    save_file(expected, folder / "expected.safetensors")
    (folder / "expected.json").write_text(json.dumps({"tokens": tokens, "gains": cases}))


def blocks():
    """Two rows of every block format, of random bits with sane scales, and the values gguf reads in them."""
    QUANTIZATION.mkdir(parents=True, exist_ok=True)
    generator = numpy.random.default_rng(5)
    scales = {  # where the halves of a block are
        Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
        Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208]}
    writer = gguf.GGUFWriter(QUANTIZATION / "blocks.gguf", "none")
    writer.add_string("test.text", "crayon ✏")
    writer.add_array("test.numbers", [-3, 5, 1 << 20])
    writer.add_float32("test.float", 0.5)
    expected = {}
    for kind, places in scales.items():
        values, size = gguf.GGML_QUANT_SIZES[kind]
        raw = generator.integers(0, 256, (3, 512 // values, size), dtype=numpy.uint8)
        for place in places:
            halves = (generator.standard_normal((3, 512 // values)) * 0.1).astype(numpy.float16)
            # One subnormal, and one that is zero.
            halves[0, 0], halves[2, -1] = 3e-6, 0
            raw[:, :, place:place + 2] = halves[..., None].view(numpy.uint8)
        raw = raw.reshape(3, -1)
        writer.add_tensor(kind.name, raw, raw_dtype=kind)
        expected[kind.name] = torch.from_numpy(gguf.quants.dequantize(raw, kind).copy())
    floats = generator.standard_normal((3, 512)).astype(numpy.float32)
    writer.add_tensor("F32", floats)
    writer.add_tensor("F16", floats.astype(numpy.float16))
    bfloats = gguf.quants.quantize(floats, Type.BF16)
    writer.add_tensor("BF16", bfloats, raw_dtype=Type.BF16)
    expected["F32"] = torch.from_numpy(floats)
    expected["F16"] = torch.from_numpy(floats.astype(numpy.float16).astype(numpy.float32))
    expected["BF16"] = torch.from_numpy(gguf.quants.dequantize(bfloats, Type.BF16).copy())
    expected["x"] = torch.from_numpy(generator.standard_normal((6, 512)).astype(numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, QUANTIZATION / "blocks.safetensors")


def nf4():
    """A matrix as bitsandbytes quantises and saves it, twice quantised, and the values it reads back."""
    import bitsandbytes.functional as functional

    torch.manual_seed(8)
    weight = torch.randn(48, 192) * 0.05
    weight[3] = 0
    packed, state = functional.quantize_4bit(
        weight, blocksize=64, compress_statistics=True, quant_type="nf4")
    saved = {f"weight.{key}": value for key, value in state.as_dict(packed=True).items()}
    save_file({"weight": packed, **{k: v.contiguous() for k, v in saved.items()}},
              QUANTIZATION / "nf4.safetensors")
    save_file({"original": weight, "values": functional.dequantize_4bit(packed, state).float()},
              QUANTIZATION / "nf4-expected.safetensors")


def smollm2(file):
    """What transformers makes of the real file's weights, unpacked to float32."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    real = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
    cases = []
    sample = sorted(numpy.random.default_rng(3).choice(49152, 200, replace=False).tolist())
    for prompt in PROMPTS:
        text = ("<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
                f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n")
        ids = tokenizer(text, add_special_tokens=False).input_ids
        with torch.inference_mode():
            logits = real(torch.tensor([ids])).logits[0, -1]
            out = real.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), max_new_tokens=64,
                                do_sample=False, repetition_penalty=1.0, eos_token_id=None, pad_token_id=2)
        cases.append({
            "prompt": prompt, "tokens": ids, "greedy": out[0, len(ids):].tolist(),
            "logits": [round(v, 5) for v in logits[sample].tolist()], "largest": logits.abs().max().item()})
        print(prompt, "→", tokenizer.decode(out[0, len(ids):])[:100])
    (LANGUAGE / "smollm2.json").write_text(json.dumps({"sample": sample, "cases": cases}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smollm2", type=pathlib.Path)
    arguments = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    for folder in ["llama", "llama-tied-bias", "llama-3", "llama-linear", "internlm2", "gguf", "adapters"]:
        shutil.rmtree(LANGUAGE / folder, ignore_errors=True)
    LANGUAGE.mkdir(parents=True, exist_ok=True)
    tiny, tokens = decoders()
    internlm2(tiny, tokens)
    over_gguf = gguf_llama(tiny)
    adapters(tiny, tokens, over_gguf)
    blocks()
    nf4()
    if arguments.smollm2:
        smollm2(arguments.smollm2)


if __name__ == "__main__":
    main()
