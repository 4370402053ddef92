"""Formats of other programs, by these programs: makes Tests/Fixtures/Formats, and reads what `crayon export` writes.

    pip install -r requirements-formats.txt
    python formats.py                                   # makes the fixtures
    python formats.py read ANNOTATED EXPORT [EXPORT …]  # reads exports of an annotated folder, and compares every pixel

Fixtures: `map.png` and `map.json`, a small panoptic map whose cup has a hole through which nothing is seen, whose bowls
are in two parts, and whose table has a hole with a spoon in it; and the same map as pycocotools (`coco-instances`),
Datumaro (`cvat`) and labelme (`labelme`) write it. `edited.json`: labelme's file after a person has drawn a
rectangle of a new class upon it and taken the spoon away.
"""

import argparse
import json
import os
import pathlib
import shutil
import tempfile

import numpy
from PIL import Image, ImageDraw
from pycocotools import mask as rle

FOLDER = pathlib.Path(__file__).parent.parent / "Fixtures" / "Formats"
NAMES = ["cup", "bowl", "spoon", "dining table", "wall-other-merged"]
WIDTH, HEIGHT = 40, 30


def drawn():
    ids = numpy.zeros((HEIGHT, WIDTH), numpy.int32)
    ids[0:12] = 5
    ids[12:28] = 4
    ids[4:16, 4:16] = 1
    ids[8:12, 8:12] = 0
    ids[14:18, 22:26] = ids[14:18, 30:34] = 2
    ids[20:24, 6:14] = 3
    ids[21, 7] = 6
    return ids, {1: "cup", 2: "bowl", 3: "spoon", 4: "dining table", 5: "wall-other-merged", 6: "cup"}


def write_map(ids, segments):
    Image.fromarray(numpy.stack([ids & 255, ids >> 8 & 255, ids >> 16], -1).astype(numpy.uint8)).save(FOLDER / "map.png")
    categories = [{"id": i + 1, "name": n, "isthing": int(i < 3)} for i, n in enumerate(NAMES)]
    (FOLDER / "map.json").write_text(json.dumps({
        "segments_info": [{"id": i, "category_id": NAMES.index(n) + 1} for i, n in segments.items()],
        "categories": categories}) + "\n")
    Image.fromarray(numpy.full((HEIGHT, WIDTH, 3), 128, numpy.uint8)).save(FOLDER / "picture.png")


