"""Loads sound from arrays: one clip in each row of an .npy or .npz, whose sampling rate is given."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from ganwright.core.choices import at_least, at_most, check
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.files import read_arrays
from ganwright.data._arrays import SUFFIXES, encode_labels
from ganwright.data._kind import Chosen, Kind
from ganwright.data._notes import printable
from ganwright.data._sounds import MAX_RATE, MAX_WINDOW, MIN_WINDOW, silent
from ganwright.domains._wav import LOWEST_RATE
from ganwright.domains.waveforms import Waveforms


def claims(chosen: Chosen) -> bool:
    """Whether it is a file of arrays, and a sampling rate is given."""
    return chosen.suffix in SUFFIXES and "sampling_rate" in chosen.names


def load_chosen(chosen: Chosen) -> Data:
    """See `load`; all of it is the training part."""
    classes = chosen.options["classes"]
    check("classes (of an array)", classes, Literal["auto", "none"])
    chosen.one_of_parts("train")
    return load(chosen.path, chosen.options["sampling_rate"], classes != "none")


def load(path: Path, rate: int, classes: bool = True) -> Data:
    """Clips int16 [N, samples] of an array of that form, or of floats in [-1, 1]; labels of an .npz are the classes.

    Raises UserError, which names the file, if it holds anything else, or silence only.
    """
    at_least("sampling_rate", rate, LOWEST_RATE)
    at_most("sampling_rate", rate, MAX_RATE)
    array, labels, notes = read_arrays(path)
    if array.ndim != 2 or not (array.dtype == np.int16 or array.dtype.kind == "f"):
        what = f"{array.dtype} {list(array.shape)}"
        raise UserError(f"{path} holds {what}; clips of sound are int16 [N, samples], or floats in [-1, 1].")
    at_least(f"{path}: the samples of a clip", array.shape[1], MIN_WINDOW)
    at_most(f"{path}: the samples of a clip", array.shape[1], MAX_WINDOW)
    domain = Waveforms(array.shape[1], rate)
    clips, said = domain.converted(array, str(path))
    encoded, names = (None, ()) if labels is None or not classes else encode_labels(labels, len(clips), str(path))
    notes = (*notes, *said, *silent(clips, [f"[{row}]" for row in range(len(clips))], str(path)))
    return Data(printable(path.stem), domain, clips, encoded, names, notes)


SOUND_ARRAYS = Kind(
    "arrays of sound",
    "clips of sound in an .npy or .npz, with --sampling-rate",
    ("sampling_rate", "split", "classes"),
    claims,
    load_chosen,
)
