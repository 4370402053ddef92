"""A number is evidence where the words mean exactly what the map has; where they mean less or more, it says so."""
import json

import pytest

from faults import REPOSITORY, Truth, answering, crayon, picture

COCO = json.loads((REPOSITORY / "Samples/panoptic.json").read_text())["categories"]
# What is on the map, and how many.
THERE = {
    "person": 2, "cup": 3, "wine glass": 2, "mouse": 2, "knife": 2, "scissors": 1, "sheep": 3, "dog": 1, "hot dog": 2,
    "bear": 1, "teddy bear": 2, "bus": 2, "car": 3, "truck": 1, "bicycle": 2, "motorcycle": 1, "boat": 1, "cow": 2,
    "horse": 1, "bird": 2, "chair": 2, "couch": 1, "dining table": 1, "potted plant": 2, "sports ball": 2, "skis": 1,
    "traffic light": 2, "book": 3, "orange": 2, "broccoli": 2, "tv": 1, "laptop": 1, "keyboard": 1, "cell phone": 1,
    "umbrella": 1, "handbag": 1, "clock": 1, "bowl": 1, "tie": 1, "stop sign": 1, "fork": 1,
    "flower": 1, "tree-merged": 1, "window-other": 1, "door-stuff": 1}


def asking(folder, categories: list[dict], segments: list[str], crowd: str | None = None):
    """Asks of a map with these segments, by a model that means nothing by its answers."""
    truth = Truth(folder, categories=categories)
    annotation = truth.add(
        "x.png", [(name, (8 * (at % 12), 8 * (at // 12), 7, 7)) for at, name in enumerate(segments)])
    for name, segment in zip(segments, annotation["segments_info"]):
        segment["iscrowd"] = int(name == crowd)
    truth.write()
    x, pipeline = picture(folder / "x.png"), answering(folder)
    return lambda question: crayon(
        "ask", x, question, "--panoptic", truth.maps / "x.png", "--panoptic-json", truth.file, "--pipeline", pipeline,
        "--json", "--max-tokens", 1, XDG_CACHE_HOME=str(folder / "cache")).well().json


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    return asking(tmp_path_factory.mktemp("coco"), COCO, [name for name, count in THERE.items() for _ in range(count)])


def counts(answer: dict, expected):
    """Either the number, or what is said of why there is none."""
    if isinstance(expected, int):
        assert answer["evidence"] is not None, answer["evidence_note"]
        assert (answer["evidence"]["number"], answer["evidence_note"]) == (expected, None)
        assert len(answer["evidence"]["ids"]) == expected
    else:
        assert answer["evidence"] is None, answer["evidence"]
        assert expected in answer["evidence_note"], answer["evidence_note"]


@pytest.mark.parametrize("question, expected", [
    # Other forms of the same.
    *((f"how many {words} are there?", number) for words, number in {
        "folks": 2, "computer mice": 2, "mouses": 2, "motor bikes": 1, "teddies": 2, "TV's": 1, "cup(s)": 3,
        "sofas and couches": 1, "cars, trucks and buses": 6, "dogs or cats": 1, "zebras": 0, "doggos": 1, "settees": 1,
        "pot plants": 2, "push bikes": 2, "mobiles": 1, "human beings": 2, "pairs of skis": 1, "pairs of scissors": 1,
        "pieces of cutlery": 3, "pieces of furniture": 4}.items()),
    ("how many cups in total are there?", 3), ("count people", 2), ("How many \"cups\" do we have here?", 3),
    ("no. of cups", 3), ("what is the # of cups?", 3), ("please count the number of cups", 3),
    ("count how many people there are", 2), ("how many cups do you think there are?", 3),
    ("how many cups are depicted in this image?", 3), ("how many people will be there?", 2),
    *((f"how many cups {words}?", 3) for words in ("total", "overall", "exactly", "in all", "can you count")),
    # In quotation marks, and with other marks between them.
    *((f"how many {words} are there?", number) for words, number in {
        "'cups'": 3, "‘cups’": 3, "’cups’": 3, "''cups''": 3, "'wine glasses'": 2, "'cups' and 'bowls'": 4, "`cups`": 3,
        "cars/trucks": 4, "cars / trucks": 4, "cars and/or trucks": 4, "cars + trucks": 4, "cars; trucks; buses": 6,
        "car(s)/truck(s)": 4, "sofas/couches": 1, "mobile/cell phones": 1}.items()),
    # Less than the category.
    *((f"how many {words} are there?", f"“{words}” means less than the map's category “{name}”") for words, name in {
        "guys": "person", "toddlers": "person", "ponies": "horse", "calves": "cow", "sail boats": "boat",
        "armchairs": "chair", "footballs": "sports ball", "monitors": "tv", "taxis": "car", "vans": "car",
        "pups": "dog", "cyclists": "person", "ducks": "bird"}.items()),
    ("how many men and women are there?", "“men” means less"),
    # Of what is not there, there is no part either.
    ("how many kittens are there?", 0),
    # More than the category.
    ("how many screens are there?", "“screens” means more than the map's category “tv”"),
    ("how many bags are there?", "“bags” means more than the map's category “handbag”"),
    ("how many laptops and computers are there?", "“computers” means more than the map's category “laptop”"),
    ("how many bats are there?", "“bats” means more than the map's category “baseball bat”"),
    ("how many vegetables are there?", "“vegetables” means more than the map's categories “broccoli”, “carrot”"),
    *((f"how many {words} are there?", f"“{words}” means more than the map's categories") for words in (
        "appliances", "devices", "pets", "snacks", "seats", "pieces of luggage")),
    # Another category as well, which the map has.
    *((f"how many {words} are there?", f"“{words}” can mean the map's category “{other}”, too") for words, other in {
        "bikes": "motorcycle", "plants": "tree-merged", "flowers": "potted plant", "lights": "traffic light",
        "bears": "teddy bear"}.items()),
    # Of a category that is a pair, each.
    ("how many skis are there?", "“skis” may be counted one by one"),
    ("how many skis and snowboards are there?", "“skis” may be counted one by one"),
    # Compounds: what stands before a noun narrows it down, and a noun before another is not counted.
    ("how many polar bears are there?", "“polar”"), ("how many toy cars are there?", "“toy”"),
    ("how many bow ties are there?", "“bow”"), ("how many power plants are there?", "“power”"),
    ("how many teacups are there?", "no category for “teacups”"), ("how many glasses are there?", "“glasses”"),
    ("how many bus stops are there?", "no category for “bus stops”"), ("how many sheepdogs are there?", "“sheepdogs”"),
    ("how many chair legs are there?", "“chair legs”"), ("how many orange slices are there?", "“orange slices”"),
    # Not the things themselves.
    ("how many kinds of animals are there?", "“kinds of”"), ("how many statues of people are there?", "“statues of”"),
    ("how many stacks of books are there?", "“stacks of”"), ("how many dogs' tails are there?", "“dogs' tails”"),
    ("how many dog/cat beds are there?", "“cat”"), ("how many bus/train stations are there?", "“train stations”"),
    ("how many boys' cups are there?", "“boys'”"), ("how many crockery are there?", "“crockery”"),
    ("how many TVs are on?", "“on”"), ("how many people are on it?", "“on it”"),
    ("how many people have the umbrella?", "“have the umbrella”"),
    ("how many people are sitting?", "“sitting”"), ("how many of the people are women?", "“women”"),
    ("how many windows are there?", "“window-other” is not counted"),
])
def test_words_for_cocos_categories(ask, question, expected):
    counts(ask(question), expected)


@pytest.mark.parametrize("words, there, expected", [
    ("bikes", ["bicycle", "bicycle"], 2), ("bikes", ["motorcycle"], "“bikes” can mean"),
    ("plants", ["potted plant"], 1), ("plants", ["grass-merged"], "“plants” can mean"),
    ("bears", ["bear"], 1), ("bears", ["teddy bear"], "“bears” can mean"), ("skis", ["snowboard"], 0),
    ("bats", ["person"], "“bats” means more"), ("kittens", ["cat"], "“kittens” means less"),
    ("glasses", ["cup"], "“glasses”")])
def test_what_else_is_there(tmp_path, words, there, expected):
    counts(asking(tmp_path, COCO, there)(f"how many {words} are there?"), expected)


@pytest.mark.parametrize("question", [
    "where are the cups, and how many are there?", "Look at the dogs. How many are there?", "how many of each?"])
def test_no_number_of_anything_is_asked_for(ask, question):
    answer = ask(question)
    assert (answer["evidence"], answer["evidence_note"]) == (None, None)


@pytest.mark.parametrize("question, expected", [
    ("how many women are there?", 1), ("how many people are there?", 1), ("how many men and women are there?", 2),
    ("how many children are there?", "“children” means less than the map's category “person”"),
    ("how many wine glasses are there?", 1), ("how many cups are there?", 1), ("how many t-shirts are there?", 1),
    ("how many coffee cups are there?", 1), ("how many cafés are there?", 1),
    ("how many mugs are there?", 1), ("how many 'T-shirts' are there?", 1),
    ("how many tableware are there?", "“tableware” means more than the map's categories “wine_glass”, “Cup”"),
    ("how many dogs are there?", "no category for “dogs”")])
def test_words_of_a_vocabulary_of_its_own(tmp_path, question, expected):
    names = ["person", "man", "woman", "wine_glass", "Cup", "coffee cup", "T-shirt", "café"]
    own = [{"id": number, "name": name, "isthing": 1} for number, name in enumerate(names, 1)]
    counts(asking(tmp_path, own, names)(question), expected)


@pytest.mark.parametrize("question, unseen", [
    ("how many wine glasses?", []), ("how many red wine glasses?", []), ("where is the 'wine-glass'?", []),
    ("is there a mug or a tree?", []), ("where is the orange cup?", []), ("is there a hot dog?", ["hot dog"]),
    ("what colour is the zebra's tail?", ["zebra"]), ("is there a cup/telly/dog?", ["telly"])])
def test_what_is_counted_was_seen(tmp_path, question, unseen):
    names = ["Wine_Glass", "Cup", "tree", "dog"]
    own = [{"id": number, "name": name, "isthing": 1} for number, name in enumerate(names, 1)]
    answer = asking(tmp_path, own, names)(question)
    if "how many wine" in question:
        counts(answer, 1)
    assert answer["unseen"] == unseen


@pytest.mark.parametrize("question, expected", [
    ("how many people are there?", "a crowd of the category “person”"), ("how many women are there?", "means less"),
    ("how many cups and people are there?", "a crowd of the category “person”"), ("how many cups are there?", 1)])
def test_a_crowd_is_not_one(tmp_path, question, expected):
    counts(asking(tmp_path, COCO, ["person", "cup"], crowd="person")(question), expected)
