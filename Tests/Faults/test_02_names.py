"""A picture is known by its path, its bytes, or the id that a dataset gives it, and never by a part of its name."""
import json
import shutil

import numpy as np
import pytest

from faults import COCO, Truth, compare, contents, crayon, listed, picture, read_ids, write_ids

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


def dataset(folder, names, at=None) -> Truth:
    """Pictures below `folder/pictures`, and a map for each in which one segment is as wide as no other's."""
    truth = Truth(folder)
    for number, name in enumerate(names, 1):
        picture(folder / "pictures" / (at or {}).get(name, name), seed=number)
        annotation = truth.add(name, [("floor-wood", (0, 0, 96, 64)), ("cup", (0, 0, 8 * number, 64))], number=number)
        (truth.maps / annotation["file_name"]).rename(truth.maps / f"map-{number}.png")
        annotation["file_name"] = f"map-{number}.png"
    return truth.write()


def annotate(truth: Truth, out, *more, pictures=None):
    return crayon("annotate", pictures or truth.folder / "pictures", "--panoptic", truth.maps, "--panoptic-json",
                  truth.file, "--out", out, *more)


def widths(out) -> dict[str, int]:
    """How wide the segment 2 of each listed picture is in its map."""
    content = json.loads((out / "panoptic.json").read_text())
    names = {image["id"]: image["file_name"] for image in content["images"]}
    maps = {names[it["image_id"]]: read_ids(out / "panoptic" / it["file_name"]) for it in content["annotations"]}
    assert len(maps) == len(content["images"]), content
    return {name: int((ids == 2).sum() // ids.shape[0]) for name, ids in maps.items()}


@pytest.mark.parametrize("name", [
    "two  words .png", "50%.png", "a#b.png", "what?.png", "x.tar.gz.png", "-out.png", "it's \"x\".png",
    "back\\slash.png", "new\nline.png", "{x}[1]*.png", "照片🍵.png", f"{DECOMPOSED}.png", "x..png", "~x.png",
    f"{'n' * 240}.png",
])
def test_an_odd_name_is_the_name_of_the_results(tmp_path, name):
    truth, out = dataset(tmp_path, [name]), tmp_path / "out"
    annotate(truth, out, "--overlay").well()
    assert list(json.loads((out / "panoptic.json").read_text())["images"][0]["file_name"]) == list(name)
    assert [path.name for path in (out / "panoptic").iterdir()] == [name.rsplit(".", 1)[0] + ".png"]
    assert len(list((out / "overlay").iterdir())) == 1
    again = annotate(truth, out, "--json").well()
    assert (again.json["kept"], again.json["annotated"]) == (1, 0)


@pytest.mark.parametrize("names", [
    pytest.param(["x.png", "x.jpg", "x.webp"], id="three endings"),
    pytest.param(["x.png", "x.PNG", "X.png"], id="capitals"),
    pytest.param(["x.png", "x.png.png"], id="two endings on one"),
    pytest.param(["a b.png", "a%20b.png", "a+b.png"], id="a space, and what an address has for it"),
    pytest.param(["1.png", "01.png", "1.0.png", "11.png"], id="numbers"),
    pytest.param(["a/x.png", "b/x.png", "a-x.png", "x.png"], id="folders"),
    pytest.param(["a/b/x.png", "b/x.jpg", "b/x.png"], id="folders and endings"),
])
def test_names_that_share_a_part_are_several_pictures(tmp_path, names):
    truth, out = dataset(tmp_path, names), tmp_path / "out"
    annotate(truth, out, "--recursive").well()
    assert len(list((out / "panoptic").rglob("*.png"))) == len(names)
    assert sorted(widths(out).values()) == [8 * number for number in range(1, len(names) + 1)]


def test_an_accent_written_in_two_ways_is_two_pictures(tmp_path):
    """Such pairs come of copies between a Mac and other machines."""
    for seed, name in enumerate([COMPOSED, DECOMPOSED]):
        picture(tmp_path / f"pictures/{name}.png", seed=seed)
    ended = crayon("annotate", tmp_path / "pictures", "--pipeline", "untrained", "--out", tmp_path / "out", "--json")
    assert ended.json["annotated"] + ended.json["failed"] == 2, ended.said
    assert len(list((tmp_path / "out/panoptic").iterdir())) == ended.json["annotated"]


def test_three_folders_after_each_other_have_three_maps_each_time(tmp_path):
    truths = [dataset(tmp_path / folder, ["x.png", "y.png"]) for folder in "abc"]
    for number, truth in enumerate(truths):
        for map_ in truth.maps.iterdir():
            ids = read_ids(map_)
            write_ids(map_, np.where(np.arange(96) < 20 + number, 2, 1)[None].repeat(len(ids), 0))
        for annotation in truth.annotations:
            for segment in annotation["segments_info"]:
                del segment["area"]
        annotate(truth.write(), tmp_path / "out").well()
    for truth in truths:
        again = annotate(truth, tmp_path / "out", "--json").well()
        assert (again.json["kept"], again.json["listed"]) == (2, 6)
    folders = ["a/pictures/", "b/pictures/", ""]
    assert widths(tmp_path / "out") == {
        f"{folder}{name}.png": 20 + number for number, folder in enumerate(folders) for name in "xy"}


def test_a_picture_that_was_moved_keeps_its_edited_map_and_its_successor_does_not_get_it(tmp_path):
    truth, out = dataset(tmp_path, ["x.png"]), tmp_path / "out"
    annotate(truth, out).well()
    edited = np.where(np.arange(96) < 50, 2, 1)[None].repeat(64, 0)
    write_ids(out / "panoptic/x.png", edited)
    old, new = tmp_path / "pictures", tmp_path / "moved"
    shutil.move(old, new)
    annotate(truth, out, pictures=new).well("x.png: its map has been edited")
    assert widths(out) == {"x.png": 50}
    picture(old / "x.png", seed=9)
    annotate(truth, out).well()
    assert widths(out) == {"moved/x.png": 50, "pictures/x.png": 8}


def test_equal_bytes_in_two_places_are_two_pictures(tmp_path):
    truth, out = dataset(tmp_path, ["a/x.png", "b/x.png"]), tmp_path / "out"
    shutil.copy(tmp_path / "pictures/a/x.png", tmp_path / "pictures/b/x.png")
    annotate(truth, out, "--recursive").well()
    assert sorted(widths(out).values()) == [8, 16]


@pytest.mark.parametrize("name, there, sentence", [
    pytest.param("b/x.png", "a/x.png", "no annotation for the picture a/x.png", id="another folder's"),
    pytest.param("x.png", "sub/x.png", "no annotation for the picture sub/x.png", id="none of that folder"),
    pytest.param("x.jpg", "x.png", "no annotation for the picture x.png", id="another ending"),
    pytest.param("11.png", "1.png", "no annotation for the picture 1.png", id="the end of the name"),
    pytest.param("X.png", "x.png", "no annotation for the picture x.png", id="a capital"),
])
def test_a_map_of_a_similar_name_is_not_taken(tmp_path, name, there, sentence):
    truth, out = dataset(tmp_path, [name], at={name: there}), tmp_path / "out"
    annotate(truth, out, "--recursive").refused(1, sentence)
    assert listed(out) == {} and there in (out / "failures.jsonl").read_text()


@pytest.mark.parametrize("name, there", [
    pytest.param("./x.png", "x.png", id="a dot before"),
    pytest.param("sub/x.png", "sub/x.png", id="its folder"),
    pytest.param(f"{COMPOSED}.png", f"{DECOMPOSED}.png", id="the accent written the other way"),
])
def test_a_map_of_the_same_name_is_taken(tmp_path, name, there):
    truth = dataset(tmp_path, [name], at={name: there})
    annotate(truth, tmp_path / "out", "--recursive").well()
    assert list(widths(tmp_path / "out").values()) == [8]


def test_one_map_is_not_given_to_two_pictures(tmp_path):
    truth = dataset(tmp_path, ["x.png", "y.png"])
    ended = crayon("annotate", tmp_path / "pictures", "--panoptic", truth.maps / "map-1.png", "--panoptic-json",
                   truth.file, "--out", tmp_path / "out")
    ended.refused(1, "would be that of x.png and of y.png; a map is one picture's")
    assert listed(tmp_path / "out") == {}


def test_maps_in_a_folder_that_two_pictures_could_have(tmp_path):
    """x.png's map may be x.png or x.png.png; x.jpg's may be x.png too."""
    for name in ["x.png", "x.jpg"]:
        picture(tmp_path / "pictures" / name)
    table = [{"id": 1, "name": "cup", "isthing": 1}]
    for name in ["x", "x.jpg"]:
        (tmp_path / "maps").mkdir(exist_ok=True)
        write_ids(tmp_path / f"maps/{name}.png", np.ones((64, 96), np.int64))
        (tmp_path / f"maps/{name}.json").write_text(json.dumps(
            {"segments_info": [{"id": 1, "category_id": 1}], "categories": table}))
    arguments = ["annotate", tmp_path / "pictures", "--panoptic", tmp_path / "maps", "--out", tmp_path / "out"]
    crayon(*arguments).well()
    assert listed(tmp_path / "out") == {"x.jpg": ["cup"], "x.png": ["cup"]}
    (tmp_path / "maps/x.jpg.png").unlink()
    crayon(*arguments, "--overwrite").refused(1, "would be that of x.jpg and of x.png")


def test_two_entries_of_one_name_are_refused(tmp_path):
    truth = dataset(tmp_path, ["x.png", "y.png"])
    truth.images[1]["file_name"] = "x.png"
    annotate(truth.write(), tmp_path / "out").refused(1, "has several annotations for x.png")


@pytest.mark.parametrize("names", [
    pytest.param(["a.png", "b.png"], id="names"),
    pytest.param(["a.jpg", "a.png"], id="names that differ in their ending"),
    pytest.param(["1/0001.png", "2/0001.png"], id="frames of two videos, with their folders"),
    pytest.param(["0001.png", "0001.png"], id="frames of two videos, without"),
])
def test_equal_ids_are_equal_pictures_whatever_their_names(tmp_path, names):
    plain = [f"{number}.png" for number, _ in enumerate(names)]
    truth, predicted = dataset(tmp_path / "t", plain), dataset(tmp_path / "p", plain)
    for side in truth, predicted:
        for image, name in zip(side.images, names):
            image["file_name"] = name
        side.write()
    assert compare(truth, predicted).well().json["all"]["pq"] == 1


def change(key: str, convert):
    def apply(truth: Truth):
        for image in truth.images:
            image[key] = convert(image[key])
        for annotation in truth.annotations if key == "id" else []:
            annotation["image_id"] = convert(annotation["image_id"])
    return apply


@pytest.mark.parametrize("changed, status, sentence", [
    pytest.param(change("id", float), 0, "", id="ids with a decimal point"),
    pytest.param(change("file_name", lambda name: "leftImg8bit_" + name), 0, "", id="other names, the same ids"),
    pytest.param(change("id", lambda number: 3 - number), 0, "put together by their names (file_name)",
                 id="ids that are those of others"),
    pytest.param(change("id", str), 0, "put together by their names (file_name)", id="ids as text"),
    pytest.param(change("id", lambda number: number + 1), 0, "put together by their names (file_name)",
                 id="ids that count on from another number"),
])
def test_predictions_find_their_pictures(tmp_path, changed, status, sentence):
    truth, predicted = (dataset(tmp_path / side, ["a.png", "b.png"]) for side in "tp")
    changed(predicted)
    ended = compare(truth, predicted.write())
    assert ended.status == status, ended.said
    assert ended.saying(sentence).json["all"]["pq"] == 1


def test_predictions_of_other_pictures_are_refused(tmp_path):
    truth, predicted = dataset(tmp_path / "t", ["a.png", "b.png"]), dataset(tmp_path / "p", ["c.png", "a.png"])
    assert compare(truth, predicted).refused(1, "image 2 is b in the ground truth and a in the predictions").out == ""


def exported(tmp_path, names, form):
    truth, out, there = dataset(tmp_path, names), tmp_path / "out", tmp_path / "there"
    annotate(truth, out, "--recursive").well()
    crayon("export", out, "--to", form, "--out", there).well()
    return out, there


@pytest.mark.parametrize("form", ["coco-instances", "yolo-seg", "labelme", "cvat", "masks"])
def test_every_format_tells_pictures_apart(tmp_path, form):
    names = ["x.png", "x.jpg", "a/x.png", "b/x.png", f"{COMPOSED} 1%.png", "new\nline.png", "a&b<c>.png"]
    out, there = exported(tmp_path, names, form)
    before = widths(out)
    back = crayon("import", there, "--from", form, "--into", out).well()
    assert f"0 maps changed, {len(names)} as they were" in back.out, back.said
    assert widths(out) == before


def test_a_file_whose_own_path_leads_to_another_picture_is_not_taken(tmp_path):
    """Two files of one name in two folders that were put in each other's place."""
    out, there = exported(tmp_path, ["a/x.png", "b/x.png"], "labelme")
    a, b = there / "a/x.json", there / "b/x.json"
    before, text = widths(out), a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(text)
    crayon("import", there, "--from", "labelme", "--into", out).refused(1, "which is another picture")
    assert widths(out) == before


@pytest.mark.parametrize("name, sentence", [
    pytest.param("x", "several pictures that x can be", id="a name without its ending, which two have"),
    pytest.param("c/x.png", "has no picture c/x.png", id="another folder's"),
    pytest.param("1.png", "has no picture 1.png", id="the end of a name"),
    pytest.param("x.jpeg", "has no picture x.jpeg", id="another ending"),
])
def test_what_another_program_calls_a_picture_must_be_its_name(tmp_path, name, sentence):
    out, there = exported(tmp_path, ["a/x.png", "a/x.jpg", "11.png"], "cvat")
    file = there / "annotations.xml"
    text = file.read_text()
    file.write_text(text.replace("name=\"11.png\"", f"name=\"{name}\"", 1))
    before = contents(out / "panoptic")
    crayon("import", there, "--from", "cvat", "--into", out).refused(1, sentence)
    assert contents(out / "panoptic") == before


def test_a_picture_that_a_file_lists_twice_is_read_once_and_said(tmp_path):
    out, there = exported(tmp_path, ["x.png"], "cvat")
    file = there / "annotations.xml"
    head, rest = file.read_text().split("  <image", 1)
    entry, end = rest.split("</image>\n", 1)
    file.write_text(f"{head}  <image{entry}</image>\n  <image{entry}</image>\n{end}")
    crayon("import", there, "--from", "cvat", "--into", out).refused(1, "several pictures")


def test_a_failure_is_kept_for_its_own_picture(tmp_path):
    good, bad = picture(tmp_path / "b/x.png"), tmp_path / "a/x.png"
    bad.parent.mkdir()
    bad.write_bytes(b"no picture")
    for path, status in [(bad, 1), (good, 0)]:
        ended = crayon("annotate", path.parent, "--pipeline", "untrained", "--out", tmp_path / "out")
        assert ended.status == status, ended.said
    failures = [json.loads(line) for line in (tmp_path / "out/failures.jsonl").read_text().splitlines()]
    assert [failure["path"] for failure in failures] == [str(bad)]


def test_parts_with_different_pictures_of_one_name_are_refused(tmp_path):
    for number, folder in enumerate("ab"):
        truth = dataset(tmp_path / folder, ["w.png", "x.png"][number:] + ["y.png"])
        annotate(truth, tmp_path / f"part{number}", pictures=truth.folder / "pictures/y.png").well()
    ended = crayon("annotate", "--merge", tmp_path / "part0", tmp_path / "part1", "--out", tmp_path / "all")
    ended.refused(1, "y.png was annotated differently")


def test_parts_name_pictures_as_a_single_run_does(tmp_path):
    names = ["a/x.png", "b/x.png", "x.jpg", "x.png", "y.png"]
    truth = dataset(tmp_path, names)
    annotate(truth, tmp_path / "single", "--recursive").well()
    parts = [tmp_path / f"part{number}" for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        annotate(truth, part, "--recursive", "--shard", f"{number}/3").well()
    crayon("annotate", "--merge", *parts, "--out", tmp_path / "all").well()
    assert widths(tmp_path / "all") == widths(tmp_path / "single")
    assert (tmp_path / "all/panoptic.json").read_bytes() == (tmp_path / "single/panoptic.json").read_bytes()


@pytest.mark.parametrize("name", ["other.png", "a/x.png"])
def test_a_list_of_another_map_is_not_this_maps(tmp_path, name):
    truth = dataset(tmp_path, ["x.png"])
    truth.annotations[0]["file_name"] = name
    truth.write()
    (tmp_path / "b").mkdir()
    write_ids(tmp_path / "b/x.png", np.full((64, 96), 2))
    crayon("inspect", tmp_path / "pictures/x.png", "--panoptic", tmp_path / "b/x.png", "--panoptic-json", truth.file,
           "--out", tmp_path / "out").refused(1, "has no annotation for the map x.png")


def test_a_category_named_as_another_begins_is_not_that_one(tmp_path):
    assert {"dog", "hot dog"} <= set(COCO)
    truth = Truth(tmp_path)
    picture(tmp_path / "pictures/x.png")
    truth.add("x.png", [("hot dog", (0, 0, 48, 64)), ("dog", (48, 0, 48, 64))])
    annotate(truth.write(), tmp_path / "out").well()
    assert listed(tmp_path / "out") == {"x.png": ["hot dog", "dog"]}
