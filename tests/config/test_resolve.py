"""One way from option names and values to a configuration: the data first, then the recipe, then its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import pictures, points
from ganwright.commands.command_line import request
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.resolve import resolve
from ganwright.config.training_config import CallbackOptions, Hardware, TrainingConfig
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _find


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the data sets that were loaded, in order."""
    load, loaded = _find.load, []

    def counted(name: str, other: str | None = None, **options: Any) -> Data:
        loaded.append(name)
        return load(name, other, **options)

    monkeypatch.setattr(_find, "load", counted)
    return loaded


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    """The path of 96 labelled pictures."""
    data = pictures()
    np.savez(tmp_path / "labelled.npz", samples=data.samples, labels=data.labels)
    return str(tmp_path / "labelled.npz")


def typed(words: str) -> TrainingConfig:
    """The configuration of `ganwright train WORDS`."""
    return resolve(request(words.split(), {}))


@pytest.mark.parametrize("words", ["", "--data digits", "r3gan", "vanilla --data digits", "--split train", "--width 8"])
def test_data_are_loaded_once(words: str, loads: list[str]) -> None:
    config = typed(words)
    assert loads == ["digits"]
    assert config.data.data.name == "digits"


def test_the_data_choose_the_recipe_whose_options_are_accepted(labelled: str, loads: list[str]) -> None:
    config = typed(f"--data {labelled} --conditional --block published --width 16 --split train")
    assert config.recipe.spec.name == "r3gan"
    options = config.recipe.options
    assert (options["conditional"], options["block"], options["width"]) == (True, "published", 16)
    assert loads == [labelled]
    assert config.build().condition.classes == tuple("0123456789")  # type: ignore[attr-defined]


def test_words_and_python_values_give_the_same_configuration() -> None:
    words = "ring --data ring --count 500 --batch 32 --loss hinge --epochs 2 --threads 1 --quiet --seed 3"
    values = {"recipe": "ring", "data": "ring", "count": 500, "batch": 32, "loss": "hinge", "epochs": 2, "threads": 1}
    mine, theirs = typed(words), resolve({**values, "quiet": True, "seed": 3})
    assert mine.identity == theirs.identity
    for part in ("horizon", "hardware", "callbacks"):
        assert getattr(mine, part) == getattr(theirs, part)
    assert mine.horizon == RequestedHorizon(epochs=2.0)


def test_groups_may_be_objects() -> None:
    callbacks, hardware = CallbackOptions(log_every=8), Hardware(precision="float64")
    config = resolve({"data": points(), "callback_options": callbacks, "hardware": hardware, "quiet": "true"})
    assert config.callbacks == CallbackOptions(log_every=8, quiet=True)
    assert config.hardware == hardware
    assert config.recipe.spec.name == "curve"


def test_options_stand_above_the_config_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("recipe: ring\nbatch: 16\nepochs: 3\nfrom: elsewhere\n")
    config = typed(f"--config {tmp_path / 'c.yaml'} --batch 8 --steps 5")
    assert config.recipe.options["batch"] == 8
    assert config.horizon == RequestedHorizon(steps=5)
    assert config.start_from == str(Path("elsewhere").absolute())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--data ring --latnet 3", "The recipe ring on the data ring has no option --latnet. Did you mean --latent?"),
        ("--data ring --sgima 1", "The recipe ring on the data ring has no option --sgima. Did you mean --sigma?"),
        ("--data ring --minuts 1", "The recipe ring on the data ring has no option --minuts. Did you mean --minutes?"),
        ("--data ring --uot x", "The recipe ring on the data ring has no option --uot. Did you mean --out?"),
        ("dcgan --data digits --block plain", "The recipe dcgan on the data digits has no option --block."),
        ("vanilla --as-source --latent 3", "The recipe vanilla --as-source on the data"),
        ("mnist", "mnist is a data set, not a recipe: use --data mnist."),
        ("ring --conditional", "The recipe ring on the data ring has no option --conditional."),
        ("--no-latent", "--latent needs a value."),
        ("--conditional 3.5", "--conditional cannot be '3.5': it should be true or false."),
    ],
)
def test_a_mistake_names_the_recipe_and_the_data(words: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        typed(words)
    assert str(caught.value).startswith(sentence)


def test_options_of_a_named_recipe_are_checked_before_the_data_are_loaded(loads: list[str]) -> None:
    with pytest.raises(UserError, match="has no option --widht"):
        typed("r3gan --widht 3")
    assert loads == []


def test_values_of_a_named_recipe_are_checked_before_the_data_are_loaded(loads: list[str]) -> None:
    with pytest.raises(UserError, match="--generator cannot be 'nosuch': it should be 'conv', 'lstm' or 'gru'"):
        typed("text --generator nosuch --data digits")
    assert loads == []


def test_python_data_have_no_loader_options() -> None:
    with pytest.raises(UserError, match=r"^The recipe curve on the data <Data> has no option --split\."):
        resolve({"data": points(), "split": "test"})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"hardware": 5}, "hardware takes an object of the class Hardware, not 5"),
        ({"hardware": {"device": "cpu"}}, "hardware takes an object of the class Hardware"),
        ({"callback_options": "quiet"}, "callback_options takes an object of the class CallbackOptions, not 'quiet'"),
        ({"start_from": 7}, r"--from cannot be 7: it should be a valid string or a path\."),
        ({"as_source": 2}, r"--as-source cannot be 2: it should be true or false\."),
    ],
)
def test_objects_from_python_are_of_their_class(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        resolve({"recipe": "vanilla", **given})
