"""What is done about few pictures: by itself under a size, never to what is no picture, and as it is asked for."""

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
from ganwright.recipes._small_data import FEW, FewPictures, decided
from ganwright.recipes._two_player import Rules
from ganwright.recipes.progan import growths_of


def found(data: Data, augment: object = "auto", flip: str = "auto", condition: Condition | None = None) -> FewPictures:
    return decided(data, condition or Unconditional(), augment, flip, 16, 1_000)  # type: ignore[arg-type]


def test_few_pictures_are_augmented_by_themselves_and_many_are_not() -> None:
    few = found(pictures(80))
    assert few.augmentation == Diffaugment()
    assert "few pictures (80)" in few.notes[0]
    many = found(pictures(FEW + 1, size=2), flip="no")
    assert many.augmentation is None
    assert many.notes == ()
    assert found(pictures(80), "none", "no") == FewPictures(None, same, ())


def test_what_is_asked_for_is_made_for_the_batch() -> None:
    assert found(pictures(), "ada").augmentation == Ada(every=64, examples=1_000)
    own = Diffaugment()
    assert found(pictures(), own).augmentation is own
    with pytest.raises(UserError, match=r"no 'adda' among augmentations .* Did you mean ada"):
        found(pictures(), "adda")


def test_mirror_images_count_where_they_could_be_the_sets_own() -> None:
    noise, digits = replace(pictures(400), labels=None), load_module("data", "digits").load()
    assert found(noise).view is mirrored
    assert "--flip no" in found(noise).notes[1]
    assert found(noise, flip="no").view is same
    assert found(digits).view is same
    assert found(digits, flip="yes").view is mirrored
    assert not any("--flip" in note for note in found(digits, flip="yes").notes)


def test_points_and_pictures_that_are_conditions_are_left_alone() -> None:
    assert found(points()) == FewPictures(None, same, ())
    derived = DerivedConditions(pictures(), same)
    assert found(pictures(), condition=derived) == FewPictures(None, same, ())
    for asked in ({"augment": "ada"}, {"flip": "yes"}):
        with pytest.raises(UserError, match="for pictures, and cloud has"):
            found(points(), **asked)
        with pytest.raises(UserError, match="for pictures, and noise has"):
            found(pictures(), condition=derived, **asked)


def test_a_run_opened_again_has_no_pictures_to_decide_by() -> None:
    assert found(pictures(0)) == FewPictures(None, same, ())


def test_the_run_says_what_was_decided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = replace(pictures(96, channels=3), labels=None)
    run = ganwright.train("dcgan", data, tmp_path, examples=16, batch=8, width=4, augment="ada")
    assert "augmented" in run.log()[-1]["terms"]
    assert "few" not in capsys.readouterr().out
    ganwright.train("dcgan", data, tmp_path / "auto", examples=16, batch=8, width=4)
    said = " ".join(capsys.readouterr().out.split())
    assert "There are few pictures (96): the discriminator sees all of them" in said
    assert "through diffaugment (--augment none" in said


def test_recipes_that_make_views_of_their_own_mirror_pictures_too() -> None:
    data = replace(pictures(24, size=16), labels=None)
    recipe = load_module("recipes", "progan").recipe(data, width=4, finest_width=4, rules=Rules(batch=4, flip="yes"))
    real = data.domain.encode(torch.from_numpy(data.samples))
    view = recipe.stages[-1].view
    for growth in growths_of(recipe.game.players["discriminator"]):
        growth.reach(len(recipe.stages) - 1)
        growth.fade(len(recipe.stages) - 1, 1.0)
    seen = view(Batch(real), Draws(0, 0, 0, 24)).real
    turned = (seen == real.flip(3)).flatten(1).all(1)
    assert 0 < turned.sum() < 24
    assert torch.equal(seen[~turned], real[~turned])


def test_a_pyramid_is_not_augmented() -> None:
    lapgan, data = load_module("recipes", "lapgan").recipe, pictures(24, size=16)
    recipe = lapgan(data, width=4, hidden=4, rules=Rules(batch=4))
    assert all(level.augmentation is None for level in recipe.game.levels)
    assert not any("few pictures" in note for note in recipe.notes)
    with pytest.raises(UserError, match="--augment is not for lapgan"):
        lapgan(data, width=4, hidden=4, rules=Rules(batch=4, augment="ada"))
