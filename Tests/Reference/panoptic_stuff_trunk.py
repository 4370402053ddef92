"""Makes the fixture of the segmenter's trunk for stuff: Tests/Fixtures/2-Panoptic/stuff-trunk.

A random trunk of few channels in the published layout, and what the code that trains it (Training/pocket/segmenter.py)
makes of one picture that is wider than high. Weights are drawn wide, so that most activations are on neither side alone.

    pip install -r requirements.txt && python panoptic_stuff_trunk.py

Tensors in expected.safetensors have torch's layouts (CHW). `pixels` are at an eighth of the picture's sides, and are
enlarged bilinearly; of what is larger than `context`, every second row and column is there.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "Training"))
from pocket import segmenter  # noqa: E402

FOLDER = HERE.parent / "Fixtures" / "2-Panoptic" / "stuff-trunk"
# All kinds of depthwise convolutions, short cuts and none.
segmenter.BOTTLENECKS = (
    (32, 20, 6, 3, 2, 1), (6, 18, 8, 3, 1, 1),
    (8, 24, 8, 5, 2, 1), (8, 17, 8, 3, 1, 1), (8, 20, 12, 5, 1, 1), (12, 24, 12, 3, 1, 1),
    (12, 40, 16, 5, 2, 1), (16, 33, 16, 3, 1, 1), (16, 24, 10, 5, 1, 2), (10, 20, 10, 5, 1, 2))
segmenter.ENCODED, segmenter.ADE = 20, 9


def main():
    torch.manual_seed(7)
    trunk = segmenter.StuffTrunk()
    with torch.no_grad():
        for name, tensor in trunk.named_parameters():
            inputs = tensor[0].numel() if tensor.ndim == 4 else 1
            tensor.normal_(std=(2 / inputs) ** 0.5 if tensor.ndim == 4 else 0.3)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: tensor.detach().half().contiguous() for name, tensor in trunk.state_dict().items()},
        FOLDER / "model.safetensors")
    trunk.load_state_dict({name: tensor.float() for name, tensor in load_file(FOLDER / "model.safetensors").items()})
    small = torch.randn(3, 16, 32)
    with torch.no_grad():
        context, eighth, logits = trunk(F.interpolate(small[None], scale_factor=8, mode="bilinear", align_corners=False))
    save_file(
        {"pixels": small, "context": context[0].contiguous(), "eighth": eighth[0, :, ::2, ::2].contiguous(),
         "logits": logits[0, :, ::2, ::2].contiguous()}, FOLDER / "expected.safetensors")
    (FOLDER / "config.json").write_text(json.dumps({"stuff_trunk": {
        "stem_width": segmenter.BOTTLENECKS[0][0], "bottlenecks": [sizes[1:] for sizes in segmenter.BOTTLENECKS],
        "encoder_width": segmenter.ENCODED, "grids": segmenter.GRIDS, "grid_width": segmenter.GRID,
        "context_width": segmenter.CONTEXT, "eighth_width": segmenter.DECODED, "classes": segmenter.ADE}}) + "\n")
    for name, values in (("context", context), ("eighth", eighth), ("logits", logits)):
        print(name, tuple(values.shape), f"largest {values.abs().max():.2f}, {(values > 0).float().mean():.0%} above zero")


if __name__ == "__main__":
    main()
