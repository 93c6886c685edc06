"""examples/proteins.py: the profile's log-odds, and the whole, shrunk."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import proteins


def profile(positions: int = 6) -> proteins.Profile:
    return proteins.family(positions, np.random.default_rng(1))


def by_hand(one: proteins.Profile, sequence: str) -> float:
    """The best over all choices of which residues are matched to which positions."""
    length, positions = len(sequence), len(one.probabilities)
    insert, close = np.log2(proteins.INSERTED), np.log2(1 - proteins.INSERTED)
    best = -np.inf
    for matched in range(min(length, positions) + 1):
        fixed = (positions - matched) * np.log2(proteins.LEFT_OUT) + matched * np.log2(1 - proteins.LEFT_OUT)
        fixed += positions * close + (length - matched) * insert
        for places in combinations(range(length), matched):
            for rows in combinations(range(positions), matched):
                residues = [proteins.RESIDUES.index(sequence[place]) for place in places]
                best = max(best, fixed + np.log2(20 * one.probabilities[list(rows), residues]).sum())
    return best


@pytest.mark.parametrize("sequence", ["ACD", "WYACD", "A"])
def test_log_odds_are_those_of_the_best_alignment(sequence: str) -> None:
    one = profile(4)
    assert one.log_odds(sequence) == pytest.approx(by_hand(one, sequence))


def test_sequences_of_a_family_score_above_shuffled_ones() -> None:
    one, random = profile(20), np.random.default_rng(0)
    drawn = [one.drawn(random) for _ in range(30)]
    own = np.mean([one.log_odds(sequence) for sequence in drawn])
    assert own > np.mean([one.log_odds(proteins.shuffled(sequence, random)) for sequence in drawn]) + 10


def test_it_trains_and_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = proteins.main(tmp_path, examples=64, count=60, positions=6, width=8, threads=1)
    family, noise = (
        figures["bits, log-odds of new sequences of the family"],
        figures["bits, log-odds of random residues"],
    )
    assert family > noise
    assert "log-odds of the samples" in capsys.readouterr().out
    assert (tmp_path / "proteins.fasta").read_text().count(">") == 60
