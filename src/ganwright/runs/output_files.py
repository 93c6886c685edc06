"""Files that commands write for a user: made beside their place and put there whole, so that what was there is kept."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from ganwright.core.domain import Domain
from ganwright.core.errors import UserError
from ganwright.core.system import physical_memory
from ganwright.runs import atomic_files

NUMBERED = re.compile(r"\d{6,}")  # the names that samples in a folder have


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside `path` for a file or a folder, which is put into `path` when the body ends without an error.

    A file replaces the one that was there in one step; the files of a folder are added to those that are there. After
    an error `path` is as it was, and nothing is left beside it. A UserError for a disk that is full or read-only.
    """
    name, path = path.name, Path(os.path.realpath(path))  # a link to a file or a folder stays a link
    scratch = path.with_name(f".{path.name}.partial")
    with atomic_files.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if scratch.is_dir() and not scratch.is_symlink():
            shutil.rmtree(scratch)  # left by a command that was killed
        scratch.mkdir()
        try:
            yield scratch / name
            _put(scratch / name, path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _put(made: Path, path: Path) -> None:
    """Moves what was made into its place."""
    if not made.is_dir():
        atomic_files.sync(made)
        made.replace(path)
        return
    for file in sorted(file for file in made.rglob("*") if not file.is_dir()):
        target = path / file.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, target)  # a folder may be on a disk of its own


def write(path: Path, content: bytes) -> None:
    """Writes a file in one step."""
    with replacing(path) as beside:
        beside.write_bytes(content)


def said(path: Path, existed: bool) -> str:
    """The end of a sentence about a file that was written: a file that it replaced is mentioned."""
    return f"{path}, in place of the file that was there" if existed else str(path)


def check_file(path: Path) -> None:
    """A UserError if `path` is a folder."""
    if path.is_dir():
        raise UserError(f"--out {path} is a folder: name a file in it.")


def check_folder(path: Path, suffix: str, subfolders: Container[str], names: Container[str], overwrite: bool) -> None:
    """A UserError if the folder `path` holds files, unless these are earlier samples that may be overwritten.

    Samples have the suffix and are numbered, or have one of `names`; they may lie in `subfolders`.
    """
    if not path.is_dir():
        return
    files, others = _samples_in(path, suffix, subfolders, names)
    if not files and not others:
        return
    if not overwrite:
        raise UserError(
            f"--out {path}: the folder is not empty ({len(files) + len(others):,} files), and samples would be mixed "
            "with them: choose another folder, or add --overwrite to replace the samples in it."
        )
    if others:
        raise UserError(
            f"--out {path} holds {min(others).relative_to(path)}, which is no sample of this run: --overwrite replaces "
            "samples only; choose another folder."
        )


def empty_folder(path: Path, suffix: str, subfolders: Container[str], names: Container[str]) -> None:
    """Deletes the samples in a folder, and its subfolders that this leaves empty."""
    files, _ = _samples_in(path, suffix, subfolders, names) if path.is_dir() else ([], [])
    for file in files:
        file.unlink()
    for folder in {file.parent for file in files} - {path}:
        if not any(folder.iterdir()):
            folder.rmdir()


def _samples_in(
    path: Path, suffix: str, subfolders: Container[str], names: Container[str]
) -> tuple[list[Path], list[Path]]:
    """The samples in a folder, and what else it holds; links are not followed and are no samples."""
    files: list[Path] = []
    others: list[Path] = []
    for entry in path.iterdir():
        is_folder = entry.is_dir() and not entry.is_symlink()
        if is_folder and entry.name in subfolders:
            for file in entry.iterdir():
                (files if _is_sample(file, suffix, names) else others).append(file)
        else:
            (files if _is_sample(entry, suffix, names) else others).append(entry)
    return files, others


def _is_sample(path: Path, suffix: str, names: Container[str]) -> bool:
    named = NUMBERED.fullmatch(path.stem) is not None or path.stem in names
    return named and path.suffix == suffix and path.is_file() and not path.is_symlink()


def check_memory(n: int, domain: Domain) -> None:
    """A UserError if `n` samples of a domain do not fit into this machine's memory."""
    available = physical_memory()
    needed = n * math.prod(domain.stored_shape) * domain.dtype.itemsize
    if available is not None and needed > available:
        most = available // (needed // n)
        raise UserError(
            f"{n:,} samples, {domain.describe()}, need {needed / 1e9:,.1f} GB of memory, and this machine has "
            f"{available / 1e9:,.1f} GB: choose -n {most:,} at most."
        )


def check_disk(path: Path, n: int, domain: Domain) -> None:
    """A UserError if an array of `n` samples does not fit on the disk of `path`."""
    shortage = atomic_files.shortage(path, n * math.prod(domain.stored_shape) * domain.dtype.itemsize)
    if shortage is not None:
        raise UserError(shortage)
