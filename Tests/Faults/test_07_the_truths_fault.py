"""A truth that does not fit its picture, or itself, is named, and counts neither way."""
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faults import Ended, Truth, answering, compare, crayon, picture, write_ids


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def evaluate(folder: Path, task: str, data, *options) -> Ended:
    """Of the pictures `a.png` and `b.png`, and of `turned.jpg`, which is 64×96 when it is upright."""
    for seed, name in enumerate(["a.png", "b.png", "turned.jpg"]):
        turned = Image.Exif()
        turned[0x112] = 6
        picture(folder / name, seed=seed, **({"exif": turned} if name == "turned.jpg" else {}))
    if isinstance(data, Truth):
        file = data.write().file
    else:
        file = folder / "data.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in data))
    where = [] if task in ("vqa", "pope", "count") else ["--images", folder]
    return crayon("eval", task, "--data", file, *where, "--pipeline", answering(folder), "--max-tokens", 2, "--json",
                  *options, within=60)


def asked(ended: Ended) -> int:
    """Of how many questions the figures are."""
    return (ended.json.get("figures") or ended.json["all"])["asked"]


def names_one_of_two(ended: Ended, *sentences: str):
    ended.refused(1, *sentences, "1 of 2 questions were not asked")
    assert (asked(ended), sum(one["questions"] for one in ended.json["failures"])) == (1, 1), ended.said


# Places, in lines as Shikra has them.

SQUARE = [8, 8, 40, 8, 40, 40]


def line(**changes) -> dict:
    whole = {"img_path": "a.png", "expression": "the cup", "bbox": [8, 8, 40, 40], "width": 96, "height": 64,
             "mask": [SQUARE], **changes}
    return {key: value for key, value in whole.items() if value is not None}


GOOD = line(img_path="b.png")


@pytest.mark.parametrize("task, bad, sentence", [
    pytest.param("rec", line(width=640, height=480), "it is listed with 640×480 pixels, and has 96×64",
                 id="another size"),
    pytest.param("rec", line(width=64, height=96), "it is listed with 64×96 pixels, and has 96×64",
                 id="sides exchanged"),
    pytest.param("rec", line(img_path="turned.jpg"), "it is listed with 96×64 pixels, and has 64×96",
                 id="as it is stored, where it is turned"),
    pytest.param("rec", line(bbox=[8, 8, 140, 40]), "the box 8,8,140,40 reaches beyond the picture's 96×64",
                 id="too far"),
    pytest.param("rec", line(bbox=[100, 100, 500, 500]), "the box 100,100,500,500 reaches beyond", id="in thousandths"),
    pytest.param("rec", line(bbox=[8, 8, 140, 40], width=None, height=None, mask=None), "the box 8,8,140,40",
                 id="too far, in a picture of which no size is said"),
    pytest.param("region-caption", line(bbox=[-9, 8, 40, 40]), "the box -9,8,40,40", id="before the edge"),
    pytest.param("res", line(mask={"size": [96, 64], "counts": [100, 100, 5944]}),
                 "the mask has 64×96 pixels, and the picture 96×64", id="a mask with its sides exchanged"),
    pytest.param("res", line(mask={"size": [64, 96], "counts": [6144]}), "\"mask\" has no pixel", id="an empty mask"),
    pytest.param("res", line(mask=[[200, 200, 300, 200, 300, 300]]), "\"mask\" has no pixel", id="a mask beside it"),
    pytest.param("res", line(mask=None), "“the cup” has no mask", id="no mask"),
    pytest.param("rec", line(bbox=[8, 8, 8, 40]), "\"bbox\" has no area", id="a box without area"),
    pytest.param("rec", line(bbox=[0.1, 0.1, 0.5, 0.5]), "the truth does not fit its picture: the box 0.1,0.1,0.5,0.5",
                 id="in parts of the sides"),
    pytest.param("region-caption", line(bbox=[0, 0, 1, 0.5]), "the truth does not fit its picture: the box 0,0,1,0.5",
                 id="a region in parts of the sides"),
    pytest.param("rec", line(bbox=[96, 64, 97, 65]), "the truth does not fit its picture: the box 96,64,97,65",
                 id="a box beside the picture"),
    pytest.param("res", line(mask=[[8, 8, 180, 8, 180, 120]]), "96×64 pixels: the truth does not fit its picture",
                 id="a mask that goes on outside"),
    pytest.param("rec", line(bbox=[8, 8, 1e19, 40]), "reaches beyond", id="a box of any size"),
    pytest.param("region-caption", line(bbox=[-1e300, 8, 40, 40]), "reaches beyond", id="a region of any size"),
])
def test_a_line_that_does_not_fit_its_picture(tmp_path, task, bad, sentence):
    names_one_of_two(evaluate(tmp_path, task, [bad, GOOD]), sentence)


