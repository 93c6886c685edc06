"""A discriminator's outputs by name."""

import pytest
import torch

from conftest import forward_pass
from ganwright.core.errors import UserError
from ganwright.core.forward_pass import Outputs


def test_a_tensor_is_the_score_and_a_dict_names_all_outputs() -> None:
    score, classes = torch.zeros(4), torch.zeros(4, 3)
    assert Outputs.of(score)["score"] is score
    assert Outputs.of({"score": score, "classes": classes})["classes"] is classes


def test_a_missing_output_is_a_users_mistake() -> None:
    with pytest.raises(UserError, match=r"output 'features', but its outputs are: 'score', 'classes'. Return a dict"):
        Outputs(score=torch.zeros(4), classes=torch.zeros(4, 3))["features"]


def test_a_missing_condition_is_a_users_mistake() -> None:
    with pytest.raises(UserError, match="needs a condition for each sample"):
        _ = forward_pass(torch.zeros(4, 2)).condition


@pytest.mark.parametrize("returned", [None, {"score": 1.0}, (torch.ones(2), torch.ones(2))])
def test_outputs_that_are_no_tensors_are_one_sentence(returned: object) -> None:
    with pytest.raises(UserError, match=r"^The discriminator returned a \w+: return scores"):
        Outputs.of(returned)
