"""Stacked MNIST by the VEEGAN protocol, a smaller run than the papers': our `dcgan` beside the published rows.

    python benchmarks/papers/stacked_veegan.py [--examples 300000] [--seeds 1] [--out runs/papers]

Protocol (Srivastava et al. 2017, as Lin et al. 2018 run it): 128,000 training stacks, 26,000 samples as uint8 pictures,
read by the LeNet of benchmarks/yardstick.py; a mode is one of the 1,000 classes with at least one sample; KL(generated
|| uniform) in nats. The papers train 50 epochs of DCGAN's networks (64 channels); ours are the recipe's, for two cores.
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
import yardstick
from ganwright.core.discovery import load_module

SAMPLES, STACKS = 26_000, 128_000
PUBLISHED = {  # modes, KL; a ‡ marks what is recalled from a paper
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


def trained(seed: int, examples: int, folder: Path, net: yardstick.LeNet) -> dict[str, Any]:
    """One run, from where it stands, and its figures."""
    run = ganwright.train("dcgan", "stacked-mnist", folder, examples=examples, seed=seed, quiet=True, count=STACKS)
    modes, kl = modes_and_kl(classes_of(run.sample(SAMPLES, seed=99), net))
    return {"seconds": round(run.log()[-1]["seconds"]), "modes": modes, "kl": round(kl, 4)}


def table(examples: int, results: Results, floor: tuple[int, float]) -> str:
    lines = [[name, "as published", "", *figures] for name, figures in PUBLISHED.items()]
    if rows := results.of(examples=examples):
        figures = mean([row["modes"] for row in rows]), mean([row["kl"] for row in rows], digits=3)
        lines.append(["our dcgan", f"{examples:,}", str(len(rows)), *figures])
    lines.append(["real stacks of test digits", "", "", str(floor[0]), f"{floor[1]:.4f}"])
    return markdown(["", "pictures", "seeds", "modes of 1,000", "KL"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--examples", type=int, default=300_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/papers"))
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ganwright").expanduser())
    arguments = parser.parse_args()
    results = Results(arguments.out / "stacked_veegan.jsonl", ["seed", "examples"])
    net = yardstick.lenet("mnist", arguments.cache)
    for seed in range(arguments.seeds):
        place = {"seed": seed, "examples": arguments.examples}
        if not results.has(**place):
            folder = arguments.out / f"stacked-veegan-{seed}-{arguments.examples}"
            results.add({**place, **trained(seed, arguments.examples, folder, net)})
    floor = modes_and_kl(classes_of(load_module("data", "stacked-mnist").load("test", count=SAMPLES).samples[:], net))
    print(table(arguments.examples, results, floor))


if __name__ == "__main__":
    main()
