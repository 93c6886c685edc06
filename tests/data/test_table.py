"""Tests of tables from delimited text: numbers and categories, two parts, and errors that name the cell."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.config import data_source
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files, _find
from ganwright.domains.table import Table

ADULT = "39, State-gov, 1.5, <=50K\n50, ?, 2, >50K\n38, Private, 3, <=50K\n"


def load(tmp_path: Path, text: str, name: str = "t.csv", **options: object) -> Data:
    (tmp_path / name).write_text(text, encoding="utf-8")
    if "test" in options:
        options["test"] = str(tmp_path / str(options["test"]))
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
    assert data.notes[-3].startswith("1 rows of adult.test with words or missing values unknown to the training part")
    assert "line 4" in data.notes[-3]


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
        ("x,job\n1,a\n2\n", "line 3: 1 cell, expected 2"),
        ("x,job\n", "no points"),
    ],
)
def test_errors_name_the_cell(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text)


def test_unsuitable_test_files_are_refused(tmp_path: Path) -> None:
    def held_out(content: str) -> Data:
        (tmp_path / "test.csv").write_text(content)
        return load(tmp_path, "x,job\n1,a\n2,b\n3,b\n", test="test.csv", split="test")

    assert held_out("job,more,x\nb,0,7\n").samples.tolist() == [[7, 1]]
    assert held_out("7,b\n").samples.tolist() == [[7, 1]]
    with pytest.raises(UserError, match=r"3 columns \(1, 2, 3\) that do not match the data's: x, job"):
        held_out("7,b,1\n")
    with pytest.raises(UserError, match="no row whose words all occur"):
        held_out("7,c\n")
    with pytest.raises(UserError, match=r"line 1, column 1 \(x\): 'b' is not a finite number"):
        held_out("b,7\n")
    with pytest.raises(UserError, match="too few for a test part"):
        load(tmp_path, "x,job\n1,a\n", split="test")
    for split in ("train", "test"):
        with pytest.raises(UserError, match=r"The test part .*none\.csv does not exist\.$"):
            load(tmp_path, "x,job\n1,a\n", test="none.csv", split=split)


def test_loading_a_saved_table_returns_its_rows(tmp_path: Path) -> None:
    data = load(tmp_path, "x,job\n" + "".join(f"{i / 8},{'abc'[i % 3]}\n" for i in range(20)), test="t.csv")
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
    data = _find.load(path, test=str(Path(path).with_name("adult.test")), split="test")
    assert data.samples.shape == (16281, 15)
    assert data.samples[:, 14].mean() == pytest.approx(0.2362, abs=1e-4)  # adult.names: 23.62 % above 50K
    assert columns(data)[14].categories == ("<=50K", ">50K")


AGES = ["20", "NA", "31", "-", "42", "null", "53", "N/A", "64", "None", "75", "", "86", "n/a"]


def test_missing_numbers_are_counted_and_modelled(tmp_path: Path) -> None:
    text = "age,job\n" + "".join(f"{age},{'ab'[place % 2]}\n" for place, age in enumerate(AGES))
    data = load(tmp_path, text, test="t.csv")
    age = columns(data)[0]
    assert (age.categories, age.mark, age.width, age.shift) == ((), "NA", 2, 53.0)
    assert np.isnan(data.samples[:, 0]).sum() == 7
    assert "Missing values: age (7: NA, -, null, N/A, None, empty, n/a)." in data.notes
    encoded = data.domain.encode(torch.from_numpy(data.samples))
    assert encoded[:2, :2].tolist() == [[pytest.approx((20 - 53) / age.scale), 0], [0, 1]]
    assert np.array_equal(data.domain.decode(encoded), data.samples, equal_nan=True)
    data.check()


def test_missing_numbers_are_written_as_in_the_data_and_read_again(tmp_path: Path) -> None:
    text = "age,job\n" + "".join(f"{age or 'NA'},b\n" for age in AGES) + "7,a\n"
    data = load(tmp_path, text, test="t.csv")
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:4] == ["20,b", "NA,b", "31,b"]
    assert np.array_equal(data.domain.read(tmp_path / "out.csv").samples, data.samples, equal_nan=True)


def test_the_option_missing_replaces_the_usual_words(tmp_path: Path) -> None:
    text = "age,job\n" + "".join(f"{row if row % 7 else -999},{['-', 'b'][row % 2]}\n" for row in range(1, 41))
    data = load(tmp_path, text, missing=("-999",), test="t.csv")
    age, job = columns(data)
    assert (age.mark, age.integer, job.categories) == ("-999", True, ("-", "b"))
    assert "Missing values: age (5: -999)." in data.notes
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    assert np.array_equal(data.domain.read(tmp_path / "out.csv").samples, data.samples, equal_nan=True)


def test_missing_words_are_one_category(tmp_path: Path) -> None:
    data = load(tmp_path, "x,job\n1.5,?\n2.5,a\n3.5,NA\n4.5,?\n5.5,\n", test="t.csv")
    assert columns(data)[1].categories == ("?", "a")
    assert data.samples[:, 1].tolist() == [0, 1, 0, 0, 0]
    assert "Missing values: job (4: ?, NA, empty)." in data.notes


def test_missing_values_that_the_training_part_lacks_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("x,job\n7,b\n,b\n8,NA\n")
    data = load(tmp_path, "x,job\n1,a\n2,b\n3,b\n", test="test.csv", split="test")
    assert data.samples.tolist() == [[7, 1]]
    assert "2 rows of test.csv with words or missing values unknown to the training part" in data.notes[-2]
    assert "line 3" in data.notes[-2]


@pytest.mark.parametrize(
    ("real", "other", "codes", "note"),
    [
        (("0", "1"), ("0.0", "1.0"), [0, 1], "flag (2 cells, such as 0.0 for 0)"),
        (("0.0", "1.0"), ("0", "1"), [0, 1], "flag (2 cells, such as 0 for 0.0)"),
        (("True", "False"), ("true", "FALSE"), [1, 0], "flag (2 cells, such as true for True)"),
        (("a", "b"), ("a.", "b"), [0, 1], "flag (1 cell, such as a. for a)"),
        (("01", "02"), ("01", "02"), [0, 1], ""),
        (("01", "02"), ("1", "02"), [1], "1 rows of other.csv"),
        (("0", "1"), ("1", "2"), [1], "1 rows of other.csv"),
        (("A", "a"), ("a", "A"), [1, 0], ""),
    ],
)
def test_categories_compare_by_value_and_what_is_spelled_otherwise_is_said(
    real: tuple[str, str], other: tuple[str, str], codes: list[int], note: str, tmp_path: Path
) -> None:
    data = load(tmp_path, f"x,flag\n1,{real[0]}\n2,{real[1]}\n3,{real[1]}\n", table=True, test="t.csv")
    (tmp_path / "other.csv").write_text(f"x,flag\n7,{other[0]}\n8,{other[1]}\n")
    found = data.domain.read(tmp_path / "other.csv")
    assert found.samples[:, 1].tolist() == codes
    assert note in " ".join(found.notes)


def test_spellings_of_one_number_are_one_category(tmp_path: Path) -> None:
    text = "flag,x\n" + "".join(f"{['0', '0.0', '1', '1.0', '1'][row % 5]},{row}.5\n" for row in range(20))
    data = load(tmp_path, text, table=True)
    assert columns(data)[0].categories == ("0", "1")
    assert "Several spellings of one category: flag (0.0 is 0, 8 cells)." in data.notes


def test_words_that_differ_in_case_stay_apart_and_are_named(tmp_path: Path) -> None:
    data = load(tmp_path, "job,x\nClerk,1.5\nclerk,2.5\nsmith,3.5\n")
    assert columns(data)[0].categories == ("Clerk", "clerk", "smith")
    assert "Different categories that differ in case only: job (Clerk, clerk)." in data.notes


def test_decimal_commas_and_signs_of_the_data_are_not_needed_in_another_file(tmp_path: Path) -> None:
    data = load(tmp_path, "p;k\n1,5 €;x\n2,25 €;y\n3,5 €;y\n", test="t.csv")
    assert "Samples are written with commas between the cells and with a decimal point." in data.notes
    data.domain.writers[".csv"](data.samples, None, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "p,k\n1.5,x\n2.25,y\n3.5,y\n"
    assert np.array_equal(data.domain.read(tmp_path / "out.csv", {"decimal": None}).samples, data.samples)


def test_columns_of_another_file_are_matched_by_name_and_others_are_named(tmp_path: Path) -> None:
    data = load(tmp_path, "x,job\n1,a\n2,b\n3,b\n", test="t.csv")
    (tmp_path / "more.csv").write_text("job,id,x\nb,9,7\n")
    found = data.domain.read(tmp_path / "more.csv")
    assert found.samples.tolist() == [[7, 1]]
    assert found.notes[0] == "Columns of more.csv that the data lack are left out: id."
    assert found.notes[1].startswith("more.csv is read as UTF-8, separated by commas;")
    (tmp_path / "renamed.csv").write_text("y,work\n7,b\n")
    renamed = data.domain.read(tmp_path / "renamed.csv", {"header": "yes"})
    assert renamed.samples.tolist() == [[7, 1]]
    assert renamed.notes[0] == "Columns of renamed.csv are taken by their order: y as x, work as job."


def test_arrays_of_rows_are_checked_against_the_columns(tmp_path: Path) -> None:
    domain = load(tmp_path, "x,job\n1,a\n2,b\n3,b\n", test="t.csv").domain
    with pytest.raises(UserError, match=r"^it, row 1: job is 2, and expected is a code from 0 to 1\.$"):
        domain.from_array([[1, 0], [2, 2]], "it")
    with pytest.raises(UserError, match=r"^it, row 0: x is nan, and expected is a number\.$"):
        domain.from_array([[np.nan, 0]], "it")
    with pytest.raises(UserError, match="not finite"):
        domain.from_array([[np.inf, 0]], "it")


def test_a_network_that_diverges_makes_no_missing_values(tmp_path: Path) -> None:
    domain = load(tmp_path, "x,job\n1,a\n,b\n3,b\n4,a\n", test="t.csv").domain
    decoded = domain.decode(torch.tensor([[0.0, 0.9, 1, 0], [np.nan, 0.1, 1, 0], [np.nan, np.nan, 1, 0]]))
    assert np.isnan(decoded[:, 0]).tolist() == [True, False, False]
    assert np.isinf(decoded[:, 0]).tolist() == [False, True, True]


def test_a_test_part_is_sought_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "t.csv").write_text("x,job\n1,a\n2,b\n3,b\n")
    (tmp_path / "test.csv").write_text("x,job\n8,b\n")
    with pytest.raises(UserError, match=r"work/test\.csv does not exist\. Did you mean .*/test\.csv\?"):
        _files.load(tmp_path / "t.csv", test="test.csv")
    (tmp_path / "work" / "test.csv").write_text("x,job\n9,b\n")
    data = _files.load(tmp_path / "t.csv", test="test.csv", split="test")
    assert data.samples.tolist() == [[9, 1]]
    assert f"The test part is {tmp_path / 'work' / 'test.csv'}." in data.notes
    source = data_source.find(str(tmp_path / "t.csv"), {"test": "test.csv"})
    assert source.options["test"] == str(tmp_path / "work" / "test.csv")
