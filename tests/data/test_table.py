"""Tests of tables from delimited text: numbers and categories, two parts, and errors that name the cell."""

from pathlib import Path

import numpy as np
import pytest

from ganwright.config import data_source
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files, _find
from ganwright.domains.table import Table

ADULT = "39, State-gov, 1.5, <=50K\n50, ?, 2, >50K\n38, Private, 3, <=50K\n"


def load(tmp_path: Path, text: str, name: str = "t.csv", **options: object) -> Data:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return _files.load(tmp_path / name, **options)  # type: ignore[arg-type]


def columns(data: Data) -> tuple[Column, ...]:
    assert isinstance(data.domain, Table)
    return data.domain.columns


def test_a_file_with_words_is_a_table(tmp_path: Path) -> None:
    data = load(tmp_path, ADULT, "adult.data")
    age, work, share, income = columns(data)
    assert (age.name, age.integer, share.integer) == ("1", True, False)
    assert work.categories == ("?", "Private", "State-gov")
    assert income.categories == ("<=50K", ">50K")
    assert data.samples.tolist() == [[39, 2, 1.5, 0], [50, 0, 2, 1], [38, 1, 3, 0]]
    assert data.samples.dtype == np.float64
    assert data.notes[:2] == ("Numbers: 1, 3.", "Categories: 2 (3), 4 (2).")


def test_a_test_file_is_encoded_in_the_training_parts_categories(tmp_path: Path) -> None:
    test = "|1x3 Cross validator\n25, Private, 1, <=50K.\n\n26, Moon, 1, >50K.\n27, ?, 2, >50K.\n"
    (tmp_path / "adult.test").write_text(test)
    train = load(tmp_path, ADULT, "adult.data", test="adult.test")
    data = load(tmp_path, ADULT, "adult.data", test="adult.test", split="test")
    assert len(train) == 3
    assert data.domain == train.domain
    assert data.samples.tolist() == [[25, 1, 1, 0], [27, 0, 2, 1]]
    assert data.notes[-1].startswith("1 rows of adult.test with words or missing values unknown to the training part")
    assert "line 4" in data.notes[-1]


def test_by_default_one_row_of_five_is_the_test_part(tmp_path: Path) -> None:
    text = "x,job\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(100))
    train, test = (load(tmp_path, text, split=split) for split in ("train", "test"))
    assert (len(train), len(test)) == (80, 20)
    assert sorted([*train.samples[:, 0], *test.samples[:, 0]]) == list(range(100))
    assert train.domain == test.domain
    assert np.array_equal(test.samples, load(tmp_path, text, split="test").samples)


def test_columns_of_numbers_can_be_categories(tmp_path: Path) -> None:
    text = "zip,sick,x\n10,0,1\n9,1,2\n8,1,3\n"
    assert [column.categories for column in columns(load(tmp_path, text, table=True))] == [(), ("0", "1"), ()]
    chosen = load(tmp_path, text, categories=("zip",))
    assert columns(chosen)[0].categories == ("8", "9", "10")
    with pytest.raises(UserError, match=r"no column 'zib' for --categories\. Did you mean zip"):
        load(tmp_path, text, categories=("zib",))


@pytest.mark.parametrize(
    ("text", "header", "names", "count"),
    [
        ("job,city\nclerk,Rome\nsmith,Oslo\n", "auto", ["job", "city"], 2),
        ("clerk,Rome\nsmith,Oslo\nclerk,Oslo\n", "auto", ["1", "2"], 3),
        ("clerk,Rome\nsmith,Oslo\n", "no", ["1", "2"], 2),
        ("2019,2020\na,1\nb,2\n", "yes", ["2019", "2020"], 2),
    ],
)
def test_a_header_is_detected_or_forced(text: str, header: str, names: list[str], count: int, tmp_path: Path) -> None:
    data = load(tmp_path, text, header=header)
    assert ([column.name for column in columns(data)], len(data)) == (names, count)


def test_columns_of_too_many_words_are_left_out(tmp_path: Path) -> None:
    text = "name,x\n" + "".join(f"n{i},{i}\n" for i in range(1001))
    data = load(tmp_path, text)
    assert [column.name for column in columns(data)] == ["x"]
    assert "name is left out: it has 1,001 distinct words." in data.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x,job\n1,a\n2,b\none,b\n",
            r"t\.csv, line 4, column 1 \(x\): 'one' is not a finite number; .*--missing.*--cat",
        ),
        ("x,job\n1,a\n2\n", "line 3: 1 cells, expected 2"),
        ("x,job\n", "no points"),
    ],
)
def test_errors_name_the_cell(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text)


def test_unsuitable_test_files_are_refused(tmp_path: Path) -> None:
    def test_part(content: str) -> Data:
        (tmp_path / "test.csv").write_text(content)
        return load(tmp_path, "x,job\n1,a\n2,b\n3,b\n", test="test.csv", split="test")

    assert test_part("job,more,x\nb,0,7\n").samples.tolist() == [[7, 1]]
    assert test_part("7,b\n").samples.tolist() == [[7, 1]]
    with pytest.raises(UserError, match=r"3 columns \(1, 2, 3\) that do not match the data's: x, job"):
        test_part("7,b,1\n")
    with pytest.raises(UserError, match="no row whose words all occur"):
        test_part("7,c\n")
    with pytest.raises(UserError, match=r"line 1, column 1 \(x\): 'b' is not a finite number"):
        test_part("b,7\n")
    with pytest.raises(UserError, match="too few for a test part"):
        load(tmp_path, "x,job\n1,a\n", split="test")
    with pytest.raises(UserError, match=r"none\.csv does not exist"):
        load(tmp_path, "x,job\n1,a\n", test="none.csv", split="test")


def test_loading_a_saved_table_returns_its_rows(tmp_path: Path) -> None:
    data = load(tmp_path, "x,job\n" + "".join(f"{i / 8},{'abc'[i % 3]}\n" for i in range(20)), test="same")
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    assert np.array_equal(data.domain.read(tmp_path / "out.csv").samples, data.samples)


def test_tables_have_no_default_recipe(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,job\n1,a\n2,b\n")
    with pytest.raises(UserError, match=r"t has rows of 2 columns .* there is no recipe for such data yet"):
        _ = data_source.find(str(tmp_path / "t.csv"), {}).default_recipe


@pytest.mark.usefixtures("own_data")
def test_the_adult_table_has_its_published_shares() -> None:
    import os

    path = os.environ["GANWRIGHT_DATA"].split(os.pathsep)[0] + "/tabular/adult.data"
    data = _find.load(path, test="adult.test", split="test")
    assert data.samples.shape == (16281, 15)
    assert data.samples[:, 14].mean() == pytest.approx(0.2362, abs=1e-4)  # adult.names: 23.62 % above 50K
    assert columns(data)[14].categories == ("<=50K", ">50K")
