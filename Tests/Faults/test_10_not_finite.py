"""What is infinite or no number, or becomes so, ends in an error that names where: never in an answer or a map."""
import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from faults import REPOSITORY, Ended, crayon, picture, write_ids

FIXTURES = REPOSITORY / "Tests/Fixtures"
NOT_FINITE = [float("nan"), float("inf"), float("-inf")]
OF = "that is infinite or not a number"
DAMAGED = "gives numbers that are infinite or none; its weights are damaged"
TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "U8": np.uint8, "I64": np.int64}


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


# Files.


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data, TYPES[entry["dtype"]], int(np.prod(entry["shape"])),
                                start + entry["data_offsets"][0])
            .reshape(entry["shape"]).copy() for name, entry in header.items()}


def write_safetensors(path: Path, tensors: dict[str, np.ndarray]):
    header, place, names = {}, 0, {np.dtype(kind): name for name, kind in TYPES.items()}
    for name, array in tensors.items():
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape),
                        "data_offsets": [place, place + array.nbytes]}
        place += array.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in tensors.values()))


def damage(path: Path, name: str, value: float, everywhere: bool = False):
    """Puts a value into a tensor: in its midst, or in all of it (in 32 bits then, where a large one has room)."""
    tensors = read_safetensors(path)
    assert name in tensors, list(tensors)
    if everywhere:
        tensors[name] = np.full(tensors[name].shape, value, np.float32)
    else:
        tensors[name].reshape(-1)[tensors[name].size // 2] = value
    write_safetensors(path, tensors)


def q8_0(table: np.ndarray) -> np.ndarray:
    """Blocks of 34 bytes: a scale in 16 bits, and 32 values."""
    blocks = table.reshape(-1, 32)
    scales = np.maximum(np.abs(blocks).max(1, keepdims=True), 1e-6) / 127
    values = np.round(blocks / scales).astype(np.int8)
    return np.concatenate([scales.astype("<f2").view(np.uint8).reshape(-1, 2), values.view(np.uint8)],
                          1).reshape(len(table), -1)


def write_gguf(path: Path, metadata: dict, tensors: dict[str, np.ndarray]):
    """Tensors of bytes are those of `q8_0`, all others float32."""
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def value(item) -> tuple[int, bytes]:
        match item:
            case int(): return 4, struct.pack("<I", item)
            case float(): return 6, struct.pack("<f", item)
            case str(): return 8, text(item)
            case list():
                kind = 5 if isinstance(item[0], int) else value(item[0])[0]
                parts = [struct.pack("<i", one) if kind == 5 else value(one)[1] for one in item]
                return 9, struct.pack("<IQ", kind, len(item)) + b"".join(parts)

    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for key, item in metadata.items():
        kind, data = value(item)
        head += text(key) + struct.pack("<I", kind) + data
    place = 0
    for name, array in tensors.items():
        packed = array.dtype == np.uint8
        shape = [len(array), array.shape[1] // 34 * 32] if packed else array.shape
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), 8 if packed else 0, place)
        place += array.nbytes + -array.nbytes % 32
    body = b"".join(array.tobytes() + bytes(-array.nbytes % 32) for array in tensors.values())
    path.write_bytes(head + bytes(-len(head) % 32) + body)


# A language base of one layer for `pocket`, whose every answer points: so all of the pipeline's own files are at work.

WIDTH = 576


