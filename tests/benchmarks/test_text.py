"""The benchmark of text: its word list, scores and table."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from ganwright.data import words

FILE = Path(__file__).parents[2] / "benchmarks/text/quality.py"  # other benchmarks have the same name
SPEC = importlib.util.spec_from_file_location("text_quality", FILE)
assert SPEC is not None
assert SPEC.loader is not None
QUALITY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(QUALITY)
TRAIN, TEST = words.load(count=200), words.load("test", count=200)


def test_the_word_list_has_each_lower_case_word_once(tmp_path: Path) -> None:
    source = tmp_path / "dictionary"
    source.write_text("Aaron\nabbey\nabbey's\nécole\nzoo\nabbey\n", encoding="utf-8")
    assert QUALITY.word_list(source, tmp_path / "out").read_text() == "abbey\nzoo\n"


def test_training_words_are_not_new_and_held_out_ones_have_no_divergence_from_themselves() -> None:
    assert QUALITY.scored(TRAIN.samples, TRAIN, TEST)["new"] == 0
    held_out = QUALITY.scored(TEST.samples, TRAIN, TEST)
    assert [held_out[name] for name in ("js_4", "js_1", "tv_lengths")] == pytest.approx([0, 0, 0])
    assert held_out["new"] == held_out["different"] == 1


def test_halves_of_the_held_out_words_have_none_in_common() -> None:
    one, other = QUALITY.halves(TEST)
    assert len(one) == len(other) == 25
    assert not {row.tobytes() for row in one} & {row.tobytes() for row in other}


def test_the_table_has_a_row_for_each_run() -> None:
    row = {"name": "bigram", "seed": "", "load": 1.5, **dict.fromkeys(QUALITY.SCORES, np.float64(0.25))}
    lines = QUALITY.table([row, {**row, "name": "text", "seed": 1, "seconds": 60, "examples": 9}]).split("\n")
    assert lines[2] == "| bigram |  | 0.25 | 0.25 | 0.25 | 0.25 | 0.25 | 0.25 | 0.25 | 0.25 |  |  | 1.5 |"
    assert lines[3].startswith("| text | 1 | 0.25")
    assert lines[3].endswith("| 9 | 60 | 1.5 |")
