"""A run: its folder, and inference with its trained networks."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganwright.config import data_source
from ganwright.config.recipe import resolve_recipe
from ganwright.config.serialization import domain_from_json, is_object_marker, shape_only_data, with_conditions
from ganwright.core import ranks
from ganwright.core.condition import DEFAULT_COUNT, Condition, NamedConditions
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Origin, SavedSamples, Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import DamagedError, Notice, UserError
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.runs import checkpoint, finite, output_files, own_size, tiled_inference, trust
from ganwright.runs.allocation_limit import AllocationLimit, TooLargeError
from ganwright.runs.folder import RunFolder

MAX_VALUES = 2**22  # sample values computed per forward pass
FREE_NUMBERS, LARGER = 2**25, 8  # elements that building a recipe may take, and those for each saved weight
CHUNK = 256  # samples are always generated in chunks of this size, so that n does not change their bits


class Wanted(NamedTuple):
    """The samples that a user asks for: how many in all, how many under each condition, the conditions [total, ...] or
    None to draw them, and the origins of the conditions in a file."""

    total: int
    each: int
    conditions: Tensor | None = None
    origins: tuple[Origin, ...] = ()


class Run(RunFolder):
    """A new or existing run.

    `checkpoint` names the checkpoint to load: newest, or a mark (best, healthy). `raw` loads the networks as trained
    instead of their EMA. `back` samples in the reverse direction (B to A), for recipes that have one.

    A recipe file is only executed if this user trained with it, or with `trust`, see `runs/trust.py`.

    If the recipe, networks, loss, penalty or domain were Python objects, they are required again to sample or score:
    pass the recipe function as `recipe` and the others by name as `objects`, domains as `domain` and
    `condition_domain`.
    """

    def __init__(
        self,
        path: Path | str,
        recipe: RecipeFunction | None = None,
        *,
        checkpoint: str = "newest",
        raw: bool = False,
        back: bool = False,
        trust: bool = False,
        **objects: Any,
    ) -> None:
        super().__init__(path)
        self.back, self.trust = back, trust
        self.function, self.objects = recipe, objects
        self.checkpoint_name, self.raw = checkpoint, raw
        self.notes: list[str] = []  # what was converted in order to read conditions

    @cached_property
    def recipe(self) -> Recipe:
        """The trained recipe, built from recipe.json and the checkpoint; its data have shapes but no samples."""
        settings = self.settings
        data = settings["data"]
        classes = tuple(data["classes"])
        function, objects = self.function or settings["recipe"], dict(self.objects)
        domains = {name: data[name] for name in ("domain", "condition_domain") if name in data}
        for name, recorded in domains.items():
            own = is_object_marker(recorded)
            domains[name] = objects.pop(name, recorded) if own else domain_from_json(recorded, str(self.recipe_file))
            if own and domains[name] is not recorded and not isinstance(domains[name], Domain):
                raise UserError(f"{name} should be an object of a subclass of Domain, as {recorded} was.")
        options = settings["options"] | objects
        given = {"recipe": function, **domains, **options}
        missing = [name for name, value in given.items() if is_object_marker(value)]
        if missing:
            arguments = ", ".join(f"{name}=..." for name in missing)
            raise UserError(
                f"{self.path} was trained with Python objects: pass them again, "
                f"ganwright.open({str(self.path)!r}, {arguments})."
            )
        stand_in = shape_only_data(data["name"], domains["domain"], data["count"], classes, data["class_counts"])
        if "condition_domain" in domains:
            stand_in = with_conditions(stand_in, domains["condition_domain"], data["paired"])
        path, found = self._checkpoint()
        recipe = self._built(function, options, stand_in, found)
        self.checkpoint_state = found.state
        checkpoint.restore_weights(recipe.game, found, str(path))
        if self.raw:
            for player in recipe.game.players.values():
                player.ema = None
        if not self.back:
            return recipe
        if recipe.back is None:
            raise UserError(f"{self.path} was trained in one direction only: omit --back.")
        return recipe.back

    @cached_property
    def checkpoint_state(self) -> Mapping[str, Any]:
        """The state saved with the weights: the clock, and the states of the callbacks."""
        return self._checkpoint()[1].state

    def _built(
        self, function: str | RecipeFunction, options: Mapping[str, Any], data: Data, found: checkpoint.Checkpoint
    ) -> Recipe:
        """The recipe with untrained networks; a DamagedError if its options ask for others than were saved."""
        if isinstance(function, str):
            trust.require(function, self.recipe_file, self.trust)
        settings = self.settings
        resolved = resolve_recipe(function, settings["as_source"], settings["seed"], options)
        try:
            with AllocationLimit(FREE_NUMBERS + LARGER * sum(value.numel() for value in found.weights.values())):
                return resolved.build(data)
        except TooLargeError:
            raise DamagedError(self.recipe_file, "its networks are far larger than the saved ones") from None
        except (UserError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise DamagedError(
                self.recipe_file, f"the recipe cannot be built: {type(error).__name__}: {error}"
            ) from error

    def _checkpoint(self) -> tuple[Path, checkpoint.Checkpoint]:
        """Loads the checkpoint that the networks are taken from."""
        if self.checkpoint_name != "newest":
            path = checkpoint.marked(self.checkpoints, self.checkpoint_name)
            if path is None:
                raise UserError(f"{self.path} has no checkpoint marked {self.checkpoint_name!r}: use the newest.")
            return path, checkpoint.load_weights(path)
        path, found, damaged = checkpoint.newest(self.checkpoints, [checkpoint.WEIGHTS])
        if path is None or found is None:
            raise UserError(" ".join([f"{self.path} has no intact checkpoint.", *damaged]))
        notice_older(path, damaged)
        return path, found

    @property
    def domain(self) -> Domain:
        return self.recipe.data.domain

    @cached_property
    def condition(self) -> Condition:
        """The condition of samples; reads the data again if conditions are drawn from them."""
        data, condition = self.settings["data"], self.recipe.condition
        if not condition.needs_data:
            return condition
        if is_object_marker(data["source"]):
            raise UserError(f"{self.path} draws conditions from data that were Python objects: pass --condition.")
        source = data_source.find(data["source"], data["options"])
        return condition.with_data(data_source.the_test_part(source) or source.data)

    def stored_samples(self, n: int, seed: int = 0, conditions: Tensor | None = None) -> Stored:
        """Returns `n` samples in the domain's stored form; sample i depends only on the seed, i, and its condition.

        `conditions` [n, ...] are drawn by default.
        """
        output_files.check_memory(n, self.domain)
        return finite.joined([self._chunk(place, seed, conditions, n) for place in range(_chunks(n))], n, self.path)[:n]

    def sharded_samples(self, n: int, seed: int = 0, conditions: Tensor | None = None) -> Stored:
        """Like `stored_samples`, sharded over all processes; every process must call it."""
        output_files.check_memory(n, self.domain)
        chunks = ranks.sharded(_chunks(n), lambda place: self._chunk(place, seed, conditions, n))
        return finite.joined(chunks, n, self.path)[:n]

    def stored_conditions(self, n: int, seed: int = 0, conditions: Tensor | None = None) -> Stored | None:
        """Returns the conditions [n] of the same samples in stored form; None if there are none to store."""
        conditions = self.conditions(n, seed) if conditions is None else conditions
        return None if conditions is None else self.recipe.condition.to_stored(conditions)

    def beside(self, stored: Stored, seed: int = 0, conditions: Tensor | None = None) -> tuple[Domain, Stored]:
        """Returns the same samples as `stored_samples` for a file in columns, with static columns as conditions have
        them, and their domain."""
        conditions = self.conditions(len(stored), seed) if conditions is None else conditions
        if conditions is None:
            return self.domain, stored
        return self.recipe.condition.beside(self.domain, stored, conditions)

    def conditions(self, n: int, seed: int = 0) -> Tensor | None:
        """Returns the drawn conditions [n, ...] of the samples of a seed; None for an unconditional run."""
        chunks = [self._conditions(place, seed, None) for place in range(_chunks(n))]
        tensors = [condition for condition in chunks if condition is not None]
        return torch.cat(tensors)[:n] if tensors else None

    def _chunk(self, place: int, seed: int, conditions: Tensor | None, n: int) -> finite.Chunk:
        """Returns the samples of a chunk, cut at sample `n`; large samples take several passes."""
        condition, draws = self._conditions(place, seed, conditions), self._draws(place, seed)
        count = min(n - place * CHUNK, CHUNK)
        size = min(CHUNK, max(MAX_VALUES // math.prod(self.domain.shape), 1))
        parts = [slice(start, min(start + size, CHUNK)) for start in range(0, count, size)]
        samples = [
            self.recipe.game.sample(draws.rows(part), None if condition is None else condition[part]) for part in parts
        ]
        encoded = torch.cat(samples)
        if encoded.shape[1:] != self.domain.shape:
            shapes = f"{list(self.domain.shape)}, and the generator's samples have {list(encoded.shape[1:])}"
            raise DamagedError(self.recipe_file, f"its domain has the shape {shapes}")
        return finite.Chunk(self.domain.decode(encoded), finite.count(encoded[:count]))

    def _conditions(self, place: int, seed: int, conditions: Tensor | None) -> Tensor | None:
        """Returns the conditions of a chunk; the last one pads an incomplete chunk, whose extra samples are cut."""
        draws = self._draws(place, seed)
        if conditions is None:
            return self.condition.draw(draws.at("condition"))
        rows = torch.arange(place * CHUNK, (place + 1) * CHUNK).clamp_max(len(conditions) - 1)
        return conditions[rows].to(draws.device)

    def _draws(self, place: int, seed: int) -> Draws:
        weights = self._weights
        return Draws(seed, place, 0, CHUNK, "sample", weights.device, weights.dtype)

    def draws_of_row(self, row: int, seed: int) -> Draws:
        """Returns the draws of one sample."""
        return self._draws(row // CHUNK, seed).rows(slice(row % CHUNK, row % CHUNK + 1))

    @property
    def _weights(self) -> Tensor:
        """A weight, for its device and precision."""
        return self.recipe.any_weight

    def sample(self, n: int | None = None, seed: int = 0, condition: str | None = None) -> Stored:
        """Returns `n` samples: pictures uint8 [n, H, W] or [n, H, W, C], points float32 [n, D], sound int16 [n, L].

        `condition` is a class, a file or folder of conditions, or words that describe one; `n` samples are drawn under
        each, one after the other, or one under each of several pictures. By default conditions are drawn. `n` defaults
        to 64, or to 1 for a file. Samples under a picture have its size, if the recipe can (`Recipe.any_size`).
        """
        if pictures := own_size.pictures(self.recipe, condition)[0]:
            made = own_size.made(self, pictures, 1 if len(pictures) > 1 else n or 1, seed)
            return self.domain.to_array(own_size.of_one_size(list(made), "An array"))
        wanted = self.wanted(n, condition)
        return self.domain.to_array(self.stored_samples(wanted.total, seed, wanted.conditions))

    def wanted(self, n: int | None, condition: str | None) -> Wanted:
        """The samples that are asked for, see `sample`; raises UserError as `parse_condition` does, for more than fit
        into the memory, and for several samples under each of several conditions that give one each."""
        of = self.recipe.condition
        default = DEFAULT_COUNT if condition is None else of.default_count
        each = default if n is None else n
        output_files.check_memory(each, self.domain)
        if condition is None:
            return Wanted(each, each)
        named = self.parse_condition(condition)
        several = len(named.encoded)
        if of.one_sample_each and several > 1:
            if n not in (None, several):
                raise UserError(
                    f"--condition {condition} holds {several:,} conditions, each for one sample: leave -n {n} out."
                )
            each = 1
        output_files.check_memory(each * several, self.domain)
        if each < 1:
            raise too_few(each)
        return Wanted(each * several, each, named.encoded.repeat_interleave(each, 0), named.origins)

    def parse_condition(self, condition: str) -> NamedConditions:
        """Returns the conditions that the command line names, or those in a file or folder.

        Raises a UserError for an unknown class or an unreadable file.
        """
        if condition == "":
            raise UserError("--condition is empty: name a class or a file.")
        return self.recipe.condition.parse(condition, self._files)

    def _files(self, path: str, domain: Domain, **options: Any) -> SavedSamples:
        """Reads samples of a domain from a file or folder, with the options of the training data."""
        read = data_source.samples_of(Path(path), domain, self.settings["data"]["options"] | options)
        self.notes += [note for note in read.notes if note not in self.notes]
        return read

    def apply(self, picture: Stored) -> Stored:
        """Transforms a picture uint8 [H, W] or [H, W, C] of any size; for image-to-image recipes."""
        pixels = picture[..., None] if picture.ndim == 2 else picture
        result = np.concatenate(list(tiled_inference.strips(self.recipe, pixels)))
        return result[..., 0] if picture.ndim == 2 else result

    def score(self, samples: Stored, condition: str | None = None) -> Stored:
        """Returns the discriminator's scores [n] of samples in the form of `sample`, under one `condition`."""
        conditions = None if condition is None else self.parse_condition(condition).encoded
        return self.scored(samples, None if conditions is None else repeated(conditions, len(samples)))

    def scored(self, samples: Stored, conditions: Tensor | None) -> Stored:
        """Like `score`, with a condition for each sample, [n, ...]."""
        stored, game, weights = self.stored_form(samples), self.recipe.game, self._weights
        drawn = self.recipe.condition.draw(Draws(0, 0, 0, 1)) if conditions is None else None
        if drawn is not None:
            raise UserError(f"{self.path} scores samples under a condition: pass --condition.")
        scores = [
            game.score(
                self.domain.encode(torch.tensor(stored[i : i + CHUNK])).to(weights.device, weights.dtype),
                None if conditions is None else conditions[i : i + CHUNK].to(weights.device),
            )
            for i in range(0, len(stored), CHUNK)
        ]
        return self._finite(torch.cat(scores), "scores")

    def classify(self, samples: Stored) -> Stored:
        """Returns class probabilities [n, classes] of samples in the form of `sample`.

        Raises a UserError if the discriminator has no classifier.
        """
        stored, weights = self.stored_form(samples), self._weights
        any_condition = self.recipe.condition.draw(Draws(0, 0, 0, 1, "", weights.device, weights.dtype))
        probabilities = []
        for i in range(0, len(stored), CHUNK):
            encoded = self.domain.encode(torch.tensor(stored[i : i + CHUNK])).to(weights.device, weights.dtype)
            conditions = None if any_condition is None else repeated(any_condition, len(encoded))
            probability = self.recipe.game.classify(encoded, conditions)
            if probability is None:
                raise UserError(
                    f"The discriminator of {self.path} has no classifier: train the recipe semi-supervised or cgan."
                )
            probabilities.append(probability)
        return self._finite(torch.cat(probabilities), "classes")

    def _finite(self, values: Tensor, what: str) -> Stored:
        finite.refuse(finite.count(values), len(values), what, self.path)
        return values.float().cpu().numpy()

    def stored_form(self, samples: Stored) -> Stored:
        """Converts samples in the form of `sample` to the stored form; raises a UserError for other shapes."""
        return self.domain.from_array(samples, f"Input to {self.path}")

    def probability(self, scores: Stored) -> Stored | None:
        """Returns the probabilities of being real; None if the loss does not define them."""
        probability = self.recipe.game.probability(torch.from_numpy(scores))
        return None if probability is None else probability.numpy()


