"""The 133 categories of COCO panoptic, in the order that numbers the crayon's semantic table."""

_THINGS = """
    person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
    stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe,
    backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball
    bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, fork, knife,
    spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake, chair,
    couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard, cell phone,
    microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, hair drier,
    toothbrush
"""

_STUFF = """
    banner, blanket, bridge, cardboard, counter, curtain, door-stuff, floor-wood, flower, fruit, gravel,
    house, light, mirror-stuff, net, pillow, platform, playingfield, railroad, river, road, roof, sand,
    sea, shelf, snow, stairs, tent, towel, wall-brick, wall-stone, wall-tile, wall-wood, water-other,
    window-blind, window-other, tree-merged, fence-merged, ceiling-merged, sky-other-merged,
    cabinet-merged, table-merged, floor-other-merged, pavement-merged, mountain-merged, grass-merged,
    dirt-merged, paper-merged, food-other-merged, building-other-merged, rock-merged, wall-other-merged,
    rug-merged
"""


def _names(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split(",")]


THINGS = _names(_THINGS)
STUFF = _names(_STUFF)
NAMES = THINGS + STUFF
INDEX = {name: index for index, name in enumerate(NAMES)}
IS_THING = {name: index < len(THINGS) for index, name in enumerate(NAMES)}

assert len(THINGS) == 80 and len(STUFF) == 53


def spoken(name: str) -> str:
    """The name as a person says it: `table-merged` is a table."""
    for ending in ("-merged", "-other", "-stuff"):
        name = name.removesuffix(ending)
    return name
