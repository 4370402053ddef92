"""Trains the segmenter on photographs and scenes together.

    python -m pocket.train_segmenter --photographs data/photographs --scenes DIR... --published TEACHERS \\
        --held-back held-back.json --out RUN --minutes 60 --processes 2

At first trunks and detection stay as they are, and the branches learn on them, which is quick (`--still-minutes`); then all of it
learns, and what the published networks say of photographs is kept by losses.
"""

import argparse
import copy
import json
import math
import pathlib
import time

import numpy
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from . import categories, checkpoint, detection, mosaic, nanodet, panoptic, parallel, pictures, teachers
from .ahead import Ahead
from .evaluate import report
from .segmenter import ADE, BINS, ROI, STUFF, Fields, Segmenter, centres, from_exported, normalised

SIDES = (384, 512)
KEPT = 0.995  # of the average of the weights, a step
NANODET, MOSAIC = "nanodet-plus-m-1.5x_416.npz", "mosaic_ade20k_logits.tflite"
KNOWN = ("trunk", "detect", "stuff")  # parts of the network that begin as published ones
MASKS = 10  # of a picture at most, in a step
SHARES = {"panoptic": 0.33, "instances": 0.34, "unlabelled": 0.28, "scene": 0.05}  # of the pictures of a step


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--photographs", type=pathlib.Path, required=True, help="of pocket.prepare_photographs")
    add("--kinds", nargs="+", choices=SHARES, default=[*SHARES], help="of pictures to train on")
    add("--scenes", nargs="*", type=pathlib.Path, default=[])
    add("--held-back", type=pathlib.Path, help="ids of photographs that are not trained on, and measured with")
    add("--eval-scenes", type=pathlib.Path)
    add("--out", type=pathlib.Path, required=True)
    add("--published", type=pathlib.Path, required=True, help="folder of the published networks that the trunks begin as, whose answers are kept")
    add("--start", type=pathlib.Path, help="a checkpoint of another run, or an exported folder, to go on from")
    add("--published-share", type=float, default=0,
        help="of trunk and detection, which go so far back from --start to the published network (arXiv 2109.01903)")
    add("--still-minutes", type=float, default=0, help="trunks and detection stay as they are for so long")
    add("--pseudo", type=pathlib.Path, help="classes of stuff that an earlier run was sure of (pocket.pseudo_labels)")
    add("--eval-minutes", type=float, default=15)
    add("--batch", type=int, default=4, help="for each process")
    add("--rate", type=float, default=2e-3, help="of what is new; the trunks learn at a fifteenth of it")
    add("--minutes", type=float, required=True, help="the rate falls along a cosine over this time")
    add("--processes", type=int, default=1)
    add("--seed", type=int, default=1)
    add("--bf16", action="store_true", help="products in bfloat16, where the processor has them")
    add("--log-every", type=float, default=60)
    return parser.parse_args()


class Source:
    def __init__(self, options, groups: dict[str, list], stuff, pseudo, rank: int):
        self.options, self.groups, self.stuff, self.pseudo, self.rank = options, groups, stuff, pseudo, rank
        self.pasted = groups["instances"] + groups["panoptic"]
        self.kinds = [kind for kind in SHARES if groups[kind]]
        shares = numpy.array([SHARES[kind] for kind in self.kinds])
        self.shares = shares / shares.sum()

    def batch(self, step: int):
        rng = numpy.random.default_rng([self.options.seed, step, self.rank])
        size = int(numpy.random.default_rng([self.options.seed, step]).choice(SIDES))
        phase = int(rng.integers(4))
        out = []
        # Each kind as often as its share, whatever the batch.
        cuts = (numpy.arange(self.options.batch) + rng.random()) / self.options.batch
        for cut in cuts:
            kind = self.kinds[int(numpy.searchsorted(self.shares.cumsum(), cut, side="right").clip(0, len(self.kinds) - 1))]
            group = self.groups[kind]
            drawn = pictures.draw(group[rng.integers(len(group))], rng, size, self.stuff, self.pseudo)
            if kind != "scene" and self.pasted and rng.random() < 0.4:
                drawn.picture, drawn.ids = drawn.picture.copy(), drawn.ids.copy()
                pictures.paste(drawn, self.pasted[rng.integers(len(self.pasted))], rng)
            out.append((drawn, *pictures.semantic_target(drawn, phase)))
        return out


