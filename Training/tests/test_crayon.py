import numpy
import pytest
import torch

from pocket import categories, crayon


def segment(number, category, identity):
    return {"id": identity, "category": category, "number": number}


def test_a_cell_is_of_its_largest_segment_and_of_the_smaller_id_between_equals():
    panoptic = numpy.zeros((32, 32), int)
    panoptic[:2, :2] = [[7, 7], [3, 7]]  # 7 leads
    panoptic[:2, 2:4] = [[7, 7], [3, 3]]  # equal
    panoptic[:2, 4:6] = [[0, 0], [3, 3]]  # nothing counts as well, and its id is the smallest
    semantic, numbering = crayon.grids(crayon.winners(panoptic), [segment(2, "cup", 3), segment(1, "bowl", 7)])
    cup, bowl = categories.INDEX["cup"] + 1, categories.INDEX["bowl"] + 1
    assert semantic[:4].tolist() == [bowl, cup, 0, 0]
    assert numbering[:4].tolist() == [1, 2, 0, 0]


def test_what_has_won_no_cell_takes_one_that_can_be_spared():
    panoptic = numpy.full((64, 64), 3)
    panoptic[0, 3] = panoptic[0, 4] = panoptic[1, 4] = 1  # most of it in the second cell
    panoptic[:4, 8:12] = 2  # its only cell…
    panoptic[0, 8] = panoptic[0, 11] = 4  # …which 4 therefore cannot have
    panoptic[0, 12] = 4
    assert crayon.winners(panoptic)[:5].tolist() == [3, 1, 2, 4, 3]
    panoptic[0, 12] = 3
    assert crayon.winners(panoptic)[:5].tolist() == [3, 1, 2, 3, 3]


def test_pixels_belong_to_the_cell_that_their_centres_lie_in():
    """As in the product, for pictures of any size: of 24 columns one and two by turns are a cell."""
    panoptic = numpy.arange(24)[None].repeat(16, 0) + 1
    assert crayon.winners(panoptic)[-16:][:4].tolist() == [1, 2, 4, 5]
    assert [crayon.cells_of(column, numpy.zeros(256), panoptic).tolist() for column in (1, 2, 3, 4)] == [[0], [1], [1], [2]]
    with pytest.raises(ValueError, match="at least 16×16"):
        crayon.winners(panoptic[:15])


def test_from_the_21st_on_there_is_no_number():
    panoptic = numpy.full((16, 16), 5)
    assert crayon.grids(crayon.winners(panoptic), [segment(20, "cup", 5)])[1][0] == 20
    assert crayon.grids(crayon.winners(panoptic), [segment(21, "cup", 5)])[1][0] == 0


@pytest.mark.parametrize("segments, text", [
    ([], "None of detailed object information for image."),
    ([segment(1, "table-merged", 9), segment(2, "cup", 4), segment(1, "cup", 2)],
     "The image includes (#1 cup), (#2 cup), (#1 table)."),
    ([segment(1, "wall-other-merged", 1)], "The image includes (#1 wall)."),
])
def test_the_listing_names_segments_by_id(segments, text):
    assert crayon.listing(segments) == text


def test_a_connector_starts_as_the_linear_map_it_is_given():
    connector = crayon.Connector(10, 24)
    matrix, bias = torch.randn(10, 24), torch.randn(24)
    connector.start_linear(matrix, bias)
    x = torch.randn(50, 10) * 3
    torch.testing.assert_close(connector(x), x @ matrix + bias, rtol=1e-4, atol=1e-4)
