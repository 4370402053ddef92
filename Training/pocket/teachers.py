"""What published networks say of photographs: boxes of things (NanoDet-Plus-m-1.5x, DEIMv2-Femto) and classes of stuff
(MOSAIC, ADE20K's 31 commonest). Their answers are learned from; what is shipped starts from two of them (`nanodet.py`,
`mosaic.py`) and contains no layer of one as it was."""

import pathlib

import numpy
import torch
from PIL import Image

from . import detection, nanodet
from .segmenter import Segmenter, centres, normalised

# ADE20K's classes in MOSAIC's order (behind 0, which is none of them), and those of COCO's stuff that each can be; what is
# first is likeliest. Things are "thing".
ADE_AS_COCO = (
    ("wall", ("wall-other-merged", "wall-tile", "wall-brick", "wall-wood", "wall-stone")),
    ("building", ("building-other-merged", "house", "roof", "bridge")),
    ("sky", ("sky-other-merged",)),
    ("floor", ("floor-other-merged", "floor-wood", "platform")),
    ("tree", ("tree-merged",)),
    ("ceiling", ("ceiling-merged",)),
    ("road", ("road", "railroad")),
    ("bed", ("thing", "blanket", "pillow")),
    ("window", ("window-other", "window-blind")),
    ("grass", ("grass-merged", "playingfield")),
    ("cabinet", ("cabinet-merged",)),
    ("sidewalk", ("pavement-merged", "platform")),
    ("person", ("thing",)),
    ("earth", ("dirt-merged", "gravel", "sand")),
    ("door", ("door-stuff",)),
    ("table", ("thing", "table-merged", "counter")),
    ("mountain", ("mountain-merged", "rock-merged")),
    ("plant", ("tree-merged", "flower", "thing")),
    ("curtain", ("curtain", "window-blind")),
    ("chair", ("thing",)),
    ("car", ("thing",)),
    ("water", ("water-other", "river", "sea")),
    ("painting", ("wall-other-merged", "banner", "paper-merged")),
    ("sofa", ("thing", "pillow")),
    ("shelf", ("shelf", "cabinet-merged")),
    ("house", ("house", "building-other-merged")),
    ("sea", ("sea", "water-other")),
    ("mirror", ("mirror-stuff", "window-other")),
    ("rug", ("rug-merged",)),
    ("field", ("grass-merged", "playingfield", "dirt-merged")),
    ("armchair", ("thing",)),
)


class BoxTeacher:
    """NanoDet-Plus-m-1.5x on a picture squashed to 512×512 and its mirror image."""

    def __init__(self, weights: pathlib.Path, side: int = 512):
        self.network, self.side = Segmenter().eval(), side
        nanodet.start(self.network, weights)
        self.places, self.strides = centres(side, side)

    @torch.no_grad()
    def __call__(self, picture: Image.Image) -> list[numpy.ndarray]:
        """For each view rows of (label, score, x0, y0, x1, y1), in fractions of the picture."""
        square = numpy.array(picture.resize((self.side, self.side), Image.Resampling.BILINEAR))
        views = normalised(torch.from_numpy(numpy.stack([square, square[:, ::-1]])))
        out = []
        _, _, pyramid = self.network.trunk(views)
        heads = [head(level)[:2] for head, level in zip(self.network.detect, pyramid)]
        logits, distances = (torch.cat([part.flatten(2) for part in parts], 2).transpose(1, 2) for parts in zip(*heads))
        for view in range(2):
            found = detection.detected(
                logits[view], distances[view], self.places, self.strides, (self.side, self.side))
            boxes = found.boxes / self.side
            if view:
                boxes = torch.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], 1)
            out.append(numpy.concatenate([found.labels[:, None], found.scores[:, None], boxes], 1).astype(numpy.float32))
        return out


class TransformerTeacher:
    """DEIMv2-Femto, as an ONNX file."""

    def __init__(self, file: pathlib.Path, side: int = 416):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session, self.side = onnxruntime.InferenceSession(file, options), side

    def __call__(self, picture: Image.Image) -> numpy.ndarray:
        """Rows of (label, score, x0, y0, x1, y1), in fractions of the picture."""
        square = numpy.asarray(picture.resize((self.side, self.side), Image.Resampling.BILINEAR), numpy.float32) / 255
        labels, boxes, scores = (part[0] for part in self.session.run(["labels", "boxes", "scores"], {
            "images": square.transpose(2, 0, 1)[None], "orig_target_sizes": numpy.array([[1, 1]], numpy.int64)}))
        order = (-scores).argsort(kind="stable")
        order = order[scores[order] > 0.05]
        kept = order[detection.suppressed(torch.from_numpy(boxes[order]), torch.from_numpy(labels[order]), 0.6).numpy()]
        rows = numpy.concatenate([labels[kept, None], scores[kept, None], boxes[kept].clip(0, 1)], 1)
        return rows.astype(numpy.float32)


class StuffTeacher:
    """MOSAIC: logits of ADE20K's classes, at an eighth of 512×512."""

    def __init__(self, file: pathlib.Path):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(str(file), num_threads=1)
        self.interpreter.allocate_tensors()
        self.input, self.output = self.interpreter.get_input_details()[0], self.interpreter.get_output_details()[0]

    def __call__(self, picture: Image.Image) -> numpy.ndarray:
        """[64, 64, 32]"""
        square = numpy.asarray(picture.resize((512, 512), Image.Resampling.BILINEAR))[None]
        scale, zero = self.input["quantization"]
        values = square.astype(numpy.float32) / 127.5 - 1
        if scale:
            kind = numpy.iinfo(self.input["dtype"])
            values = numpy.clip(numpy.round(values / scale + zero), kind.min, kind.max)
        self.interpreter.set_tensor(self.input["index"], values.astype(self.input["dtype"]))
        self.interpreter.invoke()
        logits = self.interpreter.get_tensor(self.output["index"])[0].astype(numpy.float32)
        scale, zero = self.output["quantization"]
        if scale:
            logits = (logits - zero) * scale
        return logits.reshape(64, 2, 64, 2, -1).mean((1, 3))


def fused(answers: list[numpy.ndarray], overlapping: float = 0.55) -> numpy.ndarray:
    """Weighted fusion of boxes (arXiv 1910.13302): boxes of a class that overlap become their mean, each weighing its
    score; its score is the mean over all answers, of which one that lacks it says 0."""
    rows = numpy.concatenate(answers)
    rows = rows[(-rows[:, 1]).argsort(kind="stable")]
    sums: list[numpy.ndarray] = []  # of each cluster: score, and score times the corners
    labels: list[float] = []
    for label, score, *corners in rows:
        corners = numpy.array(corners)
        best, most = None, overlapping
        for place, total in enumerate(sums):
            if labels[place] != label:
                continue
            iou = _iou(total[1:] / total[0], corners)
            if iou > most:
                best, most = place, iou
        if best is None:
            labels.append(label)
            sums.append(numpy.array([score, *(score * corners)]))
        else:
            sums[best] += numpy.array([score, *(score * corners)])
    out = [[label, min(1.0, total[0] / len(answers)), *(total[1:] / total[0])] for label, total in zip(labels, sums)]
    out.sort(key=lambda row: -row[1])
    return numpy.array(out, numpy.float32).reshape(-1, 6)


def _iou(a, b) -> float:
    inner = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return inner / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner + 1e-9)
