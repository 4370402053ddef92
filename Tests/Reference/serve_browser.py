"""Drives `crayon serve`'s page in a real Chromium: looks, asks, corrects, asks again, saves, by mouse and by keys, at three
widths. Without Chromium (Debian's package) or Playwright it says so and skips.

    python Tests/Reference/serve_browser.py --crayon .build/release/crayon --shots shots
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from serve_support import SAMPLES, Server

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    print("skipped: Playwright is not installed (pip install playwright)")
    sys.exit(0)

# Of a machine that has other things to do; nothing here waits that long on one that has not.
TIMEOUT = 300_000
WIDTHS = {"phone": (390, 844), "tablet": (820, 1180), "desk": (1440, 900)}


class Page:
    """The page as a person uses it."""

    def __init__(self, page, shots, name):
        self.page, self.shots, self.name, self.count = page, shots, name, 0
        page.set_default_timeout(TIMEOUT)
        expect.set_options(timeout=TIMEOUT)

    def shot(self, what):
        self.count += 1
        if self.shots:
            self.page.screenshot(path=str(self.shots / f"{self.name}-{self.count}-{what}.png"), full_page=True)

    def open(self, file):
        self.page.set_input_files("#file", str(file))
        expect(self.page.locator("#progress")).to_contain_text("segments")
        expect(self.page.locator("#view")).to_be_visible()

    def ask(self, question):
        self.page.fill("#question", question)
        self.page.keyboard.press("Enter")
        return self.answered()

    def answered(self):
        expect(self.page.locator("#progress")).to_contain_text("answered in")
        return self.page.locator(".card .said").first.inner_text()

    def segments(self):
        return self.page.locator("#segments .chip").all_inner_texts()

    def pick(self, words):
        expect(self.page.locator("#picker")).to_be_visible()
        self.page.fill("#pick", words)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#picker")).to_be_hidden()


def download(page, selector):
    with page.expect_download() as caught:
        page.click(selector)
    return Path(caught.value.path()).read_bytes()


def correct(view: Page, name):
    """A person finds the cups of a desk, corrects one and asks again; in under a minute."""
    page = view.page
    view.open(SAMPLES / "cups.png")
    view.shot("seen")
    answer = view.ask("how many cups are there?")
    assert answer == "There are 4 cups.", answer
    expect(page.locator(".card").first).to_contain_text("Counted on the map: 4 (cup)")
    assert page.locator("#stages canvas").count() == 2 and page.locator("#stages img.crisp").count() == 1
    assert page.locator("#stages .layers").count() == 1 and page.locator("#stages .bar").count() == 1
    view.shot("answered")
    # Rename one by a click on the picture.
    began = time.monotonic()
    cups = [s for s in view.segments() if s.startswith("cup")]
    assert len(cups) == 4, cups
    where = page.evaluate("""async () => {
      const chip = [...document.querySelectorAll('#segments .chip')].find(c => c.textContent.startsWith('cup'));
      return Number(chip.dataset.segment);
    }""")
    page.locator(f'[data-segment="{where}"]').click()
    page.click('[data-do="rename"]')
    view.shot("picker")
    view.pick("bowl")
    expect(page.locator("#again")).to_be_visible()
    # What is shown of the stages says that it is of the map before.
    expect(page.locator("#stages.old")).to_be_visible()
    page.click("#again")
    answer = view.answered()
    assert answer == "There are 3 cups.", answer
    expect(page.locator("#stages.old")).to_have_count(0)
    expect(page.locator(".change").first).to_contain_text("There are 4 cups.")
    seconds = time.monotonic() - began
    view.shot("asked-again")
    # Undo and redo.
    page.click('[data-do="undo"]')
    assert len([s for s in view.segments() if s.startswith("cup")]) == 4
    page.click('[data-do="redo"]')
    assert len([s for s in view.segments() if s.startswith("cup")]) == 3
    # Merge two, to void, undo both.
    page.locator("#segments .chip").nth(0).click()
    page.locator("#segments .chip").nth(1).click(modifiers=["Shift"])
    count = len(view.segments())
    page.click('[data-do="merge"]')
    assert len(view.segments()) == count - 1
    page.click('[data-do="undo"]')
    page.locator("#segments .chip").nth(0).click()
    page.click('[data-do="void"]')
    assert len(view.segments()) == count - 1
    page.click('[data-do="undo"]')
    assert len(view.segments()) == count
    # Draw a new one by going around it, extend it, split it, erase in it.
    page.click('[data-tool="draw"]')
    view.pick("clock")
    page.check("#around")

    def drag(*points):
        """Points in parts of the picture's width and height."""
        canvas = page.locator("#view")
        canvas.evaluate("c => c.scrollIntoView({ block: 'center' })")
        box = canvas.bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()

    drag((.05, .05), (.25, .05), (.25, .2), (.05, .2))
    assert "clock" in view.segments(), view.segments()
    page.uncheck("#around")
    page.click('[data-tool="extend"]')
    drag((.15, .12), (.35, .12))
    page.click('[data-tool="split"]')
    drag((.15, .02), (.15, .25))
    assert len([s for s in view.segments() if s.startswith("clock")]) == 2, view.segments()
    page.click('[data-tool="erase"]')
    drag((.06, .06), (.12, .06))
    view.shot("painted")
    # What is downloaded fits together, and is what the map shows.
    dataset = json.loads(download(page, '[data-get="json"]'))
    png = download(page, '[data-get="map"]')
    check_map(png, dataset)
    assert download(page, '[data-get="overlay"]')[1:4] == b"PNG"
    assert download(page, '[data-get="picture"]') == (SAMPLES / "cups.png").read_bytes()
    assert view.ask("is there a clock?").lower().startswith("yes")
    view.shot("drawn")
    return seconds


