"""Forecasts of a run in columns: the keys and times of the series that they continue, and several draws of each."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganwright.commands.sample import sample
from ganwright.config import data_source
from ganwright.core.errors import UserError
from ganwright.domains import _tabular
from ganwright.recipes.series import NETWORKS, recipe
from ganwright.runs.run import Run

SMALL = replace(NETWORKS, latent=2, noise=1, width=4, discriminator_width=4)


def lines(key: str, days: range, form: str = "2024-03-{:02d}") -> str:
    return "".join(f"{key},{form.format(day)},{day / 7}\n" for day in days)


def untrained(path: Path, folder: Path, **options: Any) -> Run:
    """A run of the recipe series as if it were trained on a file."""
    source = data_source.find(str(path), {"test_share": 0, **options})
    run = Run(folder)
    run.__dict__.update(recipe=recipe(source.data, networks=SMALL), settings={"data": source.to_dict()})
    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Continues four days of a shop by two."""
    path = tmp_path / "shops.csv"
    path.write_text("shop,day,sold\n" + "".join(lines(f"s{shop}", range(1, 25)) for shop in range(4)))
    return untrained(path, tmp_path / "run", key="shop", window=6, given=4)


def forecast(run: Run, tmp_path: Path, text: str, n: int | None = None, out: str = "out.csv") -> tuple[list[str], str]:
    """The lines of the forecast of a file, and the sentence that is printed."""
    (tmp_path / "recent.csv").write_text(text)
    said = sample(run, n, 0, tmp_path / out, str(tmp_path / "recent.csv"))
    return (tmp_path / out).read_text().splitlines(), said


def test_keys_and_given_times_are_those_of_the_file_and_drawn_times_follow(run: Run, tmp_path: Path) -> None:
    text = "shop,day,sold\n" + lines("north", range(1, 29)) + lines("A1", range(25, 30))
    header, *written = forecast(run, tmp_path, text)[0]
    assert header == "shop,day,sold"
    days = [("north", day) for day in range(25, 31)] + [("A1", day) for day in range(26, 32)]
    assert [line.split(",")[:2] for line in written] == [[key, f"2024-03-{day}"] for key, day in days]
    assert [float(line.split(",")[2]) for line in written[:4]] == pytest.approx([25 / 7, 26 / 7, 27 / 7, 28 / 7])


def test_several_draws_of_each_series_are_counted(run: Run, tmp_path: Path) -> None:
    text = "shop,day,sold\n" + lines("north", range(20, 25)) + lines("south", range(20, 25))
    (header, *written), said = forecast(run, tmp_path, text, n=3)
    assert said.startswith("6 samples (seed 0)")
    assert header == "shop,draw,day,sold"
    first = [line.split(",")[:2] for line in written[::6]]
    assert first == [[shop, str(draw)] for shop in ("north", "south") for draw in range(3)]
    ends = [float(line.split(",")[3]) for line in written[5::6]]
    assert len(set(ends)) == 6
    array = run.sample(3, 0, str(tmp_path / "recent.csv"))
    assert array.shape == (6, 6, 1)
    assert ends == pytest.approx(array[:, -1, 0].tolist())


def test_given_numbers_that_the_data_have_no_multiples_of_are_rounded_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "shops.csv"
    path.write_text("shop,day,sold\n" + "".join(f"s,{day},{5 * (day % 7)}\n" for day in range(60)))
    run = untrained(path, tmp_path / "run", key="shop", window=6, given=4)
    (_, *written), said = forecast(run, tmp_path, "shop,day,sold\na,1,5\na,2,10\na,3,17\na,4,0\n")
    assert [line.split(",")[2] for line in written[:4]] == ["5", "10", "15", "0"]
    assert all(int(line.split(",")[2]) % 5 == 0 for line in written)
    assert "sold is rounded to multiples of 5, which all training data are." in said


def test_times_at_different_intervals_are_followed_by_a_count(run: Run, tmp_path: Path) -> None:
    text = "shop,day,sold\n" + lines("a", range(1, 5)) + lines("b", range(1, 4)) + lines("b", range(8, 9))
    (_, *written), said = forecast(run, tmp_path, text)
    assert [line.split(",")[1] for line in written[3:]][:3] == ["2024-03-04", "2024-03-05", "2024-03-06"]
    assert [line.split(",")[1] for line in written[-3:]] == ["2024-03-08", "+1", "+2"]
    note = "day has no constant interval in the given steps of 1 of 2 series, such as b: the drawn steps are called +1"
    assert note in said


def test_dates_without_separators_are_continued_as_dates(run: Run, tmp_path: Path) -> None:
    text = "shop,day,sold\n" + lines("a", range(26, 30), "202402{}")
    (_, *written), said = forecast(run, tmp_path, text)
    assert [line.split(",")[1] for line in written[4:]] == ["20240301", "20240302"]
    assert "day holds dates without separators, such as 20240226." in said


def test_a_parquet_has_typed_keys_and_times(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("polars")
    (tmp_path / "recent.csv").write_text("shop,day,sold\n" + lines("7", range(1, 5)) + lines("8", range(2, 6)))
    sample(run, 2, 0, tmp_path / "out.parquet", str(tmp_path / "recent.csv"))
    text = _tabular.opened(tmp_path / "out.parquet")
    assert text.names == ["shop", "draw", "day", "sold"]
    assert text.columns[0] == ["7"] * 12 + ["8"] * 12
    assert text.columns[1][::6] == ["0", "1", "0", "1"]
    assert text.columns[2][:6] == [f"2024-03-0{day}" for day in range(1, 7)]


def test_files_without_times_and_folders_of_the_same_keys_are_numbered(run: Run, tmp_path: Path) -> None:
    (tmp_path / "recent").mkdir()
    for name in "ab":
        (tmp_path / "recent" / f"{name}.csv").write_text("shop,sold\n" + "".join(f"s,{x}\n" for x in range(4)))
    said = sample(run, None, 0, tmp_path / "out.csv", str(tmp_path / "recent"))
    written = [line.split(",")[:2] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    assert written == [[str(series), str(step)] for series in range(2) for step in range(6)]
    assert "Several of the files have the same shop, so series are numbered instead." in said


def test_samples_without_a_condition_and_for_no_series_are_as_they_were(run: Run, tmp_path: Path) -> None:
    sample(run, 2, 0, tmp_path / "drawn.csv")
    written = [line.split(",")[:2] for line in (tmp_path / "drawn.csv").read_text().splitlines()[1:]]
    assert written == [[str(series), str(step)] for series in range(2) for step in range(6)]
    with pytest.raises(UserError, match="at least 1, not 0"):
        forecast(run, tmp_path, "shop,day,sold\n" + lines("a", range(1, 5)), n=0)


def test_several_samples_under_each_of_several_static_features(tmp_path: Path) -> None:
    text = "shop,day,sold,size\n" + "".join(
        f"s{shop},{day},{day * shop},{shop % 3}\n" for shop in range(9) for day in range(3)
    )
    (tmp_path / "shops.csv").write_text(text)
    run = untrained(tmp_path / "shops.csv", tmp_path / "run", key="shop", conditions=("size",))
    (tmp_path / "wanted.csv").write_text("size\n2\n0\n")
    sample(run, 2, 0, tmp_path / "out.csv", str(tmp_path / "wanted.csv"))
    written = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1)
    assert written[::3, [0, 3]].tolist() == [[0, 2], [1, 2], [2, 0], [3, 0]]