def prior() -> torch.Tensor:
    """How logits of ADE20K's classes are read as ours at first: [54, 32]."""
    table = torch.zeros(STUFF + 1, ADE)
    for place, (_, names) in enumerate(teachers.ADE_AS_COCO, 1):
        for rank, name in enumerate(names):
            label = pictures.THING if name == "thing" else pictures.CLASS[name]
            table[label, place] = max(table[label, place], 1.0 - 0.15 * rank)
    return table


def doubts(drawn: pictures.Drawn, places: torch.Tensor) -> torch.Tensor | None:
    """What a class weighs in a cell, [cells, 80]: nothing in the boxes of what may be one."""
    if not drawn.doubtful:
        return None
    weights = torch.ones(len(places), len(categories.THINGS))
    for label, box in drawn.doubtful:
        inside = ((places[:, 0] >= box[0]) & (places[:, 0] <= box[2]) & (places[:, 1] >= box[1]) & (places[:, 1] <= box[3]))
        weights[inside, label] = 0
    return weights


def kept(fields: Fields, published: Fields, photographs: list[int]) -> torch.Tensor:
    """How far the detections of photographs are from the published network's, cell by cell."""
    wanted = published.logits[photographs].sigmoid()
    said = fields.logits.float()[photographs]
    sure = wanted.amax(-1)
    apart = F.binary_cross_entropy_with_logits(said, wanted, reduction="none") * (wanted - said.sigmoid()).abs() ** 2
    bins = published.distances[photographs].unflatten(-1, (4, BINS)).softmax(-1)
    own = fields.distances.float()[photographs].unflatten(-1, (4, BINS)).log_softmax(-1)
    far = F.kl_div(own, bins, reduction="none").sum((-1, -2))
    chosen = sure * (sure > 0.1)
    return apart.sum() / (sure > 0.2).sum().clamp(min=1) + 0.25 * (far * chosen).sum() / chosen.sum().clamp(min=1)


def losses(network: Segmenter, published: Segmenter, batch, still: bool) -> dict[str, torch.Tensor]:
    """`still`: trunks and detection are not trained."""
    drawn = [entry[0] for entry in batch]
    size = len(drawn[0].picture)
    squares = normalised(torch.from_numpy(numpy.stack([each.picture for each in drawn])))
    fields = network(squares, still)
    places, strides = centres(size, size)
    truths = [(torch.from_numpy(each.boxes), torch.from_numpy(each.labels)) for each in drawn]
    # Photographs without truth have boxes that the teachers are sure of; what else is there, the published network says.
    weights = [torch.zeros(len(places), len(categories.THINGS)) if each.kind == "unlabelled" else doubts(each, places)
               for each in drawn]
    out, pairs = detection.losses(fields.logits.float(), fields.distances.float(), places, strides, truths, weights)
    photographs = [place for place, each in enumerate(drawn) if each.kind != "scene"]
    if still:
        out = {}
    elif photographs:
        with torch.no_grad():
            theirs = published.detections(squares)
        out["kept"] = kept(fields, theirs, photographs)

    classes = torch.from_numpy(numpy.stack([entry[1] for entry in batch]).astype(numpy.int64))
    weights = torch.from_numpy(numpy.stack([entry[2] for entry in batch]))
    semantic = fields.semantic.float()
    each = F.cross_entropy(semantic, classes.clamp(max=STUFF), reduction="none")
    out["semantic"] = (each * weights).sum() / weights.sum().clamp(min=1)

    taught = [place for place, entry in enumerate(drawn) if entry.stuff is not None]
    if taught and not still:
        wanted = torch.from_numpy(numpy.stack([drawn[place].stuff for place in taught])).permute(0, 3, 1, 2)
        known = wanted[:, 0].isfinite()
        said = F.avg_pool2d(fields.ade.float()[taught], 2).log_softmax(1)
        apart = F.kl_div(said, wanted.nan_to_num().softmax(1), reduction="none").sum(1)
        out["kept stuff"] = apart[known].mean()

    boxes, picture, cells, labels, targets = [], [], [], [], []
    for place, each in enumerate(drawn):
        own, owner = pairs[place]
        best = {}
        for cell, thing in zip(own.tolist(), owner.tolist()):
            best.setdefault(thing, cell)
        chosen = [thing for thing in best if each.places[thing] >= 0]
        chosen = [chosen[number] for number in torch.randperm(len(chosen))[:MASKS].tolist()]
        if not chosen:
            continue
        true = truths[place][0][chosen]
        extent = (true[:, 2:] - true[:, :2]).repeat(1, 2)
        around = panoptic.grown(true + extent * (torch.rand(true.shape) - 0.5) * 0.25, 1.2)
        boxes.append(around)
        picture.append(torch.full((len(chosen),), place))
        cells.append(torch.tensor([best[thing] for thing in chosen]))
        labels.append(truths[place][1][chosen])
        targets.append(pictures.mask_target(
            torch.from_numpy(numpy.ascontiguousarray(each.ids)), torch.from_numpy(each.places[chosen]), around, 2 * ROI))
    if boxes:
        picture, cells, targets = torch.cat(picture), torch.cat(cells), torch.cat(targets)
        logits = network.masks(
            fields.coarse, fields.fine, torch.cat(boxes), picture, fields.detection[picture, cells], torch.cat(labels)).float()
        visible = targets.sum((1, 2)) > 0.5
        logits, targets = logits[visible], targets[visible]
        share = logits.sigmoid()
        dice = 1 - (2 * (share * targets).sum((1, 2)) + 1) / (share.sum((1, 2)) + targets.sum((1, 2)) + 1)
        out["masks"] = F.binary_cross_entropy_with_logits(logits, targets) + 0.5 * dice.mean()
    return out


