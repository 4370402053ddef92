"""Whatever the installed libvips opens is seen as it is meant, and what is no picture is not taken for one."""
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from faults import Truth, answering, crayon, listed, picture

# Four quarters: red, green, blue, white.
COLOURS = np.zeros((32, 48, 3), np.uint8)
COLOURS[:16, :24], COLOURS[:16, 24:], COLOURS[16:, :24], COLOURS[16:, 24:] = (255, 0, 0), (0, 255, 0), (0, 0, 255), 255
GREY = np.asarray(Image.fromarray(COLOURS).convert("L"))
# 0 on the left, 255 on the right.
HALF = np.zeros((32, 48, 1), np.uint8)
HALF[:, 24:] = 255

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
QUARTERS = [RED, GREEN, BLUE, WHITE]
GREYS = [(level,) * 3 for level in (76, 150, 29, 255)]
# What is transparent on the left, over white.
RIGHT = [WHITE, GREEN, WHITE, WHITE]
# The colours over white where a picture covers half of what is behind it.
PALE = [(255, 127, 127), (127, 255, 127), (127, 127, 255), WHITE]


def saved(array, mode: str | None = None, **how):
    """As Pillow writes it, by the suffix."""
    def save(path: Path):
        picture = Image.fromarray(array)
        (picture.convert(mode) if mode else picture).save(path, **how)
    return save


def written(content: bytes):
    return lambda path: path.write_bytes(content)


def with_alpha(alpha=HALF, colours=COLOURS):
    return np.concatenate([colours, alpha], -1)


def tiff(pixels: np.ndarray, colours: int = 2, kind: int = 1, extra: list[int] | None = None,
         tags: dict[int, list[int]] = {}) -> bytes:
    """A TIFF in one strip: `colours` is its photometric interpretation, `kind` its sample format."""
    height, width = pixels.shape[:2]
    samples = pixels.reshape(height, width, -1)
    count, data = samples.shape[2], samples.tobytes()
    entries = {256: [width], 257: [height], 258: [samples.itemsize * 8] * count, 259: [1], 262: [colours], 273: [8],
               277: [count], 278: [height], 279: [len(data)], 339: [kind] * count, **tags}
    if extra is not None:
        entries[338] = extra
    directory, behind = b"", b""
    for tag, numbers in sorted(entries.items()):
        value = struct.pack(f"<{len(numbers)}H", *numbers)
        if len(value) > 4:
            behind, value = behind + value, struct.pack("<I", 8 + len(data) + len(behind))
        directory += struct.pack("<HHI4s", tag, 3, len(numbers), value)
    start = struct.pack("<4sI", b"II*\0", 8 + len(data) + len(behind))
    return start + data + behind + struct.pack("<H", len(entries)) + directory + bytes(4)


