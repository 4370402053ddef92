"""What is needed is asked for by its name, and what is optional may be absent."""
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from faults import REPOSITORY, Truth, answering, compare, contents, crayon, listed, picture, read_ids, write_ids

FIXTURES = REPOSITORY / "Tests/Fixtures"


# A tokenizer, and the files beside it.

MODEL = FIXTURES / "NExTChat"


def without(*names: str):
    return lambda model: [(model / name).unlink() for name in names]


def holding(name: str, content: bytes):
    return lambda model: (model / name).write_bytes(content)


def saying(name: str, **values):
    """Changes keys of a JSON file; None takes one away."""
    def change(model):
        whole = {**json.loads((model / name).read_text()), **values}
        (model / name).write_text(json.dumps({key: value for key, value in whole.items() if value is not None}))
    return change


def checked(folder: Path, change):
    model = folder / "model"
    shutil.copytree(MODEL, model)
    change(model)
    return crayon("pipelines", "check", answering(folder, model))


@pytest.mark.parametrize("change", [
    pytest.param(without("tokenizer_config.json"), id="no tokenizer_config.json"),
    pytest.param(without("added_tokens.json"), id="no added_tokens.json"),
    pytest.param(without("special_tokens_map.json", "generation_config.json"), id="no map of special tokens"),
    pytest.param(without("tokenizer_config.json", "added_tokens.json", "special_tokens_map.json",
                         "generation_config.json"), id="the tokenizer alone"),
    pytest.param(saying("tokenizer_config.json", legacy=None), id="no word of legacy"),
    pytest.param(saying("config.json", architectures=None, torch_dtype=None, transformers_version=None),
                 id="a configuration that does not say who wrote it"),
    pytest.param(saying("tokenizer_config.json", added_tokens_decoder={"363": {"content": "<at>"}}),
                 id="one added token in two files"),
])
def test_a_tokenizer_without_what_is_optional(tmp_path, change):
    assert "complete: 133 categories" in checked(tmp_path, change).well().out


@pytest.mark.parametrize("change, sentence", [
    pytest.param(without("tokenizer.model"), "there is no {model}/tokenizer.model", id="no tokenizer"),
    pytest.param(lambda model: (model / "tokenizer.model").rename(model / "tokenizer.json"),
                 "there is no {model}/tokenizer.model", id="under another name"),
    pytest.param(holding("tokenizer.model", b""), "tokenizer.model has no tokens", id="empty"),
    pytest.param(holding("tokenizer.model", b"<!DOCTYPE html><html></html>"), "is no SentencePiece model",
                 id="a page of the web"),
    pytest.param(holding("tokenizer.model", (FIXTURES / "Tokenizers/unigram.model").read_bytes()),
                 "model_type unigram, which crayon does not do", id="of another kind"),
    pytest.param(holding("tokenizer.model", (FIXTURES / "Tokenizers/llama.model").read_bytes()),
                 "one of the files is another model's", id="another model's"),
    pytest.param(saying("added_tokens.json", **{"<at>": None}), "has no number for the token <at>",
                 id="an added token without a number"),
    pytest.param(saying("added_tokens.json", **{"<at>": 360}), "gives the number 360 to two tokens",
                 id="one number for two tokens"),
    pytest.param(saying("added_tokens.json", **{"<at>": "363"}), "not a whole number", id="a number in quotes"),
    pytest.param(saying("added_tokens.json", **{"<at>": 400}), "numbered from 0 without a gap", id="a gap"),
    pytest.param(saying("added_tokens.json", **{"<mask>": 365}), "they do not belong together",
                 id="one token too many"),
    pytest.param(saying("tokenizer_config.json", legacy="false"), "not true or false", id="legacy in quotes"),
    pytest.param(saying("tokenizer_config.json", added_tokens_decoder={"364": {"content": "<at>"}}),
                 "it has 363; one of the files is another model's", id="two files that contradict each other"),
    pytest.param(saying("config.json", vocab_size=None), "lacks the key \"vocab_size\"",
                 id="no size of the vocabulary"),
    pytest.param(holding("added_tokens.json", b'["<at>"]'), "added_tokens.json is not an object",
                 id="a list of tokens"),
])
def test_a_tokenizer_without_what_it_needs(tmp_path, change, sentence):
    assert checked(tmp_path, change).refused(3, sentence.format(model=tmp_path / "model")).out == ""


