"""Whatever is not done is counted, named, and in the exit status."""
import hashlib
import http.server
import json
import os
import shutil
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from faults import REPOSITORY, Truth, contents, crayon, listed, picture

TINY = REPOSITORY / "Tests/Fixtures/2-Panoptic/mask2former-tiny"


def untrained(*paths, out, more=()):
    return crayon("annotate", *paths, "--pipeline", "untrained", "--out", out, *more)


def failures(out) -> dict[str, str]:
    file = out / "failures.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return {failure["file"]: failure["reason"] for failure in map(json.loads, lines)}


def link(target):
    return lambda place: place.symlink_to(target)


@pytest.mark.parametrize("name, make, reason", [
    pytest.param("x.png", link("gone.png"), "a link that leads nowhere", id="a link to what is gone"),
    pytest.param("x.png", link("x.png"), "a link that leads nowhere", id="a link to itself"),
    pytest.param("x", link("/nowhere/photos"), "a link that leads nowhere", id="a link to a disk that is not there"),
    pytest.param(os.fsdecode(b"caf\xe9.png"), picture, "its name is not UTF-8", id="a name from Windows"),
    pytest.param("x.jpg", lambda place: place.write_bytes(b""), "is empty", id="an empty file"),
    pytest.param("x.jpg", lambda place: place.write_text("<!DOCTYPE html>"), "not a picture", id="a page"),
    pytest.param("x.png", lambda place: place.write_text("version https://git-lfs.github.com/spec/v1"), "not a picture",
                 id="a pointer of LFS"),
    pytest.param("x.png", os.mkfifo, "cannot be opened", id="a pipe"),
])
def test_what_is_no_picture_but_should_be_is_a_failure(tmp_path, name, make, reason):
    picture(tmp_path / "photos/good.png")
    make(tmp_path / "photos" / name)
    ended = untrained(tmp_path / "photos", out=tmp_path / "out", more=["--json"]).refused(1, "failed: ", reason)
    assert {key: ended.json[key] for key in ["annotated", "failed", "passedOver"]} == {
        "annotated": 1, "failed": 1, "passedOver": 0}
    assert [reason in why for why in failures(tmp_path / "out").values()] == [True]
    assert list(listed(tmp_path / "out")) == ["good.png"]


@pytest.mark.parametrize("name, make", [
    pytest.param("notes.txt", lambda place: place.write_text("x"), id="a text"),
    pytest.param("x.mp4", lambda place: place.write_bytes(b"\0\0\0\x18ftypmp42"), id="a film"),
    pytest.param("more/", lambda place: picture(place / "x.png"), id="a folder that is not searched"),
])
def test_what_is_none_is_counted_and_named(tmp_path, name, make):
    picture(tmp_path / "photos/good.png")
    make(tmp_path / "photos" / name)
    ended = untrained(tmp_path / "photos", out=tmp_path / "out", more=["--json"]).well(f"passed over: {name}")
    assert (ended.json["annotated"], ended.json["passedOver"]) == (1, 1)


@pytest.mark.parametrize("named", [
    pytest.param(["photos", "photos/more"], id="behind the folder above it"),
    pytest.param(["photos/more", "photos"], id="before it"),
    pytest.param(["photos", "link"], id="by a link"),
])
def test_a_folder_that_is_searched_is_not_passed_over(tmp_path, named):
    picture(tmp_path / "photos/a.png")
    picture(tmp_path / "photos/more/b.png", seed=1)
    (tmp_path / "link").symlink_to("photos/more")
    ended = untrained(*(tmp_path / name for name in named), out=tmp_path / "out", more=["--json"]).well()
    assert (ended.json["annotated"], ended.json["passedOver"]) == (2, 0)


def test_a_picture_without_an_ending_that_is_named_is_not_passed_over(tmp_path):
    picture(tmp_path / "photos/a.png")
    (tmp_path / "photos/b").write_text("x")
    untrained(tmp_path / "photos", out=tmp_path / "out").well("passed over: b")
    ended = untrained(tmp_path / "photos", tmp_path / "photos/b", out=tmp_path / "out", more=["--json"])
    ended.refused(1, "failed: b: ")
    assert (ended.json["failed"], ended.json["passedOver"]) == (1, 0)


