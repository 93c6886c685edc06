"""1,797 handwritten digits of 8x8 pixels, grey, included in the package.

E. Alpaydin & C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49, CC BY 4.0 (see digits.LICENSE). These are its test set, with the original values 0..16
scaled to 0..255.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np

from ganwright.core.choices import Split, check
from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError
from ganwright.domains.images import Images


def load(split: Split = "train") -> Data:
    """All 1,797 digits as uint8 [1797, 8, 8, 1] with labels 0 to 9.

    split: train; there is no test part

    Raises UserError for split="test".
    """
    check("split", split, Split)
    if split == "test":
        raise MissingPartError("digits has no test part", "all 1,797 digits are in the train part")
    with as_file(files("ganwright.data") / "digits.npz") as path, np.load(path, allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"]
    notes = ("E. Alpaydin & C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, CC BY 4.0.",)
    return Data("digits", Images(8, 8, 1), images[..., None], labels.astype(np.int64), tuple("0123456789"), notes)