# Files of predictions.


class Compared:
    """A truth of one picture, and predictions that are the same."""

    def __init__(self, folder: Path):
        self.truth, self.predictions = Truth(folder / "truth"), Truth(folder / "predictions")
        for side in (self.truth, self.predictions):
            side.add("a.jpg", [("floor-wood", (0, 0, 96, 64)), ("cup", (8, 8, 40, 40))])

    def compare(self):
        return compare(self.truth, self.predictions)


@pytest.fixture
def compared(tmp_path):
    return Compared(tmp_path)


def bare(entries: list[dict], *keys: str) -> list[dict]:
    return [{key: entry[key] for key in keys} for entry in entries]


PREDICTIONS = {
    "no categories": lambda it: it.write(categories=None),
    "an empty list of categories": lambda it: it.write(categories=[]),
    "annotations alone": lambda it: it.write(categories=None, images=None),
    "categories without a word of things": lambda it: it.write(categories=bare(it.categories, "id", "name")),
    "pictures without a name": lambda it: it.write(images=bare(it.images, "id")),
    "segments of two keys": lambda it: it.write(annotations=[
        {**one, "segments_info": bare(one["segments_info"], "id", "category_id")} for one in it.annotations]),
    "null for what is not known": lambda it: it.write(annotations=[
        {**one, "segments_info": [{**segment, "area": None, "bbox": None, "iscrowd": None}
                                  for segment in one["segments_info"]]} for one in it.annotations]),
    "keys of another program": lambda it: it.write(info={}, licenses=[], annotations=[
        {**one, "score": 0.5, "segments_info": [{**segment, "isthing": True, "score": 0.5}
                                                for segment in one["segments_info"]]} for one in it.annotations]),
}


@pytest.mark.parametrize("change", PREDICTIONS)
def test_predictions_without_what_is_optional(compared, change):
    compared.truth.write()
    PREDICTIONS[change](compared.predictions)
    assert compared.compare().well().json["all"]["pq"] == 1


@pytest.mark.parametrize("change, sentence", [
    ("no categories", "lacks the key \"categories\""),
    ("an empty list of categories", "which the ground truth does not know"),
    ("annotations alone", "lacks the key \"categories\""),
    ("categories without a word of things", "lacks the key \"categories.[0].isthing\""),
    ("segments of two keys", None), ("null for what is not known", None), ("keys of another program", None)])
def test_a_truth_needs_its_vocabulary(compared, change, sentence):
    compared.predictions.write()
    PREDICTIONS[change](compared.truth)
    if sentence:
        assert compared.compare().refused(1, sentence).out == ""
    else:
        assert compared.compare().well().json["all"]["pq"] == 1


@pytest.mark.parametrize("key", ["image_id", "file_name", "segments_info"])
def test_predictions_without_what_they_need(compared, key):
    del compared.predictions.annotations[0][key]
    compared.truth.write(), compared.predictions.write()
    assert compared.compare().refused(1, f"annotations.[0].{key}", str(compared.predictions.file)).out == ""


@pytest.mark.parametrize("content, sentence", [
    pytest.param("{}", "lacks the key \"annotations\"", id="no annotations"),
    pytest.param('{"annotations": []}', "image 1 has no prediction", id="none"),
    pytest.param("[]", "is not an object", id="a list"),
])
def test_predictions_of_nothing(compared, content, sentence):
    compared.truth.write()
    compared.predictions.write().file.write_text(content)
    assert compared.compare().refused(1, sentence).out == ""


def test_a_truth_of_nothing(compared):
    compared.truth.write(annotations=[])
    compared.predictions.write()
    assert compared.compare().refused(1, str(compared.truth.file)).out == ""


# A list of a map's segments.


SEGMENTS = [{"id": 1, "category_id": 7}, {"id": 2, "category_id": 8}]
CATEGORIES = [{"id": 7, "name": "floor", "isthing": 0}, {"id": 8, "name": "cup", "isthing": 1}]