@pytest.mark.parametrize("make", [
    pytest.param(lambda folder: None, id="nothing"),
    pytest.param(lambda folder: (folder / "x.txt").write_text("x"), id="a text"),
    pytest.param(lambda folder: picture(folder / "more/x.png"), id="a folder that is not searched"),
    pytest.param(lambda folder: picture(folder / ".hidden.png"), id="what is hidden"),
])
def test_a_folder_with_no_picture(tmp_path, make):
    empty = tmp_path / "empty"
    empty.mkdir()
    make(empty)
    untrained(empty, out=tmp_path / "out").refused(64, f"no pictures in {empty}")
    ended = untrained(empty, picture(tmp_path / "good.png"), out=tmp_path / "out", more=["--json"])
    ended.refused(1, "failed: empty: no pictures in it")
    assert (ended.json["annotated"], ended.json["failed"]) == (1, 1)


@pytest.mark.parametrize("damage, mend", [
    pytest.param(lambda place: place.write_text("x"), lambda place: picture(place), id="a picture, replaced"),
    pytest.param(lambda place: place.write_text("x"), os.unlink, id="a picture, taken away"),
    pytest.param(link("gone.png"), lambda place: picture(place.parent / "gone.png"), id="a link, led somewhere"),
    pytest.param(link("gone.png"), os.unlink, id="a link, taken away"),
    pytest.param(link("gone"), lambda place: (place.parent / "gone").mkdir(), id="a link, led to a folder"),
    pytest.param(lambda place: place.mkdir(), lambda place: picture(place / "y.png"), id="a folder, filled"),
    pytest.param(lambda place: place.mkdir(), os.rmdir, id="a folder, taken away"),
])
def test_what_is_mended_is_no_failure_any_more(tmp_path, damage, mend):
    good, bad, out = picture(tmp_path / "photos/good.png"), tmp_path / "photos/x.png", tmp_path / "out"
    damage(bad)
    named = [bad] if bad.is_dir() else []
    untrained(good.parent, *named, out=out).refused(1)
    assert len(failures(out)) == 1
    mend(bad)
    untrained(good.parent, *(place for place in named if place.exists()), out=out).well()
    assert failures(out) == {}


def test_a_damaged_record_that_was_deleted_as_told(tmp_path):
    good, out = picture(tmp_path / "photos/x.png"), tmp_path / "out"
    untrained(good, out=out).well()
    record = out / ".crayon/x.json"
    record.write_bytes(record.read_bytes()[:50])
    untrained(good, out=out).refused(1, "delete it and its map, and its picture is annotated anew")
    record.unlink()
    (out / "panoptic/x.png").unlink()
    untrained(good, out=out).well("1 annotated")
    assert failures(out) == {}


@pytest.fixture
def folder(tmp_path):
    """Four annotated pictures, of a cup on the floor, whole and in two parts."""
    truth = Truth(tmp_path)
    for seed, name in enumerate(["a.png", "b.png", "c.png", "d.png"]):
        picture(tmp_path / "pictures" / name, seed=seed)
        truth.add(name, [("floor-wood", (0, 0, 96, 64)), ("cup", (0, 0, 40, 64))])
    truth.write()
    given(tmp_path, "out").well()
    return tmp_path


def given(folder, out, *more):
    return crayon("annotate", folder / "pictures", "--panoptic", folder / "panoptic", "--panoptic-json",
                  folder / "panoptic.json", "--out", folder / out, *more)


def merge(folder, *parts):
    return crayon("annotate", "--merge", *(folder / part for part in parts), "--out", folder / "all")


def parts(folder):
    for number in (1, 2):
        given(folder, f"part{number}", "--shard", f"{number}/2").well()
    return folder / "part1", folder / "part2"


def test_strict_counts_what_it_leaves_and_its_part_is_not_merged(folder):
    (folder / "pictures/a.png").write_text("x")
    ended = given(folder, "part1", "--shard", "1/2", "--strict", "--jobs", "1", "--json").refused(1, "failed: a.png")
    assert (ended.json["failed"], ended.json["left"]) == (1, 1)
    given(folder, "part2", "--shard", "2/2").well()
    merge(folder, "part1", "part2").refused(64, "1 of 2 is not finished")


