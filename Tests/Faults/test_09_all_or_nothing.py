"""A long run goes on past what is bad, keeps every answer and map as it is made, and goes on where it was stopped."""
import json
import os
import shutil
import signal
import struct
import subprocess
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from faults import CRAYON, REPOSITORY, Ended, Truth, answering, contents, crayon, picture


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Questions:
    """A file of questions on pictures of noise, `a.png`, `b.png`, …, two on each."""

    asked = ["Is there a cup?", "Is there a dog?"]

    def __init__(self, folder: Path, pictures: str = "abc"):
        self.folder = folder
        self.file = folder / "questions.jsonl"
        self.answers = folder / "answers.jsonl"
        self.records = []
        for number, name in enumerate(pictures, 1):
            picture(folder / f"{name}.png", seed=number)
            self.records.append(self.record(number, f"{name}.png"))
        self.pipeline = answering(folder)
        self.write()

    @classmethod
    def record(cls, number: int, image: str) -> dict:
        return {
            "id": number, "image": image, "map": image, "width": 96, "height": 64, "segments": [],
            "questions": [
                {"family": "existence", "wording": 1, "held_out": False, "question": question, "answer": "No.",
                 "value": "no"}
                for question in cls.asked]}

    def write(self):
        self.file.write_text("".join(json.dumps(record) + "\n" for record in self.records))

    def command(self, *options, task: str = "vqa", answers: Path | None = None) -> list:
        return ["eval", task, "--data", self.file, "--pipeline", self.pipeline, "--answers", answers or self.answers,
                "--max-tokens", 4, "--json", *options]

    def evaluate(self, *options, **how) -> Ended:
        return crayon(*self.command(*options, **how), within=60)

    @property
    def kept(self) -> list[dict]:
        return [json.loads(line) for line in self.answers.read_text().splitlines()]


def start(*arguments) -> subprocess.Popen:
    """A run that is going to be stopped."""
    return subprocess.Popen(
        [str(CRAYON), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "CRAYON_PIPELINES": str(REPOSITORY / "Pipelines"), "SWIFT_BACKTRACE": "enable=no"})


def stop(process: subprocess.Popen, number: int, when) -> tuple[int, str]:
    """Sends a signal as soon as something is so."""
    until = time.monotonic() + 30
    while not when() and process.poll() is None:
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.002)
    process.send_signal(number)
    errors = process.communicate(timeout=30)[1].decode()
    return process.returncode, errors


def cut(path):
    path.write_bytes(path.read_bytes()[:60])


def a_page(path):
    path.write_text("<!DOCTYPE html><html><title>404 Not Found</title></html>")


def a_pointer(path):
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n")


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_link(path):
    path.unlink()
    path.symlink_to("elsewhere.png")


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def huge(path):
    """A PNG that claims 200 000 × 200 000 pixels."""
    header = struct.pack(">IIBBBBB", 200_000, 200_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = path.read_bytes()
    path.write_bytes(data[:8] + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:])


BAD = {
    "it is gone": lambda path: path.unlink(),
    "it is empty": lambda path: path.write_bytes(b""),
    "it was cut short": cut,
    "it is a page of HTML that a downloader saved": a_page,
    "it is a pointer of Git LFS": a_pointer,
    "a folder has its name": a_folder,
    "it is a link that leads nowhere": a_link,
    "it is a pipe that nobody writes to": a_pipe,
    "it claims more pixels than memory has room for": huge,
    "it was scaled since the questions were made": lambda path: Image.open(path).resize((48, 32)).save(path),
}


@pytest.mark.parametrize("damage", BAD.values(), ids=BAD)
def test_an_evaluation_goes_on_past_a_picture(tmp_path, damage):
    questions = Questions(tmp_path)
    damage(tmp_path / "b.png")
    ended = questions.evaluate().saying("failed: b.png", "2 of 6 questions were not asked")
    assert ended.status == 1, ended.said
    assert ended.json["all"]["asked"] == 4
    assert sum(failure["questions"] for failure in ended.json["failures"]) == 2
    assert [Path(entry["image"]).name for entry in questions.kept] == ["a.png", "a.png", "c.png", "c.png"]


