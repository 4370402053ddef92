import numpy
import pytest

from pocket import measures
from pocket.measures import Answered, Segment


def area(*columns, width=10):
    """A row of a mask: these columns."""
    mask = numpy.zeros((1, width), bool)
    mask[0, list(columns)] = True
    return mask


def cup(*columns, **more):
    return Segment("cup", True, area(*columns), **more)


NOTHING = area()


def test_right_is_an_overlap_above_one_half_with_the_same_category():
    assert measures.judged([cup(0, 1, 2)], [cup(0, 1, 2, 3)], NOTHING) == [True]  # 3/4
    assert measures.judged([cup(0, 1)], [cup(0, 1, 2, 3)], NOTHING) == [False]  # 1/2 is not above
    assert measures.judged([cup(0, 1)], [Segment("bowl", True, area(0, 1))], NOTHING) == [False]


def test_void_does_not_count_in_the_union_and_excuses_what_lies_mostly_on_it():
    truth = [cup(0, 1, 2, 3)]
    assert measures.judged([cup(0, 1, 2, 4, 5, 6)], truth, NOTHING) == [False]  # 3/7
    assert measures.judged([cup(0, 1, 2, 4, 5, 6)], truth, area(4, 5, 6)) == [True]  # 3/4
    assert measures.judged([cup(4, 5, 6)], truth, area(4, 5)) == [None]
    assert measures.judged([cup(4, 5)], truth, area(4)) == [False]  # half is not most of it


def test_a_crowd_excuses_its_own_category_and_is_never_found():
    crowd = cup(0, 1, 2, is_crowd=True)
    assert measures.judged([cup(0, 1, 2)], [crowd], NOTHING) == [None]
    assert measures.judged([Segment("bowl", True, area(0, 1, 2))], [crowd], NOTHING) == [False]


def test_where_true_masks_overlap_each_is_found_once_and_the_best_first():
    truths = [cup(0, 1, 2, 3), cup(0, 1, 2, 3, 4)]
    assert measures.judged([cup(0, 1, 2), cup(0, 1, 2, 3, 4)], truths, NOTHING) == [True, True]
    assert measures.judged([cup(0, 1, 2, 3), cup(0, 1, 2)], truths[:1], NOTHING) == [True, False]


def test_reliability_by_score_and_its_error():
    found = measures.reliability([(0.82, True), (0.88, False), (0.1, False), (1.0, True), (None, True), (0.5, None)])
    bins = {row["from"]: (row["segments"], row["right"]) for row in found["bins"] if row["segments"]}
    assert bins == {0.8: (2, 1), 0.1: (1, 0), 0.9: (1, 1)}
    # |1 − 1.7|, |0 − 0.1| and |1 − 1|, over four.
    assert found["calibration_error"] == pytest.approx(0.2)
    assert (found["segments"], found["without_score"], found["neither_right_nor_wrong"]) == (4, 1, 1)
    assert measures.reliability([(None, True)])["calibration_error"] is None


@pytest.mark.parametrize("kind", ["bbox", "segm"])
def test_average_precision_of_what_is_right_is_one(kind):
    mask = numpy.zeros((50, 50), bool)
    mask[5:25, 5:25] = True
    categories = {"cup": 47}
    truth = measures.instances([Segment("cup", True, mask), Segment("wall", False, ~mask)], 1, categories)
    assert [entry["area"] for entry in truth] == [400] and truth[0]["bbox"] == [5, 5, 20, 20]
    guess = measures.instances([Segment("cup", True, mask, score=0.9)], 1, categories)
    given = [{"id": 1, "width": 50, "height": 50}], [{"id": 47, "name": "cup"}], truth
    found = measures.average_precision(*given, guess, kind)
    assert [found[name] for name in ("AP", "AP50", "APs")] == pytest.approx([1, 1, 1])
    assert found["APm"] is None and found["APl"] is None
    assert measures.average_precision(*given, [], kind)["AP"] == 0


def test_where_wants_words_and_every_place():
    def asked(right, placed, is_there=True):
        return Answered("1", "where", right, placed, is_there=is_there)

    found = measures.where([asked(True, True), asked(True, False), asked(False, False), asked(True, True, is_there=False)])
    assert (found["all"]["right"], found["words_alone"]["right"]) == (2, 3)
    assert (found["there"]["right"], found["there_words_alone"]["right"], found["there"]["asked"]) == (1, 2, 3)
    assert found["not_there"]["share"] == 1


def test_existence_is_balanced_over_yes_and_no():
    answers = [Answered("1", "existence", True, True, "no")] * 8 + [Answered("1", "existence", False, False, "yes")] * 2
    found = measures.existence(answers)
    assert (found["all"]["share"], found["balanced"]) == (0.8, 0.5)
    assert measures.existence(answers[:8])["balanced"] is None


def test_counts_beside_always_one_and_beside_the_map():
    def asked(number, right, category):
        return Answered("7", "count", right, right, str(number), category)

    on_map = {"cup": 1, "bowl": 2, "chair": 4}
    found = measures.counts(
        [asked(1, True, "cup"), asked(2, False, "bowl"), asked(6, False, "chair"), asked(0, True, "dog"),
         asked(3, True, "chair")], lambda picture, category: on_map.get(category, 0) if picture == "7" else -1)
    assert (found["all"]["share"], found["all"]["always_1"], found["all"]["map"]) == (0.6, 0.2, 0.6)
    assert (found["there"]["asked"], found["2_to_5"]["asked"], found["2_to_5"]["right"]) == (4, 2, 1)
    assert {n: group["asked"] for n, group in found["by_number"].items()} == {
        "0": 1, "1": 1, "2": 1, "3": 1, "4": 0, "5+": 1}
    assert [found[key] for key in ("both_right", "words_wrong", "map_wrong", "right_by_chance")] == [2, 1, 1, 1]
