"""Tests of how delimited text is read: separators, decimals, headers, encodings, and what is said about it."""

from pathlib import Path

import pytest

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _files
from ganwright.domains._records import read_records
from ganwright.domains.table import Table

ROWS = range(1, 41)


def load(tmp_path: Path, text: str | bytes, **options: object) -> Data:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return _files.load(path, **options)  # type: ignore[arg-type]


def said(data: Data) -> str:
    return " ".join(data.notes)


def columns(data: Data) -> dict[str, tuple[str, ...]]:
    assert isinstance(data.domain, Table)
    return {column.name: column.categories for column in data.domain.columns}


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("a,b\n1.5,x\n2.25,y\n", "separated by commas;"),
        ("a;b\n1.5;x\n2.25;y\n", "separated by semicolons;"),
        ("a;b\n1,5;x\n2,25;y\n", "separated by semicolons, decimal comma;"),
        ("a\tb\n1.5\tx\n2.25\ty\n", "separated by tabs;"),
        ("a\tb\n1,5\tx\n2,25\ty\n", "separated by tabs, decimal comma;"),
        ("a|b\n1.5|x\n2.25|y\n", "separated by pipes;"),
        ("a b\n1.5 x\n2.25 y\n", "separated by spaces;"),
        ('a,b\n"1,5",x\n"2,25",y\n', "separated by commas, decimal comma;"),
        ("a,b\r\n1.5,x\r\n2.25,y\r\n", "separated by commas;"),
        ("a,b\r1.5,x\r2.25,y\r", "separated by commas;"),
    ],
)
def test_usual_dialects_give_the_same_table_and_are_named(text: str, how: str, tmp_path: Path) -> None:
    data = load(tmp_path, text)
    assert data.samples.tolist() == [[1.5, 0], [2.25, 1]]
    assert columns(data) == {"a": (), "b": ("x", "y")}
    assert how in said(data)


def test_a_first_line_that_names_the_separator_is_obeyed(tmp_path: Path) -> None:
    data = load(tmp_path, "sep=;\na;b\n1,5;x\n2,25;y\n")
    assert data.samples.tolist() == [[1.5, 0], [2.25, 1]]
    assert "Skipped in t.csv: 1 line that names the separator." in data.notes


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32"),
        ("latin-1", "Windows-1252 (Latin-1)"),
    ],
)
def test_encodings_are_found_and_named(encoding: str, name: str, tmp_path: Path) -> None:
    data = load(tmp_path, "größe,ort\n1.5,Köln\n2.5,Aarhus\n".encode(encoding))
    assert columns(data) == {"größe": (), "ort": ("Aarhus", "Köln")}
    assert f"t.csv is read as {name}, " in said(data)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,2\n\x00\x01\x02\n", r"t\.csv, line 3: the byte 0x00 is not of a text; is the file binary\?"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "line 3: the byte 0x00"),
        (b"a,b\n1,\x81\xff\n", "neither UTF-8, UTF-16 nor Windows-1252: save it as UTF-8"),
        (b"\xff\xfea\x00,", "cannot be read as delimited text"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, content)


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        (("1,234.50", "2,000.25"), (1234.5, 2000.25), "Thousands separators left out: a (3 cells, 1,234.50 is 1234.5)"),
        (("1.234,50", "2.000,25"), (1234.5, 2000.25), "decimal comma"),
        (("1 234,50", "2\u00a0000,25"), (1234.5, 2000.25), "Thousands separators left out: a (3 cells,"),
        (("1'234.50", "2’000.25"), (1234.5, 2000.25), "Thousands separators left out: a (3 cells,"),
        (("1,234", "2,000.5"), (1234, 2000.5), "Thousands separators left out: a (3 cells, 1,234 is 1234)"),
        (("$12", "$ 13.5"), (12, 13.5), "Signs left out: a ($ in 3 cells, such as $12)"),
        (("-$12", "$-13.5"), (-12, -13.5), "Signs left out: a ($ in 3 cells"),
        (("12,50 €", "13 €"), (12.5, 13), "Signs left out: a (€ in 3 cells, such as 12,50 €)"),
        (("12 %", "7%"), (12, 7), "Signs left out: a (% in 3 cells, such as 12 %)"),
        (("\u221212.5", "+3e2"), (-12.5, 300), "Numbers: a."),
        ((".5", "5."), (0.5, 5), "Numbers: a."),
    ],
)
def test_numbers_are_read_as_people_write_them(
    cells: tuple[str, str], values: tuple[float, float], note: str, tmp_path: Path
) -> None:
    data = load(tmp_path, f'a,b\n"{cells[0]}",x\n"{cells[1]}",y\n"{cells[0]}",z\n,z\n')
    assert data.samples[:3, 0].tolist() == [*values, values[0]]
    assert note in said(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a;b\n1,500;x\n2,250;y\n", r"'1,500' in line 2 may have a decimal sign or a thousands .*--decimal comma or"),
        ("a;b\n1.500;x\n2.250;y\n", r"'1\.500' in line 2 may have .* say --decimal comma or --decimal point"),
        ("a;b\n1,5;x\n2.5;y\n", r"decimal comma and .* point \('1,5' in line 2 and '2\.5' in line 3\): say --decimal"),
        ("a,b\n12 %,x\n0.12,y\n", r"line 3, column 1 \(a\): '0\.12' and '12 %' have different units"),
        ("a,b\n$12,x\n€13,y\n", r"'€13' and '\$12' have different units: write all in one"),
    ],
)
def test_ambiguous_numbers_are_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text)


