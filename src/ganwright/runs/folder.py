"""A run's folder: recipe, log, sample grids and checkpoints, readable without ganwright."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.runs import atomic_files, checkpoint

FORMAT = 2
SETTINGS = {"recipe", "as_source", "seed", "start_from", "options", "data", "horizon", "machine", "versions", "began"}


class RunFolder:
    """The folder of a new or existing run."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def recipe_file(self) -> Path:
        return self.path / "recipe.json"

    @property
    def log_file(self) -> Path:
        return self.path / "log.jsonl"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoint"

    @property
    def exists(self) -> bool:
        return self.recipe_file.is_file()

    @property
    def begun(self) -> bool:
        """Whether the run has a checkpoint or a log."""
        return bool(checkpoint.saved(self.checkpoints)) or bool(self.log())

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The content of recipe.json; raises a UserError if it is missing, invalid, or of another format."""
        if not self.exists:
            raise UserError(f"{self.path} is not a run folder: it has no recipe.json.")
        try:
            settings: dict[str, Any] = json.loads(self.recipe_file.read_text())
        except (OSError, ValueError) as error:
            raise UserError(
                f"{self.recipe_file} cannot be read ({error}): restore it, or choose another --out."
            ) from None
        written = settings.get("format") if isinstance(settings, dict) else None
        if written != FORMAT:
            raise UserError(
                f"{self.path} is a run folder of format {written}, but this version of ganwright reads {FORMAT}: "
                "use the version named in its recipe.json, or choose another --out."
            )
        missing = SETTINGS - settings.keys()
        if missing:
            raise UserError(
                f"{self.recipe_file} lacks {', '.join(sorted(missing))}: restore it, or choose another --out."
            )
        return settings

    def write_settings(self, settings: Mapping[str, Any]) -> None:
        """Writes recipe.json."""
        with atomic_files.writing(self.path):
            self.samples.mkdir(parents=True, exist_ok=True)
        self.settings = {"format": FORMAT, **settings}
        atomic_files.write_json(self.recipe_file, self.settings)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Locks the folder for training; raises a UserError if it is locked or holds other files."""
        self._refuse_others()
        with atomic_files.writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise UserError(
                    f"Another process is training into {self.path}: wait for it, or choose another --out."
                ) from None
        try:
            yield
        finally:
            lock.release()

    def _refuse_others(self) -> None:
        """Raises a UserError if a new run would overwrite other files."""
        if self.exists or not self.path.is_dir():
            return
        others = sorted(path.name for path in self.path.iterdir() if not path.name.startswith(".") and not _empty(path))
        if others:
            raise UserError(
                f"{self.path} holds {others[0]} but no recipe.json: choose a new or empty folder with --out."
            )

    def append_log(self, line: Mapping[str, Any]) -> None:
        """Appends a line to log.jsonl."""
        with atomic_files.writing(self.log_file), self.log_file.open("a") as file:
            file.write(json.dumps(_finite(line)) + "\n")

    def log(self) -> list[dict[str, Any]]:
        """Returns the log lines, oldest first, up to the first incomplete one."""
        if not self.log_file.is_file():
            return []
        lines = self.log_file.read_text(errors="replace").split("\n")[:-1]
        return list(_read(lines))

    def cut_back(self, examples: int) -> None:
        """Deletes what was written after `examples`: log lines, sample grids, unfinished and damaged checkpoints."""
        lines = [line for line in self.log() if line["examples"] <= examples]
        atomic_files.write(self.log_file, "".join(json.dumps(line) + "\n" for line in lines))
        for sample_grid in self.sample_grids():
            if int(sample_grid.stem) > examples:
                sample_grid.unlink()
        for partial in [*self.path.glob(".*.partial"), *self.samples.glob(".*.partial")]:
            partial.unlink()
        checkpoint.clear_after(self.checkpoints, examples)

    def sample_grids(self) -> list[Path]:
        """Returns the sample grids, oldest first."""
        return sorted(self.samples.glob("[0-9]*.png"), key=lambda path: int(path.stem))

    def picture(self, epoch: float) -> Image.Image:
        """Returns the sample grid nearest to the end of an epoch (0: before training), at most half an epoch away."""
        total = self.settings["data"]["count"]
        epochs = {int(sample_grid.stem) / total: sample_grid for sample_grid in self.sample_grids()}
        nearest = min(reversed(epochs), key=lambda at: abs(at - epoch), default=None)  # of two equally near, the later
        if nearest is None or abs(nearest - epoch) > 0.5:
            available = f"epochs {min(epochs):.2f} to {max(epochs):.2f}" if epochs else "none"
            raise UserError(f"{self.samples} has no sample grid of epoch {epoch}; available: {available}.")
        return Image.open(epochs[nearest])

    def __repr__(self) -> str:
        log = self.log()
        return f"Run({str(self.path)!r}, examples={log[-1]['examples'] if log else 0})"

    def _repr_html_(self) -> str:
        """The last sample grid and the loss curves, for a notebook."""
        pictures = [*self.sample_grids()[-1:], self.path / "losses.png"]
        inlined = [_inline(picture) for picture in pictures if picture.is_file()]
        return f"<p><code>{self.path}</code></p>" + "".join(inlined)


def _inline(picture: Path) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"/>'


def _finite(value: Any) -> Any:
    """Replaces NaN and infinity, which JSON lacks, by None."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            return


def _empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
