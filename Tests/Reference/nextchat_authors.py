"""NExT-Chat's own code, from a clone of its repository, with its sizes made small.

The authors' files are read from the clone's commit below at the time of the run; nothing of them is kept. Where
they fix a size in the text (SAM's widths and its square), the text is replaced before it is imported, and each
replacement is made sure to have found its place. mmengine's registry and the few functions of torchvision that they
use are stood in for by their documented meaning.
"""

import ast
import importlib
import pathlib
import subprocess
import sys
import tempfile
import types

import torch
import torch.nn.functional as F
from PIL import Image

COMMIT = "1e6c20f7e88feea44985e6dacbddc3c4d5701e3e"

FILES = [
    "mllm/conversation/__init__.py", "mllm/conversation/base_conversation.py", "mllm/dataset/root.py",
    "mllm/dataset/process_function/__init__.py", "mllm/dataset/process_function/box_process_function.py",
    "mllm/dataset/process_function/chat_process_function.py", "mllm/dataset/single_image_convsation.py",
    "mllm/dataset/single_image_interactive.py", "mllm/dataset/utils/transform.py", "mllm/utils/box_ops.py",
    "mllm/models/sam/modeling_sam.py", "mllm/models/sam/sam_loss.py", "mllm/models/sam/transforms.py",
    "mllm/models/nextchat/nextchat_base.py", "mllm/models/nextchat/nextchat_seg.py"]
# Their own bring in training, downloads and servers.
EMPTY = [
    "mllm", "mllm/dataset", "mllm/dataset/utils", "mllm/models", "mllm/models/sam", "mllm/models/nextchat"]
DEMO = "mllm/demo/demo_util.py"


class Registry:
    """mmengine's, as far as it names classes."""

    def __init__(self, name):
        pass

    def register_module(self, **names):
        return lambda cls: cls


class Pad:
    """torchvision's: zeros left, above, right and below."""

    def __init__(self, padding):
        self.left, self.top, self.right, self.bottom = padding

    def __call__(self, image):
        return F.pad(image, (self.left, self.right, self.top, self.bottom))


def resize(image, size):
    """torchvision's, of a Pillow image: bilinear, to (height, width)."""
    return image.resize((size[1], size[0]), Image.BILINEAR)


def module(name, **members):
    made = types.ModuleType(name)
    for key, value in members.items():
        setattr(made, key, value)
    sys.modules[name] = made
    return made


def stand_ins():
    module("mmengine", **{name: Registry(name) for name in ["DATASETS", "TRANSFORMS", "METRICS", "FUNCTIONS"]},
           Registry=Registry)
    functional = module("torchvision.transforms.functional", resize=resize, to_pil_image=Image.fromarray)
    transforms = module("torchvision.transforms", functional=functional, Pad=Pad, ToTensor=lambda: None)
    boxes = module("torchvision.ops.boxes", box_area=lambda b: (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]))
    misc = module("torchvision.ops.misc", interpolate=F.interpolate)
    ops = module("torchvision.ops", boxes=boxes, misc=misc)
    module("torchvision", transforms=transforms, ops=ops, __version__="0.15")


def load(repo, replacements):
    """The authors' modules, and the functions of their demo that bring boxes and masks to the picture.

    repo: a clone. replacements: by file, pairs of the text as it is and as it is to be; all places of a text.
    """
    def text(file):
        return subprocess.run(
            ["git", "-C", str(repo), "show", f"{COMMIT}:{file}"], check=True, capture_output=True, text=True).stdout

    stand_ins()
    folder = pathlib.Path(tempfile.mkdtemp())
    for file in FILES:
        content = text(file)
        for old, new in replacements.get(file, []):
            if old not in content:
                raise SystemExit(f"{file}: no {old!r}")
            content = content.replace(old, new)
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    for package in EMPTY:
        (folder / package / "__init__.py").touch()
    (folder / "mllm/utils/__init__.py").write_text(
        "post_process_generate_ids = smart_tokenizer_and_embedding_resize = None\n")
    sys.path.insert(0, str(folder))
    demo = {"F": F, "torch": torch}
    for node in ast.parse(text(DEMO)).body:
        if isinstance(node, ast.FunctionDef) and node.name in ("de_transform_mask", "de_transform_box"):
            exec(compile(ast.Module([node], []), DEMO, "exec"), demo)
    return importlib.import_module, demo["de_transform_box"], demo["de_transform_mask"]
