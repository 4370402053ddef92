"""Regions in questions, files that are something else, boxes without area, names that nearly agree, and places."""
import json
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from faults import CRAYON, REPOSITORY, Ended, Truth, answering, compare, crayon, picture, read_ids

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"
PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n"


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


# Regions in questions.


def ask(folder: Path, question: str, *options, verb: str = "ask") -> Ended:
    return crayon(verb, picture(folder / "a.png"), question, "--pipeline", answering(folder), "--max-tokens", 4,
                  *options,
                  cwd=folder, within=60)


def given(regions: int) -> list[str]:
    return [word for index in range(regions) for word in ("--region", f"{8 * index},8,{8 * index + 8},40")]


@pytest.mark.parametrize("question, regions, number", [
    ("what is in [1]?", 0, 1), ("[7]", 0, 7), ("what is in [0]?", 0, 0), ("what is between [1] and [2]?", 1, 2),
    ("is [1][2] red?", 1, 2),
    ("what is in [1], [2] and [4]?", 2, 4)])
def test_a_region_that_was_not_given(tmp_path, question, regions, number):
    assert ask(tmp_path, question, *given(regions)).refused(64, f"[{number}]").out == ""


@pytest.mark.parametrize("question, regions, number",
                         [("what is there?", 1, 1), ("what is in [2]?", 1, 1), ("what is in [1]?", 2, 2)])
def test_a_region_that_is_not_spoken_of(tmp_path, question, regions, number):
    assert ask(tmp_path, question, *given(regions)).refused(
        64,
        f"region {number} is given, but the question does not speak of it; write [{number}] where it belongs").out == ""


def test_a_region_that_was_not_given_to_be_looked_into(tmp_path):
    ask(tmp_path, "what is in [1]?", "--out", "out", verb="inspect").refused(64, "[1]")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("question",
                         ["what happened in [2024]?", "what is [sic] here?", "is it [red]?", "what is [] ?",
                          "is 1] here?"])
def test_brackets_that_are_text(tmp_path, question):
    ask(tmp_path, question).well()


@pytest.mark.parametrize("region", ["96,0,120,64", "-20,-20,-1,-1", "1e300,1,2e300,2", "0,64,96,65"])
def test_a_region_outside_the_picture(tmp_path, region):
    assert ask(tmp_path, "what is in [1]?", f"--region={region}").refused(64, "region 1", "96×64").out == ""


@pytest.mark.parametrize("region", ["8,8,8,40", "8,40,40,8", "1,2,3", "1,2,3,4,5", "a,b,c,d", "8;8;40;40", ""])
def test_a_region_that_is_no_box(tmp_path, region):
    assert ask(tmp_path, "what is in [1]?", f"--region={region}").refused(64, "x0,y0,x1,y1").out == ""


@pytest.mark.parametrize("point", ["200,10", "-1,5", "95,63"])
def test_a_click_on_nothing(tmp_path, point):
    truth = Truth(tmp_path / "truth")
    truth.add("a.png", [("cup", (8, 8, 32, 32))])
    truth.write()
    ask(tmp_path, "what is in [1]?", f"--point={point}", "--listing", "full", "--panoptic", truth.maps / "a.png",
        "--panoptic-json", truth.file).refused(64, f"there is no segment at {point}")


def test_a_region_in_a_conversation(tmp_path):
    run = subprocess.run(
        [CRAYON, "chat", picture(tmp_path / "a.png"), "--pipeline", answering(tmp_path), "--max-tokens", "4"],
        input="what is in [1]?\nis there a cup?\n", capture_output=True, text=True, timeout=60)
    assert "[1]" in run.stderr and run.stdout.strip(), run


# Files that should be JSON.