def test_thousands_alone_show_the_decimal_sign(tmp_path: Path) -> None:
    data = load(tmp_path, "a\tb\n1.234.567\tx\n2.000.000\ty\n1.000\tz\n")
    assert data.samples[:, 0].tolist() == [1234567, 2000000, 1000]
    assert "Thousands separators left out: a (3 cells, 1.234.567 is 1234567)." in data.notes


def test_the_option_decimal_settles_what_is_ambiguous(tmp_path: Path) -> None:
    text = "a;b\n1,500;x\n2,250;y\n3,750;z\n"
    assert load(tmp_path, text, decimal="comma").samples[:, 0].tolist() == [1.5, 2.25, 3.75]
    assert load(tmp_path, text, decimal="point").samples[:, 0].tolist() == [1500, 2250, 3750]
    with pytest.raises(UserError, match="decimal must be one of point, comma, not 'dot'"):
        load(tmp_path, text, decimal="dot")


@pytest.mark.parametrize("header", ["a,b", "a,b,"])
def test_a_separator_at_the_end_of_every_line_adds_no_column(header: str, tmp_path: Path) -> None:
    data = load(tmp_path, header + "\n1,x,\n2,y,\n3,x,\n")
    assert columns(data) == {"a": (), "b": ("x", "y")}
    assert "separators at the ends of lines" in said(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,4,5\n", "line 3: 3 cells, expected 2: a cell that holds the separator needs quotation marks"),
        ("a,b\n1,2\n3\n5,6\n", "line 3: 1 cell, expected 2"),
        ("a,b\n1,2,\n3,4\n5,6,\n", "line 2: 3 cells, expected 2"),
        ("a,b,c\n1,2,3,4\n5,6,7,8\n", "line 1 has 3 cells and line 2 has 4; every line needs as many"),
        ('a,b\n1,"x\n2,y\n', "line 2: a quotation mark is opened and never closed"),
        ("x,x,sex\n1,2,m\n", r"line 1: two columns are called x \(columns 1 and 2\): rename one of them"),
        ("\n# all\n\n", r"has no lines besides those that are skipped \(2 empty lines, 1 comment line\)"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text)


def test_quoted_line_breaks_and_separators_belong_to_their_cell(tmp_path: Path) -> None:
    data = load(tmp_path, 'a,b\n1,"x\ny"\n2,"p,q"\n3,"say ""no"""\n\n4,z\n5\n'.replace("5\n", ""))
    assert columns(data)["b"] == ("p,q", 'say "no"', "x\ny", "z")
    with pytest.raises(UserError, match="line 5: 1 cell, expected 2"):
        load(tmp_path, 'a,b\n1,"x\n\ny"\n2\n3,z\n')


def test_what_is_skipped_is_counted(tmp_path: Path) -> None:
    data = load(tmp_path, "# by hand\na,b\n1,2\n\n\n3,4\n,\n")
    assert data.samples.tolist() == [[1, 2], [3, 4]]
    assert "Skipped in t.csv: 1 comment line, 2 empty lines, 1 line of empty cells." in data.notes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("country,1990,1991\nFrance,55.2,56.1\nSpain,38.8,39.0\n", ["country", "1990", "1991"]),
        ("1990,1991\n55.2,56.1\n38.8,39.0\n", ["1990", "1991"]),
        ("x,1990\n1.5,2.5\n2.5,3.5\n", ["x", "1990"]),
        ("0,1,2\n.5,.25,1.5\n.125,.75,2.5\n", ["0", "1", "2"]),
        (",a\n7,.5\n9,1.5\n", ["1", "a"]),
    ],
)
def test_headers_are_found(text: str, names: list[str], tmp_path: Path) -> None:
    data = load(tmp_path, text, table=True)
    assert (list(columns(data)), len(data)) == (names, 2)
    assert "the first row holds the names" in said(data)


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n5,6\n",
        "a,1,3\nb,2,7\na,3,9\n",
        "NA,1\n2,3\n4,5\n",
        "Rome,1990,1991\nOslo,1992,1993\nBonn,1994,1995\n",
    ],
)
def test_rows_without_a_header_are_data(text: str, tmp_path: Path) -> None:
    data = load(tmp_path, text, table=True)
    assert (list(columns(data)), len(data)) == ([str(index + 1) for index in range(text.split()[0].count(",") + 1)], 3)
    assert "no names in the first row, so columns are numbered" in said(data)


