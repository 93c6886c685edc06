"""Stacked MNIST by the VEEGAN protocol, with a shorter run than the papers: our `dcgan` beside the published rows.

    python benchmarks/papers/stacked_veegan.py [--examples 300000] [--seeds 1] [--out runs/papers]

Protocol (Srivastava et al. 2017, as Lin et al. 2018 run it): 128,000 training stacks, 26,000 samples as uint8 pictures,
classified by the LeNet of benchmarks/lenet_distance.py; a mode is one of the 1,000 classes with at least one sample;
KL(generated || uniform) in nats. The papers train DCGAN's networks (64 channels) for 50 epochs; ours are the smaller
networks of the recipe.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from results import Results, markdown, mean

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from stacked_mnist import classes_of, modes_and_kl

import ganwright
import lenet_distance
from ganwright.core.discovery import load_module

SAMPLES, STACKS = 26_000, 128_000
PUBLISHED = {  # modes, KL; ‡ marks figures cited from memory
    "DCGAN (VEEGAN's table)": ("99", "3.40"),
    "ALI": ("16", "5.40"),
    "Unrolled GAN": ("48.7", "4.32"),
    "VEEGAN": ("150", "2.95"),
    "DCGAN (PacGAN's run)": ("78.9 ± 6.5", "4.50"),
    "PacDCGAN2": ("1000", "0.06"),
    "WGAN-GP ‡": ("959", "0.73"),
    "StyleGAN2 ‡": ("940", "0.42"),
    "DDGAN ‡": ("1000", "0.071"),
    "R3GAN ‡": ("1000", "0.029"),
}


def trained(seed: int, examples: int, folder: Path, net: lenet_distance.LeNet) -> dict[str, Any]:
    """Trains or resumes one run; returns its figures."""
    run = ganwright.train("dcgan", "stacked-mnist", folder, examples=examples, seed=seed, quiet=True, count=STACKS)
    modes, kl = modes_and_kl(classes_of(run.sample(SAMPLES, seed=99), net))
    return {"seconds": round(run.log()[-1]["seconds"]), "modes": modes, "kl": round(kl, 4)}


def table(examples: int, results: Results, baseline: tuple[int, float]) -> str:
    lines = [[name, "as published", "", *figures] for name, figures in PUBLISHED.items()]
    if rows := results.of(examples=examples):
        figures = mean([row["modes"] for row in rows]), mean([row["kl"] for row in rows], digits=3)
        lines.append(["our dcgan", f"{examples:,}", str(len(rows)), *figures])
    lines.append(["real stacks of test digits", "", "", str(baseline[0]), f"{baseline[1]:.4f}"])
    return markdown(["", "examples", "seeds", "modes of 1,000", "KL"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--examples", type=int, default=300_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/papers"))
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ganwright").expanduser())
    arguments = parser.parse_args()
    results = Results(arguments.out / "stacked_veegan.jsonl", ["seed", "examples"])
    net = lenet_distance.lenet("mnist", arguments.cache)
    for seed in range(arguments.seeds):
        key = {"seed": seed, "examples": arguments.examples}
        if not results.has(**key):
            folder = arguments.out / f"stacked-veegan-{seed}-{arguments.examples}"
            results.add({**key, **trained(seed, arguments.examples, folder, net)})
    baseline = modes_and_kl(
        classes_of(load_module("data", "stacked-mnist").load("test", count=SAMPLES).samples[:], net)
    )
    print(table(arguments.examples, results, baseline))


if __name__ == "__main__":
    main()
