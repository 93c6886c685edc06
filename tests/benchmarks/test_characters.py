"""The synthetic characters of the benchmarks."""

from pathlib import Path

import characters
import numpy as np

from ganwright.augmentations._mirror import harmless
from ganwright.data._files import load


def test_characters_depend_on_the_seed_only(tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("again", 0), ("other", 1)):
        characters.write(tmp_path / name, train=12, test=3, seed=seed)
    one, again, other = (load(tmp_path / name).samples for name in ("one", "again", "other"))
    assert one.shape == (12, 64, 64, 3)
    assert np.array_equal(one, again)
    assert not any(np.array_equal(a, b) for a in one for b in other)
    assert len(np.unique(np.asarray(one).reshape(12, -1), axis=0)) == 12
    assert len(load(tmp_path / "one", split="test").samples) == 3


def test_mirroring_characters_is_harmless(tmp_path: Path) -> None:
    characters.write(tmp_path, train=80, test=1, seed=0)
    assert harmless(load(tmp_path))
