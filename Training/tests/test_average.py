import pytest
import torch

from pocket.average import averaged


def test_a_share_lies_between_both_in_the_firsts_type():
    first = {"a": torch.tensor([1.0, 2.0], dtype=torch.float16), "steps": torch.tensor([3])}
    second = {"a": torch.tensor([3.0, -2.0], dtype=torch.float16), "steps": torch.tensor([5])}
    out = averaged(first, second, 0.25)
    assert out["a"].dtype == torch.float16 and out["a"].tolist() == [1.5, 1.0] and out["steps"].tolist() == [3]


def test_weights_of_unlike_models_are_refused():
    with pytest.raises(ValueError, match="only one of both has"):
        averaged({"a": torch.zeros(1)}, {"b": torch.zeros(1)}, 0.5)
