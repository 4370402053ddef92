import pytest

from pocket.decided import Comparison, numbered
from pocket.records import Question

CUPS = [
    {"id": 1, "category": "cup", "number": 1, "box": [10, 10, 50, 50]},
    {"id": 2, "category": "cup", "number": 2, "box": [80, 10, 120, 50]},
    {"id": 3, "category": "sky-other-merged", "number": 1, "box": [0, 0, 256, 256]}]


def question(family: str, input_boxes=()) -> Question:
    return Question(family, 1, False, "?", "!", None, (), (), input_boxes)


def compared(decided: list[dict]) -> Comparison:
    return Comparison(CUPS, decided, (256, 256))


def test_segments_are_numbered_within_their_category():
    entry = {"segments_info": [
        {"id": 9, "category_id": 47, "bbox": [3, 4, 10, 20]}, {"id": 2, "category_id": 47, "bbox": [0, 0, 1, 1]},
        {"id": 5, "category_id": 187, "bbox": [0, 0, 9, 9]}]}
    assert numbered(entry, {47: "cup", 187: "sky-other-merged"}) == [
        {"id": 2, "category": "cup", "number": 1, "box": [0, 0, 1, 1]},
        {"id": 5, "category": "sky-other-merged", "number": 1, "box": [0, 0, 9, 9]},
        {"id": 9, "category": "cup", "number": 2, "box": [3, 4, 13, 24]}]


@pytest.mark.parametrize("family", [
    "count", "stuff-count", "existence", "colour", "colours", "is-colour", "coloured-count", "coloured-existence", "coloured-where",
    "where", "compare", "relation", "list", "describe", "nothing", "unknown", "unrelated"])
def test_on_the_true_map_all_is_kept(family):
    assert compared(CUPS).keeps(question(family), "cup")


def test_what_the_map_lacks_is_not_asked_of_it():
    missing = compared(CUPS[2:])
    for family in ("count", "existence", "colour", "where", "compare", "relation", "list", "describe"):
        assert not missing.keeps(question(family), "cup"), family
    assert missing.keeps(question("unknown"), None)
    assert missing.keeps(question("count"), "dog")


def test_some_of_a_kind_are_enough_for_there_to_be_one():
    fewer = compared(CUPS[1:])
    assert fewer.keeps(question("existence"), "cup") and not fewer.keeps(question("count"), "cup")
    assert fewer.keeps(question("stuff-count"), "sky-other-merged")
    assert not compared(CUPS[:2]).keeps(question("stuff-count"), "sky-other-merged")


def test_one_in_the_wrong_place_is_counted_and_not_pointed_at():
    moved = compared([CUPS[0], CUPS[1] | {"box": [100, 40, 140, 80]}, CUPS[2]])
    assert moved.keeps(question("count"), "cup") and moved.keeps(question("compare"), "cup")
    for family in ("colour", "colours", "coloured-where", "where", "relation", "describe"):
        assert not moved.keeps(question(family), "cup"), family


def test_a_region_is_asked_of_where_its_kind_is_what_fits_best():
    asked = question("region", ((10 / 256, 10 / 256, 50 / 256, 50 / 256),))
    assert compared(CUPS).keeps(asked, "cup")
    assert not compared(CUPS[1:]).keeps(asked, "cup")


def test_a_family_that_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="riddle"):
        compared(CUPS).keeps(question("riddle"), None)
