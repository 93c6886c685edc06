"""Files of strings: what is a sample, what is left out, and what is refused with its line."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganwright.core.data import Data
from ganwright.core.errors import MissingPartError, UserError
from ganwright.data import _files
from ganwright.domains.strings import Strings
from ganwright.domains.table import Table

NAMES = ["anna", "otto", "bo", "carl", "dora", "ina", "eva", "hal", "mona", "lea"]


def saved(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(data: Data) -> list[str]:
    assert isinstance(data.domain, Strings)
    return data.domain.texts(data.samples)


def both(path: Path, **options: Any) -> list[str]:
    """The texts of both parts, sorted."""
    return sorted(text for split in ("train", "test") for text in texts(_files.load(path, split=split, **options)))


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        _files.load(path, **options)
    sentence = str(caught.value)
    assert sentence.endswith((".", "?"))
    return sentence


def test_lines_are_strings_and_a_fixed_fifth_is_the_test_part(tmp_path: Path) -> None:
    path = saved(tmp_path / "names.txt", "\n".join(NAMES) + "\n")
    train, test = _files.load(path), _files.load(path, split="test")
    assert (len(train), len(test)) == (8, 2)
    assert sorted(texts(train) + texts(test)) == sorted(NAMES)
    assert train.domain == test.domain == Strings(tuple(sorted({*"".join(NAMES)})), 4)
    assert train.samples.dtype == np.int16
    assert train.notes[0] == "names.txt is read as UTF-8."
    assert (
        "10 of 2 to 4 symbols. Symbols are 14 characters (Unicode code points), most frequent first: a, "
        in " ".join(train.notes)
    )
    assert train.notes[-1] == "2 of the 10 different lines are the test part."
    train.check()


def test_no_string_is_in_both_parts_and_copies_are_kept(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", "\n".join(NAMES * 3))
    train, test = _files.load(path), _files.load(path, split="test")
    assert not {*texts(train)} & {*texts(test)}
    assert len(train) + len(test) == 30
    assert "20 lines are copies of others, and kept." in train.notes


def test_the_share_of_the_test_part_may_be_chosen(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", "\n".join(NAMES))
    assert len(_files.load(path, split="test", test_share=0.5)) == 5
    assert len(_files.load(path, test_share=0)) == 10
    with pytest.raises(MissingPartError, match="has no test part: --test-share is 0"):
        _files.load(path, split="test", test_share=0)
    assert "from 0 to below 1" in refused(path, test_share=1.0)


@pytest.mark.parametrize(
    "content",
    [
        "\r\n".join(NAMES).encode(),
        "\r".join(NAMES).encode(),
        b"\xef\xbb\xbf" + "\n".join(NAMES).encode(),
        "\n".join(NAMES).encode("utf-16"),
    ],
)
def test_line_ends_and_byte_order_marks_are_no_symbols(content: bytes, tmp_path: Path) -> None:
    assert both(saved(tmp_path / "a.txt", content)) == sorted(NAMES)


def test_paragraphs_are_found_by_their_empty_lines(tmp_path: Path) -> None:
    poems = [f"{name} goes\n  and {name} comes" for name in NAMES]
    path = saved(tmp_path / "poems.txt", "\n\n\n".join(poems) + "\n \n\n")
    data = _files.load(path)
    assert isinstance(data.domain, Strings)
    assert data.domain.form == "paragraphs"
    assert both(path) == sorted(poems)
    assert any("paragraphs are samples; else say --text lines" in note for note in data.notes)
    assert "1 line of nothing but white space is read as empty." in data.notes
    assert len(both(path, text="lines")) == 20
    single = saved(tmp_path / "single.txt", "\n\n".join(NAMES))
    assert both(single) == sorted(NAMES)
    assert "Left out: 9 empty lines." in _files.load(single).notes


def test_records_of_fasta_are_strings(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "a.fasta", "; made\n" + "".join(f">{i} x\nACD\nEF{'GK'[i % 2]}{'A' * i}\n\n" for i in range(9))
    )
    data = _files.load(path)
    assert both(path) == sorted(f"ACDEF{'GK'[i % 2]}{'A' * i}" for i in range(9))
    assert data.notes[0] == "a.fasta is read as UTF-8, FASTA; left out: 9 header lines and 1 comment."
    assert set(data.domain.writers) == {".txt", ".csv", ".fasta"}
    assert "line 1: FASTA begins with a header" in refused(saved(tmp_path / "b.fa", "ACD\n>x\nACD\n"))
    assert "line 2: the header has no sequence" in refused(saved(tmp_path / "c.fa", "; c\n>x\n>y\nACD\n"))


def test_words_are_symbols_too(tmp_path: Path) -> None:
    tunes = [f"C4 {name}  rest" for name in NAMES]
    data = _files.load(saved(tmp_path / "tunes.txt", "\n".join(tunes)), symbols="words")
    assert isinstance(data.domain, Strings)
    assert (data.domain.symbols, data.domain.length, len(data.domain.vocabulary)) == ("words", 3, 12)


def test_an_empty_file_of_a_folder_is_said_to_be_no_class(tmp_path: Path) -> None:
    for name, text in {"de": "ja\nnein", "fr": "oui\nnon", "it": ""}.items():
        saved(tmp_path / f"{name}.txt", text)
    data = _files.load(tmp_path)
    assert data.classes == ("de", "fr")
    assert "it.txt is empty: there is no class it." in data.notes


def test_strings_with_other_symbols_or_too_long_ones_are_left_out(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", "\n".join([*NAMES, "Zoë", "annabella"]))
    data = _files.load(path, alphabet="abcdefghijklmnopqrstuvwxyz", max_length=5)
    assert isinstance(data.domain, Strings)
    assert len(data.domain.vocabulary) == 26
    assert "Left out: 1 line longer than 5 symbols, such as line 12; --max-length 9 keeps all." in data.notes
    assert any(
        "Left out: 1 line with symbols outside of --alphabet (Z ë), such as line 11;" in note for note in data.notes
    )
    sentence = refused(path, max_length=2)
    assert sentence.endswith("11 of 12 lines longer than 2 symbols, such as line 1: --max-length 9 keeps all.")
    assert re.search(r"symbols outside of --alphabet \([^xyz]+\), such as line 1:", refused(path, alphabet="xyz"))
    assert "alphabet is empty" in refused(path, alphabet="")
    assert "symbols must be one of characters, words" in refused(path, symbols="letters")


def test_what_is_not_normalised_is_said(tmp_path: Path) -> None:
    data = _files.load(saved(tmp_path / "a.txt", "\n".join([*NAMES, "ame\u0301"])))
    assert any("1 line is not in the normal form NFC" in note for note in data.notes)
    assert any("\u0301" in text for text in both(tmp_path / "a.txt"))


def test_files_of_a_folder_are_classes_or_parts(tmp_path: Path) -> None:
    saved(tmp_path / "by-class" / "short.txt", "\n".join(NAMES[:6]))
    saved(tmp_path / "by-class" / "long.txt", "\n".join(name * 2 for name in NAMES))
    saved(tmp_path / "by-class" / "readme.md", "about")
    data = _files.load(tmp_path / "by-class")
    assert data.classes == ("long", "short")
    assert data.labels is not None
    assert [text not in NAMES for text in texts(data)] == (data.labels == 0).tolist()
    assert "Left out: 1 other file, readme.md." in data.notes
    assert _files.load(tmp_path / "by-class", classes="none").labels is None
    saved(tmp_path / "parts" / "train.txt", "\n".join(NAMES[:6]))
    saved(tmp_path / "parts" / "test.txt", "\n".join(NAMES[5:]))
    train, test = _files.load(tmp_path / "parts"), _files.load(tmp_path / "parts", split="test")
    assert texts(train) == NAMES[:6]
    assert texts(test) == NAMES[6:]
    assert train.labels is None
    assert train.notes[-1] == "5 lines of 11 are the test part, without 1 that the training part has too."


def test_a_column_holds_strings_beside_their_classes(tmp_path: Path) -> None:
    rows = "".join(f'{place},"{name}, {name}\n  x",{place % 2}\n' for place, name in enumerate(NAMES))
    path = saved(tmp_path / "a.csv", f"id,verse,label\n{rows}")
    data = _files.load(path, text="verse")
    assert both(path, text="verse") == sorted(f"{name}, {name}\n  x" for name in NAMES)
    assert data.classes == ("0", "1")
    assert "texts from column verse, classes from column label" in data.notes[0]
    assert "has no column 'vers', but id, verse, label" in refused(path, text="vers")
    assert "name that of the texts with --text COLUMN" in refused(path, symbols="words")
    saved(path, "text;class\nanna;x\notto;\n")
    assert "line 3: the cell of the class, in column class, is empty" in refused(path, text="text")
    saved(path, "text,class\nanna,x\notto\n")
    assert "line 3: 1 cells, expected 2" in refused(path, text="text")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: training needs at least two different lines"),
        (b"\n \n\n", "is empty"),
        (b"only\n", "has 1 line: training needs at least two different lines"),
        (b"a\na\na\n", "has 3 lines and no two different ones"),
        (b"anna\r\notto\r\nzo\xeb\r\n", "line 3: the byte 0xeb is no UTF-8: save the file as UTF-8"),
        (b"\xef\xbb\xbfanna\nzo\xeb\n", "line 2: the byte 0xeb is no UTF-8"),
        (b"anna\not\0to\n", "line 2: the byte 0x00 is not of a text"),
        (b"\xff\xfea\0b", "is damaged: it has a mark of UTF-16 and is none"),
    ],
)
def test_files_without_strings_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    assert message in refused(saved(tmp_path / "a.txt", content), text="lines")


def test_a_vocabulary_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", "\n".join(f"w{place} x" + " y" * 99 for place in range(1300)))
    assert "too many together" in refused(path, symbols="words")
    path = saved(tmp_path / "a.txt", "\n".join(f"w{place} v{place} u{place}" for place in range(2800)))
    assert "a vocabulary has at most 8,192: name those to keep with --alphabet" in refused(path, symbols="words")


def test_a_text_file_of_numbers_holds_columns_and_an_unclear_one_is_refused(tmp_path: Path) -> None:
    numbers = saved(tmp_path / "numbers.txt", "x y\n1 2\n3 4\n5 6\n")
    assert not isinstance(_files.load(numbers).domain, Strings)
    table = saved(tmp_path / "table.txt", "red;1\nblue;2\nred;3\n")
    assert isinstance(_files.load(table).domain, Table)
    words = saved(tmp_path / "words.txt", "red;small\nblue;large\nred;large\n")
    assert "as many ';' in every line, as columns have: say --text lines" in refused(words)
    assert isinstance(_files.load(words, table=True).domain, Table)
    assert isinstance(_files.load(words, text="lines").domain, Strings)
    some = saved(tmp_path / "some.txt", "In the year\nof 1914\nthe war\nbegan\n")
    assert "has numbers in some of its lines, such as 'of 1914': say --text lines" in refused(some)
    assert isinstance(_files.load(some, text="lines").domain, Strings)


def test_options_of_other_data_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.txt", "\n".join(NAMES))
    assert "is read as strings: --window is an option of columns and sound" in refused(path, symbols="words", window=3)
    saved(tmp_path / "folder" / "a.fasta", ">x\nACD\n>y\nACC\n")
    assert "is read as strings: --window is" in refused(tmp_path / "folder", window=3)
    assert "--table is an option of columns" in refused(tmp_path / "folder" / "a.fasta", table=True)
    assert len(_files.load(tmp_path / "folder", test_share=0)) == 2
    assert "--size is an option of pictures" in refused(path, size=8)
    assert "classes (of strings) must be one of auto, none" in refused(path, classes="folders")
    assert "does not exist" in refused(tmp_path / "b.txt", text="lines")
    assert "--text is lines or paragraphs, not 'verse'" in refused(path, text="verse")
    np.save(tmp_path / "a.npy", np.zeros((3, 2)))
    assert "--alphabet and --max-length are options of strings" in refused(
        tmp_path / "a.npy", alphabet="abc", max_length=3
    )
    with pytest.raises(MissingPartError, match="has no validation part"):
        _files.load(path, split="validation")