NOT_JSON = {
    "NaN, as Python writes it": ('{"images": [], "annotations": [], "categories": [{"id": NaN}]}', "NaN"),
    "Infinity": ('{"images": [], "annotations": [], "categories": [{"id": -Infinity}]}', "Infinity"),
    "a pointer of Git LFS": (POINTER, "git lfs pull"),
    "a pointer with Windows' line ends": (POINTER.replace("\n", "\r\n"), "git lfs pull"),
    "a page of HTML": (PAGE, "HTML"),
    "nothing": ("", "empty"),
    "white space": (" \r\n\n\t", "empty"),
    "what was cut short": ('{"images": [{"id": 1, "file_na', "not JSON"),
    "Python's own way": ("{'images': [], 'annotations': []}", "not JSON"),
    "two objects": ('{"images": []}\n{"images": []}\n', "not JSON"),
    "a list": ("[]", "not an object"),
    "null": ("null", "not an object"),
    "a number for a list": ('{"images": 3, "annotations": [], "categories": []}', '"images"'),
    "a key that is missing": ('{"images": [], "categories": []}', '"annotations"'),
    "NUL bytes, as after a crash": ("\0" * 200, "not JSON"),
    "a page behind a byte order mark": ("\ufeff" + PAGE, "HTML"),
    "a byte order mark alone": ("\ufeff", "empty"),
    "XML": ('<?xml version="1.0"?>\n<annotations></annotations>\n', "XML"),
}


@pytest.mark.parametrize("reader, text, sentence", [
    *(pytest.param("annotate --panoptic-json", *case, id=name) for name, case in NOT_JSON.items()),
    *(pytest.param(reader, *NOT_JSON[name], id=f"{name}, {reader}") for reader in ["eval --ground-truth", "eval c2b"]
      for name in ["NaN, as Python writes it", "a pointer of Git LFS", "a page of HTML", "nothing", "a list"])])
def test_a_dataset_that_is_none(tmp_path, reader, text, sentence):
    truth = Truth(tmp_path / "truth")
    truth.add("a.png", [("cup", (8, 8, 32, 32))])
    truth.write()
    bad = tmp_path / "bad.json"
    bad.write_text(text, newline="")
    ended = crayon(*{
        "annotate --panoptic-json": ["annotate", picture(tmp_path / "a.png"), "--panoptic", truth.maps,
                                     "--panoptic-json", bad, "--out", tmp_path / "out"],
        "eval --ground-truth": ["eval", "panoptic", "--ground-truth", bad, "--ground-truth-dir", truth.maps,
                                "--predictions", truth.file, "--predictions-dir", truth.maps],
        "eval c2b": ["eval", "c2b", "--data", bad, "--pipeline", answering(tmp_path)]}[reader])
    assert ended.refused(1, "bad.json", sentence).out == ""


