"""The colours of a segment: statistics of its pixels."""

import numpy

from .records import indexed

PERCENTILES = (10, 30, 50, 70, 90)
WIDTH = 3 * (2 + len(PERCENTILES)) + 4


def statistics(picture: numpy.ndarray, panoptic: numpy.ndarray, ids: list[int]) -> numpy.ndarray:
    """Of each segment, from 0 to 1: the mean, deviation and percentiles of red, green and blue over its pixels, the
    picture's mean colour, and the share of the picture that it has. Percentile p is the least value that p in a
    hundred pixels do not exceed. picture [H, W, 3] bytes, panoptic [H, W] → [len(ids), WIDTH]"""
    place = {segment: index for index, segment in enumerate(ids)}
    known, local = indexed(panoptic)
    index = numpy.array([place.get(int(segment), len(ids)) for segment in known])[local.reshape(-1)]
    channels = (index[:, None] * 3 + numpy.arange(3)) * 256 + picture.reshape(-1, 3)
    counts = numpy.bincount(channels.ravel(), minlength=(len(ids) + 1) * 768).reshape(-1, 3, 256)
    whole = counts.sum(0)
    counts = counts[:len(ids)]
    areas = numpy.maximum(counts.sum(2), 1)
    values = numpy.arange(256) / 255
    mean = counts @ values / areas
    deviation = numpy.sqrt(numpy.maximum(counts @ values**2 / areas - mean**2, 0))
    reached = counts.cumsum(2)[..., None] * 100 >= areas[..., None, None] * numpy.array(PERCENTILES)
    percentiles = reached.argmax(2) / 255  # [segments, 3, percentiles]
    size = panoptic.size
    return numpy.concatenate([
        mean, deviation, percentiles.reshape(len(ids), 3 * len(PERCENTILES)),
        numpy.broadcast_to(whole @ values / size, (len(ids), 3)), areas[:, :1] / size], 1).astype(numpy.float32)
