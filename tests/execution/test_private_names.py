"""The pinned torch has every private name; without one, a run falls back and says so."""

from collections.abc import Iterator

import pytest
import torch

import ganwright
from conftest import points
from ganwright.execution import private_names
from ganwright.execution.operations import counted
from ganwright.execution.private_names import NAMES, exists, fallback, missing

PINNED = "2.13"
names = [name for group in NAMES.values() for name in group]


@pytest.fixture
def _lacking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A torch without any of the names."""
    missing.cache_clear()
    monkeypatch.setattr(private_names, "exists", lambda name: False)
    yield
    missing.cache_clear()


@pytest.mark.parametrize("name", names)
def test_the_pinned_torch_has_the_name(name: str) -> None:
    if not torch.__version__.startswith(PINNED):
        pytest.skip(f"torch is {torch.__version__}, not {PINNED}")
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "torch.no_such_module.name",
        "torch.optim.Optimizer._no_such_hooks",
        "torch.optim.Optimizer.state_dict:__no_such_constant",
        "torch.optim.Optimizer.no_such_method:__dynamo_disable",
    ],
)
def test_other_names_are_missing(name: str) -> None:
    assert not exists(name)


@pytest.mark.usefixtures("_lacking")
@pytest.mark.parametrize("purpose", NAMES)
def test_a_fallback_names_what_is_missing(purpose: private_names.Purpose) -> None:
    assert missing(purpose) == NAMES[purpose]
    assert NAMES[purpose][0] in fallback(purpose)
    assert torch.__version__ in fallback(purpose)


@pytest.mark.usefixtures("_lacking")
def test_operations_are_not_counted() -> None:
    assert counted(lambda: torch.ones(2).sum()) is None


@pytest.mark.usefixtures("_lacking")
def test_a_run_trains_eagerly_and_logs_what_fell_back(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    run = ganwright.train(
        "curve", data=points(), examples=512, batch=256, compile="on", threads=1, out=tmp_path / "run"
    )
    output, (first, *rest) = capsys.readouterr().out, run.log()
    expected = [fallback("plain optimizer steps"), f"Steps are not compiled: {fallback('graph capture')}"]
    assert first["notes"] == expected
    assert all("notes" not in line for line in rest)
    assert all(sentence in output for sentence in expected)
    assert run.settings["machine"]["compiled_steps_per_call"] is None
