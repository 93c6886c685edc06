"""Metrics of strings, and the language models beside them: laws, brute force, and known languages."""

import numpy as np
import pytest
import torch

from ganwright.core.column import Column
from ganwright.core.metric import Compared, Metric, Samples, TooFewError
from ganwright.metrics import _lstm, _markov, ngrams, novelty, string_lengths
from ganwright.metrics._strings import Codes
from ganwright.metrics._strings import ngrams as numbered

LETTERS = "abc"
END = len(LETTERS)


def coded(*texts: str, length: int = 8) -> Codes:
    codes = np.full((len(texts), length), END)
    for row, text in zip(codes, texts, strict=True):
        row[: len(text)] = [LETTERS.index(letter) for letter in text]
    return codes


def read(codes: Codes) -> list[str]:
    return ["".join(LETTERS[code] for code in row if code != END) for row in codes]


def drawn(count: int, seed: int, length: int = 8) -> list[str]:
    random = np.random.default_rng(seed)
    return ["".join(random.choice(list(LETTERS), random.integers(1, length + 1))) for _ in range(count)]


def samples(codes: Codes) -> Samples:
    return Samples(codes.astype(np.int16), None, (Column("symbol", tuple(LETTERS)),))


def measured(metric: Metric, fake: list[str], real: list[str], train: list[str] | None = None) -> dict[str, float]:
    trained = None if train is None else samples(coded(*train, length=9))
    return dict(metric.measure(Compared(samples(coded(*fake)), samples(coded(*real)), trained)))


def test_an_ngram_ends_with_the_end_at_the_latest() -> None:
    codes = coded("abc", "b")
    assert sorted(numbered(codes, END, 1).tolist()) == [0, 1, 1, 2, END, END]
    assert sorted(numbered(codes, END, 2).tolist()) == sorted([1, 4 + 2, 8 + END, 4 + END])
    assert numbered(codes, END, 4).tolist() == [0 * 64 + 1 * 16 + 2 * 4 + END]
    assert len(numbered(coded("abcabcab"), END, 2)) == 8
    assert len(numbered(coded("a", length=1), END, 4)) == 0


def test_divergences_are_in_bits_from_equal_to_apart() -> None:
    some = drawn(60, 0)
    assert set(measured(ngrams.METRIC, some, some).values()) == {0.0}
    apart = measured(ngrams.METRIC, ["aa"] * 20, ["bb"] * 20)
    assert apart["js_4"] == 0.0
    assert ngrams.jensen_shannon(np.array([1, 1, 2]), np.array([3])) == pytest.approx(1.0)
    assert ngrams.jensen_shannon(np.array([1]), np.zeros(0, dtype=np.int64)) == 1.0
    assert apart["js_1"] == pytest.approx(2 / 3)
    one, other = measured(ngrams.METRIC, some, drawn(50, 1)), measured(ngrams.METRIC, drawn(50, 1), some)
    assert one == pytest.approx(other)
    assert 0 < one["js_1"] < one["js_4"] < 1


def test_too_few_strings_are_no_value() -> None:
    for metric in (ngrams.METRIC, novelty.METRIC, string_lengths.METRIC):
        with pytest.raises(TooFewError, match="At least 20 strings"):
            measured(metric, ["a"] * 19, ["a"] * 20, ["a"])


def test_lengths_differ_by_their_total_variation() -> None:
    real = ["a"] * 20 + ["ab"] * 20
    assert measured(string_lengths.METRIC, ["a"] * 20 + ["ab"] * 20, real) == {"tv_lengths": 0.0}
    assert measured(string_lengths.METRIC, ["a"] * 30 + ["abc"] * 10, real) == {"tv_lengths": 0.5}
    assert string_lengths.METRIC.unfit(samples(coded("ab", "bc"))) == "all real strings have the same length"
    assert string_lengths.METRIC.unfit(samples(coded("ab", "b"))) == ""


def longest_piece(text: str, others: list[str]) -> int:
    pieces = (text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1))
    return max((len(piece) for piece in pieces if any(piece in other for other in others)), default=0)


@pytest.mark.parametrize(("length", "seed"), [(1, 0), (3, 1), (8, 2), (33, 3)])
def test_the_longest_copied_pieces_are_those_of_brute_force(length: int, seed: int) -> None:
    strings, train = drawn(30, seed, length), drawn(12, 10 + seed, length)
    strings += [train[0], train[1][:-1] or "c"]
    found = novelty.longest_pieces(coded(*strings, length=length), coded(*train, length=length), END)
    assert found.tolist() == [longest_piece(text, train) for text in strings]


def test_new_and_different_strings_and_copied_pieces_are_counted() -> None:
    train = ["abc", "cab", "bbbb"]
    values = measured(novelty.METRIC, ["abc"] * 10 + ["abca"] * 5 + ["cc"] * 5, ["a"] * 20, train)
    assert values == pytest.approx(
        {"new": 0.5, "different": 0.15, "copied": (10 + 5 * 3 / 4 + 5 / 2) / 20, "longest_copy": 3}
    )
    copied = measured(novelty.METRIC, train * 10, ["a"] * 20, train)
    assert copied == pytest.approx({"new": 0.0, "different": 0.1, "copied": 1.0, "longest_copy": 0})


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_chain_has_the_transitions_of_its_strings(order: int) -> None:
    strings = coded(*drawn(400, 0))
    chain = _markov.fitted(strings, END, order)
    made = chain.sample(4000, 8, 0)
    assert np.array_equal(made, chain.sample(4000, 8, 0))
    assert (made[:, 0] != END).all()
    assert {*numbered(made, END, order + 1).tolist()} <= {*numbered(strings, END, order + 1).tolist()}
    expected, found = (np.bincount(codes[:, 0], minlength=END) / len(codes) for codes in (strings, made))
    assert found == pytest.approx(expected, abs=0.03)
    for n in range(2, order + 2):
        assert ngrams.jensen_shannon(numbered(made, END, n), numbered(strings, END, n)) < 0.01


def test_a_chain_of_a_periodic_language_makes_nothing_else() -> None:
    chain = _markov.fitted(coded("abcabc", "abc"), END, 1)
    assert {*read(chain.sample(200, 8, 0))} <= {"abc", "abcabc", "abcabcab"}
    assert read(_markov.fitted(coded("abba", "abba"), END, 3).sample(3, 4, 1)) == ["abba"] * 3


def test_the_recurrent_model_learns_what_short_chains_cannot() -> None:
    torch.manual_seed(5)
    words = ["abbbb", "cbbbc"]
    strings = coded(*words * 16, length=5)
    size = _lstm.Size(4, 12, 40, 40 * 128 * 6, 0.08)
    made = _lstm.fitted(strings, END, size).sample(100, 5, 0)
    assert np.mean([text in words for text in read(made)]) > 0.9
    assert np.array_equal(made, _lstm.fitted(strings, END, size).sample(100, 5, 0))
    assert np.array_equal(made[:, 0] == END, np.zeros(100, dtype=bool))
    assert torch.initial_seed() == 5


def test_the_recurrent_models_budget_bounds_its_steps() -> None:
    model = _lstm.fitted(coded(*drawn(40, 0)), END, _lstm.Size(4, 4, 1000, 1))
    assert model.sample(5, 3, 0).shape == (5, 3)
