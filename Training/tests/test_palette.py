import numpy
import torch

from pocket import palette
from pocket.crayon import Connector
from pocket.train_palette import SPREAD, Examples, fit


def test_colours_are_those_of_the_segments_pixels():
    rng = numpy.random.default_rng(1)
    picture = rng.integers(0, 256, (20, 30, 3), dtype=numpy.uint8)
    panoptic = rng.choice([0, 3, 70000], (20, 30))
    values = palette.statistics(picture, panoptic, [70000, 3])
    assert values.shape == (2, palette.WIDTH)
    for row, segment in zip(values, [70000, 3]):
        own = picture[panoptic == segment] / 255
        wanted = numpy.concatenate([
            own.mean(0), own.std(0), numpy.percentile(own, palette.PERCENTILES, axis=0, method="inverted_cdf").T.ravel(),
            (picture / 255).mean((0, 1)), [len(own) / 600]])
        assert numpy.allclose(row, wanted, atol=1e-6)


def test_a_palette_learns_what_colours_say():
    torch.manual_seed(2)
    colours = torch.rand(400, palette.WIDTH) * 0.1 + 0.4
    names = (colours[:, 0] > 0.45).long()
    words = torch.eye(32)[:2]
    found = Examples(colours, torch.zeros(400, 32), SPREAD * words[names], names, words)
    before = (found.choices(found.tokens).argmax(1) == names).float().mean()
    out = Connector(palette.WIDTH, 32)
    fit(out, found, steps=600, seed=1)
    after = (found.choices(out(colours)).argmax(1) == names).float().mean()
    assert before < 0.7 and after > 0.95
