"""How probable it is that a segment is right, and from which probability on it is one.

    python -m pocket.calibrate --photographs data/photographs --segmenter RUN --held-back held-back.json

Fits the two logistic regressions of `panoptic.Decision` on the photographs that are held back (things on those with
instances alone too), prints what each least probability gives, and writes the rule into the checkpoint.
"""

import argparse
import collections
import dataclasses
import json
import pathlib

import numpy
import torch
from PIL import Image
from scipy.optimize import minimize

from . import categories, checkpoint, measures, panoptic, pictures, train_segmenter
from .segmenter import normalised

DECAY = 1e-3  # of the weights, so that few segments do not make them large
LEAST = 0.05  # probability of a thing that is among those that the regression is fitted on, once there is one
LEVELS = (0.08, 0.1, 0.12, 0.15, 0.2)


@dataclasses.dataclass
class Seen:
    """A picture as the network sees it, with its truth."""

    fields: object
    truth: numpy.ndarray  # [height, width] place plus 1
    names: list[str]  # of the segments in it, and of crowds, which lie in no segment
    crowds: set[str]
    void: numpy.ndarray  # [height, width] where nothing is right or wrong
    stuff: bool  # whether stuff is known


@torch.no_grad()
def seen(network, source, side: int = 512) -> Seen:
    picture, ids = source.read()
    square = torch.from_numpy(numpy.array(picture.resize((side, side), Image.Resampling.BILINEAR)))
    truth, names = train_segmenter.without_crowds(ids, source.segments)
    # Where instances alone are known, a thing that lies on none of them is wrong; only in a crowd nobody knows.
    void = truth == 0 if source.kind == "panoptic" else (truth == 0) & (ids > 0)
    crowds = {segment["category"] for segment in source.segments if segment["crowd"]}
    return Seen(network(normalised(square[None])), truth, names, crowds, void, source.kind == "panoptic")


def decided(network, each: Seen, rule: panoptic.Decision, side: int = 512):
    ids, found = panoptic.decide(network, each.fields, 0, (side, side), rule)
    return panoptic.stretched(ids, *each.truth.shape), found


def right(each: Seen, ids: numpy.ndarray, found: list[panoptic.Found]) -> list[bool | None]:
    """Of each segment whether it is one of the truth's; None where most of it lies in what is not known."""
    def segments(called: list[str], places: numpy.ndarray) -> list[measures.Segment]:
        return [measures.Segment(name, categories.IS_THING[name], places == place) for place, name in enumerate(called, 1)]

    return measures.judged(segments([panoptic.NAMES[one.label] for one in found], ids), segments(each.names, each.truth), each.void)


def fitted(features: numpy.ndarray, is_right: numpy.ndarray) -> tuple[float, ...]:
    """A logistic regression's weights."""
    def loss(weights):
        value = features @ weights
        share = 1 / (1 + numpy.exp(-value))
        each = numpy.logaddexp(0, numpy.where(is_right, -value, value))
        gradient = features.T @ (share - is_right) / len(value) + 2 * DECAY * weights
        return each.mean() + DECAY * (weights**2).sum(), gradient

    return tuple(float(weight) for weight in minimize(loss, numpy.zeros(features.shape[1]), jac=True).x)


def fit(network, all_seen: list[Seen], rule: panoptic.Decision) -> panoptic.Decision:
    """The rule with the weights that its own segments have."""
    rows = {True: ([], []), False: ([], [])}
    for each in all_seen:
        ids, found = decided(network, each, rule)
        for one, hit in zip(found, right(each, ids, found)):
            thing = one.label < len(categories.THINGS)
            if hit is not None and (thing or each.stuff):
                rows[thing][0].append(one.features)
                rows[thing][1].append(hit)
    weights = {}
    for thing, (features, hits) in rows.items():
        features, hits = numpy.array(features), numpy.array(hits)
        weights[thing] = fitted(features, hits)
        print(f"{'things' if thing else 'stuff'}: {len(hits)} segments, {hits.sum()} right; weights {numpy.round(weights[thing], 3)}")
    return dataclasses.replace(rule, thing_probability=weights[True], stuff_probability=weights[False])