@pytest.mark.parametrize("content, sentence", [
    pytest.param({"segments_info": SEGMENTS, "categories": CATEGORIES}, None, id="two keys"),
    pytest.param({"annotations": [{"image_id": 1, "file_name": "map.png", "segments_info": SEGMENTS}],
                  "categories": CATEGORIES}, None, id="no list of pictures"),
    pytest.param({"images": [{"id": 1, "file_name": "x.png"}], "categories": CATEGORIES,
                  "annotations": [{"image_id": 1, "file_name": "map.png", "segments_info": SEGMENTS}]}, None,
                 id="no size of the picture"),
    pytest.param({"segments_info": SEGMENTS}, "lacks the key \"categories\"", id="no categories"),
    pytest.param({"segments_info": SEGMENTS, "categories": bare(CATEGORIES, "id", "name")},
                 "categories.[0].isthing", id="no word of things"),
    pytest.param({"segments_info": SEGMENTS, "categories": CATEGORIES[1:]},
                 "segment 1 has the category 7, which is not among the categories", id="a category that is not listed"),
    pytest.param({"segments_info": [{"id": 1, "label_id": 7}, {"id": 2, "label_id": 8}], "categories": CATEGORIES},
                 "segments_info.[0].category_id", id="what transformers calls a category"),
    pytest.param({"segments_info": SEGMENTS[:1], "categories": CATEGORIES}, "pixels carry the id 2",
                 id="a segment too few"),
    pytest.param(SEGMENTS, "is not an object", id="a list"),
])
def test_a_map_with_a_list_of_its_segments(tmp_path, content, sentence):
    map = write_ids(tmp_path / "map.png", np.where(np.arange(96) < 40, 2, 1)[None].repeat(64, 0))
    list_of_map = tmp_path / "map.json"
    list_of_map.write_text(json.dumps(content))
    ended = crayon("annotate", picture(tmp_path / "x.png"), "--panoptic", map, "--panoptic-json", list_of_map,
                   "--out", tmp_path / "out")
    if sentence:
        ended.refused(1, "failed: x.png", sentence)
        assert listed(tmp_path / "out") == {}
    else:
        ended.well()
        assert listed(tmp_path / "out") == {"x.png": ["floor", "cup"]}


# Other programs' files.


@pytest.fixture(scope="module")
def annotated(tmp_path_factory):
    """An annotated picture, which is copied for each case."""
    folder = tmp_path_factory.mktemp("annotated")
    truth = Truth(folder)
    truth.add("a.png", [("floor-wood", (0, 0, 96, 64)), ("cup", (8, 8, 40, 40))])
    truth.write()
    picture(folder / "pictures/a.png")
    crayon("annotate", folder / "pictures", "--panoptic", truth.maps, "--panoptic-json", truth.file,
           "--out", folder / "out").well()
    return folder / "out"


@pytest.fixture
def read(annotated, tmp_path):
    """Imports files (name: text): how it ended, and how many pixels the cup has; None where nothing changed."""
    def read(kind: str, files: dict[str, str]):
        shutil.copytree(annotated, tmp_path / "out")
        for name, text in files.items():
            (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "source" / name).write_text(text)
        before = contents(tmp_path / "out")
        ended = crayon("import", tmp_path / "source", "--from", kind, "--into", tmp_path / "out", "--json")
        if contents(tmp_path / "out") == before:
            return ended, None
        assert all(names in (["cup"], []) for names in listed(tmp_path / "out").values()), ended.said
        return ended, int((read_ids(tmp_path / "out/panoptic/a.png") != 0).sum())
    return read


def holds(read, kind: str, files: dict[str, str], expected):
    """Either the cup's pixels, or the sentence of a refusal that changes nothing."""
    ended, pixels = read(kind, files)
    if isinstance(expected, str):
        ended.refused(1, expected)
        assert pixels is None, ended.said
    else:
        ended.well()
        assert pixels == expected, ended.said


SQUARE = [10, 10, 50, 10, 50, 40, 10, 40]
INSTANCE = {"image_id": 1, "category_id": 7, "segmentation": [SQUARE]}


def coco(instance: dict = {}, **whole) -> dict[str, str]:
    return {"instances.json": json.dumps({
        "images": [{"id": 1, "file_name": "a.png"}], "annotations": [{**INSTANCE, **instance}],
        "categories": [{"id": 7, "name": "cup"}], **whole})}