WEIGHTS = {"kept": 1.0, "classes": 1.0, "boxes": 1.0, "distances": 1.0, "semantic": 0.7, "kept stuff": 0.3, "masks": 1.5}


@torch.no_grad()
def measure(network: Segmenter, sources: list, rule=panoptic.Decision(), side: int = 512) -> panoptic.Quality:
    """Of pictures with panoptic truth."""
    quality = panoptic.Quality()
    for source in sources:
        picture, ids = source.read()
        guess, found = panoptic.mapped(network, picture, side, rule)
        truth, names = without_crowds(ids, source.segments)
        quality.add(truth, names, guess, [panoptic.NAMES[each.label] for each in found])
    return quality


def without_crowds(ids: numpy.ndarray, segments: list[dict]):
    """Crowds are void here."""
    table = numpy.array([0, *(0 if segment["crowd"] else place for place, segment in enumerate(segments, 1))])
    return table[ids], [segment["category"] for segment in segments]


@torch.no_grad()
def follow(average: torch.nn.Module, network: torch.nn.Module, kept: float):
    for ours, theirs in zip(average.parameters(), network.parameters()):
        ours.lerp_(theirs, 1 - kept)


def load(file: pathlib.Path) -> Segmenter:
    """The averaged weights of a checkpoint."""
    network = Segmenter()
    network.load_state_dict(checkpoint.load(file)["average"])
    return network.eval()


def begin(network: Segmenter, published: pathlib.Path, start: pathlib.Path | None, share: float = 0):
    """`share`: of the published network in trunk and detection, where it is a start of our own. A few hundred pictures with
    truth teach the branches, but take from the detections of what was not among them."""
    if start is None:
        nanodet.start(network, published / NANODET)
        mosaic.start(network, published / MOSAIC)
        with torch.no_grad():
            network.semantic.prior.weight.copy_(prior()[:, :, None, None])
        return
    if start.is_file():
        network.load_state_dict(checkpoint.load(start)["average"])
    else:
        network.load_state_dict(from_exported(load_file(start / "model.safetensors")).state_dict())
    if share:
        theirs = Segmenter()
        nanodet.start(theirs, published / NANODET)
        for ours, other in ((network.trunk, theirs.trunk), (network.detect, theirs.detect)):
            follow(ours, other, 1 - share)


