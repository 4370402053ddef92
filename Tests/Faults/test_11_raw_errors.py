"""What cannot be written or read is said in a sentence that names it, before the work where that can be known."""
import json
import os
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from faults import CRAYON, REPOSITORY, Ended, Truth, answering, contents, crayon, picture

LONG = "x" * 300
MODEL = REPOSITORY / "Tests/Fixtures/6-Language/llama"


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def places(tmp_path) -> Path:
    """A folder with what may be in the way of results."""
    folder = tmp_path / "places"
    folder.mkdir()
    (folder / "file").write_text("mine")
    (folder / "nowhere").symlink_to("not/there")
    (folder / "itself").symlink_to("itself")
    (folder / "folder.png").mkdir()
    return folder


# Where no folder can be made.
NO_FOLDER = {
    "a file": ("file", "places/file is a file and no folder"),
    "below a file": ("file/new", "places/file is a file and no folder"),
    "far below a file": ("file/a/b/c", "places/file is a file and no folder"),
    "a device": ("/dev/null/new", "/dev/null is a file and no folder"),
}
# Where that is known only when it is asked of the system.
HIDDEN = {
    "too long a name": (LONG, "File name too long"),
    "too long a path": ("/".join(["y" * 200] * 30), "File name too long"),
}
LINKS = {"a link that leads nowhere": "nowhere", "below a link that leads nowhere": "nowhere/new",
         "a link to itself": "itself"}


def command(name: str, folder: Path, out) -> list:
    file = picture(folder / "pictures/a.png")
    match name:
        case "annotate": return ["annotate", folder / "pictures", "--pipeline", "untrained", "--out", out]
        case "inspect": return ["inspect", file, "--pipeline", answering(folder), "--out", out]
        case "masks": return ["ask", file, "where is it?", "--pipeline", answering(folder), "--max-tokens", 4,
                              "--masks", out]
        case "export": return ["export", annotated(folder), "--to", "labelme", "--out", out]
        case "quantize": return ["models", "quantize", MODEL, out, "--q8"]


def annotated(folder: Path) -> Path:
    """An annotated folder of one picture."""
    truth = Truth(folder / "truth")
    truth.add("a.png", [("cup", (8, 8, 32, 32))])
    truth.write()
    crayon("annotate", picture(folder / "pictures/a.png"), "--panoptic", truth.maps, "--panoptic-json", truth.file,
           "--out",
           folder / "annotated").well()
    return folder / "annotated"


def nothing_can_go(name: str, folder: Path, out, *sentences: str):
    before = contents(folder / "places")
    ended = crayon(*command(name, folder, folder / "places" / out), within=60)
    # What is there already is wrong usage to those that make a new folder.
    ended.refused(64, "exists already") if ended.status == 64 else ended.refused(1, *sentences)
    assert ended.out == "" and contents(folder / "places") == before


@pytest.mark.parametrize("name", ["annotate", "inspect", "masks", "export", "quantize"])
@pytest.mark.parametrize("out, sentence", NO_FOLDER.values(), ids=NO_FOLDER)
def test_a_place_where_no_folder_can_be(tmp_path, places, name, out, sentence):
    nothing_can_go(name, tmp_path, out, sentence)


@pytest.mark.parametrize("name", ["annotate", "inspect"])
def test_a_folder_of_the_kernels(tmp_path, places, name):
    nothing_can_go(name, tmp_path, "/proc/new", "nothing can be written to /proc/new: ")


@pytest.mark.parametrize("name", ["annotate", "inspect", "masks"])
@pytest.mark.parametrize("out, sentence", HIDDEN.values(), ids=HIDDEN)
def test_a_place_where_no_folder_can_be_made(tmp_path, places, name, out, sentence):
    nothing_can_go(name, tmp_path, out, sentence)