@pytest.mark.parametrize("files, expected", [
    pytest.param(coco(), 1200, id="nothing but what is needed"),
    pytest.param(coco({"id": None, "area": None, "bbox": None, "iscrowd": None, "attributes": {}}), 1200, id="null"),
    pytest.param(coco({"id": "a1", "category_id": 7.0}), 1200, id="ids as some write them"),
    pytest.param(coco({"segmentation": {"size": [64, 96], "counts": [640, 1280, 4224]}}), 1280, id="a list of runs"),
    pytest.param(coco(annotations=[]), 0, id="a picture with nothing on it"),
    pytest.param(coco(annotations=[{"image_id": 1, "category_id": 7, "bbox": [10, 10, 40, 30]}]),
                 "annotations.[0].segmentation", id="boxes alone"),
    pytest.param(coco(categories=[]), "there is no category 7", id="no categories"),
    pytest.param(coco(images=[]), "are of images that it does not list", id="no pictures"),
    pytest.param(coco(categories=[{"id": 7}]), "categories.[0].name", id="a category without a name"),
    pytest.param(coco({"iscrowd": False}), 1200, id="no crowd, as a boolean"),
    pytest.param(coco(categories=[{"id": 7, "name": "cup", "isthing": True}]), 1200, id="a thing, as a boolean"),
    pytest.param(coco({"iscrowd": "no"}), "\"annotations.[0].iscrowd\" has the wrong type", id="no crowd, in words"),
    pytest.param(coco({"segmentation": [], "bbox": [10, 10, 40, 30]}),
                 "it has no segmentation; boxes alone are no masks", id="boxes beside empty lists"),
])
def test_coco_instances(read, files, expected):
    holds(read, "coco-instances", files, expected)


LINE = "0 0.1 0.1 0.5 0.1 0.5 0.6\n"


@pytest.mark.parametrize("files, expected", [
    pytest.param({"data.yaml": "names: [cup]\n", "labels/a.txt": LINE}, 627, id="names alone"),
    pytest.param({"data.yaml": "names:\n  0: cup\n  5: table\n", "labels/a.txt": f"\n{LINE}\n"}, 627,
                 id="names with gaps"),
    pytest.param({"data.yaml": "names: [cup]\n", "labels/a.txt": ""}, 0, id="a picture with nothing on it"),
    pytest.param({"data.yaml": "names: [cup]\n", "labels/a.txt": LINE, "labels.cache": "x"}, 627, id="a cache beside"),
    pytest.param({"labels/a.txt": LINE}, "there is no", id="no data.yaml"),
    pytest.param({"data.yaml": "nc: 1\n", "labels/a.txt": LINE}, "it has no list \"names\"",
                 id="a number of classes alone"),
    pytest.param({"data.yaml": "names:\n", "labels/a.txt": LINE}, "\"names\" names no class", id="no names"),
    pytest.param({"data.yaml": "names: [cup]\n", "labels/a.txt": "1" + LINE[1:]}, "there is no class 1 in data.yaml",
                 id="a class without a name"),
    pytest.param({"data.yaml": "names: [cup]\n", "labels/a.txt": "0 0.5 0.5 0.2 0.2\n"}, "three corners or more",
                 id="boxes of a detector"),
    pytest.param({"data.yaml": "names: [cup]\n", "a.txt": LINE}, "holds no pictures in the format",
                 id="no folder of labels"),
    pytest.param({"data.yaml": "names: [cup]\n", "labels/a.txt": LINE, "labels/classes.txt": "cup\n"}, 627,
          id="the list of classes that labelImg writes"),
])
def test_yolo(read, files, expected):
    holds(read, "yolo-seg", files, expected)


POLYGON = '<polygon label="cup" points="10,10;50,10;50,40"/>'
WIDE = {"box": '<box label="cup" xtl="30" ytl="25" xbr="70" ybr="35" rotation="{}"/>',
        "ellipse": '<ellipse label="cup" cx="50" cy="30" rx="20" ry="5" rotation="{}"/>'}


