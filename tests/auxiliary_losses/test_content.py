"""Tests of the content loss, its frozen network, and VGG19 with the user's weights."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from conftest import forward_pass
from ganwright.auxiliary_losses import _content_networks
from ganwright.auxiliary_losses._content_networks import HERE, Content32, Vgg19, content32, vgg19
from ganwright.auxiliary_losses.content import Content
from ganwright.core.errors import UserError


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """VGG19's layers with at most 2 channels."""
    layers = tuple(min(channels, 2) for channels in _content_networks.VGG19)
    monkeypatch.setattr(_content_networks, "VGG19", layers)


def test_the_loss_is_zero_at_the_real_pictures_and_grows_with_noise() -> None:
    auxiliary_loss, real = Content(content32(), 2.0), torch.rand(2, 3, 16, 16) * 2 - 1
    noise = torch.randn(real.shape)
    passes = [forward_pass(real, real + size * noise) for size in (0, 0.01, 0.1)]
    distances = [float(auxiliary_loss.generator(one)["content"]) for one in passes]
    assert distances[0] == 0
    assert 0 < distances[1] < distances[2]


def test_gradients_reach_the_fake_but_not_the_network() -> None:
    auxiliary_loss = Content(content32())
    fake = torch.zeros(1, 3, 16, 16, requires_grad=True)
    auxiliary_loss.generator(forward_pass(torch.rand(1, 3, 16, 16), fake))["content"].backward()
    assert fake.grad is not None
    assert fake.grad.abs().sum() > 0
    assert all(not weight.requires_grad and weight.grad is None for weight in auxiliary_loss.network.parameters())


def test_grey_pictures_have_the_same_maps_in_one_and_three_channels() -> None:
    grey, network = torch.rand(1, 1, 16, 16), content32()
    for one, other in zip(network(grey), network(grey.expand(-1, 3, -1, -1)), strict=True):
        assert torch.equal(one, other)


def test_packaged_weights_are_below_1_megabyte() -> None:
    assert (HERE / "content32.safetensors").stat().st_size < 1e6


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_vgg19_is_loaded_from_a_file(suffix: str, tmp_path: Path) -> None:
    saved = Vgg19()
    file = tmp_path / f"vgg19{suffix}"
    state = saved.state_dict() | {"classifier.0.weight": torch.zeros(1)}  # torchvision's has a classifier too
    save_file(state, file) if suffix == ".safetensors" else torch.save(state, file)
    network, pictures = vgg19(file), torch.rand(1, 3, 32, 32)
    assert torch.equal(network(pictures)[0], saved(pictures)[0])
    assert network(pictures)[0].shape[2:] == (2, 2)
    assert not any(weight.requires_grad for weight in network.parameters())


def test_vgg19_has_torchvisions_parameter_names() -> None:
    with torch.device("meta"):
        names = [name for name in Vgg19().state_dict() if name.endswith("weight")]
    indices = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    assert names == [f"features.{index}.weight" for index in indices]


@pytest.mark.usefixtures("narrow")
def test_other_files_are_refused(tmp_path: Path) -> None:
    missing, code, other = tmp_path / "missing.pth", tmp_path / "code.pth", tmp_path / "other.pth"
    torch.save(torch.nn.Linear(1, 1), code)  # a pickled class
    torch.save(Content32().state_dict(), other)
    for file, message in ((missing, "cannot be read"), (code, "cannot be read"), (other, "does not hold VGG19")):
        with pytest.raises(UserError, match=message):
            vgg19(file)