@pytest.mark.parametrize("good", [
    pytest.param(line(bbox=[0, 0, 96, 64]), id="the whole picture"),
    pytest.param(line(bbox=[-0.4, 8.2, 96.6, 64.4]), id="edges that are rounded"),
    pytest.param(line(bbox=[0, 0, 1, 1]), id="the first pixel"),
    pytest.param(line(mask=[[0, 0, 96.5, 0, 96, 64.2]]), id="a mask whose corners are rounded"),
    pytest.param(line(img_path="turned.jpg", width=64, height=96), id="upright"),
    pytest.param(line(width=None, height=None, mask=None), id="no size"),
])
def test_a_line_that_fits(tmp_path, good):
    assert asked(evaluate(tmp_path, "rec", [good, GOOD]).well()) == 2


# Files of questions.


def record(image: str = "a.png", questions: list[dict] | None = None, **changes) -> dict:
    asks = {"family": "existence", "wording": 1, "held_out": False, "question": "Is there a cup?", "answer": "Yes.",
            "value": "yes", "polling": "random"}
    return {"id": 1, "image": image, "map": image, "width": 96, "height": 64,
            "segments": [{"id": 1, "category": "cup", "number": 1, "box": [8, 8, 40, 40]}],
            "questions": [{**asks, **question} for question in questions or [{}]], **changes}


COUNT = {"family": "count", "question": "How many cups?", "answer": "There is 1 cup.", "value": "1"}
WHERE = {"family": "where", "question": "Where is the cup?", "answer": "The cup is at <at>.", "value": None,
         "regions": [{"id": 1, "box": [8, 8, 40, 40]}]}


@pytest.mark.parametrize("task, bad, sentence", [
    pytest.param("vqa", record(width=64, height=96), "it is listed with 64×96 pixels, and has 96×64", id="vqa"),
    pytest.param("vqa", record("turned.jpg"), "it is listed with 96×64 pixels, and has 64×96",
                 id="a turned photograph"),
    pytest.param("pope", record(width=97), "it is listed with 97×64 pixels", id="pope: a column too many"),
    pytest.param("count", record(questions=[COUNT], height=63), None, id="count: a row too few"),
    pytest.param("c2b", record(questions=[WHERE], width=960), "it is listed with 960×64 pixels", id="c2b"),
])
def test_a_record_that_does_not_fit_its_picture(tmp_path, task, bad, sentence):
    good = {**bad, "image": "b.png", "width": 96, "height": 64}
    names_one_of_two(evaluate(tmp_path, task, [bad, good]), sentence or "it is listed with 96×63 pixels",
                     "the truth does not fit its picture")


@pytest.mark.parametrize("bad, sentence", [
    pytest.param(record(segments=[{"id": 1, "category": "cup", "number": 1, "box": [8, 8, 140, 40]}]),
                 "\"segments[0].box\" is not a box within the picture", id="a segment outside"),
    pytest.param(record(questions=[{**WHERE, "regions": [{"id": 2, "box": [8, 8, 40, 40]}]}]),
                 "\"questions[0].regions[0].id\" is not the id of a segment", id="a region of no segment"),
    pytest.param(record(questions=[{**WHERE, "regions": []}]), "has 1 places for 0 regions",
                 id="a place without a region"),
    pytest.param(record(questions=[{"value": "maybe"}]), "is neither \"yes\" nor \"no\"", id="a value of no kind"),
    pytest.param(record(questions=[{**COUNT, "value": "two"}]), "is not a number of things", id="a number in words"),
])
def test_a_record_that_contradicts_itself(tmp_path, bad, sentence):
    assert evaluate(tmp_path, "vqa", [record("b.png"), bad]).refused(1, "data.jsonl, line 2", sentence).out == ""


@pytest.mark.parametrize("task", ["rec", "count", "pope"])
def test_a_truth_with_nothing_to_ask(tmp_path, task):
    data = [line(bbox=[8, 8, 8, 40])] if task == "rec" else [record(questions=[{"polling": None}])]
    assert evaluate(tmp_path, task, data).refused(64, f"has nothing to ask for {task}").out == ""


def test_given_maps_that_do_not_fit(tmp_path):
    maps = Truth(tmp_path)
    for name in ("a.png", "b.png"):
        maps.add(name, [("cup", (8, 8, 32, 32))])
    maps.write()
    write_ids(maps.maps / "a.png", np.eye(2, dtype=int))
    ended = evaluate(tmp_path, "vqa", [record(), record("b.png")], "--panoptic-dir", maps.maps)
    names_one_of_two(ended, "panoptic/a.png")


# Datasets in the COCO panoptic format.


