"""Pseudo-words of a grammar of syllables with vowel harmony, whose law is known."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain

import numpy as np

from ganwright.core import draws
from ganwright.core.choices import Split, at_least, at_most, check
from ganwright.core.data import Data
from ganwright.domains._symbols import coded
from ganwright.domains.strings import Strings

ONSETS = ("t", "k", "n", "s", "m", "r", "l", "d", "p", "st", "tr", "kl")  # the i-th, from 1, has probability ~ 1 / i
CODAS = ("", "n", "r", "s", "l")
CODA_CHANCES = (0.6, 0.15, 0.1, 0.1, 0.05)
VOWELS = {"front": ("e", "i"), "back": ("a", "o", "u")}  # one of them, each with the same probability
BACK = 0.6  # the probability of back vowels
SYLLABLES, SYLLABLE_CHANCES = (2, 3, 4), (0.35, 0.45, 0.2)
LENGTH = max(SYLLABLES) * max(map(len, ONSETS)) + 2 * max(SYLLABLES)
VOCABULARY = tuple(sorted({*chain(*ONSETS, *CODAS, *chain(*VOWELS.values()))}))
MAX_WORDS = 200_000  # of both parts


def load(split: Split = "train", *, count: int = 20_000, data_seed: int = 0) -> Data:
    """Different words, codes int16 [count, 16] over 14 letters, of 4 to 16 letters; classes front and back.

    A word has 2, 3 or 4 syllables with probabilities 0.35, 0.45, 0.2, and front vowels (e, i) with probability 0.4 or
    back ones (a, o, u). These are those of all its syllables (vowel harmony), which no short n-gram sees. A syllable is
    an onset, a vowel and a coda, all independent: the i-th of the 12 onsets has a probability proportional to 1 / i,
    the coda is none, n, r, s, l with probabilities 0.6, 0.15, 0.1, 0.1, 0.05. A word that was drawn before is drawn
    anew; a random fifth is the test part.

    split: train, or test for a quarter as many other words
    count: number of words of the training part
    data_seed: random seed of the words

    Raises UserError for a count below 8 or above 100,000.
    """
    check("split", split, Split)
    at_least("count", count, 8)
    at_most("count", count, MAX_WORDS // 2)
    words, back = _different(count + count // 4, data_seed)
    order = draws.generator("parts of words", data_seed).permutation(len(words))
    rows = order[:count] if split == "train" else order[count:]
    places = {letter: place for place, letter in enumerate(VOCABULARY)}
    codes = coded([words[row] for row in rows], places, LENGTH)
    return Data("words", Strings(VOCABULARY, LENGTH), codes, np.array(back, dtype=np.int64)[rows], tuple(VOWELS))


def is_word(text: str) -> bool:
    """Whether the grammar has a word."""
    return any(_pattern("".join(vowels)).fullmatch(text) for vowels in VOWELS.values())


def _pattern(vowels: str) -> re.Pattern[str]:
    syllable = f"(?:{'|'.join(ONSETS)})[{vowels}](?:{'|'.join(CODAS[1:])})?"
    return re.compile(f"(?:{syllable}){{{min(SYLLABLES)},{max(SYLLABLES)}}}")


@lru_cache(maxsize=1)  # for the other part
def _different(count: int, seed: int) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The first `count` different words, and whether each has back vowels."""
    random = draws.generator("words", seed)
    found: dict[str, bool] = {}
    while len(found) < count:
        for word, back in _drawn(random, count):
            found.setdefault(word, back)
    return (*found,)[:count], (*found.values(),)[:count]


def _drawn(random: np.random.Generator, count: int) -> list[tuple[str, bool]]:
    """Words of the grammar, and whether their vowels are back ones."""
    onset_chances = 1 / np.arange(1, len(ONSETS) + 1)
    most = max(SYLLABLES)
    numbers = random.choice(SYLLABLES, count, p=SYLLABLE_CHANCES).tolist()
    back = (random.random(count) < BACK).tolist()
    onsets = random.choice(len(ONSETS), (count, most), p=onset_chances / onset_chances.sum()).tolist()
    codas = random.choice(len(CODAS), (count, most), p=CODA_CHANCES).tolist()
    vowels = random.random((count, most)).tolist()
    words = []
    for place, number in enumerate(numbers):
        known = VOWELS["back" if back[place] else "front"]
        parts = zip(onsets[place][:number], vowels[place], codas[place], strict=False)
        word = "".join(ONSETS[onset] + known[int(len(known) * share)] + CODAS[coda] for onset, share, coda in parts)
        words.append((word, back[place]))
    return words
