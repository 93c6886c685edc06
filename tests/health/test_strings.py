"""Health checks of strings: real held-out ones are healthy, planted faults are not."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from ganwright.data import words
from ganwright.domains._string_health import dependence, nearest
from ganwright.health.evidence import CHECKED, Evidence, Reference
from ganwright.health.traits import distances
from ganwright.health.verdict import HEALTHY, suspicion

DATA, HELD_OUT = words.load(count=2048), words.load("test", count=2048).samples[:CHECKED].astype(np.int64)
DOMAIN, END = DATA.domain, DATA.domain.shape[1] - 1
REAL = DOMAIN.encode(torch.from_numpy(DATA.samples))
REFERENCE = Reference.fitted(DOMAIN.compared(REAL).numpy(), 2)
TRAITS = {name: values.numpy() for name, values in DOMAIN.traits(REAL).items()}


def evidence(codes: np.ndarray) -> Evidence:
    """That of samples which no longer improve, and are told apart as well as at random."""
    encoded = DOMAIN.encode(torch.from_numpy(codes))
    points = REFERENCE.project(DOMAIN.compared(encoded).numpy())
    traits = distances({name: values.numpy() for name, values in DOMAIN.traits(encoded).items()}, TRAITS)
    worst = max(traits, key=lambda name: traits[name])
    distance, diversity = REFERENCE.distance(points), REFERENCE.diversity(points)
    return Evidence(
        1,
        True,
        len(REFERENCE.centres),
        REFERENCE.missing(points),
        diversity,
        distance,
        0.0,
        0.6,
        0.1,
        traits[worst],
        worst,
    )


def random_symbols(codes: np.ndarray) -> np.ndarray:
    random = np.random.default_rng(0).integers(END, size=codes.shape)
    return np.where(codes == END, END, random)


def one_symbol(codes: np.ndarray) -> np.ndarray:
    return np.where(codes == END, END, 1)


def one_word(codes: np.ndarray) -> np.ndarray:
    return np.broadcast_to(codes[:1], codes.shape).copy()


def few_words(codes: np.ndarray) -> np.ndarray:
    return codes[np.random.default_rng(0).integers(60, size=len(codes))]


def doubled_symbols(codes: np.ndarray) -> np.ndarray:
    return codes[:, np.arange(codes.shape[1]) // 2 * 2]


def without_ends(codes: np.ndarray) -> np.ndarray:
    return np.where(codes == END, codes[::-1, ::-1] % END, codes)


def without_a_letter(codes: np.ndarray) -> np.ndarray:
    return np.where(codes == DOMAIN.vocabulary.index("u"), DOMAIN.vocabulary.index("a"), codes)


def shuffled(codes: np.ndarray) -> np.ndarray:
    """The letters of each string in random order."""
    keys = np.where(codes == END, 2, np.random.default_rng(0).random(codes.shape))
    return np.take_along_axis(codes, keys.argsort(1), 1)


def backwards(codes: np.ndarray) -> np.ndarray:
    places = np.arange(codes.shape[1])
    return np.take_along_axis(codes, np.where(codes == END, places, (codes != END).sum(1)[:, None] - 1 - places), 1)


def test_held_out_strings_are_healthy() -> None:
    assert suspicion([evidence(HELD_OUT)]) == HEALTHY


@pytest.mark.parametrize(
    "fault",
    [
        random_symbols,
        one_symbol,
        one_word,
        few_words,
        doubled_symbols,
        without_ends,
        without_a_letter,
        shuffled,
        backwards,
    ],
)
def test_faults_are_not_healthy(fault: Callable[[np.ndarray], np.ndarray]) -> None:
    assert suspicion([evidence(fault(HELD_OUT))]) != HEALTHY


def test_repeated_samples_have_no_difference_from_the_most_similar_one() -> None:
    codes = torch.tensor([[0, 1, 3], [0, 1, 3], [2, 1, 0], [2, 1, 1]])
    lengths = (codes != 3).sum(1, keepdim=True)
    assert nearest(codes, lengths).flatten().tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3])


def test_neighbouring_symbols_say_all_or_nothing_about_each_other() -> None:
    alternating = torch.tensor([[0, 1, 0, 1, 2]]).expand(64, -1)
    independent = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    expected = (2 * np.log(3 / 2) + np.log(3)) / 3  # 0 1, 1 0, 0 1
    assert dependence(alternating, alternating != 2).flatten().tolist() == pytest.approx([expected] * 64)
    assert dependence(independent, independent != 2).flatten().tolist() == pytest.approx([0] * 4)
    assert not dependence(torch.tensor([[0, 2]]), torch.tensor([[True, False]])).any()
