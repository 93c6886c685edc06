"""Every test here has a cache of its own, and sees none of the user's data unless it asks for `own_data`."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")

OWN = os.environ.get("GANWRIGHT_DATA", "")


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("GANWRIGHT_CACHE", str(folder))
    monkeypatch.delenv("GANWRIGHT_DATA", raising=False)
    return folder


@pytest.fixture
def own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    if not OWN:
        pytest.skip("GANWRIGHT_DATA is unset: no real data to read")
    monkeypatch.setenv("GANWRIGHT_DATA", OWN)
