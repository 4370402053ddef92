"""A category's id means something beside its own table only: tables meet by name, and what does not meet is refused."""
import json

import numpy as np
import pytest

from faults import Truth, compare, contents, crayon, listed, picture, write_ids

LEFT, RIGHT = (0, 0, 48, 64), (48, 0, 48, 64)


def table(**ids: int) -> list[dict]:
    """Names and ids; a name that ends in an underscore is one of stuff."""
    return [{"id": number, "name": name.strip("_").replace("_", " "), "isthing": int(not name.endswith("_"))}
            for name, number in ids.items()]


def given(folder, name: str, categories: list[dict], *kinds: str) -> Truth:
    """One picture with a map of two segments, whose names are `kinds`; its pixels are those of no other name."""
    kinds = kinds or tuple(category["name"] for category in categories[:2])
    picture(folder / "pictures" / name, seed=sum(name.encode()))
    truth = Truth(folder, categories)
    truth.add(name, list(zip(kinds, (LEFT, RIGHT))))
    return truth.write()


def annotate(truth: Truth, out, *more):
    return crayon("annotate", truth.folder / "pictures", "--panoptic", truth.maps, "--panoptic-json", truth.file,
                  "--out", out, *more)


@pytest.mark.parametrize("first, second, kinds", [
    pytest.param(table(rust=1, paint=2), table(paint=1, rust=2), ["paint", "rust"], id="ids are swapped"),
    pytest.param(table(rust=1, paint=2), table(moss=1, rust=2), ["moss", "rust"], id="one of two names is new"),
    pytest.param(table(rust=1, paint=3), table(person=1, car=3), ["person", "car"], id="the second has COCO's ids"),
    pytest.param(table(person=1, car=3), table(car=1, person=3), ["car", "person"], id="the second has COCO's names"),
    pytest.param(table(rust=1, paint=2), table(road_=0, car=13), ["road", "car"], id="ids from 0, as Cityscapes has"),
    pytest.param(table(rust=1, paint=2), table(rust=70000, moss=2 ** 40), ["rust", "moss"], id="very large ids"),
    pytest.param(table(rust=1, paint=2), table(Rust=1, paint=2), ["Rust", "paint"], id="a capital makes another name"),
])
def test_a_second_run_keeps_what_the_first_ones_ids_mean(tmp_path, first, second, kinds):
    out = tmp_path / "out"
    annotate(given(tmp_path / "a", "a.png", first), out).well()
    annotate(given(tmp_path / "b", "b.png", second, *kinds), out).well()
    assert listed(out) == {"a.png": [category["name"] for category in first], "b.png": kinds}


def test_an_accent_written_in_two_ways_is_one_name(tmp_path):
    out = tmp_path / "out"
    annotate(given(tmp_path / "a", "a.png", table(**{"caf\u00e9": 1, "paint": 2})), out).well()
    annotate(given(tmp_path / "b", "b.png", table(**{"paint": 1, "cafe\u0301": 2})), out).well()
    categories = json.loads((out / "panoptic.json").read_text())["categories"]
    assert len(categories) == 2, categories


def test_maps_of_a_model_and_of_another_vocabulary_in_one_folder(tmp_path):
    out = tmp_path / "out"
    crayon("annotate", picture(tmp_path / "seen.png"), "--pipeline", "untrained", "--out", out).well()
    annotate(given(tmp_path / "a", "a.png", table(rust=1, car=2)), out).well()
    assert listed(out)["a.png"] == ["rust", "car"]
    categories = json.loads((out / "panoptic.json").read_text())["categories"]
    assert [it["id"] for it in categories if it["name"] == "car"] == [3], "COCO's car, which was there first"


def test_a_thing_that_is_stuff_elsewhere_is_refused_before_anything_is_written(tmp_path):
    out = tmp_path / "out"
    annotate(given(tmp_path / "a", "a.png", table(rust=1, paint=2)), out).well()
    before = contents(out)
    annotate(given(tmp_path / "b", "b.png", table(rust_=1, paint=2)), out).refused(
        1, "\"rust\" is a thing in one list of categories, and stuff in another")
    assert contents(out) == before


