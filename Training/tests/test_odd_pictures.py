import numpy
import pytest
from PIL import Image

from pocket import odd_pictures


@pytest.fixture
def photographs(tmp_path):
    """Noise in place of the photographs."""
    for number, name in enumerate(("astronaut", "chelsea", "coffee", "motorcycle_left")):
        pixels = numpy.random.default_rng(number).integers(0, 256, (120, 160, 3)).astype(numpy.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return tmp_path


def test_thirty_pictures_the_same_every_time(photographs):
    for run in "first", "second":
        odd_pictures.make_all(photographs, photographs / run)
    names = sorted(path.name for path in (photographs / "first").iterdir())
    assert len(names) == len(odd_pictures.PICTURES) == 30
    for name in names:
        assert (photographs / "first" / name).read_bytes() == (photographs / "second" / name).read_bytes()


def test_panoramas_are_sixteen_to_one(photographs):
    odd_pictures.make_all(photographs, photographs / "odd")
    for name, wide in ("motorcycle-16-1", True), ("row-16-1", True), ("astronaut-1-16", False):
        width, height = Image.open(photographs / f"odd/{name}.png").size
        assert (width / height if wide else height / width) >= 16


def test_the_table_counts_what_is_invented():
    nothing = "I see none of the things I know."
    said = {odd.name: ([], [nothing, f"There are {odd.people or 'no'} people."]) for odd in odd_pictures.PICTURES}
    said["white"] = ([{"category": "cup", "score": 0.75}, {"category": "wall", "score": None}], ["1 cup.", "There are 2 people."])
    said["black"] = ([], ["1 cup.", "There are no people."])
    said["code"] = ([{"category": "cup", "score": 0.25}], [nothing, "There are no people."])
    said["drawing-people"] = ([{"category": "cup", "score": 0.9}], ["1 cup.", "There is 1 person."])
    text = odd_pictures.table(said)
    assert "| white | nothing, white | cup 0.75, wall | 1 cup. | There are 2 people. |" in text
    empty = sum(odd.empty for odd in odd_pictures.PICTURES)
    assert f"Of {empty} pictures of which nothing can be told:" in text
    assert "a score of 0.5 or more: 1 (white)\n" in text and "without a score: 1 (white)\n" in text
    assert "named in the answer: 2 (white, black)\n" in text and "on the map: 1 (black)\n" in text
    assert "is wrong for 2 (white, drawing-people) of all 30, too large for 1 (white)." in text
