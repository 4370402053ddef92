"""Trains the crayon, the adapters and the region heads around the frozen language base.

    python -m pocket.train_language --base FILE.gguf --data DIR[:WEIGHT]... --out RUN [--stage cpt|cit] …

Each step draws a kind, image-level or visual-language, and pictures with questions of that kind. One adapter trains, beside
crayon, positions, crayon pairs and region heads: that of the kind where it is alone, either where both are attached. A run
goes on where its checkpoint is.
With `--adapters one` the `vl` adapter alone is there and learns from both kinds, which is what Dual QLoRA is
compared with.
"""

import argparse
import collections
import dataclasses
import pathlib
import time

import numpy
import torch

from . import base, checkpoint, initialise, parallel, records
from .ahead import Ahead
from .batches import Batch, pack, sample
from .evaluate import Tally, measure, report
from .export import load_exported
from .language import ADAPTERS
from .model import Pocket
from .vision import load_vision


# How readily a question is drawn, by its kind's adapter: what is hard often, what is soon known or long seldom.
FAMILY_SHARES = {
    "image": {"where": 3.0, "coloured-where": 1.0, "region": 1.2},
    "vl": {"count": 3.0, "stuff-count": 0.6, "colour": 2.5, "existence": 1.5, "list": 7.0, "compare": 1.0,
           "relation": 2.0, "colours": 0.8, "is-colour": 0.8, "coloured-count": 1.2, "coloured-existence": 0.8,
           "describe": 5.0, "unknown": 1.0, "nothing": 0.5, "unrelated": 0.7, "which-one": 1.5,
           "group": 3.0, "group-existence": 1.5, "group-count": 2.0, "part": 1.5, "part-count": 1.5, "two-counts": 1.5, "on-top": 2.5, "on-top-count": 2.0, "beside": 1.5, "doing": 4.0, "purpose": 2.5,
           "anybody": 0.5, "who": 0.6, "narrower": 2.0, "unknowable": 1.5, "other-language": 1.0}}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--base", type=pathlib.Path, required=True, help="SmolLM2-135M-Instruct.Q4_1.gguf")
    add("--data", nargs="+", required=True, help="folders of crayon synth, each with :WEIGHT if not 1")
    add("--out", type=pathlib.Path, required=True, help="folder of the run: checkpoint.pt and log.txt")
    add("--start", type=pathlib.Path, help="a checkpoint of another run, or an exported folder, to start from")
    add("--stage", choices=["cpt", "cit"], default="cit", help="cpt trains no adapter")
    add("--adapters", choices=["dual", "one"], default="dual", help="one: the same adapter for both kinds of steps")
    add("--new-adapters", action="store_true", help="with --start: all but the adapters, which begin anew")
    add("--merge-adapters", type=float, metavar="ALPHA",
        help="with --start FOLDER, whose adapters have this alpha: each begins as the sum of both")
    add("--steps", type=int, default=100_000)
    add("--minutes", type=float, default=1e9, help="stop after so long")
    add("--rate", type=float, default=1e-3)
    add("--warmup", type=int, default=20)
    add("--decay-minutes", type=float, default=0, help="the rate falls to a fiftieth over the last of --minutes")
    add("--questions", type=int, default=12, help="at most so many of a picture in a step")
    add("--pictures", type=int, default=1, help="in a step, for each process")
    add("--image-share", type=float, default=0.35, help="share of image-level steps")
    add("--alone", type=float, default=0.1, help="share of steps without the other adapter")
    add("--thinned", type=float, default=0.75, help="share of samples with only some cells, and no boxes asked for")
    add("--listing-off", type=float, default=0.55)
    add("--vision", type=pathlib.Path, help="vision.pt of a run, or an exported folder; without it, pictures are not seen")
    add("--eval", type=pathlib.Path, nargs="*", default=[])
    add("--eval-records", type=int, default=24)
    add("--eval-minutes", type=float, default=10)
    add("--checkpoint-minutes", type=float, default=3)
    add("--processes", type=int, default=1, help="each with one thread, if more than one")
    add("--workers", type=int, default=0, help="processes that make batches; for a fast device")
    add("--seed", type=int, default=1)
    add("--device", default="cpu")
    add("--bf16", action="store_true", help="products in bfloat16: several times faster on a processor with AMX")
    return parser.parse_args()