@pytest.mark.parametrize("name", ["export", "quantize"])
@pytest.mark.parametrize("out", ["/proc/new", LONG], ids=["a folder of the kernel's", "too long a name"])
def test_a_new_folder_is_named_as_it_was_asked_for(tmp_path, places, name, out):
    nothing_can_go(name, tmp_path, out, f"nothing can be written to {tmp_path / 'places' / out}: ")


@pytest.mark.parametrize("name", ["annotate", "inspect", "masks", "export", "quantize"])
@pytest.mark.parametrize("out", LINKS.values(), ids=LINKS)
def test_a_link_that_leads_nowhere_is_named_as_one(tmp_path, places, name, out):
    nothing_can_go(name, tmp_path, out, f"places/{out.split('/')[0]} is a link that leads nowhere")


LONGEST = "n" * 255


@pytest.mark.parametrize("name", ["annotate", "inspect", "export", "quantize"])
def test_a_name_as_long_as_a_name_may_be(tmp_path, name):
    crayon(*command(name, tmp_path, tmp_path / LONGEST), within=60).well()
    assert any((tmp_path / LONGEST).iterdir())


@pytest.mark.parametrize("words", [["annotate", "a.png", "--out", ""], ["annotate", "", "--out", "out"]],
                         ids=["--out", "the pictures"])
def test_an_empty_path(tmp_path, words):
    picture(tmp_path / "a.png")
    before = contents(tmp_path)
    ended = crayon(*words, "--pipeline", "untrained", cwd=tmp_path)
    assert ended.status in (1, 64) and contents(tmp_path) == before, ended.said


@pytest.mark.parametrize("there, sentence", {
    "panoptic": "panoptic is a file and no folder", ".crayon": ".crayon is a file and no folder",
    "overlay": "overlay is a file and no folder"}.items())
def test_a_file_in_the_place_of_a_folder_of_the_results(tmp_path, there, sentence):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / there).write_text("mine")
    ended = crayon(*command("annotate", tmp_path, tmp_path / "out"), "--overlay").refused(1, sentence)
    assert (tmp_path / "out" / there).read_text() == "mine", ended.said


@pytest.mark.parametrize("there", ["panoptic.json", "panoptic/a.png", ".crayon/a.json"])
def test_a_folder_in_the_place_of_a_file_of_the_results(tmp_path, there):
    (tmp_path / "out" / there).mkdir(parents=True)
    crayon(*command("annotate", tmp_path, tmp_path / "out")).refused(1, there)
    assert (tmp_path / "out" / there).is_dir()


@pytest.mark.parametrize("out", ["pictures", "pictures/", "./pictures", "pictures/../pictures", "link"])
def test_results_among_the_pictures(tmp_path, out):
    picture(tmp_path / "pictures/a.png")
    (tmp_path / "link").symlink_to("pictures")
    before = contents(tmp_path / "pictures")
    ended = crayon("annotate", "pictures", "--pipeline", "untrained", "--out", out, cwd=tmp_path)
    ended.refused(64, "is where the pictures are, and where the results would go; name another folder with --out")
    assert contents(tmp_path / "pictures") == before


def ask(folder: Path, *options, file: Path | None = None, **how) -> Ended:
    return crayon("ask", file or picture(folder / "a.png"), "where is the cup?", "--pipeline", answering(folder),
                  "--max-tokens", 4, *options, within=60, **how)


@pytest.mark.parametrize("overlay, status, sentence", [
    ("none/a.png", 1, "there is no folder"), ("file/a.png", 1, "places/file is a file and no folder"),
    ("folder.png", 1, "it is a folder"), ("nowhere/a.png", 1, "there is no folder"),
    pytest.param(f"{LONG}.png", 1, "File name too long"),
    ("a.jpg", 64, "ends in .png"), ("a", 64, "ends in .png"), ("a.png.part", 64, "ends in .png"),
    ("png", 64, "ends in .png"),
    (".png", 64, "ends in .png"), ("/dev/stdout", 64, "ends in .png")],
    ids=["a folder that is not there", "below a file", "a folder", "below a link that leads nowhere", "too long a name",
         ".jpg", "no suffix", "another suffix behind it", "the suffix alone", "nothing before it", "a device"])
