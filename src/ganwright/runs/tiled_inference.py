"""Tiled inference: applies an image-to-image run to pictures of any size, strip by strip.

Neither the feature maps nor the result are ever in memory as a whole.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ganwright.core import changes, tiling
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.domains._picture_file import in_folder, whole
from ganwright.domains.images import Images
from ganwright.runs import atomic_files, finite, output_files, png

Encode = Callable[[Iterable[Stored], tuple[int, int, int]], Iterator[bytes]]


def apply(recipe: Recipe, source: Path, out: Path, overwrite: bool = False) -> str:
    """Transforms the picture `source` into `out`, or all pictures of a folder; returns what was written.

    A folder `out` that is not empty is refused, unless `overwrite` is set and it holds such pictures only.

    Raises a UserError for an unreadable picture; in a folder, after transforming the others.
    """
    if source.is_dir():
        return _apply_to_all(recipe, source, out, overwrite)
    target = out if out.suffix else out / f"{source.stem}.png"
    if target.suffix.lower() not in ENCODED:
        raise UserError(f"--out {out}: the picture can be saved as {', '.join(ENCODED)}, or into a folder.")
    if not source.is_file():
        raise UserError(f"--condition {source}: no such picture or folder.")
    output_files.check_file(target)
    existed = target.is_file()
    (height, width), changed = _apply_to(recipe, source, target)
    written = f"Wrote {output_files.said(target, existed)} ({width}x{height} pixels), made from {source}."
    return " ".join([written, *changes.of_files([source], [changed], "pictures")])


def _apply_to_all(recipe: Recipe, folder: Path, out: Path, overwrite: bool) -> str:
    """Writes a PNG for each picture of a folder."""
    if out.suffix:
        raise UserError(f"--out {out}: a folder of pictures is saved into a folder, a name without suffix.")
    pictures, ignored = in_folder(folder)
    if not pictures:
        raise UserError(f"--condition {folder}: the folder has no pictures.")
    stems = [path.stem for path in pictures]
    duplicates = {stem for stem in stems if stems.count(stem) > 1}
    if duplicates:
        raise UserError(f"--condition {folder}: several pictures are named {min(duplicates)}; rename all but one.")
    output_files.check_folder(out, ".png", (), stems, overwrite)
    failed, changed = [], []
    for path in pictures:
        try:
            changed.append(_apply_to(recipe, path, out / f"{path.stem}.png")[1])
        except UserError as error:
            failed.append(str(error))
    wrote = f"Wrote {len(changed):,} of {len(pictures):,} pictures of {folder} to {out}."
    notes = changes.counted(changed, f"{len(changed):,} pictures")
    written = " ".join([wrote, *([ignored] if ignored else []), *notes])
    if failed:
        raise UserError(" ".join([*failed, written]))
    return written


def _apply_to(recipe: Recipe, source: Path, out: Path) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Transforms one picture; returns the height and width of the result, and what was changed to read the picture."""
    pixels, opacity, changed = whole(source)
    assert recipe.transform is not None
    height, width = (side * recipe.transform.scale for side in pixels.shape[:2])
    rows: Iterator[Stored] = strips(recipe, pixels)
    if opacity is not None:
        rows = (np.concatenate(pair, -1) for pair in zip(rows, enlarged(recipe, opacity), strict=True))
    channels = pixels.shape[2] + (opacity is not None)
    with atomic_files.writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.write_parts(out, ENCODED[out.suffix.lower()](rows, (height, width, channels)))
    return (height, width), changed


def strips(recipe: Recipe, pixels: Stored) -> Iterator[Stored]:
    """Transforms pixels uint8 [height, width, 1 or 3]; yields strips of rows, with the same number of channels.

    Networks for colour get a grey picture in all three channels, and the result is their mean. Networks for grey get
    each colour channel as a picture.
    """
    if recipe.transform is None:
        raise UserError("This recipe generates samples; it does not transform pictures.")
    weights = recipe.any_weight
    encoded = recipe.data.domain.encode(torch.from_numpy(pixels.copy())[None]).to(weights.device, weights.dtype)
    channels, expected = encoded.shape[1], recipe.data.require(Images).channels
    if channels != expected:
        encoded = encoded.expand(-1, expected, -1, -1) if channels == 1 else encoded.transpose(0, 1)
    for strip in recipe.transform(encoded):
        finite.refuse(finite.count(strip), len(strip), "pictures", "this run")
        if channels != expected:
            strip = strip.mean(1, keepdim=True) if channels == 1 else strip.transpose(0, 1)
        yield recipe.data.domain.decode(strip)[0]


def enlarged(recipe: Recipe, opacity: Stored) -> Iterator[Stored]:
    """Enlarges opacity [height, width, 1] by interpolation; yields the same strips as `strips`."""
    assert recipe.transform is not None
    scale, domain = recipe.transform.scale, recipe.data.domain
    encoded = domain.encode(torch.from_numpy(opacity.copy())[None])
    for strip in tiling.strips(lambda x: F.interpolate(x, scale_factor=scale, mode="bicubic"), encoded, scale, reach=2):
        yield domain.decode(strip)[0]


def npy(rows: Iterable[Stored], shape: tuple[int, int, int]) -> Iterator[bytes]:
    """Encodes strips of rows as an .npy of uint8 [height, width] or [height, width, channels]."""
    header = io.BytesIO()
    array_shape = shape[:2] if shape[2] == 1 else shape
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": array_shape})
    yield header.getvalue()
    for strip in rows:
        yield strip.tobytes()


ENCODED: dict[str, Encode] = {".png": png.strips, ".npy": npy}