@pytest.mark.parametrize(
    "text",
    [
        "0,1,2\n3,4,5\n6,7,8\n",
        "1,2,3\n3,4,5\n6,7,8\n",
        "x,7\n1,2\n3,4\n",
    ],
)
def test_an_ambiguous_header_is_asked_for(text: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the first row, in line 1, .* may hold names or data: say --header yes or"):
        load(tmp_path, text, table=True)
    assert len(load(tmp_path, text, table=True, header="yes", test=str(tmp_path / "t.csv"))) == 2


def test_columns_without_a_name_are_named(tmp_path: Path) -> None:
    data = load(tmp_path, ",a\n" + "".join(f"{row},{row**2}.5\n" for row in ROWS))
    assert "Columns without a name are called by their number: 1." in data.notes
    assert "Counts the rows, as an index does: 1 (1, 2, ...)." in data.notes


def test_empty_constant_and_name_like_columns_are_named(tmp_path: Path) -> None:
    text = "x,none,five,one,name,day\n" + "".join(f"{row}.5,,5,w,n{row},2020-01-{row % 9 + 1:02d}\n" for row in ROWS)
    data = load(tmp_path, text, table=True)
    assert list(columns(data)) == ["x", "five", "one", "name", "day"]
    for note in (
        "none is left out: it is empty.",
        "Constant: five (5).",
        "Always the same: one (w).",
        "Nearly a word for each row, as names have: name (40 in 40 rows).",
        "Dates, read as categories: day (such as 2020-01-02).",
    ):
        assert note in data.notes


def test_a_table_without_any_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="only columns that are empty or of over 1,000"):
        load(tmp_path, "a,b\nNA,?\n?,NA\n", table=True)


def test_leading_zeros_make_categories(tmp_path: Path) -> None:
    data = load(tmp_path, "zip,x\n" + "".join(f"0{row % 3}10,{row}.5\n" for row in ROWS) + "2110,3.5\n")
    assert columns(data) == {"zip": ("0010", "0110", "0210", "2110"), "x": ()}
    assert "Leading zeros, so categories: zip (such as 0110)." in data.notes


def test_numbers_that_are_rounded_are_counted(tmp_path: Path) -> None:
    table = load(tmp_path, "id,job\n9007199254740993,a\n7,b\n8,c\n")
    assert "Rounded to float64: id (1 cell, such as 9007199254740993)." in table.notes
    points = load(tmp_path, "x,y\n16777217,1\n16777218,2\n")
    assert "Rounded to float32: x (1 cell, such as 16777217)." in points.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,job\ninf,a\n1,b\n", r"line 2, column 1 \(x\): 'inf' is not a finite number.*add it to --missing"),
        ("x,job\n1e999,a\n1,b\n", "'1e999' is not a finite number"),
        ("x,job\n1e308,a\n-1e308,b\n3,c\n", "'1e308' is too large: the column's variance is no finite number"),
        ("x,y\n1,2\n1,inf\n", r"line 3, column 2 \(y\): 'inf' is not a finite number; points .* --table"),
    ],
)
def test_infinite_numbers_are_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        load(tmp_path, text)


def test_words_among_numbers_are_refused_unless_few_values_recur(tmp_path: Path) -> None:
    ages = "age,job\n" + "".join(f"{row if row != 7 else 'abc'},{'ab'[row % 2]}\n" for row in ROWS)
    with pytest.raises(UserError, match=r"line 8, column 1 \(age\): 'abc' .*--missing, or name .* in --categories"):
        load(tmp_path, ages)
    assert "abc" in columns(load(tmp_path, ages, categories=("age",)))["age"]
    data = load(tmp_path, "dep,y\n" + "".join(f"{['0', '1', '2', '3+'][row % 4]},{row}.5\n" for row in ROWS))
    assert columns(data) == {"dep": ("0", "1", "2", "3+"), "y": ()}
    assert "Numbers among words, so categories: dep (3+ and 1)." in data.notes


