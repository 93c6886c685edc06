"""Conditions: their sources, their frequencies, and errors for unknown ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import pictures
from ganwright.core.batch import Batch
from ganwright.core.column import Column
from ganwright.core.condition import DataConditions, DerivedConditions, Labels, Unconditional
from ganwright.core.data import Data
from ganwright.core.domain import Domain, SavedSamples
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.domains.series import Series
from ganwright.domains.table import Table

DATA = pictures()


def no_files(path: str, domain: Domain, **options: object) -> SavedSamples:
    """Fails: these conditions come from no files."""
    raise AssertionError(path)


UNEVEN = Labels(("cat", "dog", "owl"), (0.5, 0.0, 0.5))


def test_labels_follow_the_rows_and_are_drawn_with_the_frequencies_of_the_data() -> None:
    labels = Labels.of_data(replace(DATA, labels=np.array([0, 0, 0, 1] * 24), classes=("a", "b")), "cgan")
    assert labels.shares == (0.75, 0.25)
    assert labels.for_rows(replace(DATA, labels=np.array([5, 6, 7])), np.array([2, 0])).tolist() == [7, 5]
    drawn = labels.draw(Draws(0, 0, 0, 4000))
    assert drawn.dtype == torch.int64
    assert drawn.float().mean() == pytest.approx(0.25, abs=0.03)


def test_a_class_without_samples_is_never_drawn() -> None:
    assert set(UNEVEN.draw(Draws(0, 0, 0, 1000)).tolist()) == {0, 2}


def test_drawn_classes_do_not_depend_on_the_number_of_rows() -> None:
    assert torch.equal(UNEVEN.draw(Draws(0, 0, 0, 64))[10:20], UNEVEN.draw(Draws(0, 0, 10, 20)))


def test_a_class_is_parsed_by_name_or_number() -> None:
    assert UNEVEN.parse("owl", no_files).encoded.tolist() == UNEVEN.parse("2", no_files).encoded.tolist() == [2]
    assert Labels(("3", "1"), (0.5, 0.5)).parse("1", no_files).encoded.tolist() == [1]  # names take precedence
    with pytest.raises(UserError, match=r"no such class.*cat, dog, owl.*Did you mean dog"):
        UNEVEN.parse("dgo", no_files)
    with pytest.raises(UserError, match="no such class"):
        UNEVEN.parse("3", no_files)


def test_a_grid_has_a_row_for_each_class() -> None:
    layout, columns = UNEVEN.grid_layout(12)
    assert columns == 4
    assert layout.reshape(3, 4).tolist() == [[0] * 4, [1] * 4, [2] * 4]
    assert UNEVEN.grid_layout(2)[0].tolist() == [0, 1]


def test_data_without_classes_are_refused() -> None:
    with pytest.raises(UserError, match=r"cgan needs a class for each sample.*folder"):
        Labels.of_data(replace(DATA, labels=None, classes=()), "cgan")
    with pytest.raises(UserError, match=r"at least two classes.*only 'one'"):
        Labels.of_data(replace(DATA, labels=np.zeros(96, dtype=np.int64), classes=("one",)), "cgan")


def test_an_unconditional_run_rejects_a_condition() -> None:
    assert Unconditional().draw(Draws(0, 0, 0, 3)) is None
    with pytest.raises(UserError, match="leave --condition out"):
        Unconditional().parse("3", no_files)


def test_derived_conditions_are_views_of_real_samples() -> None:
    derived = DerivedConditions(DATA, lambda batch, draws: Batch(batch.real, batch.real.mean((2, 3))))
    drawn = derived.draw(Draws(0, 0, 0, 8))
    means = DATA.domain.encode(torch.from_numpy(DATA.samples)).mean((2, 3))
    assert drawn is not None
    assert all((mean == means).any() for mean in drawn)
    assert derived.with_data(replace(DATA, samples=DATA.samples[:1])).draw(Draws(0, 0, 0, 2)).unique().numel() == 1


STATIC = Table((Column("region", ("north", "south")), Column("size", shift=2.0)), all_known=True)
ONE_STEP = Series(1, (Column("x"),))
SHOPS = Data("shops", ONE_STEP, np.zeros((2, 1, 1), np.float32), conditions=np.zeros((2, 2)), condition_domain=STATIC)


def test_conditions_of_data_are_parsed_from_words_or_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conditions = DataConditions(SHOPS)
    assert conditions.parse("region=south,size=5", no_files).encoded.tolist() == [[0, 1, 3]]
    monkeypatch.chdir(tmp_path)
    Path("region=1.csv").write_text("region,size\nnorth,2\nsouth,3\n")
    read = conditions.parse("region=1.csv", lambda path, domain, **_: domain.read(Path(path)))
    assert read.encoded.tolist() == [[1, 0, 0], [0, 1, 1]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("west,1", r"line 3, column 1 \(region\): 'west' is no category of the data, which are north, south"),
        ("north,", r"line 3, column 2 \(size\): '' stands for a missing value, and the data have none"),
    ],
)
def test_no_condition_of_a_file_is_left_out(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(f"region,size\nsouth,3\n{line}\nnorth,1\n")
    with pytest.raises(UserError, match=message):
        STATIC.read(tmp_path / "c.csv")


def test_static_columns_of_conditions_stand_beside_samples() -> None:
    encoded = DataConditions(SHOPS).parse("region=south,size=5", no_files).encoded
    domain, stored = DataConditions(SHOPS).beside(ONE_STEP, np.ones((1, 1, 1), np.float32), encoded)
    assert isinstance(domain, Series)
    assert domain.static == STATIC.columns
    assert stored.tolist() == [[[1, 1, 5]]]
    begun = replace(SHOPS, conditions=SHOPS.samples, condition_domain=ONE_STEP)
    assert DataConditions(begun).beside(ONE_STEP, stored, ONE_STEP.encode(torch.zeros(1, 1, 1))) == (ONE_STEP, stored)
    assert Unconditional().beside(ONE_STEP, stored, encoded) == (ONE_STEP, stored)