def check_map(png, dataset):
    import io

    import numpy
    from PIL import Image
    rgb = numpy.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(numpy.int64)
    found = rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]
    values, counts = numpy.unique(found[found > 0], return_counts=True)
    segments = dataset["annotations"][0]["segments_info"]
    assert dict(zip(values.tolist(), counts.tolist())) == {s["id"]: s["area"] for s in segments}


def inner_places(png):
    """Width, height, and a place well inside each of the two largest segments."""
    import io

    import numpy
    from PIL import Image
    rgb = numpy.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(numpy.int64)
    found = rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]
    values, counts = numpy.unique(found[found > 0], return_counts=True)
    places = []
    for value in values[numpy.argsort(-counts)][:2]:
        inside = numpy.lib.stride_tricks.sliding_window_view(found == value, (9, 9)).all((2, 3))
        y, x = numpy.argwhere(inside)[inside.sum() // 2]
        places.append((int(x) + 4, int(y) + 4))
    return found.shape[1], found.shape[0], places


def keys_alone(view: Page):
    """The same without a mouse."""
    page = view.page
    view.open(SAMPLES / "mugs.png")
    # The question is where the keys go, and "/" is a letter there.
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("how many cups are there?")
    page.keyboard.press("Enter")
    before = view.answered()
    page.keyboard.press("Escape")
    # The next segment that is a cup.
    for _ in range(40):
        page.keyboard.press(".")
        if "cup" in page.locator("#under").inner_text():
            break
    page.keyboard.press("r")
    view.pick("vase")
    page.keyboard.press("a")
    expect(page.locator(".change")).to_be_visible()
    after = page.locator(".card .said").first.inner_text()
    assert before != after, (before, after)
    # The brush by keys: a new segment.
    page.keyboard.press("n")
    view.pick("book")
    page.locator("#view").focus()
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert any(s.startswith("book") for s in view.segments()), view.segments()
    page.keyboard.press("z")
    # Where the picture is larger than its frame, the frame follows the cross.
    page.locator("#zoom").fill("6")
    page.locator("#view").focus()
    for key, side in ("ArrowRight", "Left"), ("ArrowDown", "Top"):
        for _ in range(20):
            page.keyboard.press(f"Shift+{key}")
        seen = page.evaluate(f"() => document.getElementById('scroll').scroll{side}")
        assert seen > 200, (key, seen)
    page.locator("#zoom").fill("1")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    view.shot("keys")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    # A key that comes before the page is drawn again still goes to what had the keys in the dialog that was closed.
    page.evaluate("""() => document.getElementById('pick').dispatchEvent(
        new KeyboardEvent('keydown', { key: '?', bubbles: true, cancelable: true }))""")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")


def another_picture(view: Page):
    """Corrections that are neither saved nor downloaded are not lost by the next picture."""
    page = view.page
    chips = view.segments()
    page.set_input_files("#file", str(SAMPLES / "desk.png"))
    expect(page.locator("#leave-words")).to_contain_text("The corrections of mugs.png are not saved.")
    view.shot("leave")
    # What Enter does without a look is what loses nothing.
    page.keyboard.press("Enter")
    expect(page.locator("#leave")).to_be_hidden()
    assert view.segments() == chips, view.segments()
    page.set_input_files("#file", str(SAMPLES / "desk.png"))
    page.click('#leave [value="leave"]')
    expect(page.locator("#progress")).to_contain_text("desk.png: ")


def by_finger(view: Page):
    """Two segments become one without a keyboard: on the picture, and in the list."""
    page = view.page
    view.open(SAMPLES / "cups.png")
    count = len(view.segments())
    canvas = page.locator("#view")
    canvas.scroll_into_view_if_needed()
    page.locator("#several").tap()
    width, height, places = inner_places(download(page, '[data-get="map"]'))
    box = canvas.bounding_box()
    for x, y in places:
        canvas.tap(position={"x": (x + .5) / width * box["width"], "y": (y + .5) / height * box["height"]})
    expect(page.locator("#under")).to_contain_text(", ")
    page.locator('[data-do="merge"]').tap()
    expect(page.locator("#several")).not_to_be_checked()
    assert len(view.segments()) == count - 1, view.segments()
    page.locator('[data-do="undo"]').tap()
    # Without it, a tap selects one alone.
    page.locator("#segments .chip").nth(0).tap()
    page.locator("#several").tap()
    page.locator("#segments .chip").nth(1).tap()
    page.locator('[data-do="merge"]').tap()
    assert len(view.segments()) == count - 1, view.segments()
    page.locator('[data-do="undo"]').tap()


def named(page):
    """Everything that can be used has a name that is read out."""
    nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, select, canvas, dialog, [role=group]')]
      .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.hidden
        || [...(e.labels || [])].some(label => label.textContent.trim()))).map(e => e.outerHTML)""")
    assert not nameless, nameless


def look_through(view: Page, category: str):
    page = view.page
    expect(page.locator(".tile")).to_have_count(3)
    # No script of a text's making runs on the page, so that this cannot wait there.
    for _ in range(600):
        if page.evaluate("() => [...document.querySelectorAll('.tile img')].every(i => i.naturalWidth > 0)"):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("thumbnails are missing")
    view.shot("gallery")
    assert page.evaluate("() => window.bitten") is None
    page.select_option("#f-category", "cup")
    page.fill("#f-least", "2")
    expect(page.locator("#f-total")).to_contain_text("picture")
    page.locator(".tile").first.click()
    expect(page.locator("#save")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("segments")
    expect(page.locator("#save")).to_be_disabled()
    page.locator("#segments .chip").first.click()
    page.click('[data-do="rename"]')
    view.pick(category)
    # What is not saved is left only by a person who says so.
    page.click("#next")
    expect(page.locator("#leave-words")).to_contain_text("are not saved")
    page.keyboard.press("Escape")
    expect(page.locator("#leave")).to_be_hidden()
    expect(page.locator("#save")).to_be_enabled()
    page.click("#save")
    expect(page.locator("#progress")).to_contain_text("saved")
    expect(page.locator("#save")).to_be_disabled()
    view.shot("saved")
    # Undone behind a save, it is another map than the saved one; done again, it is that one.
    page.click('[data-do="undo"]')
    expect(page.locator("#save")).to_be_enabled()
    page.click('[data-do="redo"]')
    expect(page.locator("#save")).to_be_disabled()
    page.click("#gallery-open")
    expect(page.locator(".tile .edited").first).to_be_visible()
    page.reload()
    expect(page.locator(".tile .edited").first).to_be_visible()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crayon", default=".build/release/crayon")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--shots", type=Path)
    parser.add_argument("--only", choices=WIDTHS, help="one width alone")
    options = parser.parse_args()
    if not options.chromium:
        print("skipped: Chromium is not installed (apt-get install chromium)")
        return
    widths = {options.only: WIDTHS[options.only]} if options.only else WIDTHS
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        with Server(options.crayon, "--pipeline", "pocket-scenes") as server:
            for name, (width, height) in widths.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, accept_downloads=True,
                    color_scheme="light" if name == "tablet" else "dark", has_touch=name == "phone")
                page = context.new_page()
                faults = []
                page.on("pageerror", lambda error: faults.append(str(error)))
                page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
                outside = []
                page.on("request", lambda r: outside.append(r.url) if not r.url.startswith(
                    (server.address, "data:", "blob:")) else None)
                page.goto(server.address)
                view = Page(page, options.shots, name)
                expect(page.locator("#model option")).to_have_count(1)
                view.shot("empty")
                seconds = correct(view, name)
                assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), f"{name}: wider than its window"
                keys_alone(view)
                another_picture(view)
                if name == "phone":
                    by_finger(view)
                named(page)
                assert not faults, faults
                assert not outside, outside
                print(f"{name} ({width} px): looks, asks, corrects and asks again; from answer to changed answer {seconds:.1f} s")
                context.close()
        folder = Path(place) / "annotations"
        pictures = [str(SAMPLES / f"{n}.png") for n in ("cups", "mugs", "desk")]
        maps = Path(place) / "maps.json"
        # A category whose name would bite a page that takes it for mark-up.
        dataset = json.loads((SAMPLES / "panoptic.json").read_text())
        for category in dataset["categories"]:
            if category["name"] == "bowl":
                category["name"] = "<script>window.bitten=1</script><img src=x onerror=window.bitten=1>"
        maps.write_text(json.dumps(dataset))
        annotate = [options.crayon, "annotate", *pictures, "--panoptic", str(SAMPLES / "panoptic"), "--panoptic-json",
                    str(maps), "--out", str(folder)]
        subprocess.run(annotate, check=True, capture_output=True)
        with Server(options.crayon, "--pipeline", "pocket-scenes", "--folder", str(folder)) as server:
            # Each changes what the one before has saved.
            for category, (name, (width, height)) in zip(("teddy", "pizza", "vase"), widths.items()):
                context = browser.new_context(viewport={"width": width, "height": height})
                page = context.new_page()
                faults = []
                page.on("pageerror", lambda error: faults.append(str(error)))
                page.goto(server.address)
                look_through(Page(page, options.shots, f"{name}-folder"), category)
                assert not faults, faults
                print(f"{name} ({width} px): looks through a folder, corrects, saves")
                context.close()
        again = json.loads(subprocess.run(annotate + ["--json"], check=True, capture_output=True).stdout)
        assert again["edited"] >= 1 and again["failed"] == 0, again
        print(f"annotate keeps {again['edited']} edited maps")
        browser.close()


main()
