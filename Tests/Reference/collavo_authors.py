"""CoLLaVO's own code, from a clone of its repository, with its sizes made small.

The authors' files are read from the clone's commit below at the time of the run; nothing of them is kept. Where
they fix a size in the text (the grid, the widths, the rank), the text is replaced before it is imported, and each
replacement is made sure to have found its place. detectron2, of which they use the boxes around masks alone, is
stood in for by its documented meaning.
"""

import importlib
import pathlib
import subprocess
import sys
import tempfile
import types

import torch

COMMIT = "fb419fad768794e5e9dd8f7abfb2dc7d23e3d438"

FILES = [
    "collavo/arch_collavo.py", "collavo/utils/utils.py", "collavo/arch/build_mlp.py",
    "collavo/arch/configuration_internlm2.py", "collavo/arch/modeling_internlm2.py",
    "collavo/arch/tokenization_internlm2.py", "utils/constants.py"]


class Boxes:
    def __init__(self, tensor):
        self.tensor = tensor

    def scale(self, x, y):
        self.tensor[:, 0::2] *= x
        self.tensor[:, 1::2] *= y


class BitMasks:
    """Boxes [x0, y0, x1, y1] around masks, the right and bottom edges exclusive; zeros around an empty one."""

    def __init__(self, masks):
        self.masks = masks

    def get_bounding_boxes(self):
        boxes = torch.zeros(len(self.masks), 4)
        for box, mask in zip(boxes, self.masks):
            y, x = torch.nonzero(mask, as_tuple=True)
            if len(x):
                box[:] = torch.tensor([x.min(), y.min(), x.max() + 1, y.max() + 1])
        return Boxes(boxes)


def load(repo, replacements):
    """The authors' modules.

    repo: a clone. replacements: by file, pairs of the text as it is and as it is to be; all places of a text.
    """
    folder = pathlib.Path(tempfile.mkdtemp())
    for file in FILES:
        text = subprocess.run(
            ["git", "-C", str(repo), "show", f"{COMMIT}:{file}"], check=True, capture_output=True, text=True).stdout
        for old, new in replacements.get(file, []):
            if old not in text:
                raise SystemExit(f"{file}: no {old!r}")
            text = text.replace(old, new)
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for package in ["collavo", "collavo/utils", "collavo/arch", "utils"]:
        (folder / package / "__init__.py").touch()
    structures = types.ModuleType("detectron2.structures")
    structures.BitMasks = BitMasks
    sys.modules["detectron2"] = types.ModuleType("detectron2")
    sys.modules["detectron2.structures"] = structures
    sys.path.insert(0, str(folder))
    return importlib.import_module
