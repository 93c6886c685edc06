"""Sheets of real and generated samples: what they show, that they give nothing away, and how answers are scored."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganwright
from conftest import points
from ganwright.cli import main
from ganwright.commands.human_eval import HumanEval, Key, human_eval, mixed, write
from ganwright.core.column import Column
from ganwright.core.domain import Domain, Stored
from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series
from ganwright.domains.strings import Strings
from ganwright.domains.table import Table
from ganwright.domains.waveforms import Waveforms

N = 12
SERIES = Series(
    6, (Column("price"), Column("state", ("up", "down"))), (Column("region", ("north", "south")),), variable=True
)


def random(domain: Domain, seed: int) -> Stored:
    """Stored samples [N, shown_together, ...] of a domain."""
    random = np.random.default_rng(seed)
    shape = (N, domain.shown_together, *domain.stored_shape)
    if isinstance(domain, Series):
        made = random.integers(0, 2, shape).astype(np.float32)
        made[..., 0], made[..., 2], made[1, :, 4:] = random.normal(size=shape[:-1]), made[:, :, :1, 2], np.nan
        return made
    if domain.dtype.kind == "f":
        return random.normal(size=shape).astype(domain.dtype)
    return random.integers(0, 3, shape).astype(domain.dtype)


DOMAINS = [
    (Images(8, 8, 1), ["samples.png"]),
    (Images(8, 8, 3), ["samples.png"]),
    (Points.plain(3), ["samples.png"]),
    (SERIES, ["samples.png"]),
    (Strings(("a", "b", "c"), 4), ["samples.txt"]),
    (Table((Column("age"), Column("height"))), ["samples.csv"]),
    (Waveforms(800, 8000), [*(f"{place:02}.wav" for place in range(1, N + 1)), "samples.png"]),
]


@pytest.mark.parametrize(("domain", "names"), DOMAINS, ids=lambda one: type(one).__name__)
def test_nothing_but_the_key_depends_on_which_entries_are_real(
    domain: Domain, names: list[str], tmp_path: Path
) -> None:
    one, other = random(domain, 1), random(domain, 2)
    kinds = np.arange(N) % 3 == 0
    swapped = (
        np.where(kinds.reshape(-1, *[1] * (one.ndim - 1)), other, one),
        np.where(kinds.reshape(-1, *[1] * (one.ndim - 1)), one, other),
    )  # the same entries, of which all are real
    key = Key(format=1, samples="a", data="b", part="c", seed=0, samples_in_each=1, entries=["real"] * N)
    entries = mixed(domain, other.reshape(-1, *domain.stored_shape), one.reshape(-1, *domain.stored_shape), kinds)
    write(domain, entries, key, tmp_path / "one")
    real = mixed(domain, swapped[0].reshape(-1, *domain.stored_shape), swapped[1], np.ones(N, dtype=bool))
    write(domain, real, key, tmp_path / "two")
    files = sorted((tmp_path / "one").iterdir())
    assert [file.name for file in files] == sorted([*names, "answers.csv", "key.json"])
    assert len({file.stat().st_mtime_ns for file in files}) == 1
    for file in files:
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    if "01.wav" in names:
        assert len({file.stat().st_size for file in files if file.suffix == ".wav"}) == 1


def test_text_and_rows_are_numbered(tmp_path: Path) -> None:
    codes = np.array([[[0, 1, 3]], [[2, 3, 3]]], dtype=np.int16)
    Strings(("a", "b", "c"), 3).write_numbered(codes, tmp_path)
    assert (tmp_path / "samples.txt").read_text() == "1\tab\n2\tc\n"
    Strings(("a", "b", "\n"), 3).write_numbered(np.array([[[0, 2, 1]], [[1, 3, 3]]], dtype=np.int16), tmp_path)
    assert (tmp_path / "samples.txt").read_text() == "1\na\nb\n\n2\nb\n"
    Table((Column("age", (), 1.0), Column("job", ("clerk", "smith")))).write_numbered(
        np.array([[[40.0, 1.0]]]), tmp_path
    )
    assert (tmp_path / "samples.csv").read_text() == "number,age,job\n1,40,smith\n"


def test_a_sheet_of_a_run(trained: Path, tmp_path: Path) -> None:
    made = human_eval(trained, n=N, seed=3, out=tmp_path / "a")
    key = json.loads((made.path / "key.json").read_text())
    assert {*key["entries"]} == {"real", "generated"}
    assert key["part"] == "the data"
    assert human_eval(trained, n=N, seed=3, out=tmp_path / "b").key == made.key == HumanEval.open(tmp_path / "a").key
    with Image.open(tmp_path / "a" / "samples.png") as first, Image.open(tmp_path / "b" / "samples.png") as second:
        assert np.array_equal(np.asarray(first), np.asarray(second))
        assert not first.info
    seeds = {ganwright.human_eval(trained, n=2, out=tmp_path / f"drawn{place}").key["seed"] for place in range(2)}
    assert len(seeds) == 2


def test_entries_are_real_by_independent_tosses(trained: Path, tmp_path: Path) -> None:
    entries = [human_eval(trained, n=40, seed=seed, out=tmp_path / str(seed)).key["entries"] for seed in range(2)]
    assert len({kinds.count("real") for kinds in entries}) == 2
    assert 25 < sum(kinds.count("real") for kinds in entries) < 55


def test_points_of_a_file_are_shown_in_sets(tmp_path: Path) -> None:
    made = human_eval(points().samples, points(), n=4, seed=0, out=tmp_path / "a")
    assert made.key["samples_in_each"] == len(points()) // 4
    assert f"Each entry shows {len(points()) // 4} samples, not 250" in str(made)
    with pytest.raises(
        UserError, match=rf"needs 900 samples, and there are {len(points())}: choose -n {len(points())}"
    ):
        human_eval(points().samples, points(), n=900, out=tmp_path / "b")


@dataclass(frozen=True)
class Spectra(Points):
    """Points of a user's own, which are shown by their preview."""

    shown_together = 1

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return Image.fromarray(np.zeros((4, 4, 4), dtype=np.uint8))

    panels = Domain.panels


