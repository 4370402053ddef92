"""Needs the language base: POCKET_BASE names its GGUF file."""

import os
import pathlib

import numpy
import pytest
import toy_layouts

from pocket import base, crayon, records
from pocket.batches import Look, _place, pack, sample, told

pytestmark = pytest.mark.skipif("POCKET_BASE" not in os.environ, reason="POCKET_BASE does not name the GGUF file")


@pytest.fixture(scope="module")
def words():
    return base.Words(pathlib.Path(os.environ["POCKET_BASE"]))


@pytest.fixture
def record(tmp_path):
    toy_layouts.write(tmp_path, 1, 1)
    return records.read(tmp_path)[0]


def test_a_packed_question_is_the_prompt_as_one_text(words, record):
    question = next(q for q in record.questions if q.family == "count")
    for listed in (False, True):
        batch = pack([sample(words, record, [question], listed)])
        tokens = batch.tokens.tolist()
        cells = tokens.index(words.slot)
        text = words.decode(tokens[:cells]) + "…" + words.decode(tokens[cells + 256:])
        listing = crayon.listing(record.segments) + " " if listed else ""
        assert text == (f"<|im_start|>user\n…\n{listing}{question.text}<|im_end|>\n<|im_start|>assistant\n"
                        f"{question.answer}")
        # What is learned is the answer and its end.
        learned = words.decode(batch.targets.tolist())
        assert learned == question.answer + "<|im_end|>"
        assert [tokens[row + 1] for row in batch.target_rows.tolist()[:-1]] == batch.targets.tolist()[:-1]


def test_a_location_follows_its_trigger(words, record):
    question = next(q for q in record.questions if q.family == "where")
    batch = pack([sample(words, record, [question], False)])
    triggers, slots = batch.trigger_rows.tolist(), batch.slot_rows.tolist()
    assert [batch.tokens[row] for row in triggers] == [words.trigger] * len(question.boxes)
    assert slots == [row + 1 for row in triggers]
    assert not set(batch.target_rows.tolist()) & set(triggers)  # what follows a trigger is forced


def test_a_trigger_means_a_segment_of_its_own_map(words, record, tmp_path):
    question = next(q for q in record.questions if q.family == "where" and q.boxes)
    one = sample(words, record, [question], True)
    batch = pack([one, sample(words, record, [question], True, thinned=numpy.random.default_rng(1))])
    count, asked = len(record.segments), len(question.boxes)
    ids = sorted(s["id"] for s in record.segments)
    places = [ids.index(region) for region in question.region_ids]
    assert batch.trigger_segments.tolist() == places + [count + place for place in places]
    assert batch.trigger_maps.tolist() == [[0, count]] * asked + [[count, 2 * count]] * asked
    assert batch.segment_boxes[batch.trigger_segments].allclose(batch.trigger_boxes)
    # Boxes are decoded from the states only where all cells are there.
    assert batch.trigger_whole.tolist() == [True] * asked + [False] * asked


def test_a_box_of_a_decided_map_is_of_the_segment_that_fits_best():
    segments = [{"id": 4, "box": [50, 0, 100, 100]}, {"id": 2, "box": [0, 0, 48, 100]}]
    assert _place((0, 0, 0.5, 1), 9, segments, (100, 100)) == 0
    assert _place((0, 0, 0.5, 1), 4, segments, (100, 100)) == 0
    assert _place((0.5, 0, 1, 1), 4, segments, (100, 100)) == 1
    assert _place((0, 0, 1, 0.1), 4, segments, (100, 100)) == -1


def test_cells_that_are_left_out_leave_the_others_where_they_are(words, record):
    whole = pack([sample(words, record, record.questions[:3], True)])
    some = pack([sample(words, record, record.questions[:3], True, thinned=numpy.random.default_rng(1))])
    assert len(some.image_rows) < 200
    assert some.packing.positions[some.image_rows].tolist() == (some.cells + len(words.head)).tolist()
    behind = len(whole.tokens) - whole.image_rows[-1] - 1
    assert whole.packing.positions[-behind:].tolist() == some.packing.positions[-behind:].tolist()


def test_the_listing_shows_segments_behind_their_names(words, record):
    looks = [Look(numpy.array([place]), None) for place in range(len(record.segments))]
    prefix, objects = told(words, [], record.segments, looks)
    names = crayon.listing(record.segments).split(")")
    assert words.decode(prefix) == "\n" + f"{base.SLOT_NAME})".join(names)
    assert [look for _, look in objects] == looks
    assert all(prefix[place] == words.slot for place, _ in objects)
    prefix, objects = told(words, [], record.segments, [])
    assert words.decode(prefix) == "\n" + crayon.listing(record.segments) and not objects


def test_a_segment_without_a_cell_stands_where_most_of_it_is(record):
    panoptic = record.read_map()
    owner = crayon.winners(panoptic)
    won = record.segments[0]["id"]
    assert (crayon.cells_of(won, owner, panoptic) == numpy.flatnonzero(owner == won)).all()
    side = len(panoptic) // crayon.GRID
    panoptic[2 * side - 2:2 * side + 1, 5 * side:5 * side + 2] = 99  # four pixels in row 1, two in row 2
    owner[owner == 99] = 0
    assert crayon.cells_of(99, owner, panoptic).tolist() == [crayon.GRID + 5]


def test_a_region_knows_the_segment_that_fills_it(words, record):
    question = next(q for q in record.questions if q.family == "region")
    batch = pack([sample(words, record, [question], False)])
    assert batch.asked_rows.tolist() == [batch.slot_rows.tolist()[0] + 1]
    cells = batch.asked_cells[0].nonzero()[:, 0]
    assert len(set(batch.semantic[0][cells].tolist())) == 1
    category = next(s["category"] for s in record.segments
                    if crayon.categories.INDEX[s["category"]] + 1 == int(batch.semantic[0][cells[0]]))
    assert crayon.categories.spoken(category) in question.answer.lower()
