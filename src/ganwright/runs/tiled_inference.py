"""Pictures of the user's own, of any size, that a run makes others of: read, computed in strips, written as they come.

Neither the networks' maps nor the result are ever in memory as a whole.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ganwright.core import tiling
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.data._layout import is_picture
from ganwright.data._pictures import opened, whole
from ganwright.data._prepare import why
from ganwright.runs import atomic_files, png

Encode = Callable[[Iterable[Stored], tuple[int, int, int]], Iterator[bytes]]


def apply(recipe: Recipe, given: Path, out: Path) -> str:
    """Makes the picture `out` of the picture `given`, or a folder of them of a folder; says what was written.

    A UserError for what is no picture. In a folder the others are made before it is raised.
    """
    if given.is_dir():
        return _apply_to_all(recipe, given, out)
    target = out if out.suffix else out / f"{given.stem}.png"
    if target.suffix.lower() not in ENCODED:
        raise UserError(f"--out {out}: a picture made of another can be saved as {', '.join(ENCODED)}, or in a folder.")
    if not given.is_file():
        raise UserError(f"--condition {given}: there is no such picture or folder.")
    height, width = _apply_to(recipe, given, target)
    return f"{given}, {width}x{height} pixels now, is in {target}."


def _apply_to_all(recipe: Recipe, folder: Path, out: Path) -> str:
    """One PNG for each picture of a folder."""
    if out.suffix:
        raise UserError(f"--out {out}: pictures made of a folder of them are saved in a folder, a name without suffix.")
    pictures = sorted(path for path in folder.iterdir() if is_picture(path.name))
    if not pictures:
        raise UserError(f"--condition {folder}: there are no pictures in it.")
    twice = {path.stem for path in pictures if [other.stem for other in pictures].count(path.stem) > 1}
    if twice:
        raise UserError(f"--condition {folder}: several pictures are called {min(twice)}, only one could be saved.")
    failed = []
    for path in pictures:
        try:
            _apply_to(recipe, path, out / f"{path.stem}.png")
        except UserError as error:
            failed.append(str(error))
    made = f"{len(pictures) - len(failed):,} of {len(pictures):,} pictures of {folder} are in {out}."
    if failed:
        raise UserError(" ".join([*failed, made]))
    return made


def _apply_to(recipe: Recipe, given: Path, out: Path) -> tuple[int, int]:
    """Makes one picture of another; the height and width of what was made."""
    pixels, opacity = read(given)
    assert recipe.transform is not None
    height, width = (side * recipe.transform.scale for side in pixels.shape[:2])
    rows: Iterator[Stored] = strips(recipe, pixels)
    if opacity is not None:
        rows = (np.concatenate(pair, -1) for pair in zip(rows, enlarged(recipe, opacity), strict=True))
    channels = pixels.shape[2] + (opacity is not None)
    with atomic_files.writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.write_parts(out, ENCODED[out.suffix.lower()](rows, (height, width, channels)))
    return height, width


def read(path: Path) -> tuple[Stored, Stored | None]:
    """Pixels uint8 [height, width, 1 or 3], upright, and opacity [height, width, 1] if it has any."""
    try:
        with opened(str(path)) as image:
            return whole(image)
    except Exception as error:  # a decoder may raise anything
        raise UserError(f"The picture {path} cannot be read: {why(error)}.") from None


def strips(recipe: Recipe, pixels: Stored) -> Iterator[Stored]:
    """What becomes of pixels uint8 [height, width, 1 or 3]: strips of rows, with as many channels.

    Where the networks know colour, grey is grey in all channels, and their mean comes back; where they know grey alone,
    each colour is a picture of its own.
    """
    if recipe.transform is None:
        raise UserError("This recipe makes samples, not one picture of another.")
    weights = recipe.any_weight
    given = recipe.data.domain.encode(torch.from_numpy(pixels.copy())[None]).to(weights.device, weights.dtype)
    mine, theirs = given.shape[1], recipe.data.domain.shape[0]
    as_wanted = given if mine == theirs else given.expand(-1, theirs, -1, -1) if mine == 1 else given.transpose(0, 1)
    for strip in recipe.transform(as_wanted):
        as_given = strip if mine == theirs else strip.mean(1, keepdim=True) if mine == 1 else strip.transpose(0, 1)
        yield recipe.data.domain.decode(as_given)[0]


def enlarged(recipe: Recipe, opacity: Stored) -> Iterator[Stored]:
    """Opacity [height, width, 1] in the same strips, interpolated."""
    assert recipe.transform is not None
    scale, domain = recipe.transform.scale, recipe.data.domain
    encoded = domain.encode(torch.from_numpy(opacity.copy())[None])
    for strip in tiling.strips(lambda x: F.interpolate(x, scale_factor=scale, mode="bicubic"), encoded, scale, reach=2):
        yield domain.decode(strip)[0]


def npy(rows: Iterable[Stored], shape: tuple[int, int, int]) -> Iterator[bytes]:
    """An .npy of uint8 [height, width] or [height, width, channels], from strips of rows."""
    header = io.BytesIO()
    plain = shape[:2] if shape[2] == 1 else shape
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": plain})
    yield header.getvalue()
    for strip in rows:
        yield strip.tobytes()


ENCODED: dict[str, Encode] = {".png": png.strips, ".npy": npy}
