"""Tests of the FID's network without its weights: a stand-in for torch-fidelity, and missing installations."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganwright.core.errors import MissingExtraError, UserError
from ganwright.features import inception

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = f"weights-inception-{SHA256[:8]}.pth"


class StandIn(nn.Module):
    """As torch-fidelity's: uint8 [n, 3, height, width] to a tuple with one tensor [n, 2048]."""

    def __init__(self, name: str, features_list: list[str], feature_extractor_weights_path: str) -> None:
        super().__init__()
        assert features_list == ["2048"]
        assert Path(feature_extractor_weights_path).read_bytes() == CONTENT

    def forward(self, pictures: Tensor) -> tuple[Tensor]:
        assert pictures.dtype == torch.uint8
        assert pictures.shape[1] == 3
        return (pictures.float().mean((2, 3)).repeat(1, 683)[:, :2048],)


@pytest.fixture
def shape_only_data(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.__dict__.update(FeatureExtractorInceptionV3=StandIn, URL_INCEPTION_V3=f"https://nowhere.invalid/{NAME}")
    monkeypatch.setitem(sys.modules, "torch_fidelity", ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "inception").mkdir()
    path = tmp_path / "inception" / NAME
    path.write_bytes(CONTENT)
    monkeypatch.setenv("GANWRIGHT_DATA", str(tmp_path))
    return path


@pytest.mark.usefixtures("shape_only_data", "own_weights")
def test_features_of_grey_and_of_colour() -> None:
    features, grey = inception.load("cpu"), np.full((40, 5, 6, 1), 7, np.uint8)
    found = features(grey)
    assert (found.shape, found.dtype) == ((40, 2048), np.float32)
    assert (found == 7).all()
    assert np.array_equal(features(np.repeat(grey, 3, axis=3)), found)
    assert features.protocol["sha256"] == SHA256
    assert (features.name, features.size) == ("inception", 2048)


@pytest.mark.usefixtures("shape_only_data", "own_weights")
def test_arrays_other_than_uint8_are_refused() -> None:
    with pytest.raises(UserError, match="uint8"):
        inception.load("cpu")(np.zeros((1, 5, 5, 3)))


@pytest.mark.usefixtures("shape_only_data")
def test_damaged_weights_are_refused(own_weights: Path) -> None:
    own_weights.write_bytes(b"other")
    with pytest.raises(UserError, match="damaged"):
        inception.load("cpu")


@pytest.mark.usefixtures("shape_only_data")
def test_without_a_network_the_error_says_where_to_put_the_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no route")

    monkeypatch.delenv("GANWRIGHT_DATA", raising=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    with pytest.raises(UserError, match=r"could not be downloaded .* GANWRIGHT_DATA"):
        inception.load("cpu")


@pytest.mark.usefixtures("shape_only_data")
def test_weights_are_downloaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloads = []

    def deliver(address: str, path: str, prefix: str, progress: bool) -> None:
        downloads.append((address, prefix))
        Path(path).write_bytes(CONTENT)

    monkeypatch.delenv("GANWRIGHT_DATA", raising=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", deliver)
    inception.load("cpu")
    inception.load("cpu")
    assert downloads == [(f"https://nowhere.invalid/{NAME}", SHA256[:8])]


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch_fidelity", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"ganwright\[metrics\]"):
        inception.load()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs a torch-fidelity whose `__init__` fails, as without torchvision."""

    def install(network: str) -> None:
        package = tmp_path / "site" / "torch_fidelity"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("import torchvision_that_is_not_there")
        (package / "feature_extractor_inceptionv3.py").write_text(network)
        monkeypatch.syspath_prepend(str(package.parent))
        monkeypatch.delitem(sys.modules, "torch_fidelity", raising=False)

    return install


def test_the_network_is_imported_without_torchvision(installed: Callable[[str], None]) -> None:
    installed("WORD = 1")
    assert inception._module().WORD == 1
    assert "torch_fidelity" not in sys.modules


def test_a_failing_import_is_reported(installed: Callable[[str], None]) -> None:
    installed("import a_module_that_is_not_there")
    with pytest.raises(UserError, match="cannot be imported: No module named"):
        inception.load()
    assert "torch_fidelity" not in sys.modules