FORMS = {
    "with Windows' line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "with Windows' line ends and a byte order mark": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "without an end of its last line": lambda text: text.rstrip("\n").encode(),
    "with empty lines at its end": lambda text: (text + "\n\n \n").encode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
class TestWhatWindowsWrites:
    def test_a_dataset(self, tmp_path, form):
        truth = Truth(tmp_path)
        truth.add("a.png", [("cup", (8, 8, 32, 32))])
        truth.write()
        truth.file.write_bytes(form(json.dumps(json.loads(truth.file.read_text()), indent=1) + "\n"))
        compare(truth, truth).well()

    def test_questions(self, tmp_path, form):
        picture(tmp_path / "a.png")
        text = "".join(json.dumps({"img_path": "a.png", "expression": said, "bbox": [8, 8, 40, 40]}) + "\n"
                       for said in ["the cup", "a dog"])
        (tmp_path / "data.jsonl").write_bytes(form(text))
        ended = crayon("eval", "rec", "--data", tmp_path / "data.jsonl", "--pipeline", answering(tmp_path),
                       "--max-tokens", 4, "--json")
        assert ended.well().json["questions"] == 2

    def test_a_pipeline(self, tmp_path, form):
        file = answering(tmp_path)
        file.write_bytes(form(file.read_text()))
        crayon("ask", picture(tmp_path / "a.png"), "is it?", "--pipeline", file, "--max-tokens", 4).well()

    def test_a_models_configuration(self, tmp_path, form):
        shutil.copytree(REPOSITORY / "Tests/Fixtures/NExTChat", tmp_path / "model")
        for file in (tmp_path / "model").glob("*.json"):
            file.write_bytes(form(file.read_text()))
        crayon("ask", picture(tmp_path / "a.png"), "is it?", "--pipeline", answering(tmp_path, tmp_path / "model"),
               "--max-tokens", 4).well()


@pytest.mark.parametrize("file, text, sentence", [
    pytest.param("pytorch_model-00002-of-00004.bin", POINTER, "git lfs pull",
                 id="weights that are a pointer of Git LFS"),
    pytest.param("pytorch_model-00002-of-00004.bin", PAGE, "", id="weights that are a page of HTML"),
    pytest.param("pytorch_model-00002-of-00004.bin", "", "", id="weights that are empty"),
    pytest.param("pytorch_model.bin.index.json", POINTER, "git lfs pull",
                 id="a list of parts that is a pointer of Git LFS"),
    pytest.param("pytorch_model.bin.index.json", PAGE, "HTML", id="a list of parts that is a page of HTML"),
    pytest.param("tokenizer_config.json", POINTER, "git lfs pull",
                 id="a tokenizer's configuration that is a pointer of Git LFS"),
    pytest.param("added_tokens.json", PAGE, "HTML", id="a tokenizer's tokens that are a page of HTML"),
    pytest.param("tokenizer.model", "", "", id="a tokenizer that is empty"),
    pytest.param("tokenizer.model", POINTER, "git lfs pull", id="a tokenizer that is a pointer of Git LFS"),
    pytest.param("config.json", POINTER, "git lfs pull", id="a configuration that is a pointer of Git LFS"),
    pytest.param("config.json", PAGE, "HTML", id="a configuration that is a page of HTML"),
    pytest.param("config.json", '{"rms_norm_eps": NaN}', "NaN", id="a configuration with NaN"),
])
def test_a_models_file_that_is_none(tmp_path, file, text, sentence):
    shutil.copytree(REPOSITORY / "Tests/Fixtures/NExTChat", tmp_path / "model")
    (tmp_path / "model" / file).write_text(text)
    ended = crayon("ask", picture(tmp_path / "a.png"), "is it?", "--pipeline", answering(tmp_path, tmp_path / "model"))
    assert ended.refused(3, file, sentence).out == ""


# Boxes without area, and lines that mean nothing.


@pytest.mark.parametrize("box", [[8, 8, 8, 40], [8, 8, 40, 8], [8, 8, 8, 8]], ids=["no width", "no height", "a point"])
@pytest.mark.parametrize("task", ["rec", "region-caption"])
def test_a_box_without_area_among_others(tmp_path, task, box):
    picture(tmp_path / "a.png")
    lines = [{"img_path": "a.png", "expression": "the cup", "bbox": edges}
             for edges in ([8, 8, 40, 40], box, [0, 0, 9, 9])]
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    ended = crayon("eval", task, "--data", tmp_path / "data.jsonl", "--pipeline", answering(tmp_path), "--max-tokens",
                   4, "--json")
    ended.saying("line 2", "has no area")
    assert (ended.status, ended.json["figures"]["asked"]) == (1, 2), ended.said


@pytest.mark.parametrize("where, key", [
    ("a segment", "segments[0].box"), ("an answer", "questions[0].regions[0].box"),
    ("a question", "questions[0].input_regions[0]")])
def test_a_box_without_area_among_questions(tmp_path, where, key):
    records = []
    for number, name in enumerate("ab", 1):
        picture(tmp_path / f"{name}.png", seed=number)
        box = [8, 8, 8, 40] if name == "a" else [8, 8, 40, 40]
        good = [8, 8, 40, 40]
        records.append({
            "id": number, "image": f"{name}.png", "map": f"{name}.png", "width": 96, "height": 64,
            "segments": [{"id": 1, "category": "cup", "number": 1, "box": box if where == "a segment" else good}],
            "questions": [{
                "family": "region" if where == "a question" else "where", "wording": 1, "held_out": False,
                "question": "What is in [1]?" if where == "a question" else "Where is the cup?",
                "answer": "A cup." if where == "a question" else "The cup is at <at>.", "category": "cup",
                **({"input_regions": [box]} if where == "a question" else
                   {"regions": [{"id": 1, "box": box if where == "an answer" else good}]})}]})
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    ended = crayon("eval", "vqa", "--data", tmp_path / "questions.jsonl", "--pipeline", answering(tmp_path),
                   "--max-tokens", 4, "--json")
    ended.refused(1, f"line 1: the value of \"{key}\" has no area", "1 of 2 questions were not asked")
    assert (ended.json["all"]["asked"], sum(one["questions"] for one in ended.json["failures"])) == (1, 1), ended.said


def test_a_box_without_area_in_a_dataset(tmp_path):
    truth = Truth(tmp_path)
    for name in "ab":
        picture(tmp_path / f"{name}.png")
        truth.add(f"{name}.png", [("cup", (8, 8, 32, 32))])
    truth.annotations[0]["segments_info"][0]["bbox"] = [8, 8, 0, 32]
    truth.write()
    ended = crayon("eval", "c2b", "--data", truth.file, "--pipeline", answering(tmp_path), "--max-tokens", 4, "--json")
    ended.saying("image 1: segment 1 has no box with an area")
    assert (ended.status, ended.json["figures"]["asked"]) == (1, 1), ended.said


# Names that nearly agree.


@pytest.mark.parametrize("names", [
    ["IMG_1.jpg", "IMG_1.png"], ["IMG_1.jpg", "IMG_1.JPG"], ["IMG_1.jpg", "img_1.jpg"], ["a.b.png", "a.b.jpg"],
    ["a.png", "a.png.png"], ["a.png", "a.png.jpg"], ["a.jpg", "a.jpg.png", "a.png"], ["été.png", "été.jpg"],
    ["x/1.png", "y/1.png"], ["x/1.png", "x/1.jpg", "1.png"], ["1.png", "01.png", "001.png"], ["a b.png", "a  b.png"]],
                         ids=" and ".join)
def test_pictures_whose_names_nearly_agree(tmp_path, names):
    for number, name in enumerate(names):
        picture(tmp_path / "pictures" / name, width=96 + 8 * number, seed=number)
    ended = crayon("annotate", tmp_path / "pictures", "--recursive", "--pipeline", "untrained", "--out",
                   tmp_path / "out").well()
    dataset = json.loads((tmp_path / "out/panoptic.json").read_text())
    widths = {image["id"]: image["width"] for image in dataset["images"]}
    assert sorted(widths.values()) == [96 + 8 * number for number in range(len(names))], ended.said
    for annotation in dataset["annotations"]:
        assert Image.open(tmp_path / "out/panoptic" / annotation["file_name"]).width == widths[annotation["image_id"]]


@pytest.mark.parametrize("name",
                         ["-a.png", "a\nb.png", "a'b\".png", "%41.png", "a?b#c.png", "🖍.png", "a.png ", " a.png",
                          "~.png", "x" * 246 + ".png"],
                         ids=["a dash", "a line end", "quotes", "a percent sign", "marks of addresses", "an emoji",
                              "a space behind", "a space before", "a tilde", "250 letters"])
def test_an_odd_name(tmp_path, name):
    picture(tmp_path / "a.png").rename((tmp_path / "pictures").mkdir() or tmp_path / "pictures" / name)
    crayon("annotate", tmp_path / "pictures", "--pipeline", "untrained", "--out", tmp_path / "out").well()
    dataset = json.loads((tmp_path / "out/panoptic.json").read_text())
    assert [image["file_name"] for image in dataset["images"]] == [name]
    assert (tmp_path / "out/panoptic" / dataset["annotations"][0]["file_name"]).exists()


COMPOSED, DECOMPOSED = unicodedata.normalize("NFC", "Äpfel é"), unicodedata.normalize("NFD", "Äpfel é")


@pytest.mark.parametrize("on_disk, in_file", [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)],
                         ids=["composed on disk", "decomposed on disk"])
