"""A run: its folder, and what its trained networks are used for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganwright.config import data_source
from ganwright.config.recipe import resolve_recipe
from ganwright.config.serialization import domain_from_dict, is_object_marker, shape_only_data, with_conditions
from ganwright.core import ranks
from ganwright.core.condition import USUAL, Condition
from ganwright.core.domain import Domain, Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.runs import checkpoint, tiled_inference
from ganwright.runs.folder import RunFolder

AT_ONCE = 2**22  # numbers of samples that are computed together
CHUNK = 256  # samples are always made in chunks of this size, so that n does not change their bits


class Run(RunFolder):
    """A run, new or old.

    `checkpoint` is the one to take the networks from: newest, or one with a mark (best, healthy); `raw` takes the
    networks as trained where averages of them are kept; `back` samples the other way round, where a recipe goes both.

    Where the recipe, networks, loss or penalty came from Python as objects, they are needed again to sample or score:
    `objects` are the options that were objects, by name, and `recipe` is the recipe function.
    """

    def __init__(
        self,
        path: Path | str,
        recipe: RecipeFunction | None = None,
        *,
        checkpoint: str = "newest",
        raw: bool = False,
        back: bool = False,
        **objects: Any,
    ) -> None:
        super().__init__(path)
        self.back = back
        self.function, self.objects = recipe, objects
        self.chosen, self.raw = checkpoint, raw

    @cached_property
    def recipe(self) -> Recipe:
        """The trained recipe, built from recipe.json and the newest intact checkpoint; its data are a stand-in."""
        settings = self.settings
        data = settings["data"]
        classes = tuple(data["classes"])
        counts = data.get("class_counts") or [1] * len(classes)  # an older version did not count
        domain = domain_from_dict(data["domain"])
        stand_in = shape_only_data(data["name"], domain, data["count"], classes, counts)
        if data.get("condition_domain") is not None:
            given = domain_from_dict(data["condition_domain"])
            stand_in = with_conditions(stand_in, given, data["paired"])
        function = self.function or settings["recipe"]
        options = settings["options"] | self.objects
        lost = [name for name, word in {"recipe": function, **options}.items() if is_object_marker(word)]
        if lost:
            words = ", ".join(f"{name}=..." for name in lost)
            raise UserError(
                f"{self.path} was trained with objects from Python: give them again, "
                f"ganwright.open({str(self.path)!r}, {words})."
            )
        recipe = resolve_recipe(function, settings["as_source"], settings["seed"], options).build(stand_in)
        path, found = self._checkpoint()
        self.origin = found.state
        checkpoint.restore_weights(recipe.game, found, str(path))
        if self.raw:
            for player in recipe.game.players.values():
                player.ema = None
        if not self.back:
            return recipe
        if recipe.back is None:
            raise UserError(f"{self.path} was trained to go one way: leave --back out.")
        return recipe.back

    @cached_property
    def origin(self) -> Mapping[str, Any]:
        """The state that was saved beside the networks' weights: clock, and the memory of the observers."""
        return self._checkpoint()[1].state

    def _checkpoint(self) -> tuple[Path, checkpoint.Checkpoint]:
        """The one to take the networks from."""
        if self.chosen != "newest":
            path = checkpoint.marked(self.checkpoints, self.chosen)
            if path is None:
                raise UserError(f"{self.path} has no checkpoint marked {self.chosen!r}: take the newest.")
            return path, checkpoint.load(path)
        path, found, passed = checkpoint.newest(self.checkpoints)
        if path is None or found is None:
            raise UserError(" ".join([f"{self.path} has no intact checkpoint yet.", *passed]))
        return path, found

    @property
    def domain(self) -> Domain:
        return self.recipe.data.domain

    @cached_property
    def condition(self) -> Condition:
        """What samples are drawn under; the data are read again where it takes conditions from them."""
        words, condition = self.settings["data"], self.recipe.condition
        if not condition.needs_data:
            return condition
        if is_object_marker(words["source"]):
            raise UserError(f"{self.path} takes conditions from data that came from Python: name one with --condition.")
        found = data_source.find(words["source"], words["options"])
        return condition.on(data_source.the_test_part(found) or found.data)

    def stored_samples(self, n: int, seed: int = 0, given: Tensor | None = None) -> Stored:
        """`n` samples in the domain's stored form; sample i depends on the seed, i, and its condition alone.

        Conditions are those `given` [n, ...], or drawn.
        """
        return np.concatenate([self._chunk(place, seed, given, n) for place in range(_chunks(n))])[:n]

    def sharded_samples(self, n: int, seed: int = 0, given: Tensor | None = None) -> Stored:
        """The same as `stored_samples`, each process making its part; to be called by all of them together."""
        return np.concatenate(ranks.sharded(_chunks(n), lambda place: self._chunk(place, seed, given, n)))[:n]

    def stored_conditions(self, n: int, seed: int = 0, given: Tensor | None = None) -> Stored | None:
        """The conditions [n] of the same samples, as they are saved beside them, where there are any to save."""
        conditions = self.conditions(n, seed) if given is None else given
        return None if conditions is None else self.recipe.condition.stored(conditions)

    def conditions(self, n: int, seed: int = 0) -> Tensor | None:
        """The drawn conditions [n, ...] of the samples of that seed, where there are any."""
        chunks = [self._conditions(place, seed, None) for place in range(_chunks(n))]
        tensors = [condition for condition in chunks if condition is not None]
        return torch.cat(tensors)[:n] if tensors else None

    def _chunk(self, place: int, seed: int, given: Tensor | None, n: int) -> Stored:
        """Samples `place` * CHUNK and the following ones, as far as the first `n` go; large ones in parts."""
        condition, draws, wanted = self._conditions(place, seed, given), self._draws(place, seed), n - place * CHUNK
        size = min(CHUNK, max(AT_ONCE // math.prod(self.domain.shape), 1))
        parts = [slice(start, min(start + size, CHUNK)) for start in range(0, min(wanted, CHUNK), size)]
        samples = [
            self.recipe.game.sample(draws.rows(part), None if condition is None else condition[part]) for part in parts
        ]
        return self.domain.decode(torch.cat(samples))

    def _conditions(self, place: int, seed: int, given: Tensor | None) -> Tensor | None:
        """Those of a chunk; where fewer are given, the last one stands for the rest, whose samples nobody wants."""
        draws = self._draws(place, seed)
        if given is None:
            return self.condition.drawn(draws.at("condition"))
        rows = torch.arange(place * CHUNK, (place + 1) * CHUNK).clamp_max(len(given) - 1)
        return given[rows].to(draws.device)

    def _draws(self, place: int, seed: int) -> Draws:
        weights = self._weights
        return Draws(seed, place, 0, CHUNK, "sample", weights.device, weights.dtype)

    @property
    def _weights(self) -> Tensor:
        """Some weight, for its device and precision."""
        return self.recipe.any_weight

    def sample(self, n: int | None = None, seed: int = 0, condition: str | None = None) -> Stored:
        """`n` samples: pictures uint8 [n, H, W] or [n, H, W, C], points float32 [n, D].

        `condition` is that of all of them, in words: a class, or a file; or a folder, with a sample for each of its
        pictures. Without it conditions are drawn. Without `n` there are 64 samples, or one for a picture.
        """
        count = self.count(n, condition)
        given = self.given(condition, count)
        return self.domain.array(self.stored_samples(count if given is None else len(given), seed, given))

    def count(self, n: int | None, condition: str | None) -> int:
        """`n`, or how many samples there are under a condition, or under none, unless told."""
        usual = USUAL if condition is None else self.recipe.condition.default_count
        return usual if n is None else n

    def given(self, condition: str | None, n: int) -> Tensor | None:
        """The condition of those words, `n` times, or the several that they name; a UserError where they name none."""
        return None if condition is None else repeated(self.recipe.condition.read(condition, self._files), n)

    def _files(self, path: str, domain: Domain, **options: Any) -> Stored:
        """Samples of a domain in a file or folder, read as the data are."""
        settings = self.settings["data"]
        return data_source.read_like(Path(path), {**settings, "options": settings["options"] | options}, domain)

    def apply(self, picture: Stored) -> Stored:
        """What becomes of a picture uint8 [H, W] or [H, W, C] of any size, where the recipe makes one of another."""
        pixels = picture[..., None] if picture.ndim == 2 else picture
        made = np.concatenate(list(tiled_inference.strips(self.recipe, pixels)))
        return made[..., 0] if picture.ndim == 2 else made

    def score(self, samples: Stored, condition: str | None = None) -> Stored:
        """The discriminator's scores [n] of samples in the form that `sample` returns, under one `condition`."""
        return self.scored(samples, self.given(condition, len(samples)))

    def scored(self, samples: Stored, given: Tensor | None) -> Stored:
        """The same, each sample under its own of the conditions `given` [n, ...]."""
        stored, game, weights = self.stored_form(samples), self.recipe.game, self._weights
        drawn = self.recipe.condition.drawn(Draws(0, 0, 0, 1)) if given is None else None
        if drawn is not None:
            raise UserError(f"{self.path} scores samples under a condition: give it with --condition.")
        scores = [
            game.score(
                self.domain.encode(torch.from_numpy(stored[i : i + CHUNK])).to(weights.device, weights.dtype),
                None if given is None else given[i : i + CHUNK].to(weights.device),
            )
            for i in range(0, len(stored), CHUNK)
        ]
        return torch.cat(scores).float().cpu().numpy()

    def classify(self, samples: Stored) -> Stored:
        """The probability of each class, [n, classes], of samples in the form that `sample` returns.

        A UserError where the discriminator does not name classes.
        """
        stored, weights = self.stored_form(samples), self._weights
        classify = getattr(self.recipe.game, "classify", None)
        if classify is None:
            raise UserError(
                f"The discriminator of {self.path} names no classes: train semi-supervised, or cgan --label "
                "auxiliary-classifier."
            )
        named = [
            classify(self.domain.encode(torch.from_numpy(stored[i : i + CHUNK])).to(weights.device, weights.dtype))
            for i in range(0, len(stored), CHUNK)
        ]
        return torch.cat(named).float().cpu().numpy()

    def stored_form(self, samples: Stored) -> Stored:
        """Samples in the form that `sample` returns, with the channel that it dropped; a UserError for others."""
        samples = np.asarray(samples)
        if not len(samples):
            raise UserError("There are no samples to score.")
        shape = self.domain.decode(torch.zeros(1, *self.domain.shape)).shape[1:]  # of one stored sample
        if samples.shape[1:] not in (shape, self.domain.array(np.empty((1, *shape))).shape[1:]):
            raise UserError(
                f"{self.path} makes {self.domain.describe()}; these samples have the shape {samples.shape[1:]}."
            )
        return samples.reshape(-1, *shape)

    def probability(self, scores: Stored) -> Stored | None:
        """The scores as probabilities of being real, where the loss defines them."""
        probability = self.recipe.game.probability(torch.from_numpy(scores))
        return None if probability is None else probability.numpy()


def repeated(condition: Tensor, n: int) -> Tensor:
    """One condition [1, ...] for `n` samples; several stand for themselves."""
    return condition.expand(n, *condition.shape[1:]) if len(condition) == 1 else condition


def _chunks(n: int) -> int:
    """How many chunks `n` samples are made in."""
    if n < 1:
        raise UserError(f"The number of samples must be at least 1, not {n}.")
    return -(-n // CHUNK)


def open_run(
    path: Path | str,
    recipe: RecipeFunction | None = None,
    *,
    checkpoint: str = "newest",
    raw: bool = False,
    **objects: Any,
) -> Run:
    """Opens a trained run, for the arguments see `Run`; a UserError when there is none."""
    run = Run(path, recipe, checkpoint=checkpoint, raw=raw, **objects)
    run.settings  # noqa: B018 - says what is wrong with it
    return run
