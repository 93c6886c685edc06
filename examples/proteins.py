"""Proteins: the recipe `text` on a family of made proteins, whose profile is known.

    python examples/proteins.py [--out runs/proteins]

A family is a profile: at each position each residue has a probability, and a position may be left out or followed by
other residues (a profile hidden Markov model, Krogh et al. 1994, small). Sequences drawn from one are written as a
FASTA file and trained on. The judge knows the profile: the log-odds of a sequence are those of its best alignment to
the profile against residues drawn at random, in bits (the Viterbi algorithm). Samples stand beside new sequences of the
family, and beside the samples themselves with their residues shuffled.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer

import ganwright

Array = np.ndarray
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
LEFT_OUT, INSERTED = 0.03, 0.03  # probabilities of a gap at a position and of another residue after it
MATCH = np.log2(1 - LEFT_OUT) + np.log2(1 - INSERTED)


@dataclass(frozen=True)
class Profile:
    """A family: the probabilities of residues at each position, [positions, 20]."""

    probabilities: Array

    def drawn(self, random: np.random.Generator) -> str:
        """One sequence."""
        residues = []
        for row in self.probabilities:
            if random.random() >= LEFT_OUT:
                residues.append(random.choice(list(RESIDUES), p=row))
            while random.random() < INSERTED:
                residues.append(random.choice(list(RESIDUES)))
        return "".join(residues)

    def log_odds(self, sequence: str) -> float:
        """The bits of the best alignment against as many random residues."""
        gain = np.log2(self.probabilities * len(RESIDUES)) + MATCH  # [positions, 20]
        skip, insert = np.log2(LEFT_OUT) + np.log2(1 - INSERTED), np.log2(INSERTED)
        codes = [RESIDUES.index(residue) for residue in sequence]
        best = insert * np.arange(len(codes) + 1)  # no position, the first residues all inserted
        for row in gain:
            after = best + skip
            after[1:] = np.maximum(after[1:], best[:-1] + row[codes])
            for place in range(1, len(after)):  # residues inserted after the position
                after[place] = max(after[place], after[place - 1] + insert)
            best = after
        return float(best[-1])


def family(positions: int, random: np.random.Generator) -> Profile:
    """A profile of conserved positions, where one residue prevails, and of variable ones."""
    sharp = random.choice([0.05, 0.5], positions)  # of a Dirichlet distribution
    rows = np.stack([random.dirichlet(np.full(len(RESIDUES), one)) for one in sharp])
    return Profile(0.95 * rows + 0.05 / len(RESIDUES))


def shuffled(sequence: str, random: np.random.Generator) -> str:
    """The same residues in another order."""
    return "".join(random.permutation(list(sequence)))


def write_fasta(sequences: list[str], path: Path) -> None:
    """Writes sequences, a record each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f">{place}\n{sequence}\n" for place, sequence in enumerate(sequences)))


def main(
    out: Path = Path("runs/proteins"),
    examples: int = 40_000,
    count: int = 4_000,
    positions: int = 32,
    width: int = 128,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, float]:
    """Writes a FASTA file, trains on it and prints figures; returns them."""
    random = np.random.default_rng(seed)
    profile = family(positions, random)
    sequences = [profile.drawn(random) for _ in range(count)]
    write_fasta(sequences, out / "proteins.fasta")
    run = ganwright.train(
        "text",
        str(out / "proteins.fasta"),
        out / "run",
        alphabet=RESIDUES,
        examples=examples,
        width=width,
        discriminator_width=width // 2,
        seed=seed,
        threads=threads,
        quiet=True,
    )
    some = min(count, 500)
    drawn = run.domain.texts(run.stored_samples(some, seed=1))
    sets = {
        "of the samples": drawn,
        "of new sequences of the family": [profile.drawn(random) for _ in range(some)],
        "of the samples, their residues shuffled": [shuffled(one, random) for one in drawn],
        "of random residues": ["".join(random.choice(list(RESIDUES), len(one))) for one in drawn],
    }
    figures = {f"bits, log-odds {of}": np.mean([profile.log_odds(one) for one in every]) for of, every in sets.items()}
    figures |= {
        "residues, length of the samples": np.mean([len(one) for one in drawn]),
        "residues, length of the data": np.mean([len(one) for one in sequences]),
        "of the samples are new": np.mean([one not in set(sequences) for one in drawn]),
    }
    for name, value in figures.items():
        print(f"{value:8.2f}  {name}")
    print("\n".join(drawn[:5]))
    return {name: float(value) for name, value in figures.items()}


if __name__ == "__main__":
    typer.run(main)