class TestUnicode:
    """macOS writes names decomposed, most else composed."""

    def test_pictures_of_a_dataset(self, tmp_path, on_disk, in_file):
        truth = Truth(tmp_path / "truth")
        truth.add(f"{in_file}.png", [("cup", (8, 8, 32, 32))])
        truth.write()
        (truth.maps / f"{in_file}.png").rename(truth.maps / f"{on_disk}.png")
        crayon("annotate", picture(tmp_path / f"{on_disk}.png"), "--panoptic", truth.maps, "--panoptic-json",
               truth.file, "--out", tmp_path / "out").well()
        assert (read_ids(tmp_path / f"out/panoptic/{on_disk}.png") > 0).sum() == 32 * 32

    def test_maps_beside(self, tmp_path, on_disk, in_file):
        truth = Truth(tmp_path / "truth")
        annotation = truth.add(f"{in_file}.png", [("cup", (8, 8, 32, 32))])
        (truth.maps / f"{in_file}.json").write_text(json.dumps({**annotation, "categories": truth.categories}))
        crayon("annotate", picture(tmp_path / f"{on_disk}.png"), "--panoptic", truth.maps, "--out",
               tmp_path / "out").well()

    def test_an_evaluation(self, tmp_path, on_disk, in_file):
        picture(tmp_path / f"{on_disk}.png")
        (tmp_path / "data.jsonl").write_text(json.dumps({"img_path": f"{in_file}.png", "expression": "a cup",
                                                         "bbox": [1, 1, 9, 9]}, ensure_ascii=False))
        crayon("eval", "rec", "--data", tmp_path / "data.jsonl", "--pipeline", answering(tmp_path), "--max-tokens",
               4).well()

    def test_panoptic_quality(self, tmp_path, on_disk, in_file):
        truth = Truth(tmp_path / "truth")
        truth.add(f"{in_file}.png", [("cup", (8, 8, 32, 32))])
        truth.write()
        (truth.maps / f"{in_file}.png").rename(truth.maps / f"{on_disk}.png")
        assert compare(truth, truth).well().json["all"]["pq"] == 1