def coco(ids, segments):
    def runs(mask):
        made = rle.encode(numpy.asfortranarray(mask.astype(numpy.uint8)))
        return {"size": made["size"], "counts": made["counts"].decode()}

    (FOLDER / "coco-instances.json").write_text(json.dumps({
        "images": [{"id": 7, "file_name": "picture.png", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": i + 1, "name": n} for i, n in enumerate(NAMES)],
        "annotations": [{
            "id": i, "image_id": 7, "category_id": NAMES.index(n) + 1, "iscrowd": 0, "segmentation": runs(ids == i),
            "area": int((ids == i).sum()), "bbox": rle.toBbox(rle.encode(
                numpy.asfortranarray((ids == i).astype(numpy.uint8)))).tolist()} for i, n in segments.items()]}) + "\n")


def datumaro(ids, segments):
    import datumaro

    table = datumaro.LabelCategories.from_iterable(NAMES)
    picture = datumaro.Image.from_file(path=str(FOLDER / "picture.png"))
    kinds = {datumaro.AnnotationType.label: table}

    def save(name, annotations):
        folder = pathlib.Path(tempfile.mkdtemp())
        items = [datumaro.DatasetItem(id="picture", subset="train", media=picture, annotations=annotations)]
        datumaro.Dataset.from_iterable(items, categories=kinds).export(str(folder), name, save_media=True)
        return folder

    masks = [datumaro.Mask(image=ids == i, label=NAMES.index(n), z_order=0) for i, n in segments.items()]
    made = save("cvat", masks)
    shutil.copy(next(made.rglob("*.xml")), FOLDER / "cvat.xml")


def labelme(ids, segments):
    from labelme._label_file import LabelFile

    def polygon(label, group, *corners):
        return dict(label=label, points=[list(c) for c in corners], group_id=group, shape_type="polygon", flags={},
                    description="", mask=None)

    def box(label, group, x0, y0, x1, y1):
        return polygon(label, group, (x0, y0), (x1, y0), (x1, y1), (x0, y1))

    shapes = [
        box("wall-other-merged", 5, 0, 0, 40, 12), box("dining table", 4, 0, 12, 40, 28), box("cup", 1, 4, 4, 16, 16),
        box("__ignore__", None, 8, 8, 12, 12), box("bowl", 2, 22, 14, 26, 18), box("bowl", 2, 30, 14, 34, 18),
        box("spoon", 3, 6, 20, 14, 24), box("cup", 6, 7, 21, 8, 22)]
    target = FOLDER / "labelme"
    target.mkdir()
    edited = [s for s in shapes if s["label"] != "spoon" and s["group_id"] != 6]
    mask = numpy.zeros((3, 4), bool)
    mask[0] = mask[:, 0] = True
    edited += [
        dict(label="napkin", points=[[30.0, 20.0], [36.0, 26.0]], group_id=None, shape_type="rectangle", flags={},
             description="", mask=None),
        dict(label="cup", points=[[20.0, 22.0], [23.0, 24.0]], group_id=None, shape_type="mask", flags={},
             description="", mask=mask)]
    for name, content in [("picture.json", shapes), ("edited.json", edited)]:
        LabelFile().save(
            filename=str(target / name), shapes=save_masks(content), image_path="../picture.png", image_height=HEIGHT,
            image_width=WIDTH, image_data=None, other_data={}, flags={})


def save_masks(shapes):
    """As labelme's window gives shapes to its writer."""
    from labelme import utils

    return [{**s, "mask": None if s["mask"] is None else utils.img_arr_to_b64(s["mask"].astype(numpy.uint8))}
            for s in shapes]


# Reading what crayon exports.

def read(annotated, exports):
    dataset = json.loads((annotated / "panoptic.json").read_text())
    names = {c["id"]: c["name"] for c in dataset["categories"]}
    images = {i["id"]: i for i in dataset["images"]}
    truth = {}
    for annotation in dataset["annotations"]:
        pixels = numpy.array(Image.open(annotated / "panoptic" / annotation["file_name"]).convert("RGB")).astype(int)
        ids = pixels[..., 0] + 256 * pixels[..., 1] + 65536 * pixels[..., 2]
        segments = {s["id"]: names[s["category_id"]] for s in annotation["segments_info"]}
        truth[images[annotation["image_id"]]["file_name"]] = ids, segments
    readers = {"coco-instances": read_coco, "cvat": read_cvat, "labelme": read_labelme, "yolo-seg": read_yolo}
    for export in exports:
        kind = next(k for k in readers if export.name.endswith(k))
        agreed, total, pictures, segments = 0, 0, 0, 0
        for name, labels, count in readers[kind](export, truth):
            ids, listed = truth[name]
            wanted = numpy.full(ids.shape, "", object)
            for number, label in listed.items():
                wanted[ids == number] = label
            agreed += int((labels == wanted).sum())
            total += ids.size
            pictures += 1
            segments += count
        print(f"{kind}: {pictures} pictures, {segments} objects, {100 * agreed / total:.3f} % of the pixels have their class")


def read_coco(export, truth):
    from pycocotools.coco import COCO

    coco = COCO(export / "instances.json")
    for image in coco.imgs.values():
        labels = numpy.full((image["height"], image["width"]), "", object)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        for annotation in annotations:
            labels[coco.annToMask(annotation) > 0] = coco.cats[annotation["category_id"]]["name"]
        yield image["file_name"], labels, len(annotations)


def read_cvat(export, truth):
    import datumaro

    dataset = datumaro.Dataset.import_from(str(export), "cvat")
    table = dataset.categories()[datumaro.AnnotationType.label]
    for item in dataset:
        name = next(n for n in truth if n.rsplit(".", 1)[0] == item.id)
        labels = numpy.full(truth[name][0].shape, "", object)
        for annotation in item.annotations:
            labels[annotation.image > 0] = table[annotation.label].name
        yield name, labels, len(item.annotations)


def read_labelme(export, truth):
    from labelme import utils
    from labelme._label_file import LabelFile

    for name, (ids, _) in truth.items():
        file = LabelFile(str(export / name).rsplit(".", 1)[0] + ".json")
        labels = numpy.full(ids.shape, "", object)
        for shape in file.shapes:
            mask = utils.shape_to_mask(ids.shape, shape["points"], shape["shape_type"])
            labels[mask] = "" if shape["label"] == "__ignore__" else shape["label"]
        yield name, labels, len({s["group_id"] for s in file.shapes if s["label"] != "__ignore__"})


def read_yolo(export, truth):
    os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp())
    import yaml
    from ultralytics.data.utils import polygons2masks_overlap, verify_image_label

    names = yaml.safe_load((export / "data.yaml").read_text())["names"]
    for name, (ids, _) in truth.items():
        stem = name.rsplit(".", 1)[0]
        picture = next((export / "images").glob(stem + ".*"))
        found = verify_image_label(
            (str(picture), str(export / "labels" / f"{stem}.txt"), "", False, len(names), 0, 0, False))
        assert found[0] is not None, found
        classes, segments = found[1][:, 0].astype(int), found[3]
        size = numpy.array(ids.shape[::-1])
        masks, order = polygons2masks_overlap(ids.shape, [s * size for s in segments], downsample_ratio=1)
        labels = numpy.full(ids.shape, "", object)
        for position, index in enumerate(order):
            labels[masks == position + 1] = names[classes[index]]
        yield name, labels, len(segments)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("read", nargs="?", choices=["read"])
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.read:
        return read(arguments.folders[0], arguments.folders[1:])
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    ids, segments = drawn()
    write_map(ids, segments)
    coco(ids, segments)
    datumaro(ids, segments)
    labelme(ids, segments)


if __name__ == "__main__":
    main()
