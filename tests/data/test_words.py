"""The made words: their law, and parts that have no word in common."""

import numpy as np
import pytest

from ganwright.core.errors import UserError
from ganwright.data import words


def test_words_are_of_the_grammar_different_and_of_one_law_in_both_parts() -> None:
    train, test = words.load(count=4000), words.load("test", count=4000)
    texts, others = (one.domain.texts(one.samples) for one in (train, test))
    assert (len(texts), len(others)) == (4000, 1000)
    assert len({*texts, *others}) == 5000
    assert all(map(words.is_word, texts + others))
    assert train.domain == test.domain
    assert np.mean([*map(len, texts)]) == pytest.approx(np.mean([*map(len, others)]), rel=0.03)
    assert np.array_equal(words.load(count=4000).samples, train.samples)


def test_the_vowels_of_a_word_are_those_of_its_class() -> None:
    data = words.load(count=500)
    assert data.labels is not None
    assert data.labels.mean() == pytest.approx(words.BACK, abs=0.08)
    for text, label in zip(data.domain.texts(data.samples), data.labels, strict=True):
        assert {*text} & {*"aeiou"} <= {*words.VOWELS[data.classes[label]]}


@pytest.mark.parametrize(("text", "known"), [("tatu", True), ("klustron", True), ("tatti", False), ("ta", False)])
def test_the_grammar_knows_its_words(text: str, known: bool) -> None:
    assert words.is_word(text) is known


@pytest.mark.parametrize("count", [7, 100_001])
def test_too_few_and_too_many_words_are_refused(count: int) -> None:
    with pytest.raises(UserError, match="count must be"):
        words.load(count=count)
