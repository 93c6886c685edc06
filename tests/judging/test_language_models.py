"""Language models stand beside judged strings, and are fitted once."""

from pathlib import Path

import pytest

from ganwright.commands.judge import judge
from ganwright.data import words
from ganwright.judging import language_models
from ganwright.metrics import _lstm

SMALL = _lstm.Size(4, 8, 1, 20_000)


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(_lstm, "DEFAULT", SMALL)
    monkeypatch.setattr(_lstm.fitted, "__defaults__", (SMALL,))


def test_a_card_of_strings_shows_language_models_beside_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = words.load(count=400)
    path = tmp_path / "made.txt"
    data.domain.writers[".txt"](data.samples[:200], None, path)
    card = judge(path, "words", count=400, repetitions=2, out=tmp_path / "card")
    by_name = {score.name: score for score in card.values}
    main = by_name["js_4_200"]
    assert main.note.startswith("real data: 100 samples; bigram 0.") or main.note.startswith("bigram 0.")
    assert "LSTM 0." in main.note
    lines = [by_name[f"js_4_{name}_200"] for name in ("bigram", "trigram", "4-gram", "lstm")]
    assert [line.samples.value for line in lines[:3] if line.samples] == sorted(
        (line.samples.value for line in lines[:3] if line.samples), reverse=True
    )
    assert lines[0].note.startswith("language model; the samples' is 0.")
    assert card["new_200"] == 0.0
    said = card.protocol["language models"]
    assert "trained by likelihood has lower n-gram divergences than GANs" in said["note"]
    assert {*said["values"]} == {"bigram", "trigram", "4-gram", "LSTM"}
    assert {*said["values"]["LSTM"]} >= {"js_1", "js_4", "new", "different", "copied", "longest_copy", "tv_lengths"}
    assert "language models" in (tmp_path / "card" / "card.md").read_text()
    assert (tmp_path / "card" / "compared.png").is_file()

    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(language_models.LanguageModels, "sample", fail)  # what was drawn is cached
    again = judge(path, "words", count=400, repetitions=2, metric=["string-lengths"], out=tmp_path / "card")
    assert again.values == (by_name["tv_lengths_200"],)
