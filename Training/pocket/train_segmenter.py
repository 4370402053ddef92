"""Trains the segmenter on scenes.

    python -m pocket.train_segmenter --data DIR... --eval DIR --out RUN --minutes 25
"""

import argparse
import json
import math
import pathlib
import time

import numpy
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from . import categories, checkpoint, panoptic, parallel, scenes
from .ahead import Ahead
from .batches import normalised
from .evaluate import report
from .segmenter import OFFSET_UNIT, SHAPES, Segmenter, unfold

SIGMA = 4.0  # of a centre's bump, in pixels
HARD = 0.3  # the share of pixels whose classes are learned from at the end, the worst; at first it is all of them
HEAVIEST = 8.0  # a pixel's weight at most, where a pixel of the mean segment weighs one


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", nargs="+", type=pathlib.Path, required=True)
    add("--out", type=pathlib.Path, required=True)
    add("--start", type=pathlib.Path, help="a checkpoint of another run, or an exported folder, to start from")
    add("--eval", type=pathlib.Path)
    add("--eval-records", type=int, default=100)
    add("--eval-minutes", type=float, default=5)
    add("--batch", type=int, default=8, help="for each process")
    add("--shape", choices=SHAPES, default="small")
    add("--size", type=int, default=256, help="side of the pictures; a smaller one first saves much time")
    add("--rate", type=float, default=2e-3)
    add("--minutes", type=float, required=True, help="the rate falls along a cosine over this time")
    add("--processes", type=int, default=1)
    add("--workers", type=int, default=0, help="processes that make batches; for a fast device")
    add("--seed", type=int, default=1)
    add("--device", default="cpu")
    add("--bf16", action="store_true", help="products in bfloat16: several times faster on a processor with AMX")
    return parser.parse_args()