def dataset(folder: Path) -> Truth:
    truth = Truth(folder / "truth")
    for name in ("a.png", "b.png"):
        truth.add(name, [("cup", (8, 8, 32, 32))])
    return truth


def change(truth: Truth, of: str = "segment", **values):
    """Of the first picture."""
    first = {"segment": truth.annotations[0]["segments_info"][0], "image": truth.images[0]}[of]
    first.update(values)


@pytest.mark.parametrize("task, damage, sentence", [
    pytest.param("c2b", lambda it: change(it, bbox=[8, 8, 90, 40]), "the box 8,8,98,48 reaches beyond",
                 id="corners for sizes"),
    pytest.param("b2c", lambda it: change(it, bbox=[-9, 8, 32, 32]), "the box -9,8,23,40 reaches beyond",
                 id="before the edge"),
    pytest.param("b2c", lambda it: change(it, "image", width=960), "it is listed with 960×64 pixels",
                 id="another size"),
    pytest.param("c2b", lambda it: change(it, bbox=[8, 8, 0, 32]), "segment 1 has no box with an area", id="no area"),
    pytest.param("b2c", lambda it: change(it, category_id=999), "segment 1 has the category 999, which is not listed",
                 id="no category"),
    pytest.param("c2b", lambda it: change(it, bbox=[0.2, 0.2, 0.6, 0.6]), "segment 1 has 1024 pixels",
                 id="in parts of the sides"),
    pytest.param("c2b", lambda it: it.images.pop(0), "image 1 is not among the dataset's images", id="no picture"),
])
def test_a_dataset_that_does_not_fit_its_pictures(tmp_path, task, damage, sentence):
    truth = dataset(tmp_path)
    damage(truth)
    names_one_of_two(evaluate(tmp_path, task, truth), sentence)


@pytest.mark.parametrize("task", ["c2b", "b2c"])
def test_a_dataset_of_two_pictures_with_one_id(tmp_path, task):
    truth = dataset(tmp_path)
    change(truth, "image", id=2)
    ended = evaluate(tmp_path, task, truth)
    assert ended.refused(1, "truth/panoptic.json: two pictures have one id, 2: a.png and b.png").out == ""


def test_a_dataset_with_a_box_of_any_size(tmp_path):
    truth = dataset(tmp_path)
    change(truth, bbox=[2 ** 62, 0, 2 ** 62, 5])
    names_one_of_two(evaluate(tmp_path, "c2b", truth), "reaches beyond")


def smaller(path: Path):
    write_ids(path, np.ones((32, 48), int))


@pytest.mark.parametrize("damage, sentence", [
    pytest.param(lambda it: change(it, "image", width=640),
                 "image 1: the truth does not fit its picture: its map has 96×64 pixels, and the picture is listed",
                 id="another size"),
    pytest.param(lambda it: (change(it, area=None), smaller(it.maps / "a.png")), "its map has 48×32",
                 id="a smaller map"),
    pytest.param(lambda it: change(it, area=3), "truth/panoptic/a.png: segment 1 is listed with 3 pixels, but has 1024",
                 id="an area that is not the pixels'"),
    pytest.param(lambda it: it.annotations[0]["segments_info"].clear(), "truth/panoptic/a.png: pixels carry the id 1",
                 id="pixels of no segment"),
    pytest.param(lambda it: it.annotations[0]["segments_info"].append({"id": 7, "category_id": 47}),
                 "segment 7 is listed, but no pixel carries its id", id="a segment without pixels"),
    pytest.param(lambda it: change(it, category_id=999), "segment 1 has the category 999", id="no category"),
    pytest.param(lambda it: it.categories.append({"id": 500, "name": "cup", "isthing": 1}),
                 "truth/panoptic.json: two categories are named \"cup\"", id="two categories of one name"),
    pytest.param(lambda it: change(it, "image", id=2), "two pictures have one id", id="two pictures of one id"),
    pytest.param(lambda it: (it.maps / "a.png").unlink(), "truth/panoptic/a.png cannot be read", id="no map"),
    pytest.param(lambda it: Image.open(it.maps / "a.png").convert("L").save(it.maps / "a.png"), "grey samples",
                 id="grey"),
    pytest.param(lambda it: it.annotations.append(it.annotations[0]), "2 annotations", id="one picture twice"),
])
def test_a_panoptic_truth_that_does_not_fit_its_pictures(tmp_path, damage, sentence):
    truth, predictions = dataset(tmp_path), Truth(tmp_path / "predictions")
    for name in ("a.png", "b.png"):
        predictions.add(name, [("cup", (8, 8, 32, 32))])
    damage(truth)
    truth.write(), predictions.write()
    assert compare(truth, predictions).refused(1, sentence).out == ""
