"""Augmentation and mirroring of small image sets: the automatic choice, requests, refusals."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import ganwright
from conftest import pictures, points
from ganwright.augmentations._mirror import mirrored
from ganwright.augmentations.ada import Ada
from ganwright.augmentations.diffaugment import Diffaugment
from ganwright.core.batch import Batch
from ganwright.core.condition import Condition, DerivedConditions, Unconditional
from ganwright.core.data import Data
from ganwright.core.discovery import load_module
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.turn import same
from ganwright.recipes._small_data import MAX_AUGMENTED, SmallDataConfig, small_data_config
from ganwright.recipes._two_player import Rules
from ganwright.recipes.progan import growths_of


def resolve(
    data: Data, augment: object = "auto", flip: str = "auto", condition: Condition | None = None
) -> SmallDataConfig:
    return small_data_config(data, condition or Unconditional(), augment, flip, 16, 1_000)  # type: ignore[arg-type]


def test_only_small_sets_are_augmented_by_default() -> None:
    few = resolve(pictures(80))
    assert few.augmentation == Diffaugment()
    assert "Small data set (80 pictures)" in few.notes[0]
    many = resolve(pictures(MAX_AUGMENTED + 1, size=2), flip="no")
    assert many.augmentation is None
    assert many.notes == ()
    assert resolve(pictures(80), "none", "no") == SmallDataConfig(None, same, ())


def test_a_requested_augmentation_is_configured_for_the_batch() -> None:
    assert resolve(pictures(), "ada").augmentation == Ada(every=64, examples=1_000)
    own = Diffaugment()
    assert resolve(pictures(), own).augmentation is own
    with pytest.raises(UserError, match=r"no 'adda' among augmentations .* Did you mean ada"):
        resolve(pictures(), "adda")


def test_images_are_mirrored_by_default_only_in_symmetric_sets() -> None:
    noise, digits = replace(pictures(400), labels=None), load_module("data", "digits").load()
    assert resolve(noise).view is mirrored
    assert "--flip no" in resolve(noise).notes[1]
    assert resolve(noise, flip="no").view is same
    assert resolve(digits).view is same
    assert resolve(digits, flip="yes").view is mirrored
    assert not any("--flip" in note for note in resolve(digits, flip="yes").notes)


def test_points_and_image_conditions_are_not_augmented() -> None:
    assert resolve(points()) == SmallDataConfig(None, same, ())
    derived = DerivedConditions(pictures(), same)
    assert resolve(pictures(), condition=derived) == SmallDataConfig(None, same, ())
    for options in ({"augment": "ada"}, {"flip": "yes"}):
        with pytest.raises(UserError, match="for pictures, but cloud has points"):
            resolve(points(), **options)
        with pytest.raises(UserError, match="for pictures, but noise has samples as conditions"):
            resolve(pictures(), condition=derived, **options)


def test_a_reopened_run_without_data_is_not_augmented() -> None:
    assert resolve(pictures(0)) == SmallDataConfig(None, same, ())


def test_a_run_prints_the_automatic_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = replace(pictures(96, channels=3), labels=None)
    run = ganwright.train("dcgan", data, tmp_path, examples=16, batch=8, width=4, augment="ada")
    assert "augmented" in run.log()[-1]["terms"]
    assert "Small data set" not in capsys.readouterr().out
    ganwright.train("dcgan", data, tmp_path / "auto", examples=16, batch=8, width=4)
    out = " ".join(capsys.readouterr().out.split())
    assert "Small data set (96 pictures): real and generated pictures are augmented by diffaugment." in out
    assert "Disable with --augment none." in out


def test_recipes_with_their_own_views_mirror_images_too() -> None:
    data = replace(pictures(24, size=16), labels=None)
    recipe = load_module("recipes", "progan").recipe(data, width=4, finest_width=4, rules=Rules(batch=4, flip="yes"))
    real = data.domain.encode(torch.from_numpy(data.samples))
    view = recipe.stages[-1].view
    for growth in growths_of(recipe.game.players["discriminator"]):
        growth.reach(len(recipe.stages) - 1)
        growth.fade(len(recipe.stages) - 1, 1.0)
    viewed = view(Batch(real), Draws(0, 0, 0, 24)).real
    flipped = (viewed == real.flip(3)).flatten(1).all(1)
    assert 0 < flipped.sum() < 24
    assert torch.equal(viewed[~flipped], real[~flipped])


def test_a_pyramid_is_not_augmented() -> None:
    lapgan, data = load_module("recipes", "lapgan").recipe, pictures(24, size=16)
    recipe = lapgan(data, width=4, hidden=4, rules=Rules(batch=4))
    assert all(level.augmentation is None for level in recipe.game.levels)
    assert not any("Small data set" in note for note in recipe.notes)
    with pytest.raises(UserError, match="--augment is not supported by lapgan"):
        lapgan(data, width=4, hidden=4, rules=Rules(batch=4, augment="ada"))
