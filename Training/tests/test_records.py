import json

import pytest
import toy_layouts

from pocket import records


def test_what_is_for_evaluation_is_refused_in_training(tmp_path):
    toy_layouts.write(tmp_path, 2, 1_000_000)
    with pytest.raises(ValueError, match="record 1000000 is for evaluation only"):
        records.read(tmp_path)
    assert len(records.read(tmp_path, evaluation=True)) == 2


def test_wordings_that_are_kept_are_refused_in_training(tmp_path):
    toy_layouts.write(tmp_path, 1, 1)
    line = json.loads((tmp_path / "questions.jsonl").read_text())
    line["questions"][0]["held_out"] = True
    (tmp_path / "questions.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(ValueError, match="wording that is kept"):
        records.read(tmp_path)


def test_an_answer_names_as_many_places_as_it_has_regions(tmp_path):
    toy_layouts.write(tmp_path, 1, 1)
    line = json.loads((tmp_path / "questions.jsonl").read_text())
    line["questions"][0]["answer"] = "It is at <at>."
    (tmp_path / "questions.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(ValueError, match="does not name 0 regions"):
        records.read(tmp_path)
