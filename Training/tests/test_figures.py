import argparse
import json

import pytest

from pocket import figures

DATASET = {
    "images": [{"id": n, "file_name": f"00{n}.jpg"} for n in (7, 8, 9)],
    "annotations": [{"image_id": n, "file_name": f"00{n}.png"} for n in (7, 8, 9)], "categories": []}


def test_pictures_are_chosen_by_id_from_a_list_or_from_a_list_within_an_object(tmp_path):
    file = tmp_path / "ids.json"
    file.write_text("[9, 7]")
    found = figures.chosen(DATASET, str(file), None)
    assert [image["id"] for image in found["images"]] == [7, 9]
    assert [entry["image_id"] for entry in found["annotations"]] == [7, 9]
    assert [image["id"] for image in figures.chosen(DATASET, str(file), 1)["images"]] == [7]
    file.write_text('{"panoptic": [8]}')
    assert [image["id"] for image in figures.chosen(DATASET, f"{file}:panoptic", None)["images"]] == [8]
    file.write_text("[1]")
    with pytest.raises(SystemExit, match="no such pictures"):
        figures.chosen(DATASET, str(file), None)


def write(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_answers_are_read_beside_their_questions_and_make_a_report(tmp_path):
    box = [0, 0, 10, 10]
    questions = [
        {"family": "count", "question": "How many cups?", "value": "2", "category": "cup", "regions": []},
        {"family": "existence", "question": "Any cups?", "value": "yes", "category": "cup", "regions": []},
        {"family": "existence", "question": "Any dogs?", "value": "no", "category": "dog", "regions": []},
        {"family": "where", "question": "Where is the cup?", "category": "cup", "regions": [{"id": 1, "box": box}]},
        {"family": "where", "question": "Where is the bowl?", "category": "bowl", "regions": [{"id": 2, "box": box}]},
        {"family": "relation", "question": "Is it left?", "category": "cup", "regions": [{"id": 1, "box": box}]}]
    # As crayon eval writes them: words_right where the truth has places.
    said = [{"question": q["question"], "right": q["question"] in ("Any cups?", "Any dogs?", "Where is the cup?"),
             **({"words_right": True} if q["regions"] else {})} for q in questions]
    write(tmp_path / "questions.jsonl", [{"image": "pictures/007.jpg", "questions": questions}])
    write(tmp_path / "answers.jsonl", said)
    answers = figures.answered(tmp_path / "questions.jsonl", tmp_path / "answers.jsonl")
    assert answers[3].is_there and not answers[0].is_there and answers[0].picture == "007"
    found = figures.measures.answers_figures(answers, lambda picture, category: 1)
    assert (found["all"]["right"], found["all_with_places"]["right"], found["existence"]["balanced"]) == (5, 3, 1)
    assert (found["where"]["all"]["right"], found["where"]["there_words_alone"]["right"]) == (1, 2)
    assert found["families"]["relation"]["right"] == 0
    text = figures.report({"pictures": 1, "answers": found})
    assert "| counts exactly right | 1 | 0.0 | – | 0.0 |" in text
    assert "| existence, balanced | 2 | 100.0 | – | 50.0 |" in text
    write(tmp_path / "answers.jsonl", said[1:])
    with pytest.raises(SystemExit, match="not the answers"):
        figures.answered(tmp_path / "questions.jsonl", tmp_path / "answers.jsonl")


def test_a_folder_shows_crayon_the_chosen_pictures_alone(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/008.jpg").write_bytes(b"picture")
    (tmp_path / "panoptic.json").write_text(json.dumps(DATASET))
    (tmp_path / "ids.json").write_text("[8]")
    options = argparse.Namespace(
        out=tmp_path / "out", truth=tmp_path / "panoptic.json", truth_dir=tmp_path / "images", instances=None,
        images=tmp_path / "images", only=str(tmp_path / "ids.json"), limit=None)
    for _ in range(2):  # a second time as the first
        folder = figures.Folder(options)
        assert [path.name for path in (folder.path / "pictures").iterdir()] == ["008.jpg"]
        assert (folder.path / "pictures/008.jpg").read_bytes() == b"picture"
    assert len(json.loads((folder.path / "truth/panoptic.json").read_text())["annotations"]) == 1