@pytest.mark.parametrize("names",
                         [[f"{COMPOSED}.png", f"{DECOMPOSED}.png"], [f"{COMPOSED}/a.png", f"{DECOMPOSED}/b.png"]],
                         ids=["pictures", "folders"])
def test_names_that_only_look_alike(tmp_path, names):
    for number, name in enumerate(names):
        picture(tmp_path / "pictures" / name, seed=number)
    crayon("annotate", tmp_path / "pictures", "--recursive", "--pipeline", "untrained", "--out",
           tmp_path / "out").well()
    listed = [image["file_name"].encode()
              for image in json.loads((tmp_path / "out/panoptic.json").read_text())["images"]]
    assert sorted(listed) == sorted(name.encode() for name in names)


def test_names_that_only_look_alike_one_after_the_other(tmp_path):
    for number, name in enumerate([COMPOSED, DECOMPOSED]):
        run(tmp_path, picture(tmp_path / f"pictures/{name}.png", seed=number)).well()
    names = sorted(path.name.encode() for path in (tmp_path / "out/panoptic").iterdir())
    assert names == sorted(f"{name}.png".encode() for name in [COMPOSED, DECOMPOSED])


def test_answers_on_pictures_whose_names_only_look_alike(tmp_path):
    lines = []
    for number, name in enumerate([COMPOSED, DECOMPOSED]):
        picture(tmp_path / f"{name}.png", seed=number)
        lines.append(json.dumps({"img_path": f"{name}.png", "expression": "a cup", "bbox": [1, 1, 9, 9]}))
    (tmp_path / "data.jsonl").write_text("\n".join(lines))
    command = ["eval", "rec", "--data", tmp_path / "data.jsonl", "--pipeline", answering(tmp_path), "--max-tokens", 4,
               "--answers", tmp_path / "answers.jsonl"]
    crayon(*command).well()
    crayon(*command).well("2 answers are in ")


# Where things lie.


@pytest.mark.parametrize("environment, place", [
    ({"HOME": "HERE"}, "HERE/.local/share/crayon/models"), ({"HOME": "HERE/"}, "HERE/.local/share/crayon/models"),
    ({"HOME": "HERE/ü b"}, "HERE/ü b/.local/share/crayon/models"),
    ({"HOME": "HERE", "XDG_DATA_HOME": "HERE/data"}, "HERE/data/crayon/models"),
    ({"HOME": "HERE", "XDG_DATA_HOME": ""}, "HERE/.local/share/crayon/models"),
    ({"HOME": "HERE", "CRAYON_MODELS": "HERE/mine"}, "HERE/mine"),
    ({"HOME": "HERE", "CRAYON_MODELS": ""}, "HERE/.local/share/crayon/models")],
    ids=lambda item: " ".join(f"{key}={value}" for key, value in item.items()) if isinstance(item, dict) else "")
def test_the_models_folder(tmp_path, environment, place):
    environment = {"XDG_DATA_HOME": "", "CRAYON_MODELS": "",
                   **{key: value.replace("HERE", str(tmp_path)) for key, value in environment.items()}}
    ended = crayon("models", "verify", "SmolLM2-135M-Instruct", **environment)
    ended.refused(3, place.replace("HERE", str(tmp_path)) + "/SmolLM2-135M-Instruct")