def test_a_domain_of_a_users_own_is_shown_by_its_preview(tmp_path: Path) -> None:
    data = replace(points(), domain=Spectra.plain(2))
    assert [*map(str, human_eval(data.samples, data, n=4, out=tmp_path / "a").notes)] == []
    with Image.open(tmp_path / "a" / "samples.png") as picture:
        assert picture.convert("L").getpixel((20, 40)) == 255  # transparent: white


def test_answers_on_the_command_line(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sheet"

    def said(*words: str) -> str:
        with pytest.raises(SystemExit):
            main(["human-eval", str(trained), "--out", str(out), *words])
        got = capsys.readouterr()
        return got.out + got.err

    answers = out / "answers.csv"
    assert "holds no sheet (key.json): make one first" in said("--answers", str(answers))
    assert "20 numbered samples are in" in said("-n", "20")
    assert "exists, and a sheet and its answers are not replaced" in said("-n", "20")
    assert "number 1 has no answer" in said("--answers", str(answers))
    kinds = HumanEval.open(out).key["entries"]
    answers.write_text("\n".join(f"{place},{kind}" for place, kind in enumerate(kinds, 1)))
    assert said("--answers", str(answers)).startswith("20 of 20 right: 100%")
    assert "-n makes a sheet, and --answers scores one" in said("-n", "3", "--answers", str(answers))
    (out / "key.json").write_text("{}")
    assert "damaged" in said("--answers", str(answers))


def test_refusals(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="1 to 1,000 entries, not 0"):
        human_eval(trained, n=0)
    with pytest.raises(UserError, match="no run: leave --checkpoint out"):
        human_eval(points().samples, points(), checkpoint="best", out=tmp_path)
    with pytest.raises(UserError, match="The run makes pictures of 8x8"):
        human_eval(trained, points(), n=2, out=tmp_path / "a")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file exists"):
        human_eval(trained, n=2, out=tmp_path / "file")


@pytest.mark.parametrize("seed", [-5, 2**53 + 1])
def test_a_seed_that_the_key_cannot_hold_is_refused(seed: int, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--seed of a sheet is from 0"):
        human_eval(points().samples, points(), n=4, seed=seed, out=tmp_path / "a")
    assert not (tmp_path / "a").exists()
