from pocket.instance_maps import painted


def square(left, top, side, category, **more):
    corners = [left, top, left + side, top, left + side, top + side, left, top + side]
    return {"category_id": category, "area": side * side, "segmentation": [corners], **more}


def test_the_smaller_one_is_seen_and_what_is_hidden_is_left_out():
    small, large = square(2, 2, 4, 47), square(0, 0, 10, 67)
    hidden = square(2, 2, 4, 1, area=17)
    ids, segments = painted([small, large, hidden], 12, 16)
    assert [(segment["category_id"], segment["area"], segment["bbox"]) for segment in segments] == [
        (67, 84, [0, 0, 10, 10]), (47, 16, [2, 2, 4, 4])]
    assert ids.shape == (12, 16) and (ids > 0).sum() == 100


def test_run_lengths_are_read_as_polygons_are():
    runs = {"size": [4, 4], "counts": [0, 8, 8]}
    ids, segments = painted([{"category_id": 1, "area": 8, "segmentation": runs, "iscrowd": 1}], 4, 4)
    assert (ids[:, :2] == 1).all() and not ids[:, 2:].any() and segments[0]["iscrowd"] == 1