def cvat(shapes: str, image: str = 'name="a.png" width="96" height="64"') -> dict[str, str]:
    return {"annotations.xml": f"<annotations><image {image}>{shapes}</image></annotations>"}


@pytest.mark.parametrize("files, expected", [
    pytest.param(cvat(POLYGON), 600, id="no header, no ids"),
    pytest.param(cvat('<mask label="cup" rle="0, 4" left="10" top="10" width="2" height="2"/>'), 4, id="no z_order"),
    pytest.param(cvat(POLYGON.replace("/>", '><attribute name="colour">red</attribute></polygon>')), 600,
                 id="an attribute of a person's"),
    pytest.param(cvat(""), 0, id="a picture with nothing on it"),
    pytest.param(cvat(POLYGON, 'name="a.png"'), "no name, width and height", id="no size"),
    pytest.param(cvat(POLYGON, 'width="96" height="64"'), "no name, width and height", id="no name"),
    pytest.param(cvat('<polygon points="10,10;50,10;50,40"/>'), "<polygon> has no label", id="no label"),
    pytest.param(cvat('<mask label="cup" left="1" top="1" width="2" height="2"/>'), "<mask>", id="a mask without runs"),
    pytest.param(cvat('<mask label="cup" rle="0, 4" width="2" height="2"/>'), "<mask>", id="a mask without a place"),
    pytest.param(cvat('<tag label="cup"/>'), "a <tag> covers no pixels", id="a tag of the whole picture"),
    pytest.param({"annotations.xml": '<annotations><track id="0" label="cup"></track></annotations>'},
                 "holds no pictures in the format cvat", id="a video's"),
])
def test_cvat(read, files, expected):
    holds(read, "cvat", files, expected)


@pytest.mark.parametrize("shape, angle", [
    ("box", "0.0"), ("ellipse", "0.0"), ("box", "90.0"), ("ellipse", "90.0")])
def test_a_shape_of_cvat_that_is_turned(read, tmp_path, shape, angle):
    read("cvat", cvat(WIDE[shape].format(angle)))[0].well()
    ids = read_ids(tmp_path / "out/panoptic/a.png")
    # Its middle is (50, 30); it reaches 20 pixels one way, and 5 the other.
    covered = [bool(ids[y, x]) for x, y in ((50, 30), (65, 30), (50, 15))]
    assert covered == [True, angle == "0.0", angle == "90.0"]


SHAPE = {"label": "cup", "points": [[10, 10], [50, 10], [50, 40]]}


def labelme(shape: dict = SHAPE, name: str = "a.json", **whole) -> dict[str, str]:
    return {name: json.dumps({"shapes": [shape], "imagePath": "a.png", **whole})}


@pytest.mark.parametrize("files, expected", [
    pytest.param(labelme(), 600, id="nothing but what is needed"),
    pytest.param(labelme({**SHAPE, "group_id": None, "description": None, "shape_type": None, "flags": None,
                          "mask": None}, version=None, flags=None, imageData=None, imageHeight=None, imageWidth=None),
                 600, id="null"),
    pytest.param(labelme(imageHeight=64.0, imageWidth=96.0, lineColor=[0, 255, 0, 128]), 600,
                 id="as old versions wrote"),
    pytest.param(labelme(shapes=[]), 0, id="a picture with nothing on it"),
    pytest.param(labelme({"label": "cup"}), "shapes.[0].points", id="no points"),
    pytest.param(labelme({"points": SHAPE["points"]}), "shapes.[0].label", id="no label"),
    pytest.param({"a.json": json.dumps({"shapes": [SHAPE]})}, "imagePath", id="no picture"),
    pytest.param(labelme({**SHAPE, "shape_type": "mask", "points": [[1, 1], [2, 2]]}), "its mask is no base64",
                 id="a mask without pixels"),
    pytest.param(labelme({**SHAPE, "shape_type": "point", "points": [[1, 1]]}), "covers nothing", id="a point"),
])
def test_labelme(read, files, expected):
    holds(read, "labelme", files, expected)


def test_a_label_of_labelme_that_is_empty(read):
    ended, pixels = read("labelme", labelme({**SHAPE, "label": ""}))
    assert ended.refused(1, "empty").json["newCategories"] == [] and pixels is None