@pytest.mark.parametrize("second, status, names", [
    pytest.param(table(paint=1, rust=2), 0, {"a.png": ["rust", "paint"], "b.png": ["paint", "rust"]}, id="other ids"),
    pytest.param(table(moss=1, sky_=2), 0, {"a.png": ["rust", "paint"], "b.png": ["moss", "sky"]}, id="other names"),
    pytest.param(table(rust=1, paint_=2), 1, None, id="a name of another kind"),
])
def test_parts_of_two_machines_are_joined_by_name(tmp_path, second, status, names):
    annotate(given(tmp_path / "a", "a.png", table(rust=1, paint=2)), tmp_path / "one").well()
    annotate(given(tmp_path / "b", "b.png", second), tmp_path / "two").well()
    merged = crayon("annotate", "--merge", tmp_path / "one", tmp_path / "two", "--out", tmp_path / "all")
    assert merged.status == status, merged.said
    if names:
        assert listed(tmp_path / "all") == names
    else:
        merged.saying("\"paint\" is a thing in one list of categories, and stuff in another")
        assert not (tmp_path / "all/panoptic.json").exists()


@pytest.mark.parametrize("changes, sentence", [
    pytest.param({"categories": None}, "lacks the key \"categories\"", id="no table"),
    pytest.param({"categories": []}, "category 1, which", id="an empty table"),
    pytest.param({"categories": table(rust=1)}, "category 2, which", id="a table that lacks one"),
    pytest.param({"categories": [{"id": 1, "name": "rust"}]}, ".isthing\"", id="a table of instances"),
    pytest.param({"categories": table(rust=1, paint=1)}, "two categories have the id 1", id="one id for two names"),
    pytest.param({"categories": [*table(rust=1), *table(rust=2)]}, "two categories are named \"rust\"",
                 id="one name for two ids"),
    pytest.param({"categories": ["rust", "paint"]}, "has the wrong type", id="names alone"),
    pytest.param({"categories": {"1": "rust", "2": "paint"}}, "the value of \"categories\" has the wrong type",
                 id="a table by id"),
])
@pytest.mark.parametrize("command", ["annotate", "eval panoptic"])
def test_maps_without_the_table_of_their_ids_are_refused(tmp_path, command, changes, sentence):
    truth = given(tmp_path / "a", "a.png", table(rust=1, paint=2)).write(**changes)
    if command == "annotate":
        ended = annotate(truth, tmp_path / "out")
    else:
        ended = compare(truth, truth)
    ended.refused(1, sentence)
    assert "a.png" not in ended.out


@pytest.mark.parametrize("content, sentence", [
    pytest.param({"segments_info": [{"id": 1, "category_id": 1}]}, "map.json lacks the key \"categories\"",
                 id="segments without a table"),
    pytest.param([{"id": 1, "category_id": 1}], "map.json cannot be read: it is not an object",
                 id="the list of segments alone"),
])
def test_a_single_map_without_a_table_is_refused(tmp_path, content, sentence):
    write_ids(tmp_path / "map.png", np.ones((64, 96), np.int64))
    (tmp_path / "map.json").write_text(json.dumps(content))
    crayon("annotate", picture(tmp_path / "a.png"), "--panoptic", tmp_path / "map.png", "--out",
           tmp_path / "out").refused(1, sentence)


@pytest.mark.parametrize("categories, quality", [
    pytest.param(table(paint=1, rust=2), 1, id="ids are swapped"),
    pytest.param(table(rust=9, paint=8, moss=1), 1, id="other ids, and a name that no segment has"),
    pytest.param([{"id": 5, "name": "rust"}, {"id": 6, "name": "paint"}], 1, id="without kinds"),
])
def test_predictions_are_compared_by_the_names_of_their_table(tmp_path, categories, quality):
    truth = given(tmp_path / "t", "a.png", table(rust=1, paint=2))
    predicted = given(tmp_path / "p", "a.png", categories, "rust", "paint")
    assert compare(truth, predicted).well().json["all"]["pq"] == quality


