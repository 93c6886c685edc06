"""Tests of all augmentations together (pure, twice differentiable, any channels), and of each one."""

import pytest
import torch
from torch import Tensor

from ganwright.augmentations import _colour
from ganwright.augmentations.ada import MAX_PROBABILITY, Ada
from ganwright.augmentations.diffaugment import recoloured, shifted_and_cut
from ganwright.core import discovery
from ganwright.core.draws import Draws

NAMES = discovery.names("augmentations")
every_augmentation = pytest.mark.parametrize("name", NAMES)
both = pytest.mark.parametrize("channels", [1, 3])


def pictures(count: int = 6, channels: int = 3, height: int = 16, width: int = 12) -> Tensor:
    uniform = torch.rand(
        count, channels, height, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    return 2 * uniform - 1


def draws(start: int, stop: int, step: int = 0) -> Draws:
    return Draws(0, step, start, stop, dtype=torch.float64)


def strongest(name: str) -> object:
    """The augmentation at its maximum strength."""
    augmentation = discovery.load_component("augmentations", name)()
    augmentation.load_state_dict({"probability": MAX_PROBABILITY, "examples_seen": 0, "signs": 0.0})
    return augmentation


@every_augmentation
@both
def test_a_row_depends_on_its_own_draws_alone(name: str, channels: int) -> None:
    augmentation, some = strongest(name), pictures(channels=channels)
    whole = augmentation(some, draws(0, 6))  # type: ignore[operator]
    assert whole.shape == some.shape
    assert torch.equal(whole, augmentation(some, draws(0, 6)))  # type: ignore[operator]
    torch.testing.assert_close(augmentation(some[2:5], draws(2, 5)), whole[2:5])  # type: ignore[operator]
    assert (augmentation(some, draws(0, 6, step=1)) != whole).flatten(1).any(1).all()  # type: ignore[operator]
    assert whole.isfinite().all()


@every_augmentation
def test_an_augmentation_is_twice_differentiable(name: str) -> None:
    augmentation, some = strongest(name), pictures(1, 3, 6, 6).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: augmentation(x, draws(0, 1)).square(), (some,))  # type: ignore[operator]


# -- DiffAugment


def test_recolouring_changes_one_property_at_a_time() -> None:
    some, half, none = pictures(), torch.full((6,), 0.5).double(), torch.zeros(6).double()
    torch.testing.assert_close(recoloured(some, half, half, half), some)
    brighter = recoloured(some, none, half, half)
    torch.testing.assert_close(brighter, some - 0.5)
    assert recoloured(some, half, none, half).std(1).max() < 1e-12  # grey
    flatter = recoloured(some, half, half, none)
    torch.testing.assert_close(flatter.mean((1, 2, 3)), some.mean((1, 2, 3)))
    torch.testing.assert_close(flatter.std((1, 2, 3)), some.std((1, 2, 3)) / 2)


def test_shifts_are_up_to_an_eighth_and_fill_with_grey() -> None:
    some, most = pictures(height=16, width=24), torch.full((6,), 0.999).double()
    middle = torch.full((6,), 0.5).double()
    shifted = shifted_and_cut(some, most, middle, most, most)  # the cut is in the lower right corner
    assert torch.equal(shifted[:, :, 2:10, :10], some[:, :, :8, :10])
    assert (shifted[:, :, :2] == 0).all()


@pytest.mark.parametrize(("size", "most"), [(8, 1), (12, 2), (16, 2), (20, 3), (28, 4), (36, 5), (52, 7), (64, 8)])
def test_shifts_round_halves_up_as_published(size: int, most: int) -> None:
    """int(size / 8 + 1 / 2); Python's round gives 2 for 20."""
    some, middle = pictures(1, 1, size, 4).abs() + 1, torch.full((1,), 0.5).double()
    for at, rows in ((0.0, slice(size - most, size)), (0.9999, slice(0, most))):
        shift = torch.full((1,), at).double()
        empty = shifted_and_cut(some, shift, middle, 1 - shift, middle)[0, 0, :, 0] == 0
        assert empty[rows].all()
        assert empty.sum() >= most
        expected = shifted_and_cut(some, shift, middle, 1 - shift, torch.zeros(1).double())
        assert (expected[0, 0, :, 3] == 0).sum() == most  # beside the cut


def test_the_cut_has_half_the_sides_unless_it_crosses_an_edge() -> None:
    some, middle = pictures(height=16, width=24), torch.full((6,), 0.5).double()
    whole, corner = (shifted_and_cut(some, middle, middle, at, at) == 0 for at in (middle, 0 * middle))
    assert whole.sum((2, 3)).unique().tolist() == [8 * 12]
    assert whole[:, :, 4:12, 6:18].all()
    assert corner.sum((2, 3)).unique().tolist() == [4 * 6]


# -- ADA


def test_ada_starts_without_augmentation() -> None:
    some = pictures()
    assert Ada()(some, draws(0, 6)) is some


def test_the_probability_rises_with_overfitting_and_falls_without() -> None:
    ada, sure, unsure = Ada(every=8, examples=80), torch.ones(4), torch.tensor([1.0, -1.0, 2.0, 3.0])
    for _ in range(2):
        term = ada.observe(sure)
    assert ada.probability == pytest.approx(0.1)
    assert term["augmented"].item() == pytest.approx(0.1)
    for _ in range(2):
        ada.observe(unsure)  # r_t = .5
    assert ada.probability == 0.0
    for _ in range(100):
        ada.observe(sure)
    assert ada.probability == MAX_PROBABILITY


def test_the_state_restores_ada_within_an_update() -> None:
    whole, first = Ada(every=8, examples=80), Ada(every=8, examples=80)
    for _ in range(3):
        whole.observe(torch.ones(4))
        first.observe(torch.ones(4))
    second = Ada(every=8, examples=80)
    second.load_state_dict(first.state_dict())
    for ada in (whole, second):
        ada.observe(torch.ones(4))
    assert whole.state_dict() == second.state_dict() == {"probability": 0.2, "examples_seen": 0, "signs": 0.0}


def test_colours_rotate_about_the_grey_axis() -> None:
    grey, chroma, quarter = _colour.axes(pictures())
    torch.testing.assert_close(grey + chroma, torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(quarter @ quarter, -chroma)
    torch.testing.assert_close(grey @ torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64))


def test_grey_pictures_have_no_hue() -> None:
    grey, chroma, quarter = _colour.axes(pictures(channels=1))
    assert (grey.item(), chroma.item(), quarter.item()) == (1.0, 0.0, 0.0)
