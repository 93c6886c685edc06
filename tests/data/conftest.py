"""Tests of data have an empty cache, and no user data unless they use the fixture `own_data` or `offline`."""

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
        pytest.skip("GANWRIGHT_DATA is not set")
    monkeypatch.setenv("GANWRIGHT_DATA", OWN)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """User data if there are any, and no downloads."""

    def fail(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setenv("GANWRIGHT_DATA", OWN)
    monkeypatch.setattr("ganwright.data._download.urlopen", fail)