@pytest.mark.parametrize("there", ["nothing", "a file", "an empty folder"])
def test_a_models_folder_that_is_none_is_not_whole(tmp_path, there):
    """A path that was misspelt."""
    folder = tmp_path / "models"
    match there:
        case "a file": folder.write_text("mine")
        case "an empty folder": folder.mkdir()
    ended = crayon("models", "verify", CRAYON_MODELS=str(folder))
    assert str(folder) in ended.out + ended.err, ended.said


def test_the_cache_is_in_home(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    crayon("ask", picture(tmp_path / "a.png"), "is it?", "--pipeline", answering(tmp_path), "--max-tokens", 4,
           HOME=str(home), XDG_CACHE_HOME="").well()
    assert any((home / ".cache/crayon").rglob("*"))


# failures.jsonl


@pytest.fixture
def failed(tmp_path) -> Path:
    """A run on three pictures, of which two failed."""
    for number, name in enumerate("abc"):
        picture(tmp_path / f"pictures/{name}.png", seed=number)
    for name in "ab":
        (tmp_path / f"pictures/{name}.png").write_bytes(b"")
    assert run(tmp_path).status == 1
    assert failures(tmp_path) == ["a.png", "b.png"]
    return tmp_path


def run(folder: Path, *paths) -> Ended:
    return crayon("annotate", *(paths or [folder / "pictures"]), "--pipeline", "untrained", "--out", folder / "out")


def failures(folder: Path) -> list[str]:
    file = folder / "out/failures.jsonl"
    return [json.loads(line)["file"] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_failed_picture_that_is_gone_is_forgotten(failed):
    (failed / "pictures/a.png").unlink()
    run(failed)
    assert failures(failed) == ["b.png"]


def test_a_failed_picture_that_was_mended_is_forgotten(failed):
    picture(failed / "pictures/a.png")
    run(failed)
    assert failures(failed) == ["b.png"]


def test_a_failed_picture_of_another_run_is_kept(failed):
    run(failed, picture(failed / "others/d.png")).well()
    assert failures(failed) == ["a.png", "b.png"]


def test_a_failed_picture_that_was_renamed_is_forgotten(failed):
    (failed / "pictures/a.png").rename(failed / "pictures/z.png")
    run(failed)
    assert failures(failed) == ["b.png", "z.png"]


def test_the_list_goes_when_all_are_mended(failed):
    for name in "ab":
        picture(failed / f"pictures/{name}.png")
    run(failed).well()
    assert not (failed / "out/failures.jsonl").exists()


def test_the_list_goes_when_all_are_gone(failed):
    for name in "ab":
        (failed / f"pictures/{name}.png").unlink()
    run(failed).well()
    assert not (failed / "out/failures.jsonl").exists()


@pytest.mark.parametrize("text", ["", "{half a li", "\0" * 30, "notes\n", PAGE])
def test_a_list_that_was_damaged_is_written_anew(failed, text):
    (failed / "out/failures.jsonl").write_text(text)
    run(failed)
    assert failures(failed) == ["a.png", "b.png"]


def test_a_damaged_record_is_one_failure(tmp_path):
    picture(tmp_path / "pictures/a.png")
    run(tmp_path).well()
    (tmp_path / "out/.crayon/a.json").write_text("{half a rec")
    run(tmp_path).refused(1, "out/.crayon/a.json is damaged", " 1 failed")
    assert failures(tmp_path) == ["a.png"]


# Empty files and folders.


@pytest.mark.parametrize("text", ["", "\n\n", " \r\n"], ids=repr)
@pytest.mark.parametrize("task", ["vqa", "rec"])
def test_questions_that_are_none(tmp_path, task, text):
    (tmp_path / "data.jsonl").write_text(text, newline="")
    ended = crayon("eval", task, "--data", tmp_path / "data.jsonl", "--pipeline", answering(tmp_path))
    assert ended.refused(1, f"{tmp_path}/data.jsonl holds no questions").out == ""


@pytest.mark.parametrize("there", ["nothing", "folders", "hidden pictures", "texts"])
def test_a_folder_without_pictures(tmp_path, there):
    folder = tmp_path / "pictures"
    folder.mkdir()
    match there:
        case "folders": picture(folder / "deeper/a.png")
        case "hidden pictures": picture(folder / ".a.png")
        case "texts": (folder / "a.txt").write_text("a")
    run(tmp_path).refused(64, f"no pictures in {folder}")
    assert not (tmp_path / "out").exists()
