"""Strings: what decodes is a string of the domain, and is read from files as it was written."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.config.serialization import domain_from_json, domain_to_json
from ganwright.core.errors import DamagedError, UserError
from ganwright.domains._symbols import coded, cut, joined
from ganwright.domains.strings import Strings

LETTERS = Strings((" ", '"', "#", ",", "a", "é", "漢"), 6)
POEMS = Strings(("\n", " ", "a", "b"), 9, form="paragraphs")
TUNES = Strings(("A4", "C4", "rest"), 5, "words")
SONGS = Strings(("\n", "la", "li"), 8, "words", "paragraphs")
PROTEINS = Strings(("A", "C", "D"), 130, form="fasta")
ALL = {"letters": LETTERS, "poems": POEMS, "tunes": TUNES, "songs": SONGS, "proteins": PROTEINS}


@pytest.fixture(params=ALL, scope="module")
def domain(request: pytest.FixtureRequest) -> Strings:
    return ALL[request.param]


def drawn(domain: Strings, count: int = 40) -> np.ndarray:
    """Strings of random scores, in which ends and line feeds are frequent."""
    scores = torch.randn(count, *domain.shape, generator=torch.Generator().manual_seed(0))
    scores[: count // 2, :, domain.end] += 1
    return domain.decode(scores)


def test_every_encoding_decodes_to_strings_of_the_domain(domain: Strings) -> None:
    stored = drawn(domain)
    assert (stored.shape, stored.dtype) == ((40, domain.length), domain.dtype)
    assert np.array_equal(domain.from_array(stored, "it"), stored)
    for text in domain.texts(stored):
        assert text.strip("\n") == text
        assert "\n\n" not in text
        assert text


def test_decoding_inverts_encoding(domain: Strings) -> None:
    stored = drawn(domain)
    encoded = domain.encode(torch.from_numpy(stored))
    assert encoded.shape == (40, *domain.shape)
    assert torch.equal(encoded.sum(2), torch.ones(40, domain.length))
    assert np.array_equal(domain.decode(encoded), stored)
    assert np.array_equal(domain.decode(10 * encoded - 5), stored)


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".fasta", ".npz"])
def test_samples_are_read_as_they_were_written(domain: Strings, suffix: str, tmp_path: Path) -> None:
    stored, path = drawn(domain), tmp_path / f"samples{suffix}"
    classes = np.array(["one", "other"] * 20)
    if suffix == ".npz":
        np.savez(path, samples=domain.to_array(stored), conditions=classes)
    elif suffix not in domain.writers:
        return
    else:
        domain.writers[suffix](stored, classes, path)
    found = domain.read(path, {"text": "auto"})
    assert np.array_equal(found.samples, stored)
    assert found.notes == ()
    assert suffix not in (".csv", ".npz") or (found.conditions is not None and (found.conditions == classes).all())


def test_words_are_cut_at_white_space_and_joined_by_spaces() -> None:
    assert cut("C4  E4\tG4", "words") == ["C4", "E4", "G4"]
    assert joined(["C4", "E4"], "words") == "C4 E4"
    assert joined(cut("la  li\nla", "words"), "words") == "la li\nla"
    assert cut("né\n", "characters") == ["n", "é", "\n"]
    assert cut("ne\u0301", "characters") == ["n", "e", "\u0301"]


def test_codes_after_the_end_are_the_end() -> None:
    assert coded([["a"], ["b", "a"]], {"a": 0, "b": 1}, 3).tolist() == [[0, 2, 2], [1, 0, 2]]


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([[7, 7, 7, 7, 7, 7]], "string 0: it is empty"),
        ([[0, 7, 7, 7, 7, 7], [0, 7, 1, 7, 7, 7]], "string 1: codes follow the end, which is 7"),
        ([[0, 8, 7, 7, 7, 7]], "a code should be from 0 to 7, that of the end"),
        ([[-1, 7, 7, 7, 7, 7]], "a code should be from 0 to 7"),
        ([[0.5, 7, 7, 7, 7, 7]], "int16 does not"),
        ([[0, 7]], "should hold numbers"),
    ],
)
def test_arrays_that_are_no_strings_are_refused(codes: list[list[float]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        LETTERS.from_array(np.array(codes), "it")


def test_what_the_domain_lacks_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a\na,a\nbcd\na a a a a a\né\n", encoding="utf-8")
    found = LETTERS.read(path)
    assert LETTERS.texts(found.samples) == ["a", "a,a", "é"]
    assert found.notes == (
        f"{path}: left out are 1 of 5 strings with symbols that the data lack.",
        f"{path}: left out are 1 of 5 strings of over 6 symbols.",
    )
    path.write_text("a\nb\n")
    with pytest.raises(UserError, match="does not hold strings of at most 6 characters, 7 different ones: 1 of 2"):
        LETTERS.read(path)
    path.write_text("")
    with pytest.raises(UserError, match="it is empty"):
        LETTERS.read(path)


def test_strings_over_one_vocabulary_are_comparable() -> None:
    assert LETTERS.comparable(Strings(LETTERS.vocabulary, 9))
    assert not LETTERS.comparable(Strings(LETTERS.vocabulary[1:], 6))
    assert not TUNES.comparable(Strings(TUNES.vocabulary[:2], 5, "words"))


def test_a_domain_is_restored_from_recipe_json_and_damage_is_found(domain: Strings) -> None:
    recorded = domain_to_json(domain)
    assert isinstance(recorded, dict)
    assert domain_from_json({**recorded, "vocabulary": [*recorded["vocabulary"]]}, "recipe.json") == domain
    wrong: dict[str, object] = {"vocabulary": ["a", "a"], "length": 0, "symbols": "letters", "form": "prose"}
    for name, value in (*wrong.items(), ("vocabulary", ["ab c"]), ("vocabulary", ["\n"]), ("length", 1 << 20)):
        with pytest.raises(DamagedError):
            domain_from_json({**recorded, name: value}, "recipe.json")


def test_pictures_have_one_layout_and_show_what_the_font_lacks() -> None:
    pytest.importorskip("matplotlib")
    stored = drawn(LETTERS, 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = LETTERS.render(stored[:1], stored)
    assert picture.size == (930, 480)