class Source:
    """Batches as a function of the step: a run that was stopped draws what it would have drawn."""

    def __init__(self, options, words: base.Words, rank: int):
        self.options, self.words, self.rank = options, words, rank
        # By family: the folders that ask such questions, each as its records that do, and their weights.
        self.asking = collections.defaultdict(list)
        for text in options.data:
            folder, weight = records.weighted(text)
            asking = collections.defaultdict(list)
            for record in records.read(folder):
                for family in {question.family for question in record.questions}:
                    asking[family].append(record)
            for family, found in asking.items():
                self.asking[family].append((found, weight))

    def kind(self, step: int) -> str:
        share = numpy.random.default_rng([self.options.seed, step]).random()
        return "image" if share < self.options.image_share else "vl"

    def learning(self, step: int) -> str | None:
        """The adapter that a step trains: its kind's own, or either where both are there, as neither may undo what both say
        of the other's kind."""
        if self.options.stage == "cpt":
            return None
        attached = self.attached(step)
        return attached[0] if len(attached) == 1 else _draw(numpy.random.default_rng([self.options.seed, step, 0, 0]), attached)

    def attached(self, step: int) -> list[str]:
        """The adapters of a step."""
        if self.options.adapters == "one":
            return ["vl"]
        share = numpy.random.default_rng([self.options.seed, step, 0]).random()
        return [self.kind(step)] if share < self.options.alone else [*ADAPTERS]

    def _one(self, rng, kind: str):
        """A family is drawn first, then a picture of which such a question is asked; its other questions fill up."""
        options = self.options
        shares = {family: share for family, share in FAMILY_SHARES[kind].items() if family in self.asking}
        wanted = _draw(rng, list(shares), shares.values())
        folders, weights = zip(*self.asking[wanted])
        folder = _draw(rng, folders, weights)
        record = folder[rng.integers(len(folder))]
        first = _draw(rng, [question for question in record.questions if question.family == wanted])
        asked = [question for question in record.questions if question.kind == kind and question is not first]
        weights = numpy.array([shares[question.family] for question in asked])
        chosen = rng.choice(len(asked), min(len(asked), options.questions - 1), replace=False,
                            p=weights / weights.sum()) if asked else []
        asked = [first, *(asked[place] for place in chosen)]
        listed = rng.random() >= options.listing_off
        thinned = rng if rng.random() < options.thinned else None
        return sample(self.words, record, asked, listed, picture=options.vision is not None, thinned=thinned)

    def batch(self, step: int) -> Batch:
        rng = numpy.random.default_rng([self.options.seed, step, 1 + self.rank])
        return pack([self._one(rng, self.kind(step)) for _ in range(self.options.pictures)])


def _draw(rng, values, weights=None):
    """One of the values, each as likely as the others or by weights."""
    if weights is None:
        return values[rng.integers(len(values))]
    weights = numpy.array([*weights])
    return values[rng.choice(len(values), p=weights / weights.sum())]


def optimizer_for(pocket: Pocket, rate: float) -> torch.optim.Optimizer:
    """Low-rank pairs and heads at the full rate; crayon and locations, which start as long as the language model's own
    words, at a hundredth of it: steps of one size on their wide matrices add up to more than its words are long, and
    what is twenty times as long, and nearly the same each time, is not heard."""
    slow = [*pocket.crayon.parameters(), *pocket.regions.location_encoder.parameters()]
    ids = {id(parameter) for parameter in slow}
    fast = [parameter for parameter in pocket.parameters() if parameter.requires_grad and id(parameter) not in ids]
    return torch.optim.AdamW(
        [{"params": fast, "share": 1.0}, {"params": slow, "share": 0.01}],
        lr=rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True)


def rate_at(step: int, spent: float, options) -> float:
    """`spent`: minutes of the run, since it was first begun."""
    rate = options.rate * min(1, (step + 1) / options.warmup)
    if options.decay_minutes:
        rate *= min(1, max(0.02, (options.minutes - spent) / options.decay_minutes))
    return rate


def trained(pocket: Pocket, adapter: str | None) -> list[torch.nn.Parameter]:
    """The parameters of a step: all that learn, but for the other adapters."""
    others = tuple(f".{name}" for name in ADAPTERS if name != adapter)
    return [
        parameter for name, parameter in pocket.named_parameters()
        if parameter.requires_grad and not name.endswith(others)]