def test_an_overlay_that_can_go_nowhere(tmp_path, places, overlay, status, sentence):
    assert ask(tmp_path, "--overlay", places / overlay).refused(status, sentence).out == ""


def test_an_overlay_in_capitals(tmp_path):
    ask(tmp_path, "--overlay", tmp_path / "OVER.PNG").well()
    assert Image.open(tmp_path / "OVER.PNG").size == (96, 64)


@pytest.mark.parametrize("way", ["its own path", "a link to it"])
def test_an_overlay_over_its_own_picture(tmp_path, way):
    file = picture(tmp_path / "a.png")
    before, target = file.read_bytes(), file
    if way == "a link to it":
        target = tmp_path / "link.png"
        target.symlink_to(file)
    ask(tmp_path, "--overlay", target, file=file).refused(64, "is the picture")
    assert file.read_bytes() == before


@pytest.mark.parametrize("arguments", [
    ["annotate", "a.png", "--pipeline", "untrained", "--out", "out"],
    ["annotate", "a.png", "--pipeline", "untrained", "--out", "out", "--json"],
    ["pipelines", "list"], ["models", "list"],
    ["ask", "a.png", "is it?", "--pipeline", "answering.yaml", "--max-tokens", "4"],
    ["inspect", "a.png", "is it?", "--pipeline", "answering.yaml", "--max-tokens", "4"]],
                         ids=lambda words: " ".join(words[:2]))
def test_a_standard_output_that_is_full(tmp_path, arguments):
    picture(tmp_path / "a.png")
    answering(tmp_path)
    with open("/dev/full", "w") as full:
        run = subprocess.run([CRAYON, *arguments], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
                             timeout=60,
                             env={**os.environ, "CRAYON_PIPELINES": str(REPOSITORY / "Pipelines")})
    assert run.returncode == 1, run.stderr
    assert "nothing can be written to standard output: No space left on device" in run.stderr


NO_PICTURE = {
    "it is not there": (lambda path: path.unlink(), "No such file or directory"),
    "it is a folder": (lambda path: (path.unlink(), path.mkdir()), "it is not a file that can be read"),
    "it is empty": (lambda path: path.write_bytes(b""), "empty"),
    "it is text": (lambda path: path.write_text("a picture of a cup"), "a.png"),
    "it is a page of HTML": (lambda path: path.write_text("<!DOCTYPE html><title>Sign in</title>"), "a.png"),
    "it was cut short": (lambda path: path.write_bytes(path.read_bytes()[:70]), "a.png"),
    "it is a device": (lambda path: (path.unlink(), path.symlink_to("/dev/null")), "a.png"),
    "it is a link to itself": (lambda path: (path.unlink(), path.symlink_to("a.png")), "a.png"),
}


@pytest.mark.parametrize("damage, sentence", NO_PICTURE.values(), ids=NO_PICTURE)
def test_a_picture_that_is_none(tmp_path, damage, sentence):
    file = picture(tmp_path / "a.png")
    damage(file)
    ended = ask(tmp_path, file=file)
    assert ended.status in (1, 64) and "a.png" in ended.err and sentence in ended.err, ended.said
    assert ended.out == "" and len(ended.err.strip().splitlines()) == 1


def test_each_picture_has_its_own_reason(tmp_path):
    """The error buffer of libvips is one for all threads."""
    kinds = {"png": {}, "jpg": {}, "webp": {}, "tif": {}, "gif": {}, "bmp": {}}
    for number in range(30):
        suffix = list(kinds)[number % len(kinds)]
        file = picture(tmp_path / f"pictures/{number:02}.{suffix}", seed=number)
        file.write_bytes(file.read_bytes()[:(60, 200)[number % 2]])

    def reasons(jobs: int) -> dict[str, str]:
        out = tmp_path / f"out{jobs}"
        assert crayon("annotate", tmp_path / "pictures", "--pipeline", "untrained", "--out", out, "--jobs",
                      jobs).status == 1
        failures = [json.loads(line) for line in (out / "failures.jsonl").read_text().splitlines()]
        return {failure["file"]: failure["reason"] for failure in failures}

    alone = reasons(1)
    assert len(alone) == 30 and all(alone.values())
    assert reasons(16) == alone