def base(path: Path, name: str = "output_norm.weight", value: float = 1, packed: bool = False, **metadata: float):
    """One number of one tensor is `value`; of those that are packed in 8 bits, a block's scale."""
    shown = [chr(code) for code in [*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324)]]
    specials = ["<|im_end|>", "<|im_start|>", "<filename>", "<empty_output>"]
    tokens = specials + shown + ["he"]
    random = np.random.default_rng(7)
    tables = {"token_embd.weight": random.normal(0, 1, (len(tokens), WIDTH)),
              "output.weight": np.zeros((len(tokens), WIDTH)), "output_norm.weight": np.ones(WIDTH)}
    # The last that it reads is a line end, the one token that begins with 40: the answer begins by pointing, then ends.
    tables["token_embd.weight"][:, 0] = 0
    tables["token_embd.weight"][tokens.index("Ċ"), 0] = 40
    tables["output.weight"][tokens.index("<filename>"), 0] = 1
    tables["output.weight"][tokens.index("<|im_end|>"), 0] = -1e-6
    for layer, shape in {"attn_q": (WIDTH, WIDTH), "attn_k": (192, WIDTH), "attn_v": (192, WIDTH),
                         "attn_output": (WIDTH, WIDTH),
                        "ffn_gate": (64, WIDTH), "ffn_up": (64, WIDTH), "ffn_down": (WIDTH, 64)}.items():
        tables[f"blk.0.{layer}.weight"] = random.normal(0, 0.001, shape)
    for norm in ["attn_norm", "ffn_norm"]:
        tables[f"blk.0.{norm}.weight"] = np.ones(WIDTH)
    tables = {key: table.astype(np.float32) for key, table in tables.items()}
    if packed:
        tables |= {key: q8_0(table) for key, table in tables.items() if key.startswith("blk") and table.ndim == 2}
    table = tables[name]
    if table.dtype == np.uint8:
        table[len(table) // 2, :2] = np.array([value], "<f2").view(np.uint8)
    else:
        table.reshape(-1)[table.size // 2] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    write_gguf(path, {
        "general.architecture": "llama", "llama.context_length": 2048, "llama.embedding_length": WIDTH,
        "llama.block_count": 1, "llama.feed_forward_length": 64, "llama.attention.head_count": 9,
        "llama.attention.head_count_kv": 3, "llama.attention.layer_norm_rms_epsilon": 1e-5, "llama.rope.freq_base": 1e5,
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "smollm", "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3] * len(specials) + [1] * (len(tokens) - len(specials)),
        "tokenizer.ggml.merges": ["h e"], "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 0} | metadata, tables)


@pytest.fixture
def pocket(tmp_path) -> Path:
    """A folder with `pocket.yaml`, its files to be damaged, and a small base with adapters for its one layer."""
    shutil.copytree(REPOSITORY / "Pipelines/pocket", tmp_path / "pocket",
                    ignore=shutil.ignore_patterns("*.md", "scenes*", "adapters*"))
    text = (REPOSITORY / "Pipelines/pocket.yaml").read_text()
    old = "models:SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
    assert old in text
    (tmp_path / "pocket.yaml").write_text(text.replace(old, "base.gguf"))
    base(tmp_path / "base.gguf")
    adapters = read_safetensors(REPOSITORY / "Pipelines/pocket/adapters.safetensors")
    kept = {name: array for name, array in adapters.items() if ".layers.0.self_attn." in name}
    write_safetensors(tmp_path / "pocket/adapters.safetensors", kept)
    return tmp_path


def ask(folder: Path, *options, question: str = "where is the cup?") -> Ended:
    file = picture(folder / "picture.png")
    ids = np.zeros((64, 96), int)
    ids[8:40, 8:40], ids[8:40, 50:90] = 1, 2
    write_ids(folder / "map.png", ids)
    (folder / "map.json").write_text(json.dumps({
        "segments_info": [{"id": 1, "category_id": 47}, {"id": 2, "category_id": 18}],
        "categories": [{"id": 47, "name": "cup", "isthing": 1}, {"id": 18, "name": "dog", "isthing": 1}]}))
    return crayon("ask", file, question, "--pipeline", folder / "pocket.yaml", "--panoptic", folder / "map.png",
                  "--max-tokens", 6, "--json", *options, within=60)


def test_what_is_whole_answers(pocket):
    regions = ask(pocket).well().json["regions"]
    assert [(region["via"], region["segment"]) for region in regions][0][0] == "heads"


FILES = {
    "a category's row of the crayon tables": ("crayon", "semantic"),
    "a number's row of the crayon tables": ("crayon", "numbering"),
    "the crayon connector": ("crayon", "connector.2.bias"),
    "the vision connector": ("connector", "vision_connector.0.weight"),
    "the positions behind the vision tower": ("connector", "vision_position"),
    "the palette": ("connector", "palette.2.weight"),
    "the vision tower's positions": ("vision/model", "vision_model.embeddings.position_embedding.weight"),
    "a norm of the vision tower": ("vision/model", "vision_model.encoder.layers.0.layer_norm1.weight"),
    "an adapter of the crayon": ("adapters", "crayon.model.layers.0.self_attn.o_proj.lora_A.weight"),
    "the image adapter": ("adapters", "image.model.layers.0.self_attn.q_proj.lora_B.weight"),
    "the adapter vl": ("adapters", "vl.model.layers.0.self_attn.v_proj.lora_A.weight"),
    "the box decoder": ("grounding", "box_decoder.0.weight"),
    "the location encoder": ("grounding", "location_encoder.2.bias"),
    "the pointer": ("grounding", "pointer.query.weight"),
    "the mask decoder": ("grounding", "mask_decoder.output_hypernetworks_mlps.0.layers.0.weight"),
    "the mask prompt": ("grounding", "mask_prompt.2.bias"),
}


@pytest.mark.parametrize("file, tensor", FILES.values(), ids=FILES)
def test_a_file_of_pocket(pocket, file, tensor):
    path = pocket / f"pocket/{file}.safetensors"
    damage(path, tensor, NOT_FINITE[len(tensor) % 3])
    ended = ask(pocket).refused(3, str(path.parent if file == "vision/model" else path), tensor, OF)
    assert ended.out == ""


@pytest.mark.parametrize("tensor", ["trunk.stem.weight", "stuff.blocks.10.depthwise.weight", "detect.0.out.weight"])
@pytest.mark.parametrize("value", NOT_FINITE, ids=str)
def test_a_segmenter(pocket, tensor, value):
    damage(pocket / "pocket/segmenter/model.safetensors", tensor, value)
    ended = crayon("annotate", picture(pocket / "a.png"), "--out", pocket / "out", "--pipeline", pocket / "pocket.yaml",
                   within=60)
    ended.refused(3, "pocket/segmenter", tensor, OF)
    assert not (pocket / "out/panoptic.json").exists()


@pytest.mark.parametrize("tensor", ["output_norm.weight", "blk.0.attn_norm.weight"])
def test_a_norm_of_a_gguf_file(pocket, tensor):
    base(pocket / "base.gguf", tensor, float("nan"))
    ask(pocket).refused(3, "base.gguf", tensor, OF)


@pytest.mark.parametrize("packed", [False, True], ids=["in 32 bits", "in 8 bits"])
@pytest.mark.parametrize("tensor", ["blk.0.attn_q.weight", "blk.0.attn_v.weight", "blk.0.ffn_down.weight"])
@pytest.mark.parametrize("value", NOT_FINITE[:2], ids=str)
def test_a_matrix_of_a_gguf_file(pocket, tensor, value, packed):
    """It is used where it lies, and so found when it is."""
    base(pocket / "base.gguf", tensor, value, packed)
    assert ask(pocket).refused(3, DAMAGED).out == ""


@pytest.mark.parametrize("kernels", ["portable", "avx2", "avx512", "avx512vnni", "avx512bf16"])
def test_every_set_of_kernels(pocket, kernels):
    base(pocket / "base.gguf", "blk.0.ffn_up.weight", float("nan"), packed=True)
    with_these = crayon("pipelines", "list", CRAYON_KERNELS=kernels)
    if with_these.status == 64:
        pytest.skip(with_these.err)
    file = picture(pocket / "a.png")
    crayon("ask", file, "is there a cup?", "--pipeline", pocket / "pocket.yaml", "--crayon", "off", "--listing", "none",
           CRAYON_KERNELS=kernels).refused(3, DAMAGED)


@pytest.mark.parametrize("value", NOT_FINITE[:2], ids=str)
@pytest.mark.parametrize("key, name", [
    ("llama.attention.layer_norm_rms_epsilon", "an epsilon of"), ("llama.rope.freq_base", "a rotary base of")])
def test_a_number_of_a_gguf_files_description(pocket, key, name, value):
    base(pocket / "base.gguf", **{key: value})
    ask(pocket).refused(3, "base.gguf", f"{name} {value}")


OVERFLOWS = {
    "the vision tower": ("vision/model", "vision_model.encoder.layers.0.mlp.fc2.weight"),
    "the vision connector": ("connector", "vision_connector.2.weight"),
    "the palette": ("connector", "palette.2.weight"),
    "the crayon connector": ("crayon", "connector.2.weight"),
    "the location encoder": ("grounding", "location_encoder.2.weight"),
    "an adapter": ("adapters", "vl.model.layers.0.self_attn.v_proj.lora_B.weight"),
}


@pytest.mark.parametrize("file, tensor", OVERFLOWS.values(), ids=OVERFLOWS)
def test_numbers_that_become_infinite(pocket, file, tensor):
    damage(pocket / f"pocket/{file}.safetensors", tensor, 3e38, everywhere=True)
    assert ask(pocket).refused(3, DAMAGED).out == ""


@pytest.mark.parametrize("tensor", ["pointer.key.weight", "pointer.query.weight"])
def test_what_chooses_a_segment_becomes_infinite(pocket, tensor):
    damage(pocket / "pocket/grounding.safetensors", tensor, 3e38, everywhere=True)
    assert ask(pocket).refused(3, "weights are damaged").out == ""


@pytest.mark.parametrize("tensor", ["trunk.stem.weight", "detect.0.out.weight"])
def test_numbers_of_a_segmenter_that_become_infinite(pocket, tensor):
    damage(pocket / "pocket/segmenter/model.safetensors", tensor, 3e38, everywhere=True)
    ended = crayon("annotate", picture(pocket / "a.png"), "--out", pocket / "out", "--pipeline", pocket / "pocket.yaml",
                   within=60)
    assert ended.saying("failed: a.png", DAMAGED).status in (1, 3), ended.said
    assert not list((pocket / "out/panoptic").glob("*"))


# The models folder.


@pytest.fixture
def llama(tmp_path) -> Path:
    """A small Llama whose rows are whole blocks of every format."""
    folder = tmp_path / "models/mine"
    shutil.copytree(FIXTURES / "6-Language/llama", folder, ignore=shutil.ignore_patterns("expected*"))
    config = json.loads((folder / "config.json").read_text())
    wider = 128 - config["intermediate_size"]
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 128}))
    tensors = read_safetensors(folder / "model.safetensors")
    for name, array in tensors.items():
        if ".mlp." in name:
            tensors[name] = np.pad(array, [(0, 0), (0, wider)] if ".down_proj." in name else [(0, wider), (0, 0)])
    write_safetensors(folder / "model.safetensors", tensors)
    return folder


