"""Makes Tests/Fixtures/1-Imaging: small pictures in many formats, written by Pillow.

    pip install -r requirements.txt && python imaging.py

Every picture of 1-Imaging shows scene.png (48×32, a colour in each corner), or what expected/NAME.png shows.
"""

import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageCms

FIXTURES = pathlib.Path(__file__).parent.parent / "Fixtures"
FOLDER = FIXTURES / "1-Imaging"
WIDTH, HEIGHT = 48, 32


def scene():
    """Smooth, so that JPEG keeps it, and different in every corner."""
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    red = 40 + 200 * x // (WIDTH - 1)
    green = 220 - 180 * y // (HEIGHT - 1)
    blue = 30 + 90 * (x + y) // (WIDTH + HEIGHT - 2)
    return Image.fromarray(numpy.stack([red, green, blue], 2).astype(numpy.uint8))


def expect(name, picture):
    (FOLDER / "expected").mkdir(exist_ok=True)
    picture.convert("RGB").save(FOLDER / "expected" / f"{name}.png")


def grey_profile() -> bytes:
    """An ICC profile of grey with a gamma of 2.2 (ICC.1:2001-04, 6.3.1.1), as some scanners put into colour pictures too."""
    def text(kind, value):
        return kind + bytes(4) + value

    white = struct.pack(">3i", 63190, 65536, 54061)  # D50 in s15Fixed16
    name = b"grey\0"
    parts = {
        b"desc": text(b"desc", struct.pack(">I", len(name)) + name + bytes(78)), b"wtpt": text(b"XYZ ", white),
        b"kTRC": text(b"curv", struct.pack(">IH", 1, 563)), b"cprt": text(b"text", b"none\0"),
    }
    table, data = struct.pack(">I", len(parts)), b""
    start = 128 + 4 + 12 * len(parts)
    for tag, value in parts.items():
        table += tag + struct.pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sIIIIQI12sI44s", start + len(data), b"none", 0x02100000, b"scnr", b"GRAY", b"XYZ ", bytes(12), b"acsp",
        b"none", 0, 0, 0, 0, 0, 0, white, 0, bytes(44))
    return head[:128] + table + data


def orientations(picture):
    """What a camera stores when it was held so that the upright picture is the scene."""
    undo = {
        1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE,
        6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270,
    }
    for number, operation in undo.items():
        stored = picture if operation is None else picture.transpose(operation)
        exif = Image.Exif()
        exif[0x0112] = number
        stored.save(FOLDER / f"orientation-{number}.jpg", quality=98, subsampling=0, exif=exif)
        stored.save(FOLDER / f"orientation-{number}.webp", lossless=True, exif=exif)


def png_chunks(width, height, depth, colour, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b""))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture = scene()
    picture.save(FOLDER / "scene.png")
    orientations(picture)
    picture.save(FOLDER / "progressive.jpg", quality=98, subsampling=0, progressive=True)
    for name in ["scene.tif", "scene.bmp", "scene.ppm"]:
        picture.save(FOLDER / name)
    picture.save(FOLDER / "deflate.tif", compression="tiff_adobe_deflate")
    picture.save(FOLDER / "scene.webp", lossless=True)
    picture.quantize(64).save(FOLDER / "palette.png")
    expect("palette", picture.quantize(64))
    picture.quantize(64).save(FOLDER / "frames.gif", save_all=True, append_images=[picture.rotate(180).quantize(64)])
    expect("frames", picture.quantize(64))

    grey = picture.convert("L")
    grey.save(FOLDER / "grey.png")
    grey.save(FOLDER / "grey.jpg", quality=98)
    expect("grey", grey)

    alpha = Image.fromarray(numpy.linspace(0, 255, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).astype(numpy.uint8))
    white = Image.new("RGBA", picture.size, "white")
    transparent = picture.copy()
    transparent.putalpha(alpha)
    transparent.save(FOLDER / "alpha.png")
    expect("alpha", Image.alpha_composite(white, transparent))
    both = grey.copy()
    both.putalpha(alpha)
    both.save(FOLDER / "grey-alpha.png")
    expect("grey-alpha", Image.alpha_composite(white, both.convert("RGBA")))

    wide = numpy.asarray(picture).astype(">u2") * 257
    (FOLDER / "rgb16.png").write_bytes(png_chunks(WIDTH, HEIGHT, 16, 2, [row.tobytes() for row in wide]))
    wide_grey = numpy.asarray(grey).astype(">u2") * 257
    (FOLDER / "grey16.png").write_bytes(png_chunks(WIDTH, HEIGHT, 16, 0, [row.tobytes() for row in wide_grey]))
    expect("grey16", grey)

    # Ink without a profile: the extremes are the same in every press.
    ink = Image.new("CMYK", (24, 16), (0, 0, 0, 0))
    ink.paste((0, 0, 0, 255), (12, 0, 24, 16))
    ink.save(FOLDER / "ink.jpg", quality=98)

    # A picture whose profile swaps nothing but the tone curve: numbers differ, colours do not.
    srgb = ImageCms.createProfile("sRGB")
    lab = ImageCms.createProfile("LAB")
    as_lab = ImageCms.profileToProfile(picture, srgb, lab, outputMode="LAB")
    as_lab.save(FOLDER / "lab.tif", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    picture.save(FOLDER / "profile.png", icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes())
    # A profile of another kind of picture says nothing about this one.
    picture.save(FOLDER / "grey-profile.tif", icc_profile=grey_profile())


if __name__ == "__main__":
    main()
