"""Files that people edit are read as what they are: what does not fit gets a sentence, and nothing else is lost."""
import codecs
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from faults import Truth, contents, crayon, listed, picture, read_ids, write_ids

FORMATS = ["coco-instances", "yolo-seg", "labelme", "cvat", "masks"]
IDS = np.where(np.arange(96) < 40, 2, 1)[None].repeat(64, 0)


def annotate(folder, *more):
    return crayon("annotate", folder / "pictures", "--panoptic", folder / "panoptic", "--panoptic-json",
                  folder / "panoptic.json", "--out", folder / "out", *more)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two annotated pictures, of a cup on the floor, also as the other programs have them."""
    folder = tmp_path_factory.mktemp("made") / "all"
    truth = Truth(folder)
    for seed, name in enumerate(["a.png", "b.png"]):
        picture(folder / "pictures" / name, seed=seed)
        truth.add(name, [("floor-wood", (0, 0, 96, 64)), ("cup", (0, 0, 40, 64))])
    truth.write()
    annotate(folder).well()
    for form in FORMATS:
        crayon("export", folder / "out", "--to", form, "--out", folder / form).well()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder(made, tmp_path):
    """The same for each case, in the same place: a picture is known by its path."""
    whole = tmp_path / "whole"
    shutil.copytree(made, whole, symlinks=True)
    yield made
    shutil.rmtree(made)
    shutil.move(whole, made)


def as_kind(kind: str, **how):
    return lambda path: Image.open(path).convert(kind).save(path, **how)


def as_ids(ids):
    return lambda path: write_ids(path, np.asarray(ids))


def erased(path, opacity: int = 0):
    """What an eraser leaves where a map or a mask has a fourth band: colours that are transparent."""
    rgba = np.array(Image.open(path).convert("RGBA"))
    rgba[:32, :, 3] = opacity
    Image.fromarray(rgba).save(path)


# What a soft brush leaves: colours between those of two segments.
BLENDED = np.where(np.abs(np.arange(96) - 40) < 2, 0x10001 + 3, IDS)


@pytest.mark.parametrize("edit, sentence", [
    pytest.param(as_ids(IDS.T), "it has 64×96 pixels, and its picture 96×64", id="turned"),
    pytest.param(as_ids(IDS[::2, ::2]), "it has 48×32 pixels, and its picture 96×64", id="half as large"),
    pytest.param(as_ids([[1]]), "it has 1×1 pixels, and its picture 96×64", id="one pixel"),
    pytest.param(as_ids(BLENDED), "no segment with that id is listed", id="a soft brush"),
    pytest.param(as_ids(np.where(IDS == 2, 3, 1)), "pixels carry the id 3, but no segment", id="a new id"),
    pytest.param(lambda path: erased(path, 128), "transparent in part", id="a soft eraser"),
    pytest.param(as_kind("L"), "grey samples; segment ids need 8-bit RGB", id="grey"),
    pytest.param(as_kind("RGB", format="JPEG"), "the PNG cannot be read", id="a JPEG under its name"),
    pytest.param(lambda path: path.write_bytes(b""), "the PNG cannot be read", id="nothing"),
    pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-30]), "the PNG cannot be read", id="cut short"),
    pytest.param(lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
                 "the PNG cannot be read", id="a pointer of LFS"),
])
def test_an_edited_map_that_cannot_be_used(folder, edit, sentence):
    path = folder / "out/panoptic/a.png"
    edit(path)
    edited = path.read_bytes()
    annotate(folder, "--overlay").refused(1, f"failed: a.png: the edited map {path} cannot be used", sentence)
    assert path.read_bytes() == edited and listed(folder / "out")["b.png"] == ["floor-wood", "cup"]


def test_an_edited_map_that_cannot_be_used_is_made_anew_when_told(folder):
    path = folder / "out/panoptic/a.png"
    write_ids(path, IDS[1:])
    annotate(folder).refused(1)
    annotate(folder, "--overwrite").well()
    assert (read_ids(path) == IDS).all() and not (folder / "out/failures.jsonl").exists()


@pytest.mark.parametrize("edit, names", [
    pytest.param(as_ids(IDS * 0), [], id="all taken away"),
    pytest.param(as_ids(IDS * 0 + 2), ["cup"], id="one segment over all"),
    pytest.param(as_kind("RGBA"), ["floor-wood", "cup"], id="with a fourth band"),
    pytest.param(as_kind("RGB", dpi=(72, 72), compress_level=0), ["floor-wood", "cup"], id="saved anew"),
])
def test_an_edited_map_that_can_be_used(folder, edit, names):
    path = folder / "out/panoptic/a.png"
    edit(path)
    edited = path.read_bytes()
    annotate(folder, "--overlay").well("a.png: its map has been edited")
    assert listed(folder / "out") == {"a.png": names, "b.png": ["floor-wood", "cup"]}
    assert path.read_bytes() == edited


def test_what_is_erased_in_an_edited_map_is_void(folder):
    erased(folder / "out/panoptic/a.png")
    annotate(folder, "--overlay").well("a.png: its map has been edited")
    annotations = json.loads((folder / "out/panoptic.json").read_text())["annotations"]
    assert [[segment["area"] for segment in annotation["segments_info"]] for annotation in annotations] == [
        [32 * 56, 32 * 40], [64 * 56, 64 * 40]]


def test_what_is_erased_in_a_given_map_is_void(folder):
    erased(folder / "panoptic/a.png")
    annotate(folder, "--overwrite").refused(1, "failed: a.png", "is listed with")


@pytest.mark.parametrize("form", FORMATS)
def test_an_edited_map_of_another_size_is_not_exported(folder, form):
    write_ids(folder / "out/panoptic/a.png", IDS[1:])
    ended = crayon("export", folder / "out", "--to", form, "--out", folder / "there", "--json")
    ended.refused(1, "failed: a.png", "96×63", "96×64")
    assert ended.json["pictures"] == 1


@pytest.mark.parametrize("ids, sentence", [
    pytest.param(IDS[1:], "96×63", id="a row less"),
    pytest.param(IDS.T, "64×96", id="turned"),
    pytest.param(np.where(IDS == 2, 3, 1), "no segment with that id", id="a new id"),
])
def test_a_part_with_an_edited_map_that_cannot_be_used_is_not_merged(folder, ids, sentence):
    write_ids(folder / "out/panoptic/a.png", ids)
    crayon("annotate", "--merge", folder / "out", "--out", folder / "all").refused(1, sentence)
    assert not (folder / "all/panoptic.json").exists()


def change_json(file, changes: dict):
    """Keys are paths such as "shapes.0.label"; None takes away what stands there."""
    content = json.loads(file.read_text())
    for path, value in changes.items():
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        at = content
        for part in way:
            at = at[part]
        if value is None:
            del at[last]
        else:
            at[last] = value
    file.write_text(json.dumps(content))


@pytest.mark.parametrize("changes, sentence", [
    pytest.param({"annotations.0.file_name": "../../pictures/a.png"}, "places its map outside", id="a path upwards"),
    pytest.param({"annotations.0.file_name": "/etc/hostname"}, "places its map outside", id="a path from the root"),
    pytest.param({"annotations.0.file_name": "b.png"}, "lists its map twice", id="another picture's map"),
    pytest.param({"annotations.0.segments_info.0.category_id": 4711}, "has the category 4711", id="a category"),
    pytest.param({"annotations.0.segments_info.0.id": 7}, "the id 1, but no segment", id="a segment's id"),
    pytest.param({"annotations.0.segments_info.0.id": "1"}, "has the wrong type", id="an id as text"),
    pytest.param({"categories.0.name": ""}, "has an empty name", id="a category without a name"),
])
def test_a_dataset_that_was_changed_by_hand_is_not_exported_as_if_it_were_right(folder, changes, sentence):
    change_json(folder / "out/panoptic.json", changes)
    ended = crayon("export", folder / "out", "--to", "masks", "--out", folder / "there").refused(1, sentence)
    assert ended.out == "" or ": 1 pictures" in ended.out, ended.said


@pytest.mark.parametrize("changes, sentence", [
    pytest.param({"annotations.0.segments_info.0.area": 5}, "listed with 5 pixels, but has 3584", id="an area"),
    pytest.param({"annotations.0.segments_info.0.id": 2 ** 24}, "16777216 cannot be a segment's id", id="a large id"),
    pytest.param({"annotations.0.segments_info.0.id": 2}, "segment 2 is listed twice", id="two of one id"),
    pytest.param({"annotations.0.segments_info": []}, "pixels carry the id 1, but no segment", id="no segments"),
    pytest.param({"annotations.0.image_id": 2}, "has several annotations for b.png", id="another picture's id"),
])
def test_a_given_list_that_its_map_contradicts(folder, changes, sentence):
    change_json(folder / "panoptic.json", changes)
    annotate(folder, "--overwrite").refused(1, sentence)


@pytest.mark.parametrize("convert, sentence", [
    pytest.param(lambda text: text.replace(":", "", 1), "JSON", id="a colon too few"),
    pytest.param(lambda text: text[:len(text) // 2], "JSON", id="cut short"),
    pytest.param(lambda text: text.replace("64", "NaN", 1), "NaN", id="NaN"),
    pytest.param(lambda text: "<!DOCTYPE html><html>Sign in</html>", "HTML", id="a page"),
])
@pytest.mark.parametrize("form, name", [("labelme", "a.json"), ("coco-instances", "instances.json"),
                                        ("masks", "masks.json")])
def test_what_is_no_json_says_what_it_is(folder, form, name, convert, sentence):
    file = folder / form / name
    file.write_text(convert(file.read_text()))
    import_into(folder, form, sentence)


@pytest.mark.parametrize("convert", [
    pytest.param(lambda text: codecs.BOM_UTF8 + text.encode(), id="UTF-8 with a mark before"),
    pytest.param(lambda text: text.encode("utf-16"), id="UTF-16, as PowerShell writes"),
])
@pytest.mark.parametrize("form, name", [("labelme", "a.json"), ("yolo-seg", "labels/a.txt"),
                                        ("cvat", "annotations.xml")])
def test_a_text_that_another_editor_has_saved_is_read_or_refused(folder, form, name, convert):
    file = folder / form / name
    file.write_bytes(convert(file.read_text()))
    before = contents(folder / "out/panoptic")
    back = crayon("import", folder / form, "--from", form, "--into", folder / "out")
    if back.status == 0:
        assert "0 maps changed, 2 as they were" in back.out, back.said
    else:
        back.refused(1, str(file))
    assert contents(folder / "out/panoptic") == before


def import_into(folder, form, sentence):
    before = contents(folder / "out/panoptic")
    crayon("import", folder / form, "--from", form, "--into", folder / "out").refused(1, sentence)
    assert contents(folder / "out/panoptic") == before


@pytest.mark.parametrize("changes, sentence", [
    pytest.param({"shapes.0.shape_type": "line", "shapes.0.points": [[0, 0], [9, 9]]}, "a line of 2 points",
                 id="a line"),
    pytest.param({"shapes.0.points": [[0, 0], [1e300, 0], [0, 9]]}, "not pairs of numbers", id="a corner far away"),
    pytest.param({"shapes.0.label": 7}, ".label\" has the wrong type", id="a label that is a number"),
    pytest.param({"shapes.0.label": ""}, "empty", id="a label without a letter"),
    pytest.param({"imageWidth": 64, "imageHeight": 96}, "a has 64×96 pixels, and its picture 96×64", id="turned"),
    pytest.param({"imageWidth": -96}, "no picture's", id="a negative width"),
    pytest.param({"imagePath": "../pictures/b.png"}, "says that it is of b.png", id="another picture's path"),
    pytest.param({"shapes.0.shape_type": "mask", "shapes.0.mask": "bm8gcGljdHVyZQ==",
                  "shapes.0.points": [[0, 0], [9, 9]]}, "mask", id="a mask that is no picture"),
])
def test_labelme_files(folder, changes, sentence):
    change_json(folder / "labelme/a.json", changes)
    import_into(folder, "labelme", sentence)


@pytest.mark.parametrize("line, sentence", [
    pytest.param("0 0.5 0.5 0.2 0.2", "a polygon has three corners or more", id="a box"),
    pytest.param("0 10 10 90 10 90 60", "parts of the picture's sides", id="pixels"),
    pytest.param("cup 0 0 1 0 1 1", "cup is no class", id="a name for a class"),
    pytest.param("0 0 0 1 0 1 nan", "parts of the picture's sides", id="NaN"),
    pytest.param("0 0 0 1 0 1 1 0.9", "x and y of each", id="a confidence behind"),
])
def test_yolo_files(folder, line, sentence):
    with (folder / "yolo-seg/labels/a.txt").open("a") as file:
        file.write(line + "\n")
    import_into(folder, "yolo-seg", sentence)


@pytest.mark.parametrize("old, new, sentence", [
    pytest.param("width=\"96\" height=\"64\">", "width=\"64\" height=\"96\">", "64", id="a turned picture"),
    pytest.param("rle=\"", "rle=\"99999999, ", "its numbers are no area", id="runs that are too long"),
    pytest.param("rle=\"", "rle=\"-1, ", "its numbers are no area", id="a negative run"),
    pytest.param("<mask label=\"cup\"", "<mask", "has no label", id="no label"),
    pytest.param("</image>", "<points label=\"cup\" points=\"1,1\"/></image>", "<points> covers no pixels",
                 id="points"),
    pytest.param("</annotations>", "", "no XML from line", id="cut short"),
])
def test_cvat_files(folder, old, new, sentence):
    file = folder / "cvat/annotations.xml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    import_into(folder, "cvat", sentence)


@pytest.mark.parametrize("changes, sentence", [
    pytest.param({"images.0.width": 2 ** 40, "images.0.height": 2 ** 40}, "96×64", id="a picture beyond measure"),
    pytest.param({"annotations.0.image_id": 77}, "images that it does not list, such as 77", id="no such image"),
    pytest.param({"annotations.0.category_id": 4711}, "there is no category 4711", id="no such category"),
    pytest.param({"annotations.0.segmentation": []}, "shape", id="a box alone"),
    pytest.param({"annotations.0.segmentation": [[0, 0, 9, 0, 9]]}, "shape", id="half a corner"),
    pytest.param({"annotations.0.segmentation": [[0, 0, 1e9, 0, 9, 9]]}, "a corner far outside",
                 id="a corner far away"),
    pytest.param({"annotations.0.segmentation": {"size": [64, 96], "counts": [1, 2, 3]}}, "64", id="runs too short"),
    pytest.param({"annotations.0.segmentation": {"size": [96, 64], "counts": [6144]}}, "64×96", id="runs turned"),
])
def test_files_of_instances(folder, changes, sentence):
    change_json(folder / "coco-instances/instances.json", changes)
    import_into(folder, "coco-instances", sentence)


@pytest.mark.parametrize("damage, sentence", [
    pytest.param(lambda path: path.unlink(), "there is no", id="taken away"),
    pytest.param(lambda path: path.write_text("white"), "is not a picture", id="a text"),
    pytest.param(lambda path: Image.open(path).resize((48, 32)).save(path), "has 48×32 pixels", id="half as large"),
])
def test_masks_that_cannot_be_used(folder, damage, sentence):
    damage(folder / "masks/a/2-cup.png")
    import_into(folder, "masks", sentence)


def blackened(path):
    grey = np.array(Image.open(path).convert("L"))
    grey[:32] = 0
    Image.fromarray(grey).save(path)


@pytest.mark.parametrize("edit", [
    pytest.param(erased, id="erased"),
    pytest.param(blackened, id="painted black"),
])
def test_a_mask_of_which_a_half_was_taken_away(folder, edit):
    edit(folder / "masks/a/2-cup.png")
    crayon("import", folder / "masks", "--from", "masks", "--into", folder / "out").well()
    ids = read_ids(folder / "out/panoptic/a.png")
    assert (ids[:32] != 2).all() and (ids[32:, :40] == 2).all()


@pytest.mark.parametrize("changes", [
    pytest.param({"width": -96}, id="a negative width"),
    pytest.param({"width": 0, "height": 0}, id="no size"),
    pytest.param({"width": 2 ** 33, "height": 2 ** 33}, id="a size beyond measure"),
    pytest.param({"file": "../../pictures/a"}, id="a path upwards"),
    pytest.param({"segments_info.0.id": 2 ** 40}, id="an id beyond measure"),
])
def test_a_record_that_was_changed_ends_no_program(folder, changes):
    change_json(folder / "out/.crayon/a.json", changes)
    before = contents(folder / "pictures")
    for arguments in [["import", folder / "yolo-seg", "--from", "yolo-seg", "--into", folder / "out"],
                      ["export", folder / "out", "--to", "labelme", "--out", folder / "there"],
                      ["annotate", "--merge", folder / "out", "--out", folder / "all"]]:
        ended = crayon(*arguments)
        assert ended.status in (0, 1) and (ended.status == 0 or "a" in ended.err), ended.said
    write_ids(folder / "out/panoptic/a.png", np.roll(IDS, 9, 1))
    assert annotate(folder, "--overlay").status in (0, 1)
    assert contents(folder / "pictures") == before