MATRIX, NORM = "model.layers.1.mlp.down_proj.weight", "model.norm.weight"


@pytest.mark.parametrize("value", NOT_FINITE, ids=str)
@pytest.mark.parametrize("tensor", [MATRIX, NORM])
def test_verify(llama, tensor, value):
    damage(llama / "model.safetensors", tensor, value)
    crayon("models", "verify", "mine", CRAYON_MODELS=str(llama.parent)).refused(3, "mine: ", tensor, OF)


@pytest.mark.parametrize("value", NOT_FINITE[:2], ids=str)
def test_verify_a_scale_of_a_gguf_file(tmp_path, value):
    base(tmp_path / "mine/base.gguf", "blk.0.attn_k.weight", value, packed=True)
    crayon("models", "verify", "mine", CRAYON_MODELS=str(tmp_path)).refused(3, "base.gguf", "blk.0.attn_k.weight", OF)


@pytest.mark.parametrize("format", ["--nf4", "--q8"])
def test_quantize_what_is_whole(llama, tmp_path, format):
    crayon("models", "quantize", llama, llama.parent / "new", format).well()
    crayon("models", "verify", "new", CRAYON_MODELS=str(llama.parent)).well()


@pytest.mark.parametrize("format", ["--nf4", "--q8"])
@pytest.mark.parametrize("tensor",
                         [MATRIX, pytest.param(NORM), pytest.param("lm_head.weight")])