@pytest.mark.parametrize("task", ["pope", "count", "rec", "res", "region-caption", "c2b", "b2c"])
def test_every_task_goes_on_past_a_picture(tmp_path, task):
    questions = Questions(tmp_path)
    if task in ("rec", "res", "region-caption"):
        questions.file.write_text("".join(
            json.dumps({"img_path": f"{name}.png", "expression": "the cup", "bbox": [8, 8, 40, 40], "height": 64,
                        "width": 96, "mask": [[8, 8, 40, 8, 40, 40, 8, 40]]}) + "\n" for name in "abc"))
    elif task in ("c2b", "b2c"):
        truth = Truth(tmp_path)
        for name in "abc":
            truth.add(f"{name}.png", [("cup", (8, 8, 32, 32))])
        truth.write()
        questions.file = truth.file
    elif task == "count":
        for record in questions.records:
            record["questions"] = [{**record["questions"][0], "family": "count", "question": "How many cups are there?",
                                    "answer": "There are 2 cups.", "value": "2", "category": "cup"}]
        questions.write()
    elif task == "pope":
        for record in questions.records:
            record["questions"][0] |= {"category": "cup", "polling": "random"}
        questions.write()
    cut(tmp_path / "a.png")
    ended = questions.evaluate(task=task).saying("failed: a.png", "were not asked")
    assert ended.status == 1, ended.said
    assert {Path(entry["image"]).name for entry in questions.kept} == {"b.png", "c.png"}


def test_all_pictures_are_bad(tmp_path):
    questions = Questions(tmp_path, "ab")
    for name in "ab":
        cut(tmp_path / f"{name}.png")
    ended = questions.evaluate().saying("4 of 4 questions were not asked")
    assert (ended.status, ended.json["all"]["asked"]) == (1, 0), ended.said
    assert questions.kept == []


@pytest.mark.parametrize("map_is", ["gone", "cut short", "of another size"])
def test_an_evaluation_goes_on_past_a_given_map(tmp_path, map_is):
    questions, truth = Questions(tmp_path), Truth(tmp_path / "given")
    for name in "abc":
        truth.add(f"{name}.png", [("cup", (8, 8, 32, 32))])
    truth.write().file.rename(tmp_path / "maps.json")
    truth.maps.rename(tmp_path / "maps")
    bad = tmp_path / "maps/b.png"
    {"gone": bad.unlink, "cut short": lambda: cut(bad), "of another size": lambda: picture(bad, 48, 32)}[map_is]()
    ended = questions.evaluate("--panoptic-dir", tmp_path / "maps", "--listing", "full").saying("failed: b.png")
    assert ended.status == 1, ended.said
    assert ended.json["all"]["asked"] == 4


def test_a_picture_that_is_mended_is_asked_then(tmp_path):
    questions = Questions(tmp_path)
    whole = (tmp_path / "b.png").read_bytes()
    cut(tmp_path / "b.png")
    assert questions.evaluate().status == 1
    before = questions.kept
    (tmp_path / "b.png").write_bytes(whole)
    ended = questions.evaluate().well("4 answers are in ")
    assert ended.json["all"]["asked"] == 6
    assert questions.kept[:4] == before and len(questions.kept) == 6


