"""Damaged text and arrays load or are refused in one sentence, by mutations of fixed seeds and for any short text."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_and_arrays import KINDS, LOADED, Case, cases, is_fine, outcome

from ganwright.core.column import Column
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series

COUNT = 100  # files of each kind
SIGNS = "0123456789.,;\t|\n\r\"'# -+eaxNA$%\u00a0é"


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_load_or_are_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    outcomes = []
    for case in islice(cases(kind, 0), COUNT):
        outcomes.append(outcome(case, tmp_path))
        assert is_fine(outcomes[-1]), (case, outcomes[-1])
    assert 0 < outcomes.count(LOADED) < COUNT


@given(st.text(SIGNS, max_size=60), st.sampled_from([{}, {"table": True}, {"window": 1}, {"key": "1"}]))
def test_any_short_text_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, options: dict[str, Any]
) -> None:
    case = Case(text.encode(), "t.csv", options)
    assert is_fine(outcome(case, tmp_path_factory.mktemp("fuzz")))


@pytest.mark.parametrize("kind", ["points", "grey pictures"])
@pytest.mark.parametrize("domain", [Points.plain(2), Series(3, (Column("x"),)), Images(8, 8, 1)])
def test_damaged_samples_are_read_or_refused_in_a_sentence(domain: Domain, kind: str, tmp_path: Path) -> None:
    for case in islice(cases(kind, 1), COUNT):
        (tmp_path / case.name).write_bytes(case.content)
        message = read(domain, tmp_path / case.name)
        assert is_fine(message), (case, message)


def read(domain: Domain, path: Path) -> str:
    """`LOADED`, or the sentence by which the samples are refused."""
    try:
        shape = domain.read(path).samples.shape[1:]
    except UserError as error:
        return str(error)
    return LOADED if shape == domain.stored_shape else f"read as {shape}"