@dataclasses.dataclass
class Run:
    options: argparse.Namespace
    pocket: Pocket
    optimizer: torch.optim.Optimizer
    words: base.Words
    vision: torch.nn.Module | None
    rank: int = 0
    step: int = 0
    spent: float = 0.0  # minutes of training, since the first start

    def save(self):
        if self.rank == 0:
            checkpoint.save(
                self.options.out / "checkpoint.pt", model=self.pocket.state_dict(),
                optimizer=self.optimizer.state_dict(), step=self.step, spent=self.spent)

    def evaluate(self):
        options = self.options
        self.pocket.language.fold(["vl"] if options.adapters == "one" else ADAPTERS)
        for folder in options.eval:
            chosen = records.read(folder, evaluation=True, limit=options.eval_records)[self.rank::parallel.world()]
            for listed in (False, True):
                mine = measure(self.pocket, self.words, chosen, listed, self.vision, device=options.device)
                tally = Tally()
                for part in parallel.gathered(dict(mine.counts)):
                    tally.merge(part)
                if self.rank == 0:
                    on = "on " if listed else "off"
                    report(options.out / "log.txt", f"eval {folder.name} step {self.step} listing {on}: {tally}")

    def train_step(self, adapter: str | None, attached: list[str], batch: Batch) -> dict[str, float]:
        options = self.options
        self.pocket.language.fold(attached)
        with torch.no_grad():
            seen = self.vision(batch.pictures) if self.vision is not None and batch.pictures is not None else None
        outcome = self.pocket(batch, adapter, seen)
        self.optimizer.zero_grad(set_to_none=True)
        sum(outcome.losses.values()).backward()
        parallel.average_gradients(trained(self.pocket, adapter))
        torch.nn.utils.clip_grad_norm_(self.pocket.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, self.spent, options) * group["share"]
        self.optimizer.step()
        self.step += 1
        exact = Tally()
        for family, right in zip(batch.families, outcome.exact.tolist()):
            exact.add(f"exact.{family}", right)
        return {"answers": len(batch.families),
                **{name: right / asked for name, (right, asked) in exact.counts.items()},
                **{name: value.item() for name, value in outcome.losses.items()},
                **({"iou": outcome.iou.mean().item()} if len(outcome.iou) else {})}


def train(rank: int, options: argparse.Namespace):
    torch.manual_seed(options.seed)
    words = base.Words(options.base)
    pocket = Pocket(base.load(options.base))
    state_file = options.out / "checkpoint.pt"
    state = None
    if state_file.exists():
        state = checkpoint.load(state_file)
        pocket.load_state_dict(state["model"])
    elif options.start and options.start.is_dir():
        load_exported(pocket, options.start, options.merge_adapters)
    elif options.start:
        pocket.load_state_dict(checkpoint.load(options.start)["model"])
    else:
        initialise.start(pocket, words)
    if options.new_adapters and not state:
        pocket.language.begin_adapters()
    if options.vision and options.vision.is_file() and not state:
        pocket.vision_connector.load_state_dict(checkpoint.load(options.vision)["connector"])
    if options.bf16:
        pocket.language.store_in_bf16()
    pocket.to(options.device)
    optimizer = optimizer_for(pocket, options.rate)
    run = Run(options, pocket, optimizer, words,
              load_vision(options.vision).to(options.device) if options.vision else None, rank)
    if state:
        optimizer.load_state_dict(state["optimizer"])
        run.step, run.spent = state["step"], state.get("spent", 0.0)
    loop(run, Source(options, words, rank))


def loop(run: Run, source: Source):
    options = run.options
    clock = saved = evaluated = shown = time.monotonic()
    sums: dict[str, list[float]] = {}
    ahead = Ahead(source, run.step, options.workers)
    while run.step < options.steps:
        kind = source.kind(run.step)
        batch = ahead.take().to(options.device)
        for name, value in run.train_step(source.learning(run.step), source.attached(run.step), batch).items():
            sums.setdefault(f"{kind}.{name}", []).append(value)
        now = time.monotonic()
        run.spent = parallel.first_says(run.spent + min(now - clock, parallel.LONGEST_STEP) / 60)
        clock = now
        stop, save, evaluate, show = parallel.first_decides([
            run.spent > options.minutes, now - saved > options.checkpoint_minutes * 60,
            now - evaluated > options.eval_minutes * 60, now - shown > 60])
        if show or stop:
            answers = sum(sum(values) for name, values in sums.items() if name.endswith("answers"))
            figures = "  ".join(f"{name} {sum(values) / len(values):.3f}" for name, values in sorted(sums.items()))
            if run.rank == 0:
                report(options.out / "log.txt",
                       f"{time.strftime('%H:%M:%S')} step {run.step}  {figures}  "
                       f"{options.processes * answers / (now - shown):.1f} answers/s")
            shown, sums = now, {}
        if save or stop:
            run.save()
            saved = time.monotonic()
        if evaluate or stop:
            run.evaluate()
            clock = evaluated = shown = time.monotonic()
        if stop:
            break
    else:
        run.save()
        run.evaluate()
    ahead.close()


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    parallel.launch(train, options)


if __name__ == "__main__":
    main()