def png(pixels: np.ndarray, kind: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG: `kind` is its colour type, `chunks` stand before its pixels."""
    rows = b"".join(b"\0" + row.astype(f">u{pixels.itemsize}").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8 * pixels.itemsize, kind, 0, 0, 0)
    whole = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in whole)


def turned(orientation: int):
    exif = Image.Exif()
    exif[0x112] = orientation
    return {"exif": exif}


FRAMES = {"save_all": True, "append_images": [Image.new("RGB", (48, 32), (9, 9, 9))]}
PALETTE = Image.fromarray(COLOURS).convert("P", palette=Image.ADAPTIVE, colors=4)
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="48" height="32"><path d="M24 0h24v32H24z" fill="#0f0"/></svg>'
PSD = (struct.pack(">4sH6xHIIHH12xH", b"8BPS", 1, 3, 32, 48, 8, 3, 0) + np.moveaxis(COLOURS, -1, 0).tobytes())
# 4×2 pixels of four levels.
LEVELS = [(level,) * 3 for level in (0, 255, 0, 255)]
RED_BLUE = [RED, BLUE, RED, BLUE]
FITS = b"".join(card.ljust(80) for card in (
    b"SIMPLE  =                    T", b"BITPIX  =                    8", b"NAXIS   =                    2",
    b"NAXIS1  =                    4", b"NAXIS2  =                    2", b"END")).ljust(2880)


def seen(folder: Path, name: str, write):
    """The colours at the corners of a picture as the pipeline sees it, and its size."""
    path = folder / name
    write(path)
    crayon("inspect", path, "--pipeline", answering(folder), "--out", folder / "out").well()
    with Image.open(folder / "out/1-image.png") as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    return [tuple(pixels[y, x]) for y in (0, -1) for x in (0, -1)], image.size


def near(a, b, tolerance: int) -> bool:
    return bool((np.abs(np.subtract(a, b)) <= tolerance).all())


@pytest.mark.parametrize("name, write, colours", [
    pytest.param("x.png", saved(COLOURS, "L"), GREYS, id="grey"),
    pytest.param("x.png", saved(COLOURS, "1"), [(0,) * 3, WHITE, (0,) * 3, WHITE], id="black and white"),
    pytest.param("x.png", lambda path: PALETTE.save(path), QUARTERS, id="palette"),
    pytest.param("x.gif", lambda path: PALETTE.save(path, transparency=int(np.asarray(PALETTE)[0, 0])),
                 [WHITE, GREEN, BLUE, WHITE], id="a transparent colour of a GIF"),
    pytest.param("x.png", written(png(COLOURS, 2, (b"tRNS", struct.pack(">HHH", *RED)))), [WHITE, GREEN, BLUE, WHITE],
                 id="a transparent colour of a PNG without alpha"),
    pytest.param("x.png", written(png(with_alpha().astype(np.uint16) * 257, 6)), RIGHT, id="16 bits with alpha"),
    pytest.param("x.png", written(png(with_alpha(colours=GREY[..., None]), 4)),
                 [WHITE, GREYS[1], WHITE, WHITE], id="grey with alpha"),
    pytest.param("x.webp", saved(with_alpha(), lossless=True, exact=True), RIGHT, id="WebP with alpha"),
    pytest.param("x.jpg", saved(COLOURS, "CMYK", quality=95, subsampling=0),
                 [(236, 33, 40), (0, 142, 65), (26, 39, 123), WHITE], id="CMYK, as printed"),
    pytest.param("x.png", saved(COLOURS, icc_profile=LAB), QUARTERS, id="a profile of another kind of picture"),
    pytest.param("x.tif", saved(COLOURS, **FRAMES), QUARTERS, id="pages: the first"),
    pytest.param("x.gif", saved(COLOURS, **FRAMES), QUARTERS, id="animated GIF: the first frame"),
    pytest.param("x.png", saved(COLOURS, **FRAMES), QUARTERS, id="animated PNG: the first frame"),
    pytest.param("x.pgm", written(b"P2\n# levels\n4 2\n15\n0 5 10 15\n0 5 10 15\n"), LEVELS,
                 id="PGM in text, of 4 bits"),
    pytest.param("x.pgm", written(b"P5 4 2 1023\n" + np.array([0, 341, 682, 1023] * 2, ">u2").tobytes()), LEVELS,
                 id="PGM of 10 bits"),
    pytest.param("x.pbm", written(b"P4 8 2\n\xaa\xaa"), LEVELS, id="PBM, whose ones are black"),
    pytest.param("x.pfm", written(b"PF\n2 1\n-1.0\n" + np.array([1, 0, 0, 0, 0, 1], "<f4").tobytes()), RED_BLUE,
                 id="PFM, of linear light"),
    pytest.param("x.pam", written(b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
                                  + bytes([255, 0, 0, 0, 0, 0, 255, 255])), [WHITE, BLUE, WHITE, BLUE],
                 id="PAM with alpha"),
    pytest.param("x.tga", saved(COLOURS), QUARTERS, id="TGA, which has no signature"),
    pytest.param("x.jp2", saved(COLOURS), QUARTERS, id="JPEG 2000"),
    pytest.param("x.avif", saved(COLOURS, quality=100), QUARTERS, id="AVIF"),
    pytest.param("x.psd", written(PSD), QUARTERS, id="Photoshop"),
    pytest.param("x.svg", written(SVG), RIGHT[:1] + [GREEN, WHITE, GREEN], id="SVG, over white"),
    pytest.param("photo.jpg", saved(COLOURS, format="PNG"), QUARTERS, id="a PNG under a JPEG's name"),
    pytest.param("x.txt", saved(COLOURS, format="PNG"), QUARTERS, id="a text's suffix"),
    pytest.param("x.fits", written(FITS + bytes([0, 85, 170, 255] * 2).ljust(2880, b"\0")), LEVELS, id="FITS"),
])
def test_a_picture_of_any_kind(tmp_path, name, write, colours):
    found, _ = seen(tmp_path, name, write)
    assert near(found, colours, 2), found


@pytest.mark.parametrize("content, colours", [
    pytest.param(tiff(with_alpha()), QUARTERS, id="a fourth band of which nothing is said"),
    pytest.param(tiff(with_alpha(), extra=[0]), QUARTERS, id="infrared"),
    pytest.param(tiff(np.dstack([GREY, HALF]), 1, extra=[0]), GREYS, id="a second band of a grey one"),
    pytest.param(tiff(with_alpha(), extra=[2]), RIGHT, id="transparency"),
    pytest.param(tiff(with_alpha(HALF * 0 + 128), extra=[2]), PALE, id="half of it"),
    pytest.param(tiff(with_alpha(HALF * 0 + 128, COLOURS // 2 + COLOURS % 2), extra=[1]), PALE,
                 id="half of it, multiplied already"),
    pytest.param(tiff(with_alpha(np.dstack([HALF, HALF])), extra=[0, 0]), QUARTERS, id="five bands"),
    pytest.param(tiff(with_alpha(np.dstack([HALF * 0 + 9, HALF])), extra=[0, 2]), RIGHT,
                 id="infrared, then transparency"),
    pytest.param(tiff(with_alpha(np.dstack([HALF, HALF * 0 + 9])), extra=[2, 0]), RIGHT,
                 id="transparency, then infrared"),
    pytest.param(tiff(np.dstack([GREY, HALF * 0 + 9, HALF]), 1, extra=[0, 2]), [WHITE, GREYS[1], WHITE, WHITE],
                 id="infrared, then transparency of a grey one"),
    pytest.param(tiff(255 - GREY, 0), GREYS, id="white is zero"),
    pytest.param(tiff((COLOURS / 255).astype(np.float32), kind=3), QUARTERS, id="colours from 0 to 1"),
    pytest.param(tiff(GREY.astype(np.float32), 1, kind=3), GREYS, id="grey numbers from 0 to 255"),
    pytest.param(tiff((HALF / 255).astype(np.float32), 1, kind=3), [(0,) * 3, WHITE] * 2,
                 id="grey numbers from 0 to 1"),
    pytest.param(tiff(GREY.astype(np.uint32) * 0x1010101, 1), GREYS, id="grey in 32 bits"),
    pytest.param(tiff(COLOURS.astype(np.uint32) * 0x1010101), QUARTERS, id="colours in 32 bits"),
    pytest.param(tiff(with_alpha().astype(np.uint32) * 0x1010101, extra=[2]), RIGHT, id="32 bits with transparency"),
])
def test_a_tiff_as_its_tags_say(tmp_path, content, colours):
    found, _ = seen(tmp_path, "x.tif", written(content))
    assert near(found, colours, 2), found


@pytest.mark.parametrize("name, orientation, corners", [
    ("x.jpg", 2, [1, 0, 3, 2]), ("x.jpg", 5, [0, 2, 1, 3]), ("x.jpg", 7, [3, 1, 2, 0]),
    ("x.jpg", 8, [1, 3, 0, 2]), ("x.png", 6, [2, 0, 3, 1]), ("x.webp", 6, [2, 0, 3, 1]), ("x.tif", 6, [2, 0, 3, 1]),
    ("x.jpg", 99, [0, 1, 2, 3])])
def test_a_turned_picture_is_upright(tmp_path, name, orientation, corners):
    found, size = seen(tmp_path, name, saved(COLOURS, quality=95, **turned(orientation)))
    assert size == ((32, 48) if 5 <= orientation <= 8 else (48, 32))
    # The corners as they are stored, by what stands there now.
    assert near(found, [QUARTERS[corner] for corner in corners], 12), found


@pytest.mark.parametrize("content, reason", [
    pytest.param(b"", "is empty", id="nothing"),
    pytest.param(b"<!DOCTYPE html><html></html>", "is not a picture in a known format", id="a page of the web"),
    pytest.param(b"push graphic-context\nviewbox 0 0 5 5\n", "is not a picture in a known format", id="a program"),
    pytest.param(png(COLOURS, 2)[:-60], "is damaged", id="a PNG that is cut"),
    pytest.param(tiff(COLOURS)[:2000], "is damaged", id="a TIFF that is cut"),
    pytest.param(b"P6 2 2 255\n" + bytes(6), "is damaged: it ends too early", id="a PPM that is cut"),
    pytest.param(tiff(np.asarray(Image.fromarray(COLOURS).convert("YCbCr")), 6, tags={530: [1, 1]}),
                 "cannot be seen as it is meant: its colours are brightness and hue (YCbCr) without JPEG",
                 id="a TIFF in YCbCr, of which libvips says nothing"),
    pytest.param(tiff(GREY, 32803), "cannot be seen as it is meant: its colours are of a kind that is not known here",
                 id="a sensor's pattern"),
    pytest.param(tiff(GREY.astype(np.int16), 1, kind=2), "cannot be seen as it is meant: which of its numbers is white",
                 id="numbers with signs"),
])
def test_what_cannot_be_seen_is_refused(tmp_path, content, reason):
    (tmp_path / "x.png").write_bytes(content)
    crayon("inspect", tmp_path / "x.png", "--pipeline", answering(tmp_path), "--out", tmp_path / "out").refused(
        1, f"{tmp_path}/x.png {reason}")
    assert not (tmp_path / "out").exists()


def test_a_picture_without_a_row_says_one_sentence(tmp_path):
    (tmp_path / "x.ppm").write_bytes(b"P6\n5 0\n255\n")
    ended = crayon("inspect", tmp_path / "x.ppm", "--pipeline", answering(tmp_path), "--out", tmp_path / "out")
    assert len(ended.refused(1, "x.ppm").err.splitlines()) == 1 and "WARNING" not in ended.err, ended.said


@pytest.mark.parametrize("name, content", [
    pytest.param("a.txt", b"0 0.5 0.5 0.1 0.1\n", id="labels"),
    pytest.param("a.json", b"{}", id="JSON"),
    pytest.param("Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), id="thumbnails of Windows"),
    pytest.param("a.xmp", b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>', id="notes of a raw converter"),
    pytest.param("a.xml", b'<?xml version="1.0"?>\n<annotation><size/></annotation>\n', id="annotations in XML"),
    pytest.param("notes.txt", b"Pictures of dogs\n", id="a word that begins as a portable map"),
    pytest.param("clip.mp4", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", id="a telephone's video"),
    pytest.param("size.txt", b"96 64\n", id="two numbers"),
    pytest.param("table.txt", b"2 2\n1 2\n3 4\n", id="a table"),
    pytest.param("labels.mat", b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM", id="Matlab's numbers"),
    pytest.param("notes.txt", b"BMW 2019, photographed by me\n", id="a word that begins as a bitmap"),
    pytest.param("people.txt", b"P1: Anna, P2: Bert\n", id="numbered people"),
    pytest.param("size.h", b"#define WIDTH 96\n", id="a line of C"),
    pytest.param("index.html", b'<html><body><svg width="5" height="5"></svg></body></html>', id="an album's page"),
    pytest.param("README.md", b"# Icons\n\nDrawn as `<svg>`.\n", id="a page about drawings"),
])
def test_what_lies_beside_pictures_is_passed_over(tmp_path, name, content):
    truth = Truth(tmp_path)
    truth.add("x.png", [("cup", (0, 0, 96, 64))])
    truth.write()
    picture(tmp_path / "pictures/x.png")
    (tmp_path / "pictures" / name).write_bytes(content)
    crayon("annotate", tmp_path / "pictures", "--panoptic", truth.maps, "--panoptic-json", truth.file,
           "--out", tmp_path / "out").well(f"passed over: {name}", "1 annotated, 1 passed over")
    assert listed(tmp_path / "out") == {"x.png": ["cup"]}


@pytest.mark.parametrize("content", [
    pytest.param(png(COLOURS, 2)[:-60], id="PNG"), pytest.param(tiff(COLOURS)[:2000], id="TIFF"),
    pytest.param(b"BM" + bytes(12) + b"\x28" + bytes(20), id="bitmap"),
    pytest.param(b"P6 96 64 255\n" + bytes(6), id="portable map"), pytest.param(SVG[:-20], id="drawing"),
])
def test_a_damaged_picture_under_any_name_is_one_that_failed(tmp_path, content):
    truth = Truth(tmp_path)
    truth.add("x.png", [("cup", (0, 0, 96, 64))])
    truth.write()
    picture(tmp_path / "pictures/x.png")
    (tmp_path / "pictures/x.dat").write_bytes(content)
    crayon("annotate", tmp_path / "pictures", "--panoptic", truth.maps, "--panoptic-json", truth.file,
           "--out", tmp_path / "out").refused(1, "failed: x.dat")
