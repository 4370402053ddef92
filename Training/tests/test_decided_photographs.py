import json

import pytest

from pocket.decided_photographs import Comparison, Truth, ids_without, is_among, read_truths

PANOPTIC = {
    "images": [{"id": 9, "file_name": "000000000009.jpg"}],
    "categories": [{"id": 47, "name": "cup"}, {"id": 1, "name": "person"}, {"id": 187, "name": "sky-other-merged"}],
    "annotations": [{"image_id": 9, "file_name": "000000000009.png", "segments_info": [
        {"id": 1, "category_id": 47, "bbox": [10, 10, 40, 40], "iscrowd": 0},
        {"id": 2, "category_id": 1, "bbox": [0, 60, 200, 40], "iscrowd": 1},
        {"id": 3, "category_id": 187, "bbox": [0, 0, 200, 100], "iscrowd": 0}]}]}
INSTANCES = PANOPTIC | {"annotations": [
    {"image_id": 9, "category_id": 47, "bbox": [10, 10, 40, 40], "iscrowd": 0}]}

CUP = {"id": 4, "category": "cup", "number": 1, "box": [12, 8, 50, 50]}
SKY = {"id": 5, "category": "sky-other-merged", "number": 1, "box": [0, 0, 200, 90]}
FAMILIES = ("existence", "count", "compare", "where", "relation", "list", "describe", "group", "on-top")
OF_ONE_KIND = {"existence", "count", "where", "relation"}


def without_crowds() -> dict:
    annotation = PANOPTIC["annotations"][0]
    infos = [info for info in annotation["segments_info"] if not info["iscrowd"]]
    return PANOPTIC | {"annotations": [annotation | {"segments_info": infos}]}


def truth(tmp_path, dataset: dict) -> Truth:
    (tmp_path / "truth.json").write_text(json.dumps(dataset))
    return read_truths(tmp_path / "truth.json")["000000000009"]


def question(family: str, category: str = "cup", box=(12, 8, 50, 50)) -> dict:
    return {"family": family, "category": category, "regions": [{"id": 4}, {"id": 5}], "input_regions": [list(box)]}


def kept(truth: Truth, segments: list[dict], category: str = "cup") -> set[str]:
    compared = Comparison(truth, segments, (100, 200))
    return {family for family in FAMILIES if compared.keeps(question(family, category))}


def test_a_map_that_is_right_is_asked_everything(tmp_path):
    assert kept(truth(tmp_path, without_crowds()), [CUP, SKY]) == set(FAMILIES)


def test_a_crowd_that_the_map_lacks_leaves_questions_of_other_kinds(tmp_path):
    assert kept(truth(tmp_path, PANOPTIC), [CUP, SKY]) == OF_ONE_KIND


def test_a_cup_in_the_wrong_place_is_counted_and_not_pointed_at(tmp_path):
    moved = CUP | {"box": [100, 50, 140, 90]}
    assert kept(truth(tmp_path, without_crowds()), [moved, SKY]) == {"existence", "count", "compare", "list", "group"}


def test_a_cup_that_is_two_is_there(tmp_path):
    doubled = [CUP, CUP | {"id": 6, "number": 2, "box": [12, 8, 30, 30]}, SKY]
    assert kept(truth(tmp_path, PANOPTIC), doubled) == {"existence", "relation"}


def test_crowds_are_there_and_have_no_number(tmp_path):
    people = [CUP, SKY, {"id": 7, "category": "person", "number": 1, "box": [0, 60, 200, 100]}]
    assert kept(truth(tmp_path, PANOPTIC), people, "person") == {"existence", "relation"}


def test_instances_tell_nothing_of_stuff(tmp_path):
    known = truth(tmp_path, INSTANCES)
    assert kept(known, [CUP, SKY]) == set(FAMILIES)
    assert Comparison(known, [CUP, SKY], (100, 200)).keeps(question("stuff-count", "grass-merged"))
    assert not Comparison(truth(tmp_path, PANOPTIC), [CUP], (100, 200)).keeps(question("stuff-count", "sky-other-merged"))


def test_a_region_is_asked_of_where_its_kind_truly_is(tmp_path):
    compared = Comparison(truth(tmp_path, PANOPTIC), [CUP, SKY], (100, 200))
    assert compared.keeps(question("region"))
    assert not compared.keeps(question("region", "cup", (0, 0, 200, 90)))


def test_a_family_that_is_not_known_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="riddle"):
        Comparison(truth(tmp_path, PANOPTIC), [CUP], (100, 200)).keeps(question("riddle"))


def test_photographs_that_are_held_back_are_told_by_their_ids(tmp_path):
    (tmp_path / "held.json").write_text('{"panoptic": [9, 36], "things": [7]}')
    ids = ids_without(f"{tmp_path}/held.json:panoptic")
    assert ids == {9, 36}
    assert is_among("000000000009", ids) and not is_among("000000000007", ids) and not is_among("photo-9", ids)
