import json

import numpy
import toy_layouts

from pocket import expressions, records


def test_runs_go_down_the_columns_and_begin_outside():
    mask = numpy.array([[False, True], [True, True], [True, False]])
    assert expressions.runs(mask) == [1, 4, 1]
    assert expressions.runs(~mask) == [0, 1, 4, 1]


def test_an_answer_with_one_place_is_an_expression(tmp_path):
    toy_layouts.write(tmp_path, 1, 1)
    line = json.loads((tmp_path / "questions.jsonl").read_text())
    segment = line["segments"][0]
    region = {"id": segment["id"], "box": segment["box"]}
    where = {"family": "where", "question": "Where?", "regions": [region], "answer": "The red cup is at <at>."}
    line["image"] = "images/1.png"
    line["questions"] = [
        where, {**where, "regions": 2 * [region], "answer": "The cups are at <at> and <at>."},
        {**where, "family": "list"}]
    (tmp_path / "questions.jsonl").write_text(json.dumps(line) + "\n")
    [entry] = expressions.expressions(tmp_path)
    assert (entry["expression"], entry["bbox"]) == ("the red cup", segment["box"])
    assert entry["img_path"] == "images/1.png"
    mask = numpy.repeat([i % 2 == 1 for i in range(len(entry["mask"]["counts"]))], entry["mask"]["counts"])
    [record] = records.read(tmp_path)
    assert (mask.reshape(entry["width"], entry["height"]).T == (record.read_map() == segment["id"])).all()
