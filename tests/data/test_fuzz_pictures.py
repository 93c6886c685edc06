"""Damaged pictures, zips and tars by fixed seeds: each is read or refused in one sentence, nothing else touched."""

import random
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from faults.archive_mutations import tars, zips
from faults.picture_mutations import mutations
from ganwright.core.errors import UserError
from ganwright.data import _files, _prepare
from ganwright.data._sources import Folder
from ganwright.data._survey import Header, surveyed
from ganwright.domains._pictures import Fit

MEMORY = 500 << 10  # KiB above the start
SLOWEST = 2.0  # seconds for one file


@pytest.fixture(autouse=True)
def bounded() -> object:
    """The peak of memory rises by less than 500 MB; warnings of Pillow about damaged files are expected."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY


def assert_one_sentence(words: str) -> None:
    assert words
    assert "\n" not in words
    assert "Traceback" not in words
    assert words.isprintable()


def test_a_damaged_picture_is_read_or_named_with_a_reason(tmp_path: Path) -> None:
    read = 0
    for index, (suffix, content) in enumerate(mutations(random.Random(0), 1000)):
        path = tmp_path / f"a{suffix}"
        path.write_bytes(content)
        source, started = Folder(tmp_path, [path.name]), time.process_time()
        header = _prepare._header(source, 0)
        if isinstance(header, Header):
            frame, notes = surveyed([header], Fit(size=8), "pictures")
            row = _prepare._row(source, 0, frame, Fit(size=8))
            for note in notes:
                assert_one_sentence(note)
            if isinstance(row, np.ndarray):
                assert (row.shape, row.dtype) == (frame.shape, np.uint8)
                read += 1
            else:
                assert_one_sentence(row)
        else:
            assert_one_sentence(header)
        assert time.process_time() - started < SLOWEST, index
        path.unlink()
    assert 100 < read < 900  # some are hardly damaged, many are


@pytest.mark.parametrize(("suffix", "made"), [("zip", zips), ("tar", tars)])
def test_a_strange_archive_is_read_or_refused_in_one_sentence(
    suffix: str, made: object, tmp_path: Path, cache: Path
) -> None:
    read, path = 0, tmp_path / f"a.{suffix}"
    for index, content in enumerate(made(random.Random(1), 300)):  # type: ignore[operator]
        path.write_bytes(content)
        started = time.process_time()
        try:
            data = _files.load(path, split=random.Random(index).choice(("train", "train", "test")))
            samples = np.asarray(data.samples)
        except UserError as error:
            assert_one_sentence(str(error))
        else:
            assert len(samples) == len(data) > 0
            assert data.labels is None or (len(data.labels) == len(data) and max(data.labels) < len(data.classes))
            for words in (*data.notes, *data.classes):
                assert_one_sentence(words)
            read += 1
        assert time.process_time() - started < SLOWEST, index
        assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert 30 < read < 290
