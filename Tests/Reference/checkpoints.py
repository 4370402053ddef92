"""Writes Tests/Fixtures/Checkpoints: weight files by the libraries that users' files come from.

Versions: torch 2.13.0, safetensors 0.8.0, numpy 2.4.6. Run: python Tests/Reference/checkpoints.py
Every tensor's values are also written, as float64 or int64 text, to expected.json, by numpy alone.
"""
import collections, json, os, pathlib, pickle, zipfile

import numpy, torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "Checkpoints"
FOLDER.mkdir(parents=True, exist_ok=True)
torch.manual_seed(7)
expected = {}


def note(file, tensors):
    """Values as text: floats by their exact hexadecimal float64, integers as they are."""
    expected[file] = {
        name: {
            "shape": list(t.shape),
            "values": [float(v).hex() for v in t.detach().double().flatten().tolist()]
            if t.is_floating_point()
            else [int(v) for v in t.flatten().tolist()],
        }
        for name, t in tensors.items()
    }


every = {
    "f32": torch.randn(3, 5),
    "f16": torch.tensor([0.0, -0.0, 1.5, -65504.0, 6e-8, 6.1e-5, 1 / 3], dtype=torch.float16),
    "bf16": torch.randn(2, 3).to(torch.bfloat16),
    "f64": torch.tensor([0.5, -2.25, 1024.0], dtype=torch.float64),
    "i64": torch.tensor([[-1, 2**62], [-(2**63), 2**63 - 1]]),
    "i32": torch.tensor([-7, 2**31 - 1], dtype=torch.int32),
    "i16": torch.tensor([-300, 300], dtype=torch.int16),
    "i8": torch.tensor([-128, 127], dtype=torch.int8),
    "u8": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 4),
}
save_file(every, FOLDER / "every.safetensors", metadata={"format": "pt", "note": "grüß \"dich\"\n"})
note("every.safetensors", every)
unsigned = {"u16": numpy.array([1, 65535], "uint16"), "u32": numpy.array([2**32 - 1], "uint32"),
            "u64": numpy.array([2**63], "uint64")}
from safetensors.numpy import save_file as save_numpy
save_numpy(unsigned, FOLDER / "unsigned.safetensors")


def torch_file(name, value, tensors, **options):
    torch.save(value, FOLDER / name, **options)
    note(name, tensors)


torch_file("every.bin", collections.OrderedDict(every), every)
base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
views = {
    "transposed": base.t(), "column": base[:, 2], "block": base[1:3, 2:5], "tail": base[3],
    "half": torch.arange(12).reshape(3, 4).half().t(), "integers": torch.arange(6).reshape(2, 3).t(),
    "single": base[2:3, 1:2],
}
torch_file("views.bin", views, views)
layer = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
torch_file("module.bin", layer.state_dict(), layer.state_dict())
parameters = {"weight": torch.nn.Parameter(torch.randn(2, 2))}
torch_file("parameters.bin", parameters, parameters)
nested = {"epoch": 3, "loss": [0.5, None, True], "args": {"lr": 1e-4, "big": 2**40, "neg": -5},
          "state_dict": {"a": torch.ones(2)}}
torch_file("nested.bin", nested, nested["state_dict"])
torch_file("model.bin", {"model": {"b": torch.zeros(1, 2)}, "c": torch.ones(1)}, {"b": torch.zeros(1, 2)})
torch_file("protocol4.bin", {"a": torch.ones(3)}, {"a": torch.ones(3)}, pickle_protocol=4)
torch.save({"a": torch.ones(1).expand(1000)}, FOLDER / "expanded.bin")
torch.save({"a": torch.ones(2)}, FOLDER / "legacy.bin", _use_new_zipfile_serialization=False)
torch.save([1, 2], FOLDER / "list.bin")


class Malice:
    def __reduce__(self):
        return os.system, ("touch /tmp/pwned",)


torch.save({"a": torch.ones(2), "b": Malice()}, FOLDER / "malicious.bin")


def repack(source, target, **options):
    """The same records written by Python's zipfile."""
    with zipfile.ZipFile(FOLDER / source) as old, zipfile.ZipFile(FOLDER / target, "w", **options) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("byteorder") and target == "bigendian.bin":
                data = b"big"
            with new.open(zipfile.ZipInfo(info.filename), "w", force_zip64=target == "zip64.bin") as out:
                out.write(data)


def compressed(source, target):
    with zipfile.ZipFile(FOLDER / source) as old, \
            zipfile.ZipFile(FOLDER / target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))


compressed("module.bin", "compressed.bin")
repack("module.bin", "bigendian.bin")
repack("module.bin", "zip64.bin")
note("zip64.bin", layer.state_dict())

shards = FOLDER / "sharded"
shards.mkdir(exist_ok=True)
save_file({"a": torch.ones(2)}, shards / "model-00001-of-00002.safetensors")
save_file({"b": torch.zeros(3)}, shards / "model-00002-of-00002.safetensors")
(shards / "model.safetensors.index.json").write_text(json.dumps({
    "metadata": {"total_size": 20, "more": [1.5, {"x": None}]},
    "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}))
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=0, sort_keys=True))
