"""Thirty pictures that a segmenter is easily wrong about, and what crayon says of them: spoilt photographs, and pictures that are
none. What is said of the latter with any confidence is invented.

    python -m pocket.odd_pictures --photographs photographs --out odd
    python -m pocket.odd_pictures --photographs photographs --out odd --crayon ../.build/release/crayon     # odd/ODD.md too

The photographs are those that `make photographs` fetches (scikit-image's own); none is kept here.
"""

import argparse
import dataclasses
import json
import math
import pathlib
import subprocess
from collections.abc import Callable

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

QUESTIONS = ("what is in the picture?", "how many people are there?")
CONFIDENT = 0.5


@dataclasses.dataclass(frozen=True)
class Odd:
    name: str
    shows: str
    make: Callable[[dict[str, Image.Image]], Image.Image]  # from the photographs by their names
    people: int = 0
    empty: bool = False  # whether nothing is on it that could be told


def of(name: str, change: Callable[[Image.Image], Image.Image]):
    return lambda photographs: change(photographs[name])


def drawn(draw: Callable[[ImageDraw.ImageDraw], None], size=(640, 480), ground="white"):
    def make(_):
        picture = Image.new("RGB", size, ground)
        draw(ImageDraw.Draw(picture))
        return picture
    return make


def counted(values: Callable[[numpy.ndarray, numpy.ndarray], numpy.ndarray], size=(640, 480)):
    """From a function of (x, y) to 0–255, grey or [3]."""
    def make(_):
        y, x = numpy.mgrid[:size[1], :size[0]]
        found = numpy.clip(values(x, y), 0, 255).astype(numpy.uint8)
        return Image.fromarray(found).convert("RGB")
    return make


# Spoilt photographs


def brightness(factor: float, add: float = 0):
    return lambda picture: picture.point(lambda value: min(255, value * factor + add))


def noisy(picture: Image.Image) -> Image.Image:
    noise = numpy.random.default_rng(1).normal(0, 90, (picture.height, picture.width, 3))
    return Image.fromarray(numpy.clip(numpy.asarray(picture) + noise, 0, 255).astype(numpy.uint8))


