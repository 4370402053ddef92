import numpy
import torch

from pocket import palette
from pocket.crayon import Connector
from pocket.train_palette import fit


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
    missing = 0.1 * torch.stack([colours[:, 0] > 0.45, colours[:, 1] > 0.45], 1).float().repeat(1, 16)
    out = Connector(palette.WIDTH, 32)
    fit(out, colours, missing, steps=600, seed=1)
    assert (out(colours) - missing).pow(2).mean() < missing.var() / 2