def targets(scene: scenes.Scene, number_of: dict[str, int], phase: int):
    """Classes at stride 2 (for logits resized by two) and what each weighs, centres and offsets at stride 4, and
    which cells are things. A segment weighs as the root of its area: a panoptic quality counts a cup like a wall."""
    void = len(number_of)
    size = len(scene.ids)
    table = numpy.array([void, *(number_of[s["category"]] for s in scene.segments)])
    fine = scene.ids[phase::2, phase::2]
    classes = table[fine]
    each = 1 / numpy.sqrt(numpy.maximum(numpy.bincount(fine.ravel(), minlength=len(table)), 1)).astype(numpy.float32)
    weights = each[fine]
    weights = numpy.minimum(weights / weights.mean(), HEAVIEST)
    cells = (numpy.arange(size // 4) * 4 + 1.5).astype(numpy.float32)
    coarse = scene.ids[2::4, 2::4]
    heat = numpy.zeros(coarse.shape, numpy.float32)
    offset = numpy.zeros((2, *coarse.shape), numpy.float32)
    thing = numpy.zeros(coarse.shape, bool)
    ys, xs = numpy.mgrid[:size, :size]
    count = len(scene.segments) + 1
    flat = scene.ids.ravel()
    area = numpy.bincount(flat, minlength=count)
    mean_y = numpy.bincount(flat, ys.ravel(), count) / numpy.maximum(area, 1)
    mean_x = numpy.bincount(flat, xs.ravel(), count) / numpy.maximum(area, 1)
    for place, segment in enumerate(scene.segments, 1):
        if not area[place] or not categories.IS_THING[segment["category"]]:
            continue
        bump = numpy.exp(-((cells - mean_y[place]) ** 2) / (2 * SIGMA**2))[:, None] * numpy.exp(
            -((cells - mean_x[place]) ** 2) / (2 * SIGMA**2))[None]
        numpy.maximum(heat, bump, out=heat)
        inside = coarse == place
        thing |= inside
        offset[0][inside] = mean_y[place] - (numpy.nonzero(inside)[0] * 4 + 2)
        offset[1][inside] = mean_x[place] - (numpy.nonzero(inside)[1] * 4 + 2)
    return classes, weights, heat, offset, thing


class Source:
    def __init__(self, options, data, number_of, rank):
        self.options, self.data, self.number_of, self.rank = options, data, number_of, rank

    def batch(self, step: int):
        rng = numpy.random.default_rng([self.options.seed, step, self.rank])
        phase = int(rng.integers(2))
        pictures, rest = [], []
        for _ in range(self.options.batch):
            scene = scenes.augmented(self.data[rng.integers(len(self.data))], rng, size=self.options.size)
            pictures.append(normalised(scene.picture))
            rest.append(targets(scene, self.number_of, phase))
        return torch.stack(pictures), *(torch.from_numpy(numpy.stack(part)) for part in zip(*rest))


def losses(fields, classes, weights, heat, offset, thing, done: float) -> dict[str, torch.Tensor]:
    """`done`: how far the run is, from 0 to 1."""
    # As rows of classes, which is what lies in memory and three times as fast as planes of them.
    logits = F.interpolate(fields.semantic, scale_factor=2, mode="bilinear").permute(0, 2, 3, 1).flatten(0, 2)
    each = F.cross_entropy(logits, classes.flatten(), reduction="none") * weights.flatten()
    hard = each.topk(int((1 - (1 - HARD) * done) * len(each)), sorted=False).values
    return {
        "classes": hard.mean(),
        "centres": 60 * F.mse_loss(fields.centre.sigmoid(), heat),
        "offsets": 2 * ((fields.offset - offset).abs().sum(1) * thing).sum() / thing.sum().clamp(min=1) / OFFSET_UNIT,
    }


@torch.no_grad()
def measure(segmenter, data, names, device="cpu", rule=panoptic.Decision()) -> panoptic.Quality:
    segmenter.eval()
    quality = panoptic.Quality()
    things = [categories.IS_THING[name] for name in names]
    for start in range(0, len(data), 8):
        part = data[start:start + 8]
        fields = segmenter(torch.stack([normalised(scene.picture) for scene in part]).to(device)).float().cpu()
        for place, scene in enumerate(part):
            ids, classes = panoptic.decide(fields, place, things, rule)
            quality.add(scene.ids, [s["category"] for s in scene.segments], ids, [names[c] for c in classes])
    segmenter.train()
    return quality


def load(file: pathlib.Path) -> tuple[Segmenter, list[str]]:
    state = checkpoint.load(file)
    segmenter = Segmenter(len(state["classes"]), SHAPES[state["shape"]])
    segmenter.load_state_dict(state["model"])
    return segmenter.eval(), state["classes"]


def begin(start: pathlib.Path, data: list[scenes.Scene], shape: str) -> dict:
    """The weights and classes of a checkpoint or of an exported folder (Pipelines/pocket/segmenter), which may have
    fewer blocks than the shape."""
    if start.is_file():
        return checkpoint.load(start)
    config = json.loads((start / "config.json").read_text())
    if config["widths"] != list(SHAPES[shape].widths) or any(
            there > here for there, here in zip(config["blocks"], SHAPES[shape].blocks)):
        raise ValueError(f"{start}: a segmenter of the shape {shape} cannot start from widths {config['widths']} "
                         f"and blocks {config['blocks']}")
    segmenter = Segmenter(len(config["categories"]), SHAPES[shape])
    weights = {name: tensor.float() for name, tensor in load_file(start / "model.safetensors").items()}
    unfold(segmenter, weights, torch.stack([normalised(scene.picture) for scene in data[:16]]))
    return {"model": segmenter.state_dict(), "classes": config["categories"], "shape": shape}


def train(rank: int, options: argparse.Namespace):
    torch.manual_seed(options.seed)
    data = [scene for folder in options.data for scene in scenes.read(folder)]
    evaluation = scenes.read(options.eval, True, options.eval_records)[rank::parallel.world()] if options.eval else []
    file = options.out / "checkpoint.pt"
    state = checkpoint.load(file) if file.exists() else None
    begun = state or (begin(options.start, data, options.shape) if options.start else None)
    if begun and begun["shape"] != options.shape:
        raise ValueError(f"the run to start from is of the shape {begun['shape']}, not {options.shape}")
    names = begun["classes"] if begun else scenes.class_names(data)
    segmenter = Segmenter(len(names), SHAPES[options.shape]).to(options.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(segmenter.parameters(), options.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    step, spent = 0, 0.0
    if begun:
        segmenter.load_state_dict(begun["model"])
    if state:
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    if rank == 0:
        report(options.out / "log.txt", f"{len(data)} scenes, {len(names)} classes, "
               f"{sum(p.numel() for p in segmenter.parameters()) / 1e6:.2f} M parameters")
    source = Source(options, data, {name: place for place, name in enumerate(names)}, rank)
    ahead = Ahead(source, step, options.workers)
    clock = saved = evaluated = shown = time.monotonic()
    sums: dict[str, float] = {}
    since = step
    segmenter.train()
    done = min(1.0, spent / (60 * options.minutes))

    def save():
        parallel.average_statistics(segmenter)
        if rank == 0:
            checkpoint.save(file, model=segmenter.state_dict(), optimizer=optimizer.state_dict(), step=step,
                            spent=spent, classes=names, shape=options.shape)

    def evaluate():
        quality = panoptic.Quality()
        for part in parallel.gathered(measure(segmenter, evaluation, names, options.device)):
            quality.merge(part)
        if rank == 0:
            report(options.out / "log.txt", f"eval step {step}: {quality.summary(categories.IS_THING.get)}")

    while True:
        pictures, *rest = ahead.take()
        pictures = pictures.to(options.device, memory_format=torch.channels_last)
        with torch.autocast(pictures.device.type, torch.bfloat16, enabled=options.bf16):
            fields = segmenter(pictures)
        parts = losses(fields.float(), *(part.to(options.device) for part in rest), done)
        optimizer.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        parallel.average_gradients(list(segmenter.parameters()))
        torch.nn.utils.clip_grad_norm_(segmenter.parameters(), 5.0)
        now = time.monotonic()
        spent = parallel.first_says(spent + min(now - clock, parallel.LONGEST_STEP))
        clock = now
        done = min(1.0, spent / (60 * options.minutes))
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        optimizer.step()
        step += 1
        for name, value in parts.items():
            sums[name] = sums.get(name, 0) + value.item()
        stop, keep, check, show = parallel.first_decides([
            done >= 1, now - saved > 180, now - evaluated > 60 * options.eval_minutes, now - shown > 60])
        if show and rank == 0:
            figures = "  ".join(f"{name} {value / (step - since):.3f}" for name, value in sums.items())
            rate = (step - since) * options.batch * parallel.world() / (now - shown)
            report(options.out / "log.txt", f"{time.strftime('%H:%M:%S')} step {step}  {figures}  {rate:.1f} pictures/s")
        if show:
            shown, sums, since = now, {}, step
        if keep or stop:
            save()
            saved = time.monotonic()
        if (check or stop) and options.eval:
            evaluate()
            evaluated = clock = time.monotonic()
        if stop:
            break
    ahead.close()


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    parallel.launch(train, options)


if __name__ == "__main__":
    main()