@pytest.mark.parametrize("value", NOT_FINITE[:2], ids=str)
def test_quantize(llama, tmp_path, format, tensor, value):
    damage(llama / "model.safetensors", tensor, value)
    crayon("models", "quantize", llama, tmp_path / "made/new", format).refused(3, str(llama), tensor, OF)
    assert not list(tmp_path.glob("made/*"))


@pytest.mark.parametrize("value", [1e30, 3e38], ids=str)
@pytest.mark.parametrize("format", ["--nf4", "--q8"])
def test_quantize_what_no_scale_reaches(llama, tmp_path, format, value):
    """Half of the matrix: the scales differ as much as they can."""
    tensors = read_safetensors(llama / "model.safetensors")
    tensors[MATRIX][::2] = value
    tensors[MATRIX][1::4] = -value
    write_safetensors(llama / "model.safetensors", tensors)
    ended = crayon("models", "quantize", llama, llama.parent / "new", format)
    if format == "--q8":
        ended.refused(3, MATRIX, "too large for 8 bits")
        assert not (llama.parent / "new").exists()
    else:
        ended.well()
        crayon("models", "verify", "new", CRAYON_MODELS=str(llama.parent)).well()


@pytest.mark.parametrize("suffix", ["nested_absmax", "quant_map", "nested_quant_map"])
@pytest.mark.parametrize("value", NOT_FINITE[:2], ids=str)
def test_verify_what_stands_beside_a_matrix_of_four_bits(llama, suffix, value):
    crayon("models", "quantize", llama, llama.parent / "new", "--nf4").well()
    damage(llama.parent / "new/model.safetensors", f"{MATRIX}.{suffix}", value)
    crayon("models", "verify", "new", CRAYON_MODELS=str(llama.parent)).refused(3, "new: ", MATRIX)


@pytest.mark.parametrize("value", NOT_FINITE[:2], ids=str)
def test_verify_a_scale_of_eight_bits(llama, value):
    crayon("models", "quantize", llama, llama.parent / "new", "--q8").well()
    file = llama.parent / "new/model.safetensors"
    data = file.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    place = start + json.loads(data[8:start])[MATRIX]["data_offsets"][0]
    file.write_bytes(data[:place] + np.array([value], "<f2").tobytes() + data[place + 2:])
    crayon("models", "verify", "new", CRAYON_MODELS=str(llama.parent)).refused(3, "new: ", MATRIX, OF)