def mosaic(picture: Image.Image) -> Image.Image:
    small = picture.resize((picture.width // 24, picture.height // 24), Image.Resampling.BOX)
    return small.resize(picture.size, Image.Resampling.NEAREST)


def strip(picture: Image.Image) -> Image.Image:
    """The middle of it, 16:1."""
    height = picture.width // 16
    top = (picture.height - height) // 2
    return picture.crop((0, top, picture.width, top + height))


def column(picture: Image.Image) -> Image.Image:
    return strip(picture.rotate(90, expand=True)).rotate(-90, expand=True)


def row(photographs: dict[str, Image.Image]) -> Image.Image:
    """All of them side by side and again, 16:1."""
    panorama = Image.new("RGB", (2048, 128))
    for place in range(8):
        picture = list(photographs.values())[place % len(photographs)]
        panorama.paste(ImageOps.fit(picture, (256, 128)), (256 * place, 0))
    return panorama


# Pictures that are none

WORDS = ("The survey counted every bridge between the two rivers and gave each a number and a date of its own because "
         "older lists disagree about names while later ones leave out whatever was never finished").split()


def line_of_words(start: int, count: int) -> str:
    return " ".join(WORDS[(start * 7 + place) % len(WORDS)] for place in range(count))


def text_page(draw: ImageDraw.ImageDraw):
    draw.text((60, 40), "On the numbering of bridges", "black", ImageFont.load_default(26))
    for line in range(28):
        draw.text((60, 90 + 24 * line), line_of_words(line, 9), "black", ImageFont.load_default(15))


def text_editor(draw: ImageDraw.ImageDraw):
    font = ImageFont.load_default(14)
    draw.rectangle((0, 0, 799, 27), "#3c3f41")
    draw.text((10, 5), "File   Edit   View   Search   Help", "#cccccc", font)
    draw.rectangle((0, 28, 160, 599), "#252526")
    for place, name in enumerate(("main.py", "model.py", "train.py", "README.md", "setup.cfg")):
        draw.text((14, 44 + 24 * place), name, "#9cdcfe", font)
    colours = ("#c586c0", "#dcdcaa", "#9cdcfe", "#ce9178", "#6a9955")
    for line in range(26):
        draw.text((170, 40 + 21 * line), str(line + 1), "#858585", font)
        indent = 205 + 28 * (line * 5 % 4)
        draw.text((indent, 40 + 21 * line), line_of_words(line, 2 + line % 4), colours[line % 5], font)


def web_page(draw: ImageDraw.ImageDraw):
    draw.rectangle((0, 0, 959, 59), "#1a73e8")
    draw.text((24, 16), "Example Shop", "white", ImageFont.load_default(24))
    draw.rounded_rectangle((300, 14, 700, 46), 16, "white")
    draw.text((316, 20), "search", "#888888", ImageFont.load_default(16))
    for place in range(6):
        x, y = 30 + 310 * (place % 3), 90 + 300 * (place // 3)
        draw.rounded_rectangle((x, y, x + 280, y + 270), 10, "#ffffff", "#cccccc")
        draw.rectangle((x + 15, y + 15, x + 265, y + 165), ("#e8eaed", "#fce8e6", "#e6f4ea")[place % 3])
        draw.text((x + 15, y + 180), line_of_words(place, 4), "#202124", ImageFont.load_default(16))
        draw.rounded_rectangle((x + 15, y + 220, x + 115, y + 252), 6, "#fbbc04")
        draw.text((x + 30, y + 226), "to basket", "black", ImageFont.load_default(15))


def message_window(draw: ImageDraw.ImageDraw):
    draw.rectangle((170, 150, 630, 370), "#f0f0f0", "#555555", 2)
    draw.rectangle((170, 150, 630, 182), "#2b579a")
    draw.text((184, 156), "Error", "white", ImageFont.load_default(18))
    draw.text((200, 220), "The file could not be opened.", "black", ImageFont.load_default(20))
    for x, word in ((380, "Again"), (500, "Cancel")):
        draw.rectangle((x, 310, x + 100, 346), "#e1e1e1", "#adadad")
        draw.text((x + 22, 318), word, "black", ImageFont.load_default(16))


def house_drawing(draw: ImageDraw.ImageDraw):
    draw.rectangle((200, 240, 440, 420), outline="black", width=4)
    draw.line((180, 240, 320, 120, 460, 240), "black", 4)
    draw.rectangle((295, 330, 345, 420), outline="black", width=4)
    for x in (225, 370):
        draw.rectangle((x, 270, x + 45, 310), outline="black", width=4)
    draw.line((40, 420, 600, 420), "black", 4)


def people_drawing(draw: ImageDraw.ImageDraw):
    for x in (160, 320, 480):
        draw.ellipse((x - 35, 90, x + 35, 160), outline="black", width=4)
        draw.line((x, 160, x, 290), "black", 4)
        draw.line((x - 60, 200, x + 60, 200), "black", 4)
        draw.line((x - 50, 390, x, 290, x + 50, 390), "black", 4)


def cup_drawing(draw: ImageDraw.ImageDraw):
    draw.ellipse((200, 130, 400, 190), outline="black", width=4)
    draw.line((200, 160, 230, 360), "black", 4)
    draw.line((400, 160, 370, 360), "black", 4)
    draw.arc((230, 330, 370, 390), 0, 180, "black", 4)
    draw.arc((360, 190, 470, 310), 250, 110, "black", 4)


def bar_chart(draw: ImageDraw.ImageDraw):
    draw.line((70, 40, 70, 420, 600, 420), "black", 2)
    for place, value in enumerate((120, 210, 90, 300, 260, 170)):
        x = 100 + 82 * place
        draw.rectangle((x, 420 - value, x + 55, 420), ("#4c72b0", "#dd8452", "#55a868")[place % 3])
        draw.text((x + 8, 430), str(2019 + place), "black", ImageFont.load_default(15))
    draw.text((220, 12), "Bridges counted by year", "black", ImageFont.load_default(18))


def line_chart(draw: ImageDraw.ImageDraw):
    draw.line((70, 40, 70, 420, 600, 420), "black", 2)
    for colour, phase in (("#4c72b0", 0), ("#c44e52", 2), ("#55a868", 4)):
        draw.line([(70 + 5 * x, 230 - 120 * math.sin(x / 12 + phase) * math.exp(-x / 90)) for x in range(105)], colour, 3)


def code(draw: ImageDraw.ImageDraw):
    """Like a QR code: 29 by 29 squares, with the marks in three corners."""
    cells = numpy.random.default_rng(2).random((29, 29)) < 0.5
    for y, x in ((0, 0), (0, 22), (22, 0)):
        cells[max(0, y - 1):y + 8, max(0, x - 1):x + 8] = False
        cells[y:y + 7, x:x + 7] = True
        cells[y + 1:y + 6, x + 1:x + 6] = False
        cells[y + 2:y + 5, x + 2:x + 5] = True
    for y, x in numpy.argwhere(cells).tolist():
        draw.rectangle((40 + 16 * x, 40 + 16 * y, 55 + 16 * x, 55 + 16 * y), "black")


CAT, ASTRONAUT, COFFEE, MOTORCYCLE = "chelsea", "astronaut", "coffee", "motorcycle_left"

PICTURES = [
    Odd("coffee-grey", "a cup of coffee on a table, grey", of(COFFEE, lambda p: p.convert("L").convert("RGB"))),
    Odd("astronaut-dark", "a person, nearly black", of(ASTRONAUT, brightness(0.08)), people=1),
    Odd("cat-blurred", "a cat's face, blurred", of(CAT, lambda p: p.filter(ImageFilter.GaussianBlur(12)))),
    Odd("coffee-rotated-90", "a cup of coffee, turned by 90°", of(COFFEE, lambda p: p.rotate(90, expand=True))),
    Odd("astronaut-rotated-180", "a person, upside down", of(ASTRONAUT, lambda p: p.rotate(180)), people=1),
    Odd("cat-rotated-45", "a cat's face, turned by 45°", of(CAT, lambda p: p.rotate(45, Image.Resampling.BICUBIC, True))),
    Odd("coffee-overexposed", "a cup of coffee, nearly white", of(COFFEE, brightness(2.5, 90))),
    Odd("motorcycle-noise", "a motorcycle, under strong noise", of(MOTORCYCLE, noisy)),
    Odd("astronaut-negative", "a person, as a negative", of(ASTRONAUT, ImageOps.invert), people=1),
    Odd("motorcycle-mosaic", "a motorcycle, in squares", of(MOTORCYCLE, mosaic)),
    Odd("motorcycle-16-1", "a strip of a motorcycle, 16:1", of(MOTORCYCLE, strip)),
    Odd("astronaut-1-16", "a strip of a person, 1:16", of(ASTRONAUT, column), people=1),
    Odd("row-16-1", "a person, a cat, a cup, a motorcycle, twice, 16:1", row, people=2),
    Odd("cat-8x8", "a cat's face in 8×8 pixels", of(CAT, lambda p: p.resize((8, 8), Image.Resampling.BOX)), empty=True),
    Odd("white", "nothing, white", drawn(lambda d: None), empty=True),
    Odd("black", "nothing, black", drawn(lambda d: None, ground="black"), empty=True),
    Odd("noise", "noise", lambda _: Image.fromarray(
        numpy.random.default_rng(3).integers(0, 256, (480, 640, 3)).astype(numpy.uint8)), empty=True),
    Odd("gradient", "grey from left to right", counted(lambda x, y: x * 255 / 639), empty=True),
    Odd("gradient-round", "a light spot", counted(lambda x, y: 255 - numpy.hypot(x - 320, y - 240) * 0.7), empty=True),
    Odd("checkerboard", "a checkerboard", counted(lambda x, y: 255 * ((x // 40 + y // 40) % 2)), empty=True),
    Odd("code", "a pattern like a QR code", drawn(code, (544, 544)), empty=True),
    Odd("text-page", "a page of text", drawn(text_page, (620, 800)), empty=True),
    Odd("screenshot-editor", "a text editor's window", drawn(text_editor, (800, 600), "#1e1e1e"), empty=True),
    Odd("screenshot-web-page", "a shop's web page", drawn(web_page, (960, 700), "#f8f9fa"), empty=True),
    Odd("screenshot-message", "a message on a blue screen", drawn(message_window, (800, 520), "#008080"), empty=True),
    Odd("drawing-house", "a house, drawn in lines", drawn(house_drawing)),
    Odd("drawing-people", "three people, drawn in lines", drawn(people_drawing), people=3),
    Odd("drawing-cup", "a cup, drawn in lines", drawn(cup_drawing)),
    Odd("chart-bars", "a bar chart", drawn(bar_chart), empty=True),
    Odd("chart-lines", "a chart of three lines", drawn(line_chart), empty=True),
]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--photographs", type=pathlib.Path, required=True,
        help="the folder of " + ", ".join(f"{name}.png" for name in (ASTRONAUT, CAT, COFFEE, MOTORCYCLE)))
    add("--out", type=pathlib.Path, required=True, help="pictures go to OUT/images, the table to OUT/ODD.md")
    add("--crayon", help="the program; without it pictures are made alone")
    add("--pipeline", default="pocket")
    return parser.parse_args()


def make_all(photographs: pathlib.Path, folder: pathlib.Path):
    """The same bytes every time, with the same version of Pillow."""
    opened = {name: Image.open(photographs / f"{name}.png").convert("RGB") for name in (ASTRONAUT, CAT, COFFEE, MOTORCYCLE)}
    folder.mkdir(parents=True, exist_ok=True)
    for odd in PICTURES:
        odd.make(opened).save(folder / f"{odd.name}.png")


def said_of_all(crayon: str, pipeline: str, folder: pathlib.Path) -> dict[str, tuple[list[dict], list[str]]]:
    """By name the map's segments (category, score) and the answers."""
    def run(*words) -> str:
        return subprocess.run([crayon, *map(str, words)], stdout=subprocess.PIPE, text=True, check=True).stdout

    run("annotate", folder / "images", "--out", folder / "maps", "--pipeline", pipeline, "--json")
    dataset = json.loads((folder / "maps/panoptic.json").read_text())
    names = {category["id"]: category["name"] for category in dataset["categories"]}
    maps = {pathlib.Path(entry["file_name"]).stem: entry["segments_info"] for entry in dataset["annotations"]}
    return {odd.name: (
        [{"category": names[info["category_id"]], "score": info.get("score")} for info in maps[odd.name]],
        [json.loads(run("ask", folder / "images" / f"{odd.name}.png", question, "--pipeline", pipeline, "--json"))["answer"]
         for question in QUESTIONS])
        for odd in PICTURES}


def confident(segments: list[dict]) -> bool:
    return any(segment["score"] is not None and segment["score"] >= CONFIDENT for segment in segments)


def people(answer: str) -> int | None:
    """Of “There are 3 people.”, “There are no people.”"""
    for word in answer.split():
        if word == "no" or word.isdigit():
            return 0 if word == "no" else int(word)
    return None


def table(said: dict[str, tuple[list[dict], list[str]]]) -> str:
    def words(segment):
        return segment["category"] + ("" if segment["score"] is None else f" {segment['score']:.2f}")

    def listed(chosen):
        names = [odd.name for odd in chosen]
        return f"{len(names)}" + (f" ({', '.join(names)})" if names else "")

    rows = [f"| {odd.name} | {odd.shows} | {', '.join(map(words, said[odd.name][0])) or '–'} | "
            + " | ".join(said[odd.name][1]) + " |" for odd in PICTURES]
    empty = [odd for odd in PICTURES if odd.empty]
    # As the language model was taught to say it, alone or before the stuff that it sees.
    naming = [odd for odd in empty if "none of the things" not in said[odd.name][1][0]]
    miscounted = [odd for odd in PICTURES if people(said[odd.name][1][1]) != odd.people]
    imagined = [odd for odd in PICTURES if (people(said[odd.name][1][1]) or 0) > odd.people]
    return "\n".join([
        "# What is said of odd pictures", "",
        "Made by `python -m pocket.odd_pictures` ([Training](../../Training/README.md)). A segment's number is its score.", "",
        f"| picture | what it shows | segments | {' | '.join(QUESTIONS)} |", "|---|---|---|---|---|", *rows, "",
        f"Of {len(empty)} pictures of which nothing can be told:", "",
        f"- a segment with a score of {CONFIDENT} or more: {listed(odd for odd in empty if confident(said[odd.name][0]))}",
        "- a segment without a score: " + listed(
            odd for odd in empty if any(segment["score"] is None for segment in said[odd.name][0])),
        f"- things named in the answer: {listed(naming)}",
        f"- of these, without a thing or stuff on the map: {listed(odd for odd in naming if not said[odd.name][0])}", "",
        f"The number of people is wrong for {listed(miscounted)} of all {len(PICTURES)}, too large for {listed(imagined)}.", ""])


def main():
    options = arguments()
    make_all(options.photographs, options.out / "images")
    if options.crayon:
        text = table(said_of_all(options.crayon, options.pipeline, options.out))
        (options.out / "ODD.md").write_text(text)
        print(text)


if __name__ == "__main__":
    main()