def test_a_question_that_is_too_long(tmp_path):
    ended = crayon("ask", picture(tmp_path / "a.png"), "is there a cup? " * 2000, "--pipeline", answering(tmp_path))
    assert ended.refused(64, "the question is 32000 bytes long; at most 20000 are read").out == ""


def test_a_question_that_does_not_fit_into_the_model(tmp_path):
    ended = crayon("ask", picture(tmp_path / "a.png"), "is there a cup? " * 1000, "--pipeline", answering(tmp_path))
    assert ended.refused(1, "the question").out == ""


@pytest.mark.parametrize("pipeline, sentence", [
    ("folder.yaml", "folder.yaml"), ("/dev/null", "null"), ("none/none.yaml", "none.yaml"),
    ("picture.yaml", "picture.yaml"),
    ("", "pipeline"), (LONG, "pipeline")],
                         ids=["a folder", "a device", "a file that is not there", "a picture", "no name",
                              "a long name"])
def test_a_pipeline_that_is_none(tmp_path, pipeline, sentence):
    (tmp_path / "folder.yaml").mkdir()
    picture(tmp_path / "a.png").rename(tmp_path / "picture.yaml")
    ended = crayon("annotate", picture(tmp_path / "b.png"), "--pipeline", pipeline, "--out", "out", cwd=tmp_path)
    assert sentence in ended.refused(64).err and not (tmp_path / "out/panoptic.json").exists()


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "HOME"])
def test_a_cache_that_cannot_be(tmp_path, variable):
    """An answer does not depend on it."""
    (tmp_path / "file").write_text("mine")
    environment = {"XDG_CACHE_HOME": "", "HOME": str(tmp_path), variable: str(tmp_path / "file")}
    assert ask(tmp_path, **environment).well().out == ask(tmp_path, "--no-cache").well().out


@pytest.mark.parametrize("source, sentence", [
    ("none", "none"), ("empty", "empty"), ("text.json", "text.json"), ("/dev/null", "null")])
@pytest.mark.parametrize("form", ["coco-instances", "cvat", "labelme", "yolo-seg", "masks"])
def test_an_import_of_nothing(tmp_path, form, source, sentence):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.json").write_text("notes")
    into = annotated(tmp_path)
    before = contents(into)
    ended = crayon("import", tmp_path / source, "--from", form, "--into", into)
    assert ended.status in (1, 64) and sentence in ended.err, ended.said
    assert contents(into) == before


@pytest.mark.parametrize("folder", ["none", "pictures", "file"])
@pytest.mark.parametrize("words",
                         [["export", "FOLDER", "--to", "masks"],
                          ["import", "FOLDER", "--from", "masks", "--into", "FOLDER"],
                                   ["annotate", "--merge", "FOLDER", "--out", "merged"]], ids=lambda words: words[0])
def test_a_folder_that_was_never_annotated(tmp_path, words, folder):
    picture(tmp_path / "pictures/a.png")
    (tmp_path / "file").write_text("mine")
    ended = crayon(*[str(tmp_path / folder) if word == "FOLDER" else word for word in words], cwd=tmp_path)
    assert ended.status in (1, 64) and str(tmp_path / folder) in ended.err, ended.said


def test_an_export_into_a_folder_that_is_there(tmp_path):
    into = annotated(tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "there/mine").write_text("mine")
    crayon("export", into, "--to", "masks", "--out", tmp_path / "there").refused(64, "exists already")
    assert contents(tmp_path / "there") == {"mine": b"mine"}