def train(rank: int, options: argparse.Namespace):
    torch.manual_seed(options.seed)
    held = json.loads(options.held_back.read_text()) if options.held_back else {"panoptic": [], "things": []}
    found = pictures.photographs(options.photographs, {*held["panoptic"], *held["things"]})
    found += [scene for folder in options.scenes for scene in pictures.scenes(folder)]
    groups = {kind: [source for source in found if source.kind == kind and kind in options.kinds] for kind in SHARES}
    stuff = numpy.load(options.photographs / "stuff.npy", mmap_mode="r")
    pseudo = numpy.load(options.pseudo, mmap_mode="r") if options.pseudo else None
    evaluation = {"photographs": [
        source for source in pictures.photographs(options.photographs) if source.kind == "panoptic"
        and int(source.map.stem) in held["panoptic"]][rank::parallel.world()]}
    if options.eval_scenes:
        evaluation["scenes"] = pictures.scenes(options.eval_scenes, True, 60)[rank::parallel.world()]
    file = options.out / "checkpoint.pt"
    state = checkpoint.load(file) if file.exists() else None
    network = Segmenter().to(memory_format=torch.channels_last)
    if state:
        network.load_state_dict(state["model"])
    else:
        begin(network, options.published, options.start, options.published_share)
    average = copy.deepcopy(network)
    published = Segmenter().to(memory_format=torch.channels_last).eval()
    nanodet.start(published, options.published / NANODET)
    known = [parameter for name, parameter in network.named_parameters() if name.startswith(KNOWN)]
    new = [parameter for name, parameter in network.named_parameters() if not name.startswith(KNOWN)]
    rates = (options.rate / 15, options.rate)
    optimizer = torch.optim.AdamW(
        [{"params": known}, {"params": new}], options.rate, betas=(0.9, 0.99), weight_decay=0.02, fused=True)
    step, spent = 0, 0.0
    if state:
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    log = options.out / "log.txt"
    if rank == 0:
        report(log, "  ".join(f"{len(group)} {kind}" for kind, group in groups.items())
               + f"  {sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters")
    ahead = Ahead(Source(options, groups, stuff, pseudo, rank), step)
    clock = saved = evaluated = shown = time.monotonic()
    sums: dict[str, list[float]] = {}
    since = step
    done = min(1.0, spent / (60 * options.minutes))

    def evaluate():
        for name, sources in evaluation.items():
            quality = panoptic.Quality()
            for part in parallel.gathered(measure(average, sources)):
                quality.merge(part)
            if rank == 0:
                report(log, f"eval step {step} {name}: {quality.summary(categories.IS_THING.get)}")

    while True:
        batch = ahead.take()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
            still = done * options.minutes < options.still_minutes
            parts = losses(network, published, batch, still)
        total = sum(WEIGHTS[name] * value for name, value in parts.items())
        optimizer.zero_grad(set_to_none=True)
        if total.isfinite():
            total.backward()
        parallel.average_gradients(list(network.parameters()))
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        now = time.monotonic()
        spent = parallel.first_says(spent + min(now - clock, parallel.LONGEST_STEP))
        clock = now
        done = min(1.0, spent / (60 * options.minutes))
        for group, rate in zip(optimizer.param_groups, (0.0 if still else rates[0], rates[1])):
            group["lr"] = rate * min(1, (step + 1) / 100) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        optimizer.step()
        step += 1
        follow(average, network, min(KEPT, (step + 1) / (step + 10)))
        for name, value in parts.items():
            sums.setdefault(name, []).append(value.item())
        stop, keep, check, show = parallel.first_decides([
            done >= 1, now - saved > 240, now - evaluated > 60 * options.eval_minutes, now - shown > options.log_every])
        if show:
            if rank == 0:
                figures = "  ".join(f"{name} {numpy.mean(values):.3f}" for name, values in sums.items())
                rate = (step - since) * options.batch * parallel.world() / (now - shown)
                report(log, f"{time.strftime('%H:%M:%S')} step {step}  {figures}  {rate:.1f} pictures/s")
            shown, sums, since = now, {}, step
        if (keep or stop) and rank == 0:
            checkpoint.save(file, model=network.state_dict(), average=average.state_dict(),
                            optimizer=optimizer.state_dict(), step=step, spent=spent)
        if keep:
            saved = now
        if check or stop:
            evaluate()
            evaluated = clock = time.monotonic()
        if stop:
            break
    ahead.close()


def main():
    options = arguments()
    options.device = "cpu"
    options.out.mkdir(parents=True, exist_ok=True)
    parallel.launch(train, options)


if __name__ == "__main__":
    main()
