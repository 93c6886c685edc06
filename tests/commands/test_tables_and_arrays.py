"""What users see of tables and arrays: in `data`, at the start of a training, and in a card."""

from pathlib import Path

import numpy as np
import pytest

from ganwright.commands.data import describe
from ganwright.commands.judge import judge
from ganwright.config import data_source
from ganwright.core.errors import UserError


def table(path: Path, flags: tuple[str, str], seed: int) -> Path:
    g = np.random.default_rng(seed)
    ages = [str(age) if age > 25 else "NA" for age in g.integers(20, 60, 300)]
    path.write_text(
        "age,flag,pay\n" + "".join(f'{age},{g.choice(flags)},"1,{g.integers(100, 999)}.50"\n' for age in ages)
    )
    return path


def test_data_says_how_a_table_was_read(tmp_path: Path) -> None:
    source = data_source.find(str(table(tmp_path / "real.csv", ("0", "1"), 0)), {"table": True})
    notes = [text for key, text in describe(source.data) if key == "note"]
    assert notes[:2] == ["Numbers: age, pay.", "Categories: flag (2)."]
    assert notes[2].startswith("Missing values: age (")
    assert notes[3].startswith("Thousands separators left out: pay (300 cells, 1,")
    assert notes[4] == "real.csv is read as UTF-8, separated by commas; the first row holds the names."


def test_samples_with_other_spellings_of_numbers_are_judged(tmp_path: Path) -> None:
    real, fake = table(tmp_path / "real.csv", ("0", "1"), 0), table(tmp_path / "fake.csv", ("0.0", "1.0"), 1)
    card = judge(fake, str(real), table=True, metric=["marginals"], out=tmp_path / "card", repetitions=1)
    assert card["marginals_300"] < 0.15


def test_samples_of_an_ambiguous_range_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "real.npy", np.zeros((9, 8, 8), dtype=np.uint8))
    np.save(tmp_path / "fake.npy", np.linspace(0, 1.05, 9 * 64).reshape(9, 8, 8))
    with pytest.raises(UserError, match=r"fake\.npy has values from 0 to 1\.05, which do not show the value of white"):
        judge(tmp_path / "fake.npy", str(tmp_path / "real.npy"), out=tmp_path / "card")
