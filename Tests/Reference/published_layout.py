"""Checkpoints as they lie on the hub: files of `torch.save` from before PyTorch 2.1."""

import io
import zipfile

import torch


def old_torch_file(value, path):
    """Writes what `torch.save` of PyTorch 1.13 or 2.0 does: one folder `archive`, the records stored as they are at
    multiples of 64 bytes, and no record `byteorder`, `.format_version` or `.data/serialization_id`, which newer ones add."""
    new = io.BytesIO()
    torch.save(value, new)
    with zipfile.ZipFile(new) as source, open(path, "wb") as file, zipfile.ZipFile(file, "w") as target:
        for info in source.infolist():
            folder, name = info.filename.split("/", 1)
            if name not in ("data.pkl", "version") and not name.startswith("data/"):
                continue
            made = zipfile.ZipInfo(f"archive/{name}")
            # PyTorch pads with an extra field "FB" before the bytes.
            start = file.tell() + 30 + len(made.filename) + 4
            made.extra = b"FB" + (-start % 64).to_bytes(2, "little") + b"Z" * (-start % 64)
            target.writestr(made, source.read(info))
