"""Makes Tests/Fixtures/Resampling: noise, resized by Pillow and as torchvision does it without antialiasing.

    pip install -r requirements.txt && python resampling.py
"""

import pathlib

import numpy
import torch
from PIL import Image

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "Resampling"
SIZES = [(53, 37), (106, 74), (20, 11), (160, 7), (3, 90), (1, 1), (64, 32), (50, 20), (45, 21)]


def torchvision_resize(picture, size):
    """`Resize(size, antialias=False)` of a tensor of bytes: as floats, and rounded back."""
    pixels = torch.from_numpy(numpy.array(picture)).permute(2, 0, 1)[None].float()
    resized = torch.nn.functional.interpolate(pixels, size=size[::-1], mode="bilinear", align_corners=False)
    return Image.fromarray(resized[0].round().byte().permute(1, 2, 0).numpy())


def main():
    generator = numpy.random.default_rng(7)
    noise = Image.fromarray(generator.integers(0, 256, (37, 53, 3), dtype=numpy.uint8))
    FOLDER.mkdir(parents=True, exist_ok=True)
    noise.save(FOLDER / "source.png")
    for name, resize in {
        "pillowBilinear": lambda size: noise.resize(size, Image.BILINEAR),
        "pillowBicubic": lambda size: noise.resize(size, Image.BICUBIC),
        "torchBilinear": lambda size: torchvision_resize(noise, size),
    }.items():
        folder = FOLDER / name
        folder.mkdir(exist_ok=True)
        for size in SIZES:
            resize(size).save(folder / f"{size[0]}x{size[1]}.png")


if __name__ == "__main__":
    main()
