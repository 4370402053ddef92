"""Trains the mask prompt and the mask decoder over the trained segmenter's map.

    python -m pocket.train_masks --base FILE.gguf --data DIR... --eval DIR --segmenter RUN --language RUN --out RUN \\
        --minutes 10

The states at triggers come from the language run, for `--triggers` scenes, once; all other masks are learned from
their (shaken) box alone, which teaches the decoder what a thing in a box is.
"""

import argparse
import dataclasses
import math
import pathlib
import time

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn import functional as F

from . import base, checkpoint, records, scenes
from .batches import pack, sample
from .evaluate import report
from .export import load_exported, load_masks
from .masks import Masks
from .model import Pocket
from .segmenter import Segmenter, from_exported, normalised
from .vision import load_vision


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--base", type=pathlib.Path, required=True)
    add("--data", nargs="+", type=pathlib.Path, required=True)
    add("--eval", type=pathlib.Path, required=True)
    add("--segmenter", type=pathlib.Path, required=True, help="an exported one")
    add("--language", type=pathlib.Path, help="folder of the run, or an exported one; without it, boxes alone")
    add("--vision", type=pathlib.Path, help="the file vision.pt, if the language run saw pictures")
    add("--start", type=pathlib.Path, help="an exported folder to start from")
    add("--out", type=pathlib.Path, required=True)
    add("--scenes", type=int, default=1200, help="so many of each folder")
    add("--triggers", type=int, default=200, help="scenes whose triggers are read")
    add("--eval-records", type=int, default=40)
    add("--rate", type=float, default=1e-3)
    add("--minutes", type=float, required=True)
    add("--seed", type=int, default=1)
    add("--device", default="cpu")
    return parser.parse_args()


@dataclasses.dataclass
class Target:
    scene: int
    segment: int  # its place, plus 1, in the scene's ids
    box: torch.Tensor
    hidden: torch.Tensor | None


@torch.no_grad()
def coarse_maps(segmenter: Segmenter, data: list[scenes.Scene]) -> torch.Tensor:
    """[pictures, 128, 64, 64] in 16 bit, so that a thousand of them stay in memory."""
    return torch.cat([segmenter(squares(data[start:start + 4])).coarse.half() for start in range(0, len(data), 4)])


def squares(data: list[scenes.Scene], side: int = 512) -> torch.Tensor:
    """As the segmenter sees them."""
    pictures = [Image.fromarray(scene.picture).resize((side, side), Image.Resampling.BILINEAR) for scene in data]
    return normalised(torch.from_numpy(numpy.stack([numpy.asarray(picture) for picture in pictures])))


@torch.no_grad()
def trigger_states(pocket: Pocket, words: base.Words, found: list[records.Record], vision, device: str,
                   most: int = 6) -> list[list[tuple[int, torch.Tensor]]]:
    """For each record, (segment id, state at its trigger) of up to `most` where-questions."""
    out = []
    for record in found:
        asked = [question for question in record.questions if question.family == "where"][:most]
        if not asked:
            out.append([])
            continue
        batch = pack([sample(words, record, asked, False, picture=vision is not None)]).to(device)
        outcome = pocket(batch, None, vision(batch.pictures) if vision is not None else None)
        ids = [region for question in asked for region in question.region_ids]
        out.append(list(zip(ids, outcome.trigger_hidden.cpu())))
    return out


def targets(data: list[scenes.Scene], states) -> list[Target]:
    out = []
    for place, scene in enumerate(data):
        known = dict(states[place]) if place < len(states) else {}
        for number, segment in enumerate(scene.segments, 1):
            if (scene.ids == number).sum() < 16:
                continue
            box = torch.tensor(segment["box"], dtype=torch.float32) / scenes.SIZE
            out.append(Target(place, number, box, known.get(segment["id"])))
    return out


def mask_losses(logits, iou, truth) -> dict[str, torch.Tensor]:
    """logits and truth [N, 128, 128]: 20 · focal (alpha 0.8, gamma 2) + Dice + the error of the predicted IoU."""
    share = logits.sigmoid()
    each = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    right = share * truth + (1 - share) * (1 - truth)
    weight = 0.8 * truth + 0.2 * (1 - truth)
    dice = 1 - (2 * (share * truth).sum((1, 2)) + 1) / (share.sum((1, 2)) + truth.sum((1, 2)) + 1)
    with torch.no_grad():
        reached = overlap(logits > 0, truth > 0.5)
    return {"focal": 20 * (weight * (1 - right) ** 2 * each).mean(), "dice": dice.mean(),
            "iou": F.mse_loss(iou, reached)}


def overlap(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a & b).sum((1, 2)) / (a | b).sum((1, 2)).clamp(min=1)


