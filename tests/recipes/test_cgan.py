"""The conditional GAN: the effect of each conditioning, the classifier's loss, sampling by class."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ganwright
from conftest import pictures
from ganwright.commands.sample import sample
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.judging.subjects import RunSamples
from ganwright.judging.views import Views
from ganwright.nets.conditional import ProjectionDiscriminator
from ganwright.recipes import cgan, dcgan
from ganwright.recipes._convolutional import Conditioning, ConvNetworks
from ganwright.recipes._two_player import Rules

SMALL: dict[str, Any] = {"width": 4, "depth": 1, "batch": 16, "quiet": True}
NETWORKS, RULES = ConvNetworks(width=4, depth=1), Rules(batch=16, augment="none")
every_conditioning = pytest.mark.parametrize("conditioning", get_args(Conditioning))


def built(conditioning: Any) -> Recipe:
    torch.manual_seed(0)
    return cgan.recipe(pictures(), networks=NETWORKS, conditioning=conditioning, rules=RULES)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cgan") / "run"
    ganwright.train("cgan", "digits", folder, examples=64, **SMALL)
    return folder


@every_conditioning
def test_the_class_changes_the_samples(conditioning: str) -> None:
    recipe = built(conditioning)
    one, other = (recipe.game.sample(Draws(0, 0, 0, 4), torch.full((4,), c)) for c in (1, 7))
    assert not torch.allclose(one, other)


@every_conditioning
def test_the_class_changes_the_score_except_with_an_auxiliary_classifier(conditioning: str) -> None:
    recipe = built(conditioning)
    samples = torch.randn(4, 1, 8, 8)
    one, other = (recipe.game.score(samples, torch.full((4,), c)) for c in (1, 7))
    assert torch.allclose(one, other) == (conditioning == "auxiliary-classifier")


def test_a_projection_is_linear_in_the_features() -> None:
    torch.manual_seed(0)
    network, features = ProjectionDiscriminator(nn.Identity(), 5, 3), torch.randn(4, 5)
    classes = torch.tensor([0, 1, 2, 1])
    expected = (
        features @ network.head.weight[0] + network.head.bias + (network.embedding.weight[classes] * features).sum(1)
    )
    torch.testing.assert_close(network(features, classes), expected)


def test_an_auxiliary_classifier_learns_the_classes_of_real_images() -> None:
    recipe = built("auxiliary-classifier")
    game, labels = recipe.game, torch.arange(96) % 10
    real = torch.randn(10, 1, 8, 8)[labels]  # one image for each class
    discriminator = game.players["discriminator"]
    accuracies = []
    for step in range(150):
        terms = game.discriminator_terms(Batch(real, labels), Draws(0, step, 0, 96))  # type: ignore[attr-defined]
        discriminator.zero_grad()
        terms.objectives["discriminator"].backward(inputs=discriminator.parameters)
        discriminator.step()
        accuracies.append(terms.report["class accuracy"].item())
    assert accuracies[0] < 0.3
    assert accuracies[-1] > 0.6


@every_conditioning
def test_dcgan_supports_every_conditioning(conditioning: Any) -> None:
    recipe = dcgan.recipe(pictures(size=9, channels=3), networks=NETWORKS, conditioning=conditioning, rules=RULES)
    assert recipe.sample(Draws(0, 0, 0, 2)).shape == (2, 3, 9, 9)


def test_networks_from_python_are_called_with_the_class() -> None:
    class Shifted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shift = nn.Parameter(torch.zeros(1))

        def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
            return (self.shift + condition[:, None, None, None]).expand(len(latent), 1, 8, 8)

    recipe = cgan.recipe(pictures(), networks=replace(NETWORKS, generator=Shifted()), rules=RULES)
    assert recipe.game.sample(Draws(0, 0, 0, 2), torch.tensor([3, 5])).mean((1, 2, 3)).tolist() == [3, 5]


def test_images_without_classes_are_refused() -> None:
    with pytest.raises(UserError, match="cgan needs a class for each sample"):
        cgan.recipe(replace(pictures(), labels=None, classes=()))


def test_a_single_class_can_be_sampled_and_conditions_are_saved_by_name(run: Path, tmp_path: Path) -> None:
    sample(run, 6, 0, tmp_path / "three", condition="3")
    assert sorted(path.parent.name for path in (tmp_path / "three").rglob("*.png")) == ["3"] * 6
    sample(run, 40, 0, tmp_path / "some.npz")
    saved = np.load(tmp_path / "some.npz")
    opened = ganwright.open(run)
    assert saved["conditions"].tolist() == [str(c) for c in opened.stored_conditions(40)]
    assert np.array_equal(saved["samples"], opened.sample(40))


def test_a_grid_has_a_row_for_each_class(run: Path, tmp_path: Path) -> None:
    message = sample(run, 64, 0, tmp_path / "grid.png")
    assert message.startswith("60 samples")
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.height > grid.width  # ten rows of six


def test_samples_of_a_condition_equal_those_with_the_condition_in_a_mixed_sample(run: Path) -> None:
    opened = ganwright.open(run)
    mixed, requested = opened.conditions(300), opened.wanted(300, "3").conditions
    assert mixed is not None
    threes = (mixed == 3).numpy()
    assert threes.any()
    assert np.array_equal(opened.sample(300)[threes], opened.stored_samples(300, 0, requested)[..., 0][threes])


def test_scoring_needs_the_class(run: Path) -> None:
    opened = ganwright.open(run)
    samples = opened.sample(4)
    with pytest.raises(UserError, match="pass --condition"):
        opened.score(samples)
    assert opened.score(samples, condition="3").shape == (4,)


def test_judged_samples_have_their_requested_classes(run: Path) -> None:
    views = Views(ganwright.open(run).domain)
    samples = RunSamples(ganwright.open(run), classes=np.arange(10)).whole(views, 20)
    assert samples.labels is not None
    assert samples.labels.shape == (20,)
    assert RunSamples(ganwright.open(run)).whole(views, 20).labels is None  # of other data