def notice_older(path: Path, damaged: Sequence[str]) -> None:
    """Tells the user that the checkpoint `path` is used because newer ones are `damaged`."""
    if damaged and ranks.rank() == 0:
        warnings.warn(Notice(" ".join([*damaged, f"The older {path} is used instead."])), stacklevel=3)


def repeated(condition: Tensor, n: int) -> Tensor:
    """Expands one condition [1, ...] to `n`; several conditions are returned unchanged."""
    return condition.expand(n, *condition.shape[1:]) if len(condition) == 1 else condition


def _chunks(n: int) -> int:
    """Returns the number of chunks of `n` samples."""
    if n < 1:
        raise too_few(n)
    return -(-n // CHUNK)


def too_few(n: int) -> UserError:
    """The error for a number of samples below 1."""
    return UserError(f"The number of samples must be at least 1, not {n}.")


def open_run(
    path: Path | str,
    recipe: RecipeFunction | None = None,
    *,
    checkpoint: str = "newest",
    raw: bool = False,
    trust: bool = False,
    **objects: Any,
) -> Run:
    """Opens a trained run; raises a UserError if there is none. See `Run` for the arguments."""
    run = Run(path, recipe, checkpoint=checkpoint, raw=raw, trust=trust, **objects)
    run.settings  # noqa: B018 - validates recipe.json
    return run
