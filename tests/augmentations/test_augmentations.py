"""What every augmentation is: pure in its draws, differentiable twice, for grey and colour; and what each one does."""

import pytest
import torch
from torch import Tensor

from ganwright.augmentations import _colour
from ganwright.augmentations.ada import MOST, Ada
from ganwright.augmentations.diffaugment import moved_and_cut, recoloured
from ganwright.core import discovery
from ganwright.core.draws import Draws

NAMES = discovery.names("augmentations")
every_augmentation = pytest.mark.parametrize("name", NAMES)
both = pytest.mark.parametrize("channels", [1, 3])


def pictures(count: int = 6, channels: int = 3, height: int = 16, width: int = 12) -> Tensor:
    drawn = torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return 2 * drawn - 1


def draws(start: int, stop: int, step: int = 0) -> Draws:
    return Draws(0, step, start, stop, dtype=torch.float64)


def wide_awake(name: str) -> object:
    """The augmentation, as strong as it gets."""
    augmentation = discovery.load_component("augmentations", name)()
    augmentation.load_state_dict({"probability": MOST, "heard": 0, "signs": 0.0})
    return augmentation


@every_augmentation
@both
def test_a_row_depends_on_its_own_draws_alone(name: str, channels: int) -> None:
    augmentation, some = wide_awake(name), pictures(channels=channels)
    whole = augmentation(some, draws(0, 6))  # type: ignore[operator]
    assert whole.shape == some.shape
    assert torch.equal(whole, augmentation(some, draws(0, 6)))  # type: ignore[operator]
    torch.testing.assert_close(augmentation(some[2:5], draws(2, 5)), whole[2:5])  # type: ignore[operator]
    assert (augmentation(some, draws(0, 6, step=1)) != whole).flatten(1).any(1).all()  # type: ignore[operator]
    assert whole.isfinite().all()


@every_augmentation
def test_its_gradient_has_a_gradient(name: str) -> None:
    augmentation, some = wide_awake(name), pictures(1, 3, 6, 6).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda x: augmentation(x, draws(0, 1)).square(), (some,))  # type: ignore[operator]


# -- DiffAugment


def test_recolouring_leaves_what_it_says() -> None:
    some, half, none = pictures(), torch.full((6,), 0.5).double(), torch.zeros(6).double()
    torch.testing.assert_close(recoloured(some, half, half, half), some)
    brighter = recoloured(some, none, half, half)
    torch.testing.assert_close(brighter, some - 0.5)
    assert recoloured(some, half, none, half).std(1).max() < 1e-12  # no colour is left
    flatter = recoloured(some, half, half, none)
    torch.testing.assert_close(flatter.mean((1, 2, 3)), some.mean((1, 2, 3)))
    torch.testing.assert_close(flatter.std((1, 2, 3)), some.std((1, 2, 3)) / 2)


def test_moving_is_by_an_eighth_and_brings_grey_in() -> None:
    some, most = pictures(height=16, width=24), torch.full((6,), 0.999).double()
    middle = torch.full((6,), 0.5).double()
    moved = moved_and_cut(some, most, middle, most, most)  # the cut lies in the lower right corner
    assert torch.equal(moved[:, :, 2:10, :10], some[:, :, :8, :10])
    assert (moved[:, :, :2] == 0).all()


def test_the_cut_is_half_as_wide_and_high_unless_it_reaches_beyond() -> None:
    some, middle = pictures(height=16, width=24), torch.full((6,), 0.5).double()
    whole, corner = (moved_and_cut(some, middle, middle, at, at) == 0 for at in (middle, 0 * middle))
    assert whole.sum((2, 3)).unique().tolist() == [8 * 12]
    assert whole[:, :, 4:12, 6:18].all()
    assert corner.sum((2, 3)).unique().tolist() == [4 * 6]


# -- ADA


def test_ada_begins_with_nothing() -> None:
    some = pictures()
    assert Ada()(some, draws(0, 6)) is some


def test_ada_steps_up_where_the_discriminator_is_sure_and_down_where_not() -> None:
    ada, sure, unsure = Ada(every=8, examples=80), torch.ones(4), torch.tensor([1.0, -1.0, 2.0, 3.0])
    for _ in range(2):
        term = ada.told(sure)
    assert ada.probability == pytest.approx(0.1)
    assert term["augmented"].item() == pytest.approx(0.1)
    for _ in range(2):
        ada.told(unsure)  # r_t = .5
    assert ada.probability == 0.0
    for _ in range(100):
        ada.told(sure)
    assert ada.probability == MOST


def test_ada_remembers() -> None:
    whole, first = Ada(every=8, examples=80), Ada(every=8, examples=80)
    for _ in range(3):
        whole.told(torch.ones(4))
        first.told(torch.ones(4))
    second = Ada(every=8, examples=80)
    second.load_state_dict(first.state_dict())
    for ada in (whole, second):
        ada.told(torch.ones(4))
    assert whole.state_dict() == second.state_dict() == {"probability": 0.2, "heard": 0, "signs": 0.0}


def test_colours_are_turned_about_grey() -> None:
    grey, chroma, quarter = _colour.axes(pictures())
    torch.testing.assert_close(grey + chroma, torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(quarter @ quarter, -chroma)
    torch.testing.assert_close(grey @ torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64))


def test_grey_pictures_have_no_hue() -> None:
    grey, chroma, quarter = _colour.axes(pictures(channels=1))
    assert (grey.item(), chroma.item(), quarter.item()) == (1.0, 0.0, 0.0)