def counts(all_seen: list[Seen], maps: list[tuple]) -> str:
    """Exactly right numbers of the kinds of things that are there, beside always saying 1; and whether a kind is there.
    Of what there is a crowd of, nobody knows the number."""
    asked = exact = ones = several = several_right = there = invented = 0
    for each, (_, found) in zip(all_seen, maps):
        truth = collections.Counter(name for name in each.names if categories.IS_THING[name] and name not in each.crowds)
        labels = (panoptic.NAMES[one.label] for one in found if one.label < len(categories.THINGS))
        guess = collections.Counter(name for name in labels if name not in each.crowds)
        for name, number in truth.items():
            asked, exact, ones = asked + 1, exact + (guess[name] == number), ones + (number == 1)
            there += guess[name] > 0
            if 2 <= number <= 5:
                several, several_right = several + 1, several_right + (guess[name] == number)
        invented += sum(name not in truth for name in guess)
    return (f"counts {100 * exact / asked:.1f} (always 1: {100 * ones / asked:.1f}; 2 to 5: {100 * several_right / max(1, several):.1f}) "
            f"of {asked}, kinds met {100 * there / asked:.1f}, kinds invented {invented / len(all_seen):.2f} a picture")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--segmenter", type=pathlib.Path, required=True, help="folder of the run")
    parser.add_argument("--held-back", type=pathlib.Path, required=True)
    parser.add_argument("--thing", type=float, help="the least probability; the best for quality if it is not given")
    parser.add_argument("--stuff", type=float)
    options = parser.parse_args()
    torch.set_num_threads(1)
    file = options.segmenter / "checkpoint.pt"
    network = train_segmenter.load(file)
    held = json.loads(options.held_back.read_text())
    sources = [source for source in pictures.photographs(options.photographs) if source.kind != "unlabelled"
               and int(source.map.stem) in {*held["panoptic"], *held["things"]}]
    everything = panoptic.Decision(least_thing_probability=0, least_stuff_probability=0, least_detection=0.1)
    all_seen = [seen(network, source) for source in sources]
    # Twice: at first what is hardly probable takes its pixels too, and some of those of what it lies in front of.
    rule = everything
    for _ in range(2):
        rule = dataclasses.replace(fit(network, all_seen, rule), least_thing_probability=LEAST)
    panoptic_seen = [each for each in all_seen if each.stuff]
    best = {}
    for level in LEVELS:
        tried = dataclasses.replace(rule, least_thing_probability=level, least_stuff_probability=level)
        quality = panoptic.Quality()
        maps = [decided(network, each, tried) for each in panoptic_seen]
        for each, (ids, found) in zip(panoptic_seen, maps):
            quality.add(each.truth, each.names, ids, [panoptic.NAMES[one.label] for one in found])
        others = [decided(network, each, tried) for each in all_seen if not each.stuff]
        print(f"{level}: {quality.summary(categories.IS_THING.get)}\n   {counts(panoptic_seen, maps)}\n   instances: "
              f"{counts([each for each in all_seen if not each.stuff], others)}", flush=True)
        keys = {*quality.tp, *quality.fp, *quality.fn}
        for thing in (True, False):
            mean = numpy.mean([quality.of(key) for key in keys if categories.IS_THING[key] == thing])
            best.setdefault(thing, []).append((mean, level))
    rule = dataclasses.replace(
        rule, least_thing_probability=max(best[True])[1] if options.thing is None else options.thing,
        least_stuff_probability=max(best[False])[1] if options.stuff is None else options.stuff)
    checkpoint.save(file, **{**checkpoint.load(file), "rule": dataclasses.asdict(rule)})
    print(rule)


if __name__ == "__main__":
    main()