@pytest.mark.parametrize("categories, kinds, changes, sentence", [
    pytest.param(table(moss=1, paint=2), ["moss", "paint"], {}, "the category \"moss\"", id="a name of its own"),
    pytest.param(table(rust=1, paint=2), ["rust", "paint"], {"categories": table(rust=1)}, "the category 2",
                 id="an id that its table lacks"),
    pytest.param(table(rust=1, paint=77), ["rust", "paint"], {"categories": None}, "the category 77",
                 id="no table, and an id that the truth lacks"),
    pytest.param(table(rust=1, paint=2), ["rust", "paint"], {"categories": table(rust=1, paint=1)}, "one id",
                 id="one id for two names"),
])
def test_predictions_that_cannot_be_joined_are_refused(tmp_path, categories, kinds, changes, sentence):
    truth = given(tmp_path / "t", "a.png", table(rust=1, paint=2))
    predicted = given(tmp_path / "p", "a.png", categories, *kinds).write(**changes)
    assert compare(truth, predicted).refused(1, sentence).out == ""


@pytest.mark.parametrize("damage", ["is gone", "is cut short"])
def test_a_dataset_that_is_made_anew_has_the_old_names(tmp_path, damage):
    out = tmp_path / "out"
    annotate(given(tmp_path / "a", "a.png", table(rust=1, paint=2)), out).well()
    text = (out / "panoptic.json").read_bytes()
    (out / "panoptic.json").unlink()
    if damage == "is cut short":
        (out / "panoptic.json").write_bytes(text[:len(text) // 2])
    annotate(given(tmp_path / "b", "b.png", table(moss=1, paint=2)), out).well()
    assert listed(out) == {"a.png": ["rust", "paint"], "b.png": ["moss", "paint"]}


def exported(tmp_path, form: str, categories=None):
    """An annotated folder with a picture of rust and paint, and what it is in another format."""
    out, there = tmp_path / "out", tmp_path / "there"
    annotate(given(tmp_path / "a", "a.png", categories or table(rust=7, paint_=2)), out).well()
    crayon("export", out, "--to", form, "--out", there).well()
    return out, there


def renumber_instances(there):
    """As programs do that count categories from 1, in the order of their names."""
    file = there / "instances.json"
    content = json.loads(file.read_text())
    order = sorted(content["categories"], key=lambda it: it["name"])
    new = {category["id"]: number for number, category in enumerate(order, 1)}
    for category in order:
        category["id"] = new[category["id"]]
    for instance in content["annotations"]:
        instance["category_id"] = new[instance["category_id"]]
    file.write_text(json.dumps({**content, "categories": order}))


def reorder_classes(there, listing: str):
    """Gives the classes of data.yaml other numbers, and the labels too."""
    new = {"0": "5", "1": "0"}
    for file in there.rglob("*.txt"):
        lines = [line.split(" ", 1) for line in file.read_text().splitlines()]
        file.write_text("".join(f"{new[number]} {points}\n" for number, points in lines))
    (there / "data.yaml").write_text("path: .\ntrain: images\nval: images\n" + listing)


@pytest.mark.parametrize("form, change", [
    pytest.param("coco-instances", renumber_instances, id="instances, counted from 1 by name"),
    pytest.param("yolo-seg", lambda there: reorder_classes(there, "names: {5: rust, 0: paint}\n"),
                 id="classes, mapped"),
    pytest.param("yolo-seg", lambda there: reorder_classes(there, "names: [paint, b, c, d, e, rust]\n"),
                 id="classes, listed"),
])
def test_another_programs_numbers_come_back_by_name(tmp_path, form, change):
    out, there = exported(tmp_path, form)
    change(there)
    back = crayon("import", there, "--from", form, "--into", out).well()
    assert "0 maps changed, 1 as they were" in back.out, back.said
    assert listed(out) == {"a.png": ["rust", "paint"]}


def test_a_classes_number_beyond_the_table_is_refused(tmp_path):
    out, there = exported(tmp_path, "yolo-seg")
    reorder_classes(there, "names: [paint]\n")
    before = contents(out)
    crayon("import", there, "--from", "yolo-seg", "--into", out).refused(1, "there is no class 5 in data.yaml")
    assert contents(out) == before


def relabel(there, form: str, name: str, **more):
    """Names the first segment anew, as a person does in the other program."""
    if form == "labelme":
        file = there / "a.json"
        content = json.loads(file.read_text())
        content["shapes"][0].update(label=name)
    elif form == "masks":
        file = there / "masks.json"
        content = json.loads(file.read_text())
        content["images"][0]["masks"][0].update(category=name, **more)
    else:
        file = there / "instances.json"
        content = json.loads(file.read_text())
        first = content["annotations"][0]["category_id"]
        next(it for it in content["categories"] if it["id"] == first).update(name=name, **more)
    file.write_text(json.dumps(content))


# masks.json says a kind as true or false, instances.json as COCO does.
THING, STUFF = {"masks": True, "coco-instances": 1, "labelme": None}, {"masks": False, "coco-instances": 0}


@pytest.mark.parametrize("form", ["labelme", "masks", "coco-instances"])
def test_a_name_of_cocos_whose_id_is_taken_here(tmp_path, form):
    out, there = exported(tmp_path, form, table(rust=1, paint_=2))
    relabel(there, form, "person", isthing=THING[form])
    crayon("import", there, "--from", form, "--into", out).well()
    assert sorted(listed(out)["a.png"]) == ["paint", "person"]


def test_a_name_that_no_table_has_is_said(tmp_path):
    out, there = exported(tmp_path, "labelme")
    relabel(there, "labelme", "moss")
    crayon("import", there, "--from", "labelme", "--into", out).well("new categories, taken for things: moss")
    assert "moss" in listed(out)["a.png"]


@pytest.mark.parametrize("form", ["masks", "coco-instances"])
def test_the_kind_that_a_format_says_is_not_replaced_by_cocos(tmp_path, form):
    out, there = exported(tmp_path, form)
    relabel(there, form, "road", isthing=THING[form])
    crayon("import", there, "--from", form, "--into", out).well()
    categories = json.loads((out / "panoptic.json").read_text())["categories"]
    assert [it["isthing"] for it in categories if it["name"] == "road"] == [1]


@pytest.mark.parametrize("form", ["masks", "coco-instances"])
def test_a_kind_that_is_not_the_folders_is_refused(tmp_path, form):
    out, there = exported(tmp_path, form)
    relabel(there, form, "rust", isthing=STUFF[form])
    crayon("import", there, "--from", form, "--into", out).refused(
        1, "\"rust\" is a thing in one list of categories, and stuff in another")


def test_a_stages_file_has_the_names_of_the_map_that_was_given(tmp_path):
    truth = given(tmp_path / "a", "a.png", table(rust=1, paint_=3))
    crayon("inspect", truth.folder / "pictures/a.png", "--panoptic", truth.maps / "a.png", "--panoptic-json",
           truth.file, "--out", tmp_path / "out", "--no-cache").well("no word for", "rust")
    content = json.loads((tmp_path / "out/2-panoptic.json").read_text())
    assert content["categories"] == [{"id": 1, "name": "rust", "isthing": 1}, {"id": 3, "name": "paint", "isthing": 0}]


def test_questions_about_maps_speak_in_the_maps_own_names(tmp_path):
    truth = given(tmp_path / "a", "a.png", table(rust=1, gizmo=3))
    crayon("synth", "--maps", truth.file, "--maps-dir", truth.maps, "--out", tmp_path / "out").well()
    record = json.loads((tmp_path / "out/questions.jsonl").read_text())
    assert [segment["category"] for segment in record["segments"]] == ["rust", "gizmo"]
    assert {question.get("category") for question in record["questions"]} & {"rust", "gizmo"}