def test_a_question_that_was_added_is_all_that_is_asked(tmp_path):
    questions = Questions(tmp_path)
    questions.evaluate().well()
    before = questions.kept
    picture(tmp_path / "d.png", seed=9)
    questions.records.insert(0, questions.record(4, "d.png"))
    questions.write()
    assert questions.evaluate().well("6 answers are in ").json["all"]["asked"] == 8
    assert questions.kept[:6] == before and [Path(entry["image"]).name for entry in questions.kept[6:]] == ["d.png"] * 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_an_evaluation_that_was_stopped_goes_on(tmp_path, number):
    questions = Questions(tmp_path, "abcdefgh")
    whole = questions.evaluate(answers=tmp_path / "whole.jsonl").well()
    status, errors = stop(start(*questions.command()), number,
                          lambda: questions.answers.exists() and questions.answers.stat().st_size)
    assert status == (130 if number == signal.SIGINT else -number), errors
    if number == signal.SIGINT:
        assert f"stopped; the answers so far are in {questions.answers}, and the same command goes on" in errors
    stopped = questions.answers.read_bytes()
    assert stopped and stopped.endswith(b"\n")
    assert questions.evaluate().well("are kept").out == whole.out
    assert questions.answers.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert questions.answers.read_bytes().startswith(stopped)


def test_ctrl_c_without_a_file_for_answers_says_how_to_keep_them(tmp_path):
    questions = Questions(tmp_path, "abcdefgh")
    command = questions.command()
    place = command.index("--answers")
    del command[place:place + 2]
    process, began = start(*command), time.monotonic()
    status, errors = stop(process, signal.SIGINT, lambda: time.monotonic() - began > 0.4)
    assert status in (130, -signal.SIGINT), errors
    if status == 130:
        assert "with --answers FILE, the answers so far would be kept" in errors


@pytest.mark.parametrize("left", [1, 40, -1],
                         ids=["one byte of it is there", "a part of it is there", "its line end is missing"])
def test_an_answer_that_was_cut_is_asked_again(tmp_path, left):
    questions = Questions(tmp_path)
    questions.evaluate().well()
    whole = questions.answers.read_bytes()
    lines = whole.splitlines(keepends=True)
    questions.answers.write_bytes(b"".join(lines[:3]) + lines[3][:left])
    questions.evaluate().well("3 answers are in ")
    assert questions.answers.read_bytes() == whole


NOT_ANSWERS = {
    "notes": "some notes\n",
    "notes without a line end": "some notes",
    "a list of JSON": json.dumps([1, 2, 3]),
    "JSON over several lines": json.dumps({"name": "mine"}, indent=1) + "\n",
    "JSON lines of another program": '{"question_id": 1, "answer": "yes"}\n',
}


@pytest.mark.parametrize("text", NOT_ANSWERS.values(), ids=NOT_ANSWERS)
def test_a_file_of_something_else_is_left_as_it_is(tmp_path, text):
    questions = Questions(tmp_path, "a")
    questions.answers.write_text(text)
    questions.evaluate().refused(1, "holds something else than answers")
    assert questions.answers.read_text() == text


@pytest.mark.parametrize("of", ["another program", "this dataset", "these questions"])
def test_json_of_one_line_without_a_line_end_is_left_as_it_is(tmp_path, of):
    """As `json.dump` writes it: it begins as an answer does whose run was killed."""
    questions = Questions(tmp_path, "a")
    text = {
        "another program": json.dumps({"model": "mine", "epochs": 3}),
        "this dataset": json.dumps({"images": [], "annotations": [], "categories": []}),
        "these questions": json.dumps(questions.records[0])}[of]
    if of == "these questions":
        questions.answers = questions.file
    questions.answers.write_text(text)
    questions.evaluate().refused(1, "holds something else than answers")
    assert questions.answers.read_text() == text


@pytest.mark.parametrize("change", ["the decoding", "the truth", "the picture"])
def test_answers_of_another_run_are_not_mixed_in(tmp_path, change):
    questions = Questions(tmp_path)
    questions.evaluate().well()
    before, options = questions.answers.read_bytes(), []
    if change == "the decoding":
        options = ["--temperature", "0.5"]
    elif change == "the truth":
        questions.records[0]["questions"][0].update(answer="Yes.", value="yes")
        questions.write()
    else:
        picture(tmp_path / "a.png", seed=99)
    questions.evaluate(*options).refused(1, str(questions.answers), "name another file with --answers, or delete it")
    assert questions.answers.read_bytes() == before