def shaken(boxes: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    size = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
    strength = torch.rand(len(boxes), 1, generator=generator) * 0.1
    return (boxes + torch.randn(boxes.shape, generator=generator) * strength * size).clamp(0, 1)


class Sampler:
    def __init__(self, data, found: list[Target], maps: torch.Tensor, seed: int):
        self.data, self.maps = data, maps
        self.by_scene: dict[int, list[Target]] = {}
        for target in found:
            self.by_scene.setdefault(target.scene, []).append(target)
        self.told = [scene for scene, group in self.by_scene.items() if any(t.hidden is not None for t in group)]
        self.seed = seed

    def masks(self, scene: int, group: list[Target]) -> torch.Tensor:
        ids = self.data[scene].ids
        # A pixel of the 128×128 mask is the mean of four.
        truth = numpy.stack([ids == target.segment for target in group]).astype(numpy.float32)
        return F.avg_pool2d(torch.from_numpy(truth), 2)

    def draw(self, step: int, told: bool, most: int = 8):
        rng = numpy.random.default_rng([self.seed, step])
        scene = int(rng.choice(self.told if told else list(self.by_scene)))
        group = [target for target in self.by_scene[scene] if not told or target.hidden is not None]
        group = [group[place] for place in rng.permutation(len(group))[:most]]
        return self.maps[scene].float(), group, self.masks(scene, group)


@torch.no_grad()
def measure(masks: Masks, sampler: Sampler, device: str) -> str:
    """Mean and cumulative IoU with true boxes, by boxes alone and with states."""
    parts = []
    for told in (False, True):
        inner = outer = 0.0
        each = []
        for scene in sampler.told if told else sampler.by_scene:
            group = [t for t in sampler.by_scene[scene] if not told or t.hidden is not None]
            truth = sampler.masks(scene, group) > 0.5
            hidden = torch.stack([t.hidden for t in group]).to(device) if told else None
            logits, _ = masks(sampler.maps[scene].float().to(device), torch.stack([t.box for t in group]).to(device), hidden)
            guess = logits.cpu() > 0
            each += overlap(guess, truth).tolist()
            inner += (guess & truth).sum().item()
            outer += (guess | truth).sum().item()
        if each:
            parts.append(f"{'states' if told else 'boxes'}: mIoU {100 * numpy.mean(each):.1f} cIoU {100 * inner / outer:.1f}")
    return "  ".join(parts)


def prepare(options, folders, evaluation: bool, limit: int, triggers: int, segmenter, pocket, words, vision, seed):
    data, states = [], []
    for folder in folders:
        part = scenes.read(folder, evaluation, limit)
        if pocket is not None:
            found = trigger_states(
                pocket, words, records.read(folder, evaluation, min(limit, triggers)), vision, options.device)
        else:
            found = []
        states += found + [[]] * (len(part) - len(found))
        data += part
    return Sampler(data, targets(data, states), coarse_maps(segmenter, data), seed)


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    log, file = options.out / "log.txt", options.out / "checkpoint.pt"
    segmenter = from_exported(load_file(options.segmenter / "model.safetensors"))
    pocket = words = vision = None
    if options.language:
        words = base.Words(options.base)
        pocket = Pocket(base.load(options.base))
        if (options.language / "checkpoint.pt").exists():
            pocket.load_state_dict(checkpoint.load(options.language / "checkpoint.pt")["model"])
        else:
            load_exported(pocket, options.language)
        pocket.to(options.device).eval()
        pocket.language.fold()
        vision = load_vision(options.vision).to(options.device) if options.vision else None
    parts = (segmenter, pocket, words, vision)
    training = prepare(options, options.data, False, options.scenes, options.triggers, *parts, options.seed)
    evaluation = prepare(options, [options.eval], True, options.eval_records, options.eval_records, *parts, 0)
    report(log, f"{len(training.by_scene)} scenes, {len(training.told)} with states")
    masks = Masks().to(options.device)
    optimizer = torch.optim.AdamW(masks.parameters(), options.rate, betas=(0.9, 0.99), weight_decay=0.01)
    step, spent = 0, 0.0
    if options.start and not file.exists():
        load_masks(masks, options.start)
    if file.exists():
        state = checkpoint.load(file)
        masks.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent = state["step"], state["spent"]
    clock = shown = saved = time.monotonic()
    sums: dict[str, float] = {}
    since = step
    while spent < 60 * options.minutes:
        optimizer.zero_grad(set_to_none=True)
        for part in range(4):
            number = 4 * step + part
            told = bool(training.told) and part % 2 == 0
            coarse, group, truth = training.draw(number, told)
            generator = torch.Generator().manual_seed(number)
            boxes = shaken(torch.stack([target.box for target in group]), generator)
            hidden = torch.stack([target.hidden for target in group]).to(options.device) if told else None
            logits, iou = masks(coarse.to(options.device), boxes.to(options.device), hidden)
            found = mask_losses(logits, iou, truth.to(options.device))
            (sum(found.values()) / 4).backward()
            for name, value in found.items():
                sums[name] = sums.get(name, 0) + value.item() / 4
        torch.nn.utils.clip_grad_norm_(masks.parameters(), 1.0)
        now = time.monotonic()
        spent += now - clock
        clock = now
        share = min(1.0, spent / (60 * options.minutes))
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))
        optimizer.step()
        step += 1
        if now - shown > 60 or share == 1:
            figures = "  ".join(f"{name} {value / (step - since):.3f}" for name, value in sums.items())
            report(log, f"{time.strftime('%H:%M:%S')} step {step}  {figures}  {measure(masks, evaluation, options.device)}")
            shown, sums, since = time.monotonic(), {}, step
            clock = shown
        if now - saved > 120 or share == 1:
            checkpoint.save(file, model=masks.state_dict(), optimizer=optimizer.state_dict(), step=step, spent=spent)
            saved = now


if __name__ == "__main__":
    main()