def test_numbers_of_thousands_of_digits_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a finite number"):
        load(tmp_path, f"a,b\n{'9' * 5000},1\n2,3\n")


def errors_of_spreadsheets(tmp_path: Path, header: str, line: str) -> Data:
    """100 rows of a number and a word, where every fifth number is #NV."""
    rows = [line.format("#NV" if row % 5 == 0 else row, "AB"[row % 2]) for row in range(100)]
    return load(tmp_path, "\n".join([header, *rows]), table=True)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("sum;place", "{};{}"),
        ("sum,place", "{},{}"),
        ("sum\tplace", "{}\t{}"),
        ("sum|place", "{}|{}"),
        ("sum place", "{} {}"),
        ("sum;place;", "{};{};"),
        ("sep=;\nsum;place", "{};{}"),
        ("# by hand\nsum;place", "{};{}"),
        ("place;sum", "{1};{0}"),
    ],
)
def test_errors_of_spreadsheets_in_the_first_column_delete_no_row(header: str, line: str, tmp_path: Path) -> None:
    data = errors_of_spreadsheets(tmp_path, header, line)
    assert len(data) == 80
    assert "20 of the 100 rows are the test part" in said(data)
    assert "Missing values: sum (20: #NV)." in data.notes
    assert "20 comment lines" not in said(data)
    marked = "20 lines are rows in spite of # or | at the beginning, with as many cells as most lines."
    assert (marked in data.notes) == line.startswith("{}")


def test_a_single_column_keeps_errors_of_spreadsheets_and_skips_comments(tmp_path: Path) -> None:
    data = load(tmp_path, "# by hand\nsum\n1.5\n#NV\n# later\n2.5\n#DIV/0!\n4.5\n", table=True)
    assert "Skipped in t.csv: 2 comment lines." in data.notes
    assert "Missing values: sum (2: #NV, #DIV/0!)." in data.notes
    assert "2 lines are rows in spite of # or | at the beginning, with as many cells as most lines." in data.notes


@pytest.mark.parametrize(
    ("text", "count", "skipped"),
    [
        ("a;b\n#x;1\ny;2\n", 2, ""),
        ("a;b\n#x;1\n#y;2\n#z;3\n", 3, ""),
        ("#a;b\na;b\nx;1\n", 1, "1 comment line"),
        ("#NV;x\n1;y\n2;x\n3;x\n", 4, ""),
        ("a;b\nx;1\n# the end\n", 1, "1 comment line"),
        ("a;b\nx;1\n#1;2;3\n", 1, "1 comment line"),
        ("a b\nx 1\n# end\ny 2\n", 2, "1 comment line"),
        ("|1x3 Cross validator\na,b\nx,1\n", 1, "1 comment line"),
        ("a,b\n|x,1\ny,2\n", 2, ""),
        ('a;b\n"#x";1\ny;2\n', 2, ""),
    ],
)
def test_a_line_with_a_sign_of_comments_is_a_row_if_it_has_as_many_cells(
    text: str, count: int, skipped: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    found = read_records(tmp_path / "t.csv")
    header = not text.startswith("#NV")
    assert len(found.rows) == count + header
    assert found.skipped == ({"comment": 1} if skipped else {})


def test_a_missing_mark_of_your_own_is_a_row_of_a_single_column(tmp_path: Path) -> None:
    data = load(tmp_path, "sum\n1.5\n#none\n# later\n2.5\n3.5\n4.5\n", table=True, missing=("#none",))
    assert "Missing values: sum (1: #none)." in data.notes
    assert "1 line is a row in spite of # or | at the beginning, with as many cells as most lines." in data.notes


@pytest.mark.parametrize(
    "mark",
    [
        "#NV",
        "#N/A",
        "#DIV/0!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#VALUE!",
        "#NULL!",
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
        "#NOM?",
        "#VALEUR!",
        "#N/D",
        "#div/0!",
    ],
)
def test_errors_of_spreadsheets_are_missing_values(mark: str, tmp_path: Path) -> None:
    data = load(tmp_path, f"a;b\n1.5;x\n{mark};y\n2.5;{mark}\n3.5;x\n", table=True, test=None)
    assert f"Missing values: a (1: {mark}), b (1: {mark})." in said(data)


def test_mixed_decimal_signs_are_refused_with_what_follows_from_each_option(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"say --decimal comma or --decimal point; numbers with the other sign are"):
        load(tmp_path, "a;b\n1,5;x\n2.25;y\n")