@pytest.mark.parametrize("line", [
    "{not json}", '{"id": 2}', '"a text"', "[]", json.dumps({**Questions.record(2, "b.png"), "width": 0}),
    json.dumps({**Questions.record(2, "b.png"), "image": 7})])
def test_a_line_that_is_no_record_is_named_before_anything_is_asked(tmp_path, line):
    questions = Questions(tmp_path)
    lines = questions.file.read_text().splitlines()
    questions.file.write_text("\n".join([lines[0], line, lines[2]]) + "\n")
    questions.evaluate().refused(1, f"{questions.file}, line 2")
    assert not questions.answers.exists()


@pytest.mark.parametrize("place, status, sentence", [
    ("none/answers.jsonl", 64, "is no folder that can be written to"), (".", 1, "Is a directory"),
    ("questions.jsonl/answers.jsonl", 1, "Not a directory"),
    ("x" * 300, 1, "File name too long")],
                         ids=["a folder that is not there", "a folder", "below a file", "too long a name"])
def test_answers_that_can_go_nowhere(tmp_path, place, status, sentence):
    questions = Questions(tmp_path, "a")
    ended = questions.evaluate(answers=tmp_path / place).refused(status, sentence)
    assert ended.out == ""


@pytest.mark.parametrize("task", ["pope", "count"])
def test_a_file_without_a_question_of_the_kind(tmp_path, task):
    """`rec` and `c2b` say so."""
    Questions(tmp_path, "a").evaluate(task=task).refused(64, f"has nothing to ask for {task}")


def test_answers_on_a_full_disk(tmp_path):
    """The disk is a file of a limited size."""
    questions = Questions(tmp_path)
    command = " ".join(f"'{word}'" for word in [CRAYON, *questions.command()])
    run = subprocess.run(["bash", "-c", f"ulimit -f 1; trap '' XFSZ; {command}"], capture_output=True, timeout=60)
    assert run.returncode == 1, run.stderr
    assert f"{questions.answers} cannot be written: File too large".encode() in run.stderr
    questions.evaluate().well("are kept")
    assert len(questions.kept) == 6


def test_crayon_without_its_laboratory(tmp_path):
    """Who copies the program alone."""
    alone = shutil.copy(CRAYON, tmp_path / "crayon")
    run = subprocess.run([alone, "eval", "vqa", "--data", "x"], capture_output=True, text=True, timeout=20)
    assert run.returncode == 3 and "crayon-lab, which is not there" in run.stderr, run.stderr


# Annotating.


def annotate(folder: Path, out: Path, *options) -> Ended:
    return crayon("annotate", folder, "--out", out, "--pipeline", "untrained", *options, within=60)


@pytest.mark.parametrize("damage", ["it is empty", "it was cut short", "it is a page of HTML that a downloader saved",
                                    "it is a link that leads nowhere", "it is a pipe that nobody writes to",
                                    "it claims more pixels than memory has room for"])
