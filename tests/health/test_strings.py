"""Health checks of strings: real held-out ones are healthy, planted faults are not."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from ganwright.data import words
from ganwright.domains._string_health import nearest
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


def test_held_out_strings_are_healthy() -> None:
    assert suspicion([evidence(HELD_OUT)]) == HEALTHY


@pytest.mark.parametrize(
    "fault", [random_symbols, one_symbol, one_word, few_words, doubled_symbols, without_ends, without_a_letter]
)
def test_faults_are_not_healthy(fault: Callable[[np.ndarray], np.ndarray]) -> None:
    assert suspicion([evidence(fault(HELD_OUT))]) != HEALTHY


def test_repeated_samples_have_no_difference_from_the_most_similar_one() -> None:
    codes = torch.tensor([[0, 1, 3], [0, 1, 3], [2, 1, 0], [2, 1, 1]])
    lengths = (codes != 3).sum(1, keepdim=True)
    assert nearest(codes, lengths).flatten().tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3])