@pytest.mark.parametrize("damage, status, sentence", [
    pytest.param(lambda one, two: shutil.rmtree(two), 64, "2 of 2 is missing", id="a part is gone"),
    pytest.param(lambda one, two: (two / "shard-2-of-2.json").unlink(), 64, "2 of 2 is missing", id="a part of no set"),
    pytest.param(lambda one, two: (two / "shard-2-of-2.json").write_text("{"), 64, "shard-2-of-2.json is damaged", id="a part's file is cut"),
    pytest.param(lambda one, two: (two / "panoptic/b.png").unlink(), 1, "panoptic/b.png, which", id="a map is gone"),
    pytest.param(lambda one, two: (two / "panoptic.json").unlink(), 1, "panoptic.json", id="a dataset is gone"),
    pytest.param(lambda one, two: (two / ".crayon/b.json").write_text("{"), 1, "b.json is damaged",
                 id="a record is cut"),
    pytest.param(lambda one, two: (two / "shard-2-of-2.json").write_text(
        '{"count": 3, "index": 2, "isFinished": true}'), 64, "of several sets", id="of another set"),
])
def test_a_merge_says_what_of_its_parts_is_missing(folder, damage, status, sentence):
    damage(*parts(folder))
    assert merge(folder, "part1", "part2").refused(status, sentence).out == ""


def test_a_single_part_whose_own_file_is_cut_is_not_the_whole(folder):
    one, _ = parts(folder)
    (one / "shard-1-of-2.json").write_text("{")
    merge(folder, "part1").refused(64, "shard-1-of-2.json")


def test_a_merge_keeps_the_failures_of_its_parts(folder):
    (folder / "pictures/b.png").write_text("x")
    given(folder, "part1", "--shard", "1/2").well()
    given(folder, "part2", "--shard", "2/2").refused(1)
    merge(folder, "part1", "part2").refused(1, "1 failed")
    assert list(failures(folder / "all")) == ["b.png"] and sorted(listed(folder / "all")) == ["a.png", "c.png", "d.png"]


@pytest.mark.parametrize("form", ["coco-instances", "yolo-seg", "masks"])
def test_an_export_names_maps_and_pictures_that_are_gone(folder, form):
    (folder / "out/panoptic/a.png").unlink()
    (folder / "pictures/b.png").unlink()
    ended = crayon("export", folder / "out", "--to", form, "--out", folder / "there", "--json")
    ended.refused(1, "failed: a.png", "not where they were: b.png")
    assert (ended.json["pictures"], ended.json["withoutPicture"]) == (3, ["b.png"])


def test_a_yolo_dataset_that_lacks_a_picture_is_not_all_done(folder):
    (folder / "pictures/b.png").unlink()
    crayon("export", folder / "out", "--to", "yolo-seg", "--out", folder / "there").refused(1, "b.png")


def exported(folder, form):
    there = folder / form
    crayon("export", folder / "out", "--to", form, "--out", there).well()
    return there


def take(folder, source, form):
    return crayon("import", source, "--from", form, "--into", folder / "out")


def test_files_that_lie_among_others_are_named(folder):
    there = exported(folder, "labelme")
    (there / "classes.json").write_text("{}")
    shutil.copy(there / "a.json", there / "unknown.json")
    ended = take(folder, there, "labelme").refused(1, "failed: classes: ", "failed: unknown: ")
    assert "0 maps changed, 4 as they were" in ended.out


@pytest.mark.parametrize("form, old, new", [
    pytest.param("masks", "a/2-cup.png", "a/3-cat.png", id="a mask that the list lacks"),
    pytest.param("labelme", "a.json", "a.xml", id="a file of another program"),
    pytest.param("yolo-seg", "labels/a.txt", "labels/classes.txt", id="a list of classes among labels"),
    pytest.param("coco-instances", "instances.json", "captions.json", id="another list"),
    pytest.param("cvat", "annotations.xml", "more/annotations.xml", id="a list in a folder below"),
])
def test_a_file_that_is_not_read_is_named(folder, form, old, new):
    there = exported(folder, form)
    (there / new).parent.mkdir(exist_ok=True)
    shutil.copy(there / old, there / new)
    take(folder, there, form).well(f"passed over: {new}\n")


