"""What the cases share: the program and how it ended, and files as other programs write them."""
import json
import os
import re
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
CRAYON = Path(os.environ.get("CRAYON", REPOSITORY / ".build/release/crayon")).resolve()

# What no one should have to read: errors of the libraries below, and Swift's own way to print a value.
RAW = re.compile(
    r"Fatal error|NSCocoaErrorDomain|NSPOSIXErrorDomain|The operation could(n’t| not) be completed|DecodingError"
    r"|VipsForeign|vips_\w+:|Optional\(|debugDescription|CodingKeys|Swift\.\w+Error|Stack dump")


@dataclass
class Ended:
    """How a run of the program ended."""

    command: list[str]
    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return f"$ {' '.join(self.command)}\nstatus {self.status}\n{self.out[-2000:]}\n{self.err[-2000:]}"

    @property
    def json(self):
        return json.loads(self.out)

    def well(self, *sentences: str) -> "Ended":
        """It did all that it was asked for; messages hold these."""
        assert self.status == 0, self.said
        return self.saying(*sentences)

    def refused(self, status: int, *sentences: str) -> "Ended":
        """It ended with this status, saying these, and answered nothing."""
        assert self.status == status, self.said
        assert self.err.strip(), self.said
        return self.saying(*sentences)

    def saying(self, *sentences: str) -> "Ended":
        for sentence in sentences:
            assert sentence in self.err, f"not said: {sentence}\n{self.said}"
        return self


def crayon(*arguments, cwd: Path | None = None, within: float = 120, **environment: str) -> Ended:
    """Runs the program. In no case does it end by a signal, or say what a library says."""
    command = [str(CRAYON), *map(os.fsdecode, map(os.fspath, map(_path, arguments)))]
    run = subprocess.run(
        command, cwd=cwd, capture_output=True, timeout=within,
        env={**os.environ, "CRAYON_PIPELINES": str(REPOSITORY / "Pipelines"), "SWIFT_BACKTRACE": "enable=no", **environment})
    ended = Ended(command, run.returncode, run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace"))
    assert run.returncode >= 0, f"ended by {signal.Signals(-run.returncode).name}\n{ended.said}"
    assert not RAW.search(ended.err), ended.said
    return ended


def _path(argument):
    return argument if isinstance(argument, (bytes, os.PathLike)) else str(argument)


def picture(path: Path, width: int = 96, height: int = 64, seed: int = 0, **how) -> Path:
    """A picture of noise in blocks, which no other seed gives; written as its suffix says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(seed).integers(0, 256, (max(height // 8, 1), max(width // 8, 1), 3), np.uint8)
    Image.fromarray(blocks).resize((width, height), Image.NEAREST).save(path, **how)
    return path


# Categories of COCO, by name.
COCO = {"person": 1, "car": 3, "bus": 6, "cat": 17, "dog": 18, "sheep": 20, "bottle": 44, "wine glass": 46, "cup": 47,
        "knife": 49, "apple": 53, "hot dog": 58, "chair": 62, "dining table": 67, "book": 84, "teddy bear": 88}
STUFF = {"floor-wood": 118, "wall-other-merged": 199, "sky-other-merged": 187, "grass-merged": 193}


@dataclass
class Truth:
    """A dataset in the COCO panoptic format: `panoptic.json`, and the maps' PNG in a folder beside it."""

    folder: Path
    categories: list[dict] = field(default_factory=lambda: [
        {"id": number, "name": name, "isthing": int(name in COCO), "supercategory": "any"}
        for name, number in {**COCO, **STUFF}.items()])
    images: list[dict] = field(default_factory=list)
    annotations: list[dict] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "panoptic.json"

    @property
    def maps(self) -> Path:
        return self.folder / "panoptic"

    def add(self, name: str, segments: list[tuple[str, tuple[int, int, int, int]]], width: int = 96, height: int = 64,
            number: int | None = None) -> dict:
        """Segments are names and boxes (x, y, width, height); later ones lie over earlier ones."""
        self.maps.mkdir(parents=True, exist_ok=True)
        number = len(self.images) + 1 if number is None else number
        ids = np.zeros((height, width), np.int64)
        for index, (_, (x, y, w, h)) in enumerate(segments, 1):
            ids[y:y + h, x:x + w] = index
        png = Path(name).stem + ".png"
        write_ids(self.maps / png, ids)
        numbers = {category["name"]: category["id"] for category in self.categories}
        annotation = {"image_id": number, "file_name": png, "segments_info": [
            {"id": index, "category_id": numbers[kind], "area": int((ids == index).sum()), "bbox": list(box), "iscrowd": 0}
            for index, (kind, box) in enumerate(segments, 1)]}
        self.images.append({"id": number, "file_name": name, "width": width, "height": height})
        self.annotations.append(annotation)
        return annotation

    def write(self, **changes) -> "Truth":
        """Writes `panoptic.json`; `changes` replace its keys, and None takes one away."""
        whole = {"images": self.images, "annotations": self.annotations, "categories": self.categories, **changes}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({key: value for key, value in whole.items() if value is not None}))
        return self


def compare(truth: Truth, predicted: Truth) -> Ended:
    """The panoptic quality of one dataset by another, as JSON."""
    return crayon("eval", "panoptic", "--ground-truth", truth.file, "--ground-truth-dir", truth.maps, "--predictions",
                  predicted.file, "--predictions-dir", predicted.maps, "--json")


def write_ids(path: Path, ids: np.ndarray) -> Path:
    """A panoptic PNG: id = R + 256 G + 65536 B."""
    Image.fromarray(np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], -1).astype(np.uint8)).save(path)
    return path


def read_ids(path: Path) -> np.ndarray:
    r, g, b = np.moveaxis(np.asarray(Image.open(path).convert("RGB")).astype(np.int64), -1, 0)
    return r + 256 * g + 65536 * b


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, to compare with what it is later."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def answering(folder: Path, model: Path = REPOSITORY / "Tests/Fixtures/NExTChat") -> Path:
    """A pipeline that answers at once and means nothing by it: NExT-Chat's, with a small random checkpoint."""
    text = (REPOSITORY / "Pipelines/nextchat-7b.yaml").read_text()
    fixtures = REPOSITORY / "Tests/Fixtures"
    for old, new in {
            "models:mask2former-swin-large-coco-panoptic": fixtures / "2-Panoptic/mask2former-large",
            "models:clip-vit-large-patch14-336-config": fixtures / "NExTChat/vision",
            "[models:nextchat-7b-336-nf4, models:nextchat-7b-336-q8, models:nextchat-7b-336]": model,
            "grid: 24": "grid: 3", "size: 336": "size: 42"}.items():
        assert old in text, old
        text = text.replace(old, str(new))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "answering.yaml"
    file.write_text(text)
    return file


def listed(folder: Path) -> dict[str, list[str]]:
    """What `panoptic.json` says: each picture's segments by name, through the file's own table, in the order of ids."""
    dataset = json.loads((folder / "panoptic.json").read_text())
    names = {category["id"]: category["name"] for category in dataset["categories"]}
    assert len(names) == len(dataset["categories"]), "two categories have one id"
    pictures = {image["id"]: image["file_name"] for image in dataset["images"]}
    assert len(pictures) == len(dataset["images"]) == len(dataset["annotations"]), "ids are not the pictures'"
    return {pictures[annotation["image_id"]]: [
        names[segment["category_id"]] for segment in sorted(annotation["segments_info"], key=lambda it: it["id"])]
        for annotation in dataset["annotations"]}
