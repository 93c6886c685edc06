"""Trains the recipe `text` on a list of words and scores it beside Markov chains and a likelihood-trained LSTM.

    python benchmarks/text/quality.py [--words FILE] [--minutes 30] [--seeds 0 1 2] [--out runs/text] [OPTION OF train]
    python benchmarks/text/quality.py --run FOLDER ...           # scores finished runs

The words are the lower-case ones of FILE, by default /usr/share/dict/words (Debian's package wamerican), of at most 16
letters; a fixed fifth is held out. As many strings of each model are compared with the held-out words: Jensen-Shannon
divergences of n-grams, share of new and of different words, total variation of lengths, by the metrics of `judge`. The
chains, "bigram" to "4-gram", and the LSTM are fitted to the training part, as on a card of `judge`. The row "real" has
half of the held-out words against the other half. Finished rows are not made again; all are lines of OUT/quality.jsonl.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[1] / "papers"))

import ganwright
from ganwright.core.data import Data
from ganwright.core.metric import Compared
from ganwright.data import _files
from ganwright.judging.language_models import BIGRAM, FOURGRAM, LSTM, TRIGRAM, LanguageModels
from ganwright.metrics.ngrams import divergences
from ganwright.metrics.novelty import novelty
from ganwright.metrics.string_lengths import string_lengths
from results import Results, markdown

WORDS = Path("/usr/share/dict/words")
LONGEST = 16  # letters
SHOWN = 12  # words
SAMPLE_SEED = 1
SCORES = ("js_1", "js_2", "js_3", "js_4", "new", "different", "tv_lengths", "longest_copy")
COSTS = ("examples", "seconds", "load")

Made = tuple[np.ndarray, dict[str, Any]]  # codes [n, length], and what is noted beside the scores


def word_list(source: Path, folder: Path) -> Path:
    """The file of the lower-case words of a list, a line each."""
    path = folder / "words.txt"
    words = dict.fromkeys(line.strip() for line in source.read_text("utf-8").splitlines())
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{word}\n" for word in words if re.fullmatch("[a-z]+", word)))
    return path


def scored(codes: np.ndarray, train: Data, test: Data) -> dict[str, float]:
    """The scores of codes [n, length] against the held-out words, by name."""
    samples = [train.domain.viewed("strings", one) for one in (codes, test.samples, train.samples)]
    compared = Compared(*samples)
    return {**divergences(compared), **novelty(compared), **string_lengths(compared)}


def halves(test: Data) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of the held-out words in random order."""
    order, half = np.random.default_rng(0).permutation(len(test)), len(test) // 2
    return test.samples[order[:half]], test.samples[order[half : 2 * half]]


def table(rows: Sequence[Any]) -> str:
    """A row for each model and seed."""
    lines = []
    for row in rows:
        costs = [row.get(cost, "") for cost in COSTS]
        lines.append([row["name"], row["seed"], *(f"{row[score]:.4g}" for score in SCORES), *costs])
    return markdown(["", "seed", *SCORES, *COSTS], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("--words", type=Path, default=WORDS, help="a word a line")
    parser.add_argument("--minutes", type=float, help="of training (default: 30)")
    parser.add_argument("--examples", type=int, help="of training, in place of minutes")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("-n", type=int, default=10_000, help="strings of each model")
    parser.add_argument("--name", help="of the rows (default: the options of train)")
    parser.add_argument("--run", type=Path, nargs="*", help="score these runs instead of training")
    parser.add_argument("--out", type=Path, default=Path("runs/text"))
    arguments, words = parser.parse_known_args()
    torch.set_num_threads(1)
    path = word_list(arguments.words, arguments.out)
    train, test = (_files.load(path, split=split, max_length=LONGEST) for split in ("train", "test"))
    horizon = ["--examples", str(arguments.examples)] if arguments.examples else []
    horizon = horizon or ["--minutes", f"{arguments.minutes or 30:g}"]
    name = arguments.name or " ".join(["text", *horizon, *words])
    results = Results(arguments.out / "quality.jsonl", ["name", "seed", "n"])
    models = LanguageModels(train.samples.astype(np.int64), train.domain.end)

    def add(name: str, seed: int | str, make: Callable[[], Made], reference: Data = test) -> None:
        key = {"name": name, "seed": seed, "n": arguments.n}
        if not results.has(**key):
            codes, more = make()
            shown = train.domain.texts(codes[:SHOWN])
            results.add({**key, **more, **scored(codes, train, reference), "shown": shown})
            print(name, seed, *shown, flush=True)
        print(table(results.of(n=arguments.n)), flush=True)

    def of_model(model: str) -> Made:
        start = time.monotonic()
        codes = models.sample(model, arguments.n, 0)
        return codes, {"seconds": round(time.monotonic() - start), "load": round(os.getloadavg()[1], 1)}

    def of_run(folder: Path) -> Made:
        run = ganwright.open(folder)
        last = run.log()[-1]
        costs = {"examples": last["examples"], "seconds": round(last["seconds"]), "load": round(os.getloadavg()[2], 1)}
        return run.stored_samples(arguments.n, SAMPLE_SEED), costs

    def of_training(folder: Path, seed: int) -> Made:
        options = ["--data", str(path), "--max-length", str(LONGEST), *horizon, *words]
        command = [sys.executable, "-m", "ganwright", "train", "text", *options, "--seed", str(seed)]
        print(" ".join(command[1:]), flush=True)
        subprocess.run([*command, "--out", str(folder), "--quiet"], check=True)
        return of_run(folder)

    half, other = halves(test)
    add("real", "", lambda: (half, {}), test.__class__("other half", test.domain, other))
    for model in (BIGRAM, TRIGRAM, FOURGRAM, LSTM):
        add(model, "", partial(of_model, model))
    for folder in arguments.run or []:
        add(arguments.name or str(folder), ganwright.open(folder).settings["seed"], partial(of_run, folder))
    for seed in [] if arguments.run else arguments.seeds:
        folder = arguments.out / f"{name} {seed}".replace(" ", "-").replace("/", "_")
        add(name, seed, partial(of_training, folder, seed))


if __name__ == "__main__":
    main()