def test_annotating_goes_on_past_a_picture(tmp_path, damage):
    for number, name in enumerate("abc"):
        picture(tmp_path / f"pictures/{name}.png", seed=number)
    BAD[damage](tmp_path / "pictures/b.png")
    ended = annotate(tmp_path / "pictures", tmp_path / "out").saying("failed: b.png: ")
    assert ended.status == 1, ended.said
    assert sorted(path.name for path in (tmp_path / "out/panoptic").iterdir()) == ["a.png", "c.png"]
    failures = [json.loads(line) for line in (tmp_path / "out/failures.jsonl").read_text().splitlines()]
    assert [failure["file"] for failure in failures] == ["b.png"] and failures[0]["reason"]
    assert [image["file_name"]
            for image in json.loads((tmp_path / "out/panoptic.json").read_text())["images"]] == ["a.png", "c.png"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_annotating_that_was_stopped_goes_on(tmp_path, number):
    for index in range(12):
        picture(tmp_path / f"pictures/{index:02}.png", seed=index)
    annotate(tmp_path / "pictures", tmp_path / "whole").well()
    maps = tmp_path / "out/panoptic"
    process = start("annotate", tmp_path / "pictures", "--out", tmp_path / "out", "--pipeline", "untrained", "--jobs",
                    1)
    status, errors = stop(process, number, lambda: maps.exists() and any(maps.glob("*.png")))
    assert status == (130 if number == signal.SIGINT else -number), errors
    assert all(Image.open(path).size == (96, 64) for path in maps.glob("0*.png"))
    annotate(tmp_path / "pictures", tmp_path / "out").well("kept as they were")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_strict_stops_at_the_first_and_keeps_what_was_done(tmp_path):
    for number, name in enumerate("abcd"):
        picture(tmp_path / f"pictures/{name}.png", seed=number)
    cut(tmp_path / "pictures/c.png")
    ended = annotate(tmp_path / "pictures", tmp_path / "out", "--strict", "--jobs", 1)
    ended.saying("failed: c.png", "1 left for the next run")
    assert ended.status == 1, ended.said
    assert sorted(path.name for path in (tmp_path / "out/panoptic").iterdir()) == ["a.png", "b.png"]


@pytest.mark.parametrize("to", ["coco-instances", "labelme", "masks", "cvat", "yolo-seg"])
def test_an_export_goes_on_past_a_map(tmp_path, to):
    for number, name in enumerate("abc"):
        picture(tmp_path / f"pictures/{name}.png", seed=number)
    annotate(tmp_path / "pictures", tmp_path / "out").well()
    cut(tmp_path / "out/panoptic/b.png")
    ended = crayon("export", tmp_path / "out", "--to", to, "--out", tmp_path / "new").saying("failed: b.png")
    assert ended.status == 1, ended.said
    assert (tmp_path / "new").is_dir() and "2 pictures" in ended.out


def interrupted(tmp_path, *command) -> tuple[int, list[str]]:
    """Stops a run as soon as it has begun a folder, and lists what it leaves beside it."""
    folder = tmp_path / "made"
    folder.mkdir()
    status, _ = stop(start(*command), signal.SIGINT, lambda: any(folder.iterdir()))
    return status, [path.name for path in folder.iterdir()]


def test_an_export_that_is_stopped_leaves_nothing_behind(tmp_path):
    for index in range(40):
        picture(tmp_path / f"pictures/{index}.png", seed=index)
    annotate(tmp_path / "pictures", tmp_path / "out").well()
    status, left = interrupted(tmp_path, "export", tmp_path / "out", "--to", "labelme", "--out", tmp_path / "made/new")
    assert (status, left) == (130, [])


def test_quantizing_that_is_stopped_leaves_nothing_behind(tmp_path):
    model = tmp_path / "model"
    shutil.copytree(REPOSITORY / "Tests/Fixtures/6-Language/llama", model)
    # To be copied beside the weights, so that there is time to stop.
    (model / "notes.txt").touch()
    os.truncate(model / "notes.txt", 1 << 27)
    status, left = interrupted(tmp_path, "models", "quantize", model, tmp_path / "made/new", "--q8")
    assert (status, left) == (130, [])


def test_what_a_killed_export_has_left_goes_with_the_next(tmp_path):
    for index in range(40):
        picture(tmp_path / f"pictures/{index}.png", seed=index)
    annotate(tmp_path / "pictures", tmp_path / "out").well()
    command = ["export", tmp_path / "out", "--to", "labelme", "--out", tmp_path / "made/new"]
    (tmp_path / "made").mkdir()
    status, _ = stop(start(*command), signal.SIGKILL, lambda: any((tmp_path / "made").iterdir()))
    assert status == -signal.SIGKILL
    assert [path.suffix for path in (tmp_path / "made").iterdir()] == [".part"]
    crayon(*command).well()
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["new"]
    assert len(list((tmp_path / "made/new").iterdir())) == 40