@pytest.mark.parametrize("form, old, new", [
    pytest.param("labelme", "a.json", "x.JSON", id="labelme"),
    pytest.param("yolo-seg", "labels/a.txt", "labels/x.TXT", id="YOLO"),
])
def test_an_ending_in_capitals_is_the_same_ending(folder, form, old, new):
    there = exported(folder, form)
    shutil.copy(there / old, there / new)
    take(folder, there, form).refused(1, "failed: x: ", f"has no picture x; annotate it first, and what {there / new}")
    (there / old).unlink()
    (there / new).rename((there / old).with_suffix(Path(new).suffix))
    assert "4 as they were" in take(folder, there, form).well().out


@pytest.mark.parametrize("name", [os.fsdecode(b"caf\xe9.json"), "link.json"])
def test_a_file_that_cannot_be_opened_is_a_failure(folder, name):
    there = exported(folder, "labelme")
    (there / name).symlink_to("gone.json")
    take(folder, there, "labelme").refused(1, "failed: ")


def test_one_file_of_a_format_with_a_file_for_each_picture(folder):
    ended = take(folder, exported(folder, "labelme") / "a.json", "labelme").well()
    assert "0 maps changed, 1 as they were" in ended.out


def test_one_file_of_a_format_that_needs_its_folder(folder):
    there = exported(folder, "yolo-seg")
    take(folder, there / "labels/a.txt", "yolo-seg").refused(1, f"{there / 'labels/a.txt'} is a file", "name the folder")
    assert "4 as they were" in take(folder, there / "data.yaml", "yolo-seg").well().out


@pytest.mark.parametrize("form", ["labelme", "yolo-seg"])
def test_a_source_with_nothing_in_it(folder, form):
    there = exported(folder, form)
    for file in [*there.rglob("*.json"), *there.rglob("*.txt")]:
        file.unlink()
    before = contents(folder / "out")
    take(folder, there, form).refused(1, f"holds no pictures in the format {form}")
    assert contents(folder / "out") == before


def test_instances_that_have_boxes_alone_do_not_empty_the_maps(folder):
    there = exported(folder, "coco-instances")
    content = json.loads((there / "instances.json").read_text())
    for instance in content["annotations"]:
        instance["segmentation"] = []
    (there / "instances.json").write_text(json.dumps(content))
    before = contents(folder / "out/panoptic")
    take(folder, there, "coco-instances").refused(1)
    assert contents(folder / "out/panoptic") == before


def evaluate(folder, truth):
    return crayon("eval", "panoptic", "--ground-truth", truth, "--ground-truth-dir", folder / "panoptic",
                  "--predictions", folder / "out/panoptic.json", "--predictions-dir", folder / "out/panoptic")


@pytest.mark.parametrize("count, sentences", [
    pytest.param(0, ["has no annotation to compare with"], id="all of them"),
    pytest.param(3, ["truth.json: d.png", "1 of 4 pictures were not compared"], id="one of them")])
def test_a_truth_whose_pictures_lack_their_maps(folder, count, sentences):
    content = json.loads((folder / "panoptic.json").read_text())
    truth = folder / "truth.json"
    truth.write_text(json.dumps({**content, "annotations": content["annotations"][:count]}))
    out = evaluate(folder, truth).refused(1, *sentences).out
    # Without any there are no figures.
    assert out.endswith("\n3 pictures\n") if count else out == ""


@pytest.mark.parametrize("damage, sentence", [
    pytest.param(lambda folder: (folder / "out/panoptic/c.png").unlink(), "c.png", id="a map is gone"),
    pytest.param(lambda folder: (folder / "out/panoptic/c.png").write_text("x"), "c.png", id="a map is a text"),
    pytest.param(lambda folder: (folder / "out/panoptic.json").write_text(json.dumps(
        {"annotations": json.loads((folder / "panoptic.json").read_text())["annotations"][:3]})),
        "image 4 has no prediction", id="a prediction is missing"),
])
def test_a_quality_is_not_that_of_some_pictures(folder, damage, sentence):
    damage(folder)
    assert evaluate(folder, folder / "panoptic.json").refused(1, sentence).out == ""


def safetensors(tensors: dict[str, np.ndarray]) -> bytes:
    header, values = {}, b""
    for name, value in tensors.items():
        data = value.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [len(values), len(values) + len(data)]}
        values += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def write(name: str, data: bytes):
    return lambda model: (model / name).write_bytes(data)


