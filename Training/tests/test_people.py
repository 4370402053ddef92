"""A person's questions, as the product reads them, and what counts as right."""

import json

from pocket import people


def test_an_answer_is_right_if_one_of_the_patterns_is_in_it():
    assert people.is_right("Yes: 2 dogs.", ["^no", "^yes"])
    assert people.is_right("There are 3 cups.", [r"\b3\b"])
    assert not people.is_right("There are 13 cups.", [r"\b3\b"])


def test_questions_stand_with_their_photographs(tmp_path):
    images = [{"id": 7, "file_name": "COCO_7.jpg", "width": 4, "height": 3}, {"id": 9, "file_name": "9.jpg", "width": 2, "height": 2}]
    photographs = tmp_path / "coco"
    (photographs / "images").mkdir(parents=True)
    (photographs / "panoptic.json").write_text(json.dumps({"images": images}))
    asked = [{"image_id": 9, "question": "who?", "right": ["x"]}, {"image_id": 7, "question": "what?", "right": ["x"]},
             {"image_id": 9, "question": "where?", "right": ["x"]}]
    out = tmp_path / "out"
    out.mkdir()
    lines = [json.loads(line) for line in people.records(asked, photographs, out).read_text().splitlines()]
    assert [(line["image"], line["map"], [question["question"] for question in line["questions"]]) for line in lines] == [
        ("images/COCO_7.jpg", "COCO_7.png", ["what?"]), ("images/9.jpg", "9.png", ["who?", "where?"])]