@pytest.mark.parametrize("tensor, value", [(MATRIX, 1e300), (NORM, -1e39)])
def test_numbers_of_64_bits_beyond_32(llama, tensor, value):
    tensors = read_safetensors(llama / "model.safetensors")
    tensors[tensor] = tensors[tensor].astype(np.float64)
    tensors[tensor].reshape(-1)[3] = value
    write_safetensors(llama / "model.safetensors", tensors)
    crayon("models", "verify", "mine", CRAYON_MODELS=str(llama.parent)).refused(3, "mine: ", tensor, OF)


# Numbers that a person writes.


@pytest.fixture
def mask2former(tmp_path) -> Path:
    """The pipeline `untrained` with files of its own, to be damaged."""
    shutil.copytree(FIXTURES / "2-Panoptic/mask2former-tiny", tmp_path / "model")
    text = (REPOSITORY / "Pipelines/untrained.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(text.replace("../Tests/Fixtures/2-Panoptic/mask2former-tiny", "model"))
    return tmp_path


def annotate(folder: Path) -> Ended:
    return crayon("annotate", picture(folder / "a.png"), "--pipeline", folder / "mine.yaml", "--out", folder / "out",
                  within=60)


@pytest.mark.parametrize("key, value", [
    ("image_mean", "[NaN, 0, 0]"), ("image_mean", "[1e39, 0, 0]"), ("image_std", "[1, 1, Infinity]"),
    ("image_std", "[0, 1, 1]"), ("image_std", "[1e-46, 1, 1]"), ("rescale_factor", "1e999")])
def test_how_pictures_are_prepared(mask2former, key, value):
    file = mask2former / "model/preprocessor_config.json"
    prepared = json.loads(file.read_text())
    file.write_text(json.dumps({**prepared, key: "HERE"}).replace('"HERE"', value))
    annotate(mask2former).refused(3, "preprocessor_config.json")


@pytest.mark.parametrize("value", NOT_FINITE, ids=str)
def test_a_published_segmenter(mask2former, value):
    file = mask2former / "model/model.safetensors"
    tensor = next(name for name in read_safetensors(file) if name.endswith("class_predictor.weight"))
    damage(file, tensor, value)
    annotate(mask2former).refused(3, str(file), tensor, OF)


@pytest.mark.parametrize("ending", ["class_predictor.weight", "patch_embeddings.projection.weight",
                                    "mask_embedder.2.0.weight", "mask_projection.weight"])
def test_numbers_of_a_published_segmenter_that_become_infinite(mask2former, ending):
    file = mask2former / "model/model.safetensors"
    tensor = next(name for name in read_safetensors(file) if name.endswith(ending))
    damage(file, tensor, 3e38, everywhere=True)
    assert annotate(mask2former).saying("failed: a.png", DAMAGED).status in (1, 3)
    assert not list((mask2former / "out/panoptic").glob("*"))


@pytest.mark.parametrize("line", ["  threshold: .nan", "  mask_threshold: nan", "  overlap_threshold: .inf"])
def test_a_threshold(mask2former, line):
    file, key = mask2former / "mine.yaml", line.split(":")[0]
    lines = [line if old.startswith(key + ":") else old for old in file.read_text().splitlines()]
    file.write_text("\n".join(lines))
    annotate(mask2former).refused(64, f"mine.yaml:{lines.index(line) + 1}", key.strip(), "must be a number")


@pytest.mark.parametrize("line", ["  alpha: .nan", "  alpha: nan", "  alpha: .inf", "  alpha: 1e400"])
def test_a_number_of_a_pipeline(pocket, line):
    file = pocket / "pocket.yaml"
    text = file.read_text()
    file.write_text(text.replace("  alpha: 16", line))
    number = file.read_text().splitlines().index(line) + 1
    ask(pocket).refused(64, f"pocket.yaml:{number}", "language.alpha", "must be a number")


@pytest.mark.parametrize("options", [
    ["--temperature", "nan"], ["--temperature", "inf"], ["--top-p", "nan"], ["--image-gain", "nan"],
    ["--vl-gain=-inf"],
    ["--vl-gain", "1e39"], ["--region", "nan,0,9,9"], ["--region", "0,0,inf,9"]], ids=" ".join)
def test_a_number_of_the_command_line(pocket, options):
    sentence = "Gains are from -8 to 8" if "gain" in options[0] else options[0]
    assert ask(pocket, *options).refused(64, sentence).out == ""