GGUF = struct.pack("<4sIQQ", b"GGUF", 3, 0, 0)
@pytest.mark.parametrize("make, sentence", [
    pytest.param(lambda model: None, "holds no weights", id="an empty folder"),
    pytest.param(write("config.json", b"{}"), "holds no weights", id="a configuration alone"),
    pytest.param(write("README.md", b"# A model"), "holds no weights", id="a card alone"),
    pytest.param(write("model.safetensors.incomplete", b"x"), "holds no weights", id="what was not fetched to its end"),
    pytest.param(write("model.safetensors", b""), "model.safetensors", id="weights of no byte"),
    pytest.param(write("model.safetensors", safetensors({})), "holds no tensors", id="weights of no tensor"),
    pytest.param(write("model.safetensors", safetensors({"a": np.ones(4)})[:-4]), "model.safetensors",
                 id="cut weights"),
    pytest.param(write("model.safetensors", safetensors({"a": np.array([1, np.nan])})), "a", id="a value that is none"),
    pytest.param(write("model.safetensors.index.json", b'{"weight_map": {"a": "model-00001-of-00001.safetensors"}}'),
                 "model-00001-of-00001.safetensors", id="an index without its part"),
    pytest.param(lambda model: (model / "model.safetensors").symlink_to("../blobs/gone"), "model",
                 id="a link to nowhere"),
    pytest.param(write("model.gguf", GGUF), "no tensors", id="a GGUF of no tensor"),
    pytest.param(write("model.gguf", GGUF[:9]), "model.gguf", id="a cut GGUF"),
    pytest.param(write("pytorch_model.bin", b"version https://git-lfs.github.com/spec/v1\n"), "pytorch_model.bin",
                 id="a pointer of LFS"),
])
def test_a_model_without_its_weights_is_never_whole(tmp_path, make, sentence):
    model = tmp_path / "models/mine"
    model.mkdir(parents=True)
    make(model)
    ended = crayon("models", "verify", "mine", CRAYON_MODELS=str(tmp_path / "models"))
    assert ended.refused(3, "error: mine: ", sentence).out == ""


def test_one_bad_model_among_good_ones_is_in_the_status(tmp_path):
    models = tmp_path / "models"
    shutil.copytree(TINY, models / "good")
    (models / "bad").mkdir()
    ended = crayon("models", "verify", CRAYON_MODELS=str(models)).refused(3, "error: bad: ")
    assert ended.out.startswith("good: ") and "every value a number" in ended.out


@pytest.mark.parametrize("make", [
    pytest.param(lambda models: None, id="no folder"),
    pytest.param(Path.mkdir, id="nothing in it"),
])
def test_no_models_at_all_are_not_whole(tmp_path, make):
    models = tmp_path / "models"
    make(models)
    ended = crayon("models", "verify", CRAYON_MODELS=str(models))
    assert str(models) in ended.out + ended.err, ended.said


class Hub(http.server.BaseHTTPRequestHandler):
    """A repository of two texts and no weights."""

    files = {"config.json": b"{}", "README.md": b"# A model"}

    def do_GET(self):
        listing = {"id": "owner/name", "sha": "c0ffee00" * 5, "siblings": [
            {"rfilename": name, "size": len(data), "blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}
            for name, data in self.files.items()]}
        name = self.path.rsplit("/", 1)[-1]
        body = json.dumps(listing).encode() if self.path.startswith("/api/") else self.files[name]
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_repository_without_weights_would_not_load(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ended = crayon(
            "models", "check", "owner/name", HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}", HF_TOKEN="",
            HF_HOME=str(tmp_path / "hub"), CRAYON_MODELS=str(tmp_path / "models"))
        server.shutdown()
    ended.refused(3, "weights")


def test_a_models_folders_in_its_folder_are_named_when_they_stay_behind(tmp_path):
    shutil.copytree(TINY, tmp_path / "mine")
    (tmp_path / "mine/vision").mkdir()
    shutil.copy(TINY / "model.safetensors", tmp_path / "mine/vision/model.safetensors")
    ended = crayon("models", "import", tmp_path / "mine", CRAYON_MODELS=str(tmp_path / "models")).well(
        f"passed over in {tmp_path}/mine", ": vision")
    assert ended.out.rstrip().endswith(", 1 folder passed over") and not (tmp_path / "models/mine/vision").exists()
