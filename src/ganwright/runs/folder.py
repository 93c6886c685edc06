"""A run's folder: recipe, log, sample grids and checkpoints, readable without ganwright."""

from __future__ import annotations

import base64
import html
import io
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from PIL import Image

from ganwright.core.errors import DamagedError, UserError
from ganwright.core.schema import check
from ganwright.runs import atomic_files, checkpoint, foreign_files
from ganwright.runs.schemas import FORMAT, LogLine, Settings

SAMPLE_GRID, AUDIO = re.compile(r"[0-9]{8,}\.png"), re.compile(r"[0-9]{8,}\.wav")
OF_PARTS = re.compile(
    r"\.(recipe\.json|log\.jsonl|card\.(json|md)|[0-9]{8,}\.(png|wav)|[a-z-]+\.(png|webp|gif|wav))\.partial"
)
MAX_PIXELS = 2**26  # of a picture
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


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
        return os.path.lexists(self.recipe_file)

    @property
    def begun(self) -> bool:
        """Whether the run has a checkpoint or a log."""
        return bool(checkpoint.saved(self.checkpoints)) or next(self.log_lines(), None) is not None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The content of recipe.json; raises a UserError if it is missing, damaged, or of another format."""
        if not self.exists:
            raise UserError(f"{self.path} is not a run folder: it has no recipe.json.")
        settings: dict[str, Any] = foreign_files.read_json(self.recipe_file)
        written = settings.get("format") if isinstance(settings, dict) else None
        if written is not None and written != FORMAT:
            raise UserError(
                f"{self.path} is a run folder of format {written!r:.20}, but this version of ganwright reads {FORMAT}: "
                "use the version named in its recipe.json, or choose another --out."
            )
        check(Settings, settings, self.recipe_file)
        _check_counts(settings["data"], self.recipe_file)
        return settings

    def write_settings(self, settings: Mapping[str, Any]) -> None:
        """Writes recipe.json."""
        with atomic_files.writing(self.path):
            self.samples.mkdir(parents=True, exist_ok=True)
        self._refuse_links()
        self.settings = {"format": FORMAT, **settings}
        atomic_files.write_json(self.recipe_file, self.settings)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Locks the folder for training; raises a UserError if it is locked or holds other files."""
        self._refuse_others()
        self._refuse_links()
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

    def _refuse_links(self) -> None:
        """Raises a UserError if something that is written or deleted here lies elsewhere."""
        for path in (self.samples, self.checkpoints, self.log_file, self.path / ".lock"):
            if path.is_symlink():
                raise UserError(f"{path} is a link, through which nothing is written: replace it by what it points to.")

    def append_log(self, line: Mapping[str, Any]) -> None:
        """Appends a line to log.jsonl."""
        with atomic_files.writing(self.log_file), os.fdopen(os.open(self.log_file, APPEND, 0o666), "a") as file:
            file.write(json.dumps(_finite(line)) + "\n")

    def log_lines(self) -> Iterator[dict[str, Any]]:
        """The lines of log.jsonl one at a time, oldest first; raises a DamagedError for one that is not a log line."""
        if not os.path.lexists(self.log_file):
            return
        for number, line in enumerate(foreign_files.lines(self.log_file), start=1):
            yield self._parsed(line, f"line {number}")

    def _parsed(self, line: bytes, where: str) -> dict[str, Any]:
        parsed: dict[str, Any] = foreign_files.parsed(line, self.log_file, where)
        check(LogLine, parsed, self.log_file, where)
        return parsed

    def log(self) -> list[dict[str, Any]]:
        """Returns the complete log lines, oldest first."""
        return list(self.log_lines())

    def last_log_line(self) -> dict[str, Any] | None:
        """The newest complete log line; raises a DamagedError if it is none."""
        line = foreign_files.last_line(self.log_file) if os.path.lexists(self.log_file) else None
        return None if line is None else self._parsed(line, "its last line")

    def cut_back(self, examples: int) -> None:
        """Deletes what was written after `examples`: log lines, sample grids, unfinished and damaged checkpoints."""
        kept = (line for line in self.log_lines() if line["examples"] <= examples)
        atomic_files.write_parts(self.log_file, (json.dumps(line).encode() + b"\n" for line in kept))
        for written in (*self.sample_grids(), *self.audio()):
            if int(written.stem) > examples:
                written.unlink()
        for folder in (self.path, self.samples):
            for path in folder.iterdir():
                if OF_PARTS.fullmatch(path.name) and not foreign_files.is_folder(path):
                    path.unlink()
        checkpoint.clear_after(self.checkpoints, examples)

    def sample_grids(self) -> list[Path]:
        """Returns the sample grids, oldest first; other files are ignored."""
        return self._numbered(SAMPLE_GRID)

    def audio(self) -> list[Path]:
        """Returns the playable files beside sample grids of sound, oldest first."""
        return self._numbered(AUDIO)

    def _numbered(self, names: re.Pattern[str]) -> list[Path]:
        if not foreign_files.is_folder(self.samples):
            return []
        paths = (path for path in self.samples.iterdir() if names.fullmatch(path.name))
        return sorted((path for path in paths if _is_file(path)), key=lambda path: int(path.stem))

    def picture(self, epoch: float) -> Image.Image:
        """Returns the sample grid nearest to the end of an epoch (0: before training), at most half an epoch away."""
        total = self.settings["data"]["count"]
        epochs = {int(sample_grid.stem) / total: sample_grid for sample_grid in self.sample_grids()}
        nearest = min(reversed(epochs), key=lambda at: abs(at - epoch), default=None)  # of two equally near, the later
        if nearest is None or abs(nearest - epoch) > 0.5:
            available = f"epochs {min(epochs):.2f} to {max(epochs):.2f}" if epochs else "none"
            raise UserError(f"{self.samples} has no sample grid of epoch {epoch}; available: {available}.")
        return read_picture(epochs[nearest])

    def __repr__(self) -> str:
        last = self.last_log_line()
        return f"Run({str(self.path)!r}, examples={last['examples'] if last else 0})"

    def _repr_html_(self) -> str:
        """The last sample grid, a player of its sound, and the loss curves, for a notebook."""
        pictures = [*self.sample_grids()[-1:], self.path / "losses.png"]
        inlined = [f'<img src="{_inline(one, "image/png")}"/>' for one in pictures if _is_file(one)]
        players = [f'<audio controls src="{_inline(one, "audio/wav")}"></audio>' for one in self.audio()[-1:]]
        return "".join([f"<p><code>{html.escape(str(self.path))}</code></p>", *inlined[:1], *players, *inlined[1:]])


def read_picture(path: Path) -> Image.Image:
    """A picture of a run folder; raises a DamagedError if it cannot be read."""
    content = foreign_files.read(path, foreign_files.MAX_PICTURE)
    try:
        picture = Image.open(io.BytesIO(content), formats=["PNG"])
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(f"it has {picture.width}x{picture.height} pixels")
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DamagedError(path, f"it cannot be read as a picture: {error}") from None
    return picture


def _inline(path: Path, kind: str) -> str:
    """The content of a file of this media type as a URL."""
    content = foreign_files.read(path, foreign_files.MAX_PICTURE)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _check_counts(data: Mapping[str, Any], path: Path) -> None:
    """Raises a DamagedError unless the classes' counts, where there are any, add up to that of the data."""
    counts = data["class_counts"]
    if counts and (len(counts) != len(data["classes"]) or sum(counts) != data["count"]):
        raise DamagedError(path, "data.class_counts do not add up to data.count, one for each class")


def _finite(value: Any) -> Any:
    """Replaces NaN and infinity, which JSON lacks, by None."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
