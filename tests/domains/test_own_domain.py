"""A domain of the user's own: series of different lengths, under static features, from training to the files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ganwright
from ganwright.commands.sample import sample
from ganwright.core.column import Column
from ganwright.core.condition import DataConditions
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Field, Stored, Writer
from ganwright.core.errors import UserError
from ganwright.core.latent import Latent
from ganwright.core.recipe import Recipe
from ganwright.domains.images import grid
from ganwright.domains.table import Table
from ganwright.recipes import Rules, two_player

STEPS, LATENT = 6, 4
PEOPLE = Table((Column("age", (), 1.0, 40.0, 10.0), Column("job", ("clerk", "smith"))))


@dataclass(frozen=True)
class Episodes(Domain):
    """Series of at most `steps` steps: stored [n, steps, 1], NaN after the end; encoded [n, steps, 2] with a flag.

    The flag is 1 while a series lasts and 0 after its end, where values are 0 too (DoppelGANger, Lin et al. 2020).
    """

    steps: int
    scale: float

    noun = "episodes"
    may_be_nan = True

    @property
    def shape(self) -> tuple[int, int]:
        return self.steps, 2

    @property
    def stored_shape(self) -> tuple[int, int]:
        return self.steps, 1

    def encode(self, stored: Tensor) -> Tensor:
        return torch.cat([stored.nan_to_num(0.0) / self.scale, (~stored.isnan()).to(stored.dtype)], 2)

    def decode(self, encoded: Tensor) -> Stored:
        values, flags = encoded.detach().double().cpu().split(1, 2)
        lasts = (flags > 0.5).cumprod(1).bool()
        return torch.where(lasts, values * self.scale, torch.nan).float().numpy()

    def describe(self) -> str:
        return f"episodes of at most {self.steps} steps"

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        return self.preview(np.concatenate([fake, real]), columns)

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return grid((255 * np.isfinite(stored[:, None])).astype(np.uint8), columns)

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {".json": save_json}


def save_json(stored: Stored, conditions: Stored | None, path: Path) -> None:
    path.write_text(json.dumps([one[np.isfinite(one)].tolist() for one in stored]))


DOMAIN = Episodes(STEPS, 10.0)


def episodes(count: int = 64) -> Data:
    """Smiths have long episodes."""
    random = np.random.default_rng(0)
    people = np.column_stack([random.integers(20, 60, count), np.arange(count) % 2]).astype(np.float64)
    stored = random.uniform(0, 10, (count, STEPS, 1)).astype(np.float32)
    stored[np.arange(STEPS)[None] >= np.where(people[:, 1:], 5, 2)] = np.nan
    return Data("episodes", DOMAIN, stored, conditions=people, condition_domain=PEOPLE)


class Dense(nn.Module):
    """Maps x [n, ...] and a condition [n, d] to [n, *shape]."""

    def __init__(self, inputs: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape
        self.layers = nn.Sequential(nn.Linear(inputs, 16), nn.LeakyReLU(), nn.Linear(16, int(np.prod(shape))))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        made: Tensor = self.layers(torch.cat([x.flatten(1), condition], 1))
        return made.view(-1, *self.shape)


def recipe(data: Data) -> Recipe:
    """A generator and a discriminator under static features."""
    assert data.condition_domain is not None
    features, size = data.condition_domain.shape[0], int(np.prod(data.domain.shape))
    generator, discriminator = Dense(LATENT + features, data.domain.shape), Dense(size + features, ())
    rules = Rules(batch=16)
    return two_player(data, generator, discriminator, Latent(LATENT), rules, 64, condition=DataConditions(data))


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "run"
    ganwright.train(recipe, episodes(), path, examples=64, quiet=True, threads=1)
    return path


def test_decoding_ends_a_series_where_its_flag_ends() -> None:
    stored = episodes().samples
    decoded = DOMAIN.decode(DOMAIN.encode(torch.from_numpy(stored)))
    assert np.array_equal(np.isnan(decoded), np.isnan(stored))
    assert np.allclose(decoded, stored, equal_nan=True)
    again = DOMAIN.encode(torch.from_numpy(stored[:1]))
    again[0, 1, 1], again[0, 4, 1] = 0.2, 1.0  # the first end counts
    assert np.isfinite(DOMAIN.decode(again)).sum() == 1


def test_a_run_of_an_own_domain_is_trained_and_rendered(run_folder: Path) -> None:
    settings = json.loads((run_folder / "recipe.json").read_text())
    assert settings["data"]["domain"] == "<Episodes>"
    assert settings["data"]["condition_domain"]["kind"] == "table"
    assert len(list((run_folder / "samples").glob("*.png"))) > 0
    log = [json.loads(line) for line in (run_folder / "log.jsonl").read_text().splitlines()]
    assert "finite" not in log[-1]["verdict"]["evidence"]


def test_it_is_opened_with_its_domain_and_recipe_passed_again(run_folder: Path, tmp_path: Path) -> None:
    run = ganwright.open(run_folder, recipe, domain=DOMAIN)
    (tmp_path / "people.csv").write_text("age,job\n30,smith\n41,clerk\n25,smith\n")
    samples = run.sample(condition=str(tmp_path / "people.csv"), seed=3)
    assert (samples.shape, samples.dtype) == ((3, STEPS, 1), np.float32)
    assert (np.diff(np.isnan(samples[..., 0]).astype(int), axis=1) >= 0).all()
    for out in ("out.json", "out.npy", "out.png"):
        sample(run, None, 3, tmp_path / out, str(tmp_path / "people.csv"))
    assert np.array_equal(np.load(tmp_path / "out.npy"), samples, equal_nan=True)
    assert [len(one) for one in json.loads((tmp_path / "out.json").read_text())] == np.isfinite(samples).sum(
        (1, 2)
    ).tolist()
    people = PEOPLE.encode(torch.from_numpy(PEOPLE.read(tmp_path / "people.csv").samples))
    assert np.isfinite(run.scored(samples, people)).all()


@pytest.mark.parametrize(
    ("function", "objects", "missing"), [(recipe, {}, "domain=..."), (None, {}, "recipe=..., domain=...")]
)
def test_what_is_missing_is_one_sentence(run_folder: Path, function, objects, missing: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match="trained with Python objects: pass them again") as caught:
        ganwright.open(run_folder, function, **objects).sample(2)
    assert missing in str(caught.value)


def test_a_resumed_run_needs_no_more_than_the_data(run_folder: Path) -> None:
    run = ganwright.train(recipe, episodes(), run_folder, examples=96, quiet=True, threads=1)
    assert run.log()[-1]["examples"] == 96


def test_data_of_an_own_domain_have_no_default_recipe() -> None:
    with pytest.raises(UserError, match=r"episodes of at most 6 steps with rows of 2 columns .* no recipe"):
        _ = episodes().default_recipe


def test_a_domain_without_metrics_cannot_be_judged(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no metric for episodes of at most 6 steps"):
        ganwright.judge(episodes(20).samples, episodes(), out=tmp_path)


def test_an_array_of_integers_is_refused_where_values_would_change() -> None:
    class Counts(Episodes):
        dtype = np.dtype(np.int16)

    domain = Counts(STEPS, 1.0)
    counts = np.full((2, STEPS, 1), 7)
    assert domain.from_array(counts.astype(np.float64), "it").dtype == np.int16
    assert domain.from_array(counts[0], "one").shape == (1, STEPS, 1)
    for wrong in (counts + 0.5, counts + 2**16, np.full((2, STEPS, 1), np.nan)):
        with pytest.raises(UserError, match="holds values that int16 does not"):
            domain.from_array(wrong, "it")
