"""Networks of strings: what a generator's output keeps, how draws are distributed, and what learns."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from ganwright.nets.series_discriminator import RecurrentFeatures, SeriesFeatures
from ganwright.nets.straight_through import gumbel
from ganwright.nets.string_bodies import ConvStrings, RecurrentStrings, ResidualConv, or_end, without_end
from ganwright.nets.string_discriminator import ResidualFeatures, StringDiscriminator, WindowFeatures, WindowLayer
from ganwright.nets.string_generator import CHOICES, Choice, Drawn, Outputs, StringBody, StringGenerator

LENGTH, SYMBOLS = 6, 5  # with the end
SHAPE = LENGTH, SYMBOLS
BODIES: dict[str, Callable[[int], StringBody]] = {
    "conv": lambda context: ConvStrings(context, SHAPE, 8, 1),
    "lstm": lambda context: RecurrentStrings(context, SHAPE, 8, "lstm"),
    "gru": lambda context: RecurrentStrings(context, SHAPE, 8, "gru", layers=2),
}
FEATURES: dict[str, Callable[[], SeriesFeatures]] = {
    "windows": lambda: WindowFeatures(SHAPE, 4),
    "conv": lambda: ResidualFeatures(SHAPE, 4, 1),
    "gru": lambda: RecurrentFeatures(SYMBOLS, 4, "gru"),
}
every_body = pytest.mark.parametrize("make_body", BODIES.values(), ids=BODIES)
every_choice = pytest.mark.parametrize("outputs", CHOICES)


def generator(make_body: Callable[[int], StringBody], outputs: Outputs, classes: int = 0) -> StringGenerator:
    torch.manual_seed(0)
    made = StringGenerator(make_body(3 + 16 * (classes > 0)), CHOICES[outputs](), 3, LENGTH, classes)
    with torch.no_grad():  # scores that differ more than initial ones do
        made.body.get_submodule("last").weight *= 4  # type: ignore[operator]
    return made


def latents(count: int, choice: Choice) -> Tensor:
    return torch.randn(count, 3 + LENGTH * SYMBOLS * choice.noises, generator=torch.Generator().manual_seed(1))


@every_body
@every_choice
def test_values_are_a_distribution_at_each_place_and_nothing_follows_an_end(
    make_body: Callable[[int], StringBody], outputs: Outputs
) -> None:
    made = generator(make_body, outputs)
    strings = made(latents(64, made.choice))
    assert strings.shape == (64, *SHAPE)
    torch.testing.assert_close(strings.sum(2), torch.ones(64, LENGTH))
    assert strings.min() > -1e-6
    ends = strings[:, :, -1]
    assert ends[:, 0].max() < 1e-6  # no empty string
    assert (ends.diff(dim=1) > -1e-6).all()
    assert strings.argmax(2).unique(dim=0).shape[0] > 4


@every_body
def test_drawn_strings_are_one_hot_and_have_several_lengths(make_body: Callable[[int], StringBody]) -> None:
    made = generator(make_body, "straight-through")
    strings = made(latents(256, made.choice))
    torch.testing.assert_close(strings.sort(2).values, torch.eye(SYMBOLS)[-1].expand_as(strings))
    assert len(strings[:, :, -1].sum(1).round().unique()) > 2


def test_draws_have_the_probabilities_of_the_scores() -> None:
    scores = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(20_000, -1)
    drawn = Drawn()(scores, gumbel(torch.randn(scores.shape, generator=torch.Generator().manual_seed(0))))
    assert drawn.mean(0).tolist() == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.01)


def test_gumbel_numbers_have_mean_and_variance_of_theirs_and_are_finite() -> None:
    numbers = gumbel(torch.randn(100_000, generator=torch.Generator().manual_seed(0)))
    assert numbers.mean().item() == pytest.approx(0.5772, abs=0.02)
    assert numbers.var().item() == pytest.approx(math.pi**2 / 6, rel=0.03)
    assert gumbel(torch.tensor([-9.0, 9.0])).isfinite().all()


def test_relaxed_draws_approach_one_hot_vectors_as_the_temperature_falls() -> None:
    relaxed, drawn = CHOICES["gumbel-softmax"](), Drawn()
    scores, noise = torch.zeros(50, 4), gumbel(torch.randn(50, 4, generator=torch.Generator().manual_seed(0)))
    distances = []
    for temperature in (1.0, 0.1, 0.001):
        relaxed.temperature.fill_(temperature)
        distances.append((relaxed(scores, noise) - drawn(scores, noise)).abs().mean().item())
    assert distances[0] > distances[1] > distances[2]
    assert distances[2] < 0.01


@every_body
@every_choice
def test_a_generator_learns_which_symbol_follows_another(
    make_body: Callable[[int], StringBody], outputs: Outputs
) -> None:
    # the reward is a pair of neighbours, b after a, wherever it is
    made = generator(make_body, outputs)
    optimizer = torch.optim.Adam(made.parameters(), 0.05)

    def pairs() -> Tensor:
        strings = made(latents(32, made.choice))
        return (strings[:, :-1, 0] * strings[:, 1:, 1]).sum(1).mean()

    before = pairs().item()
    for _ in range(10):
        optimizer.zero_grad()
        (-pairs()).backward()
        optimizer.step()
    assert pairs().item() > before + 0.3


@every_body
def test_a_generator_depends_on_its_class(make_body: Callable[[int], StringBody]) -> None:
    made = generator(make_body, "softmax", classes=2)
    latent = latents(16, made.choice)
    one, other = (made(latent, torch.full((16,), label)) for label in (0, 1))
    assert not torch.allclose(one, other)


@every_body
def test_likelihoods_are_the_frequencies_of_draws(
    make_body: Callable[[int], StringBody],
) -> None:
    made = generator(make_body, "straight-through")
    with torch.no_grad():  # the same for all latents
        made.body.get_parameter("first.weight").zero_()
        strings = made(latents(20_000, made.choice))
        different, counts = strings.argmax(2).unique(dim=0, return_counts=True)
        log_p = made.log_likelihood(nn.functional.one_hot(different, SYMBOLS).float())
    frequent = counts > 50
    assert frequent.sum() > 10
    error = counts[frequent] / len(strings) / log_p[frequent].exp() - 1
    assert (error.abs() < 5 / counts[frequent].sqrt()).all()
    letters, end = torch.arange(SYMBOLS - 1), SYMBOLS - 1
    starts = [torch.cartesian_prod(letters)[:, None], torch.cartesian_prod(letters, letters)]
    short = torch.cat([nn.functional.pad(one, (0, LENGTH - one.shape[1]), value=end) for one in starts])
    with torch.no_grad():
        total = made.log_likelihood(nn.functional.one_hot(short, SYMBOLS).float()).exp().sum()
    share = (strings[:, 2, -1].round() == 1).float().mean()
    assert total == pytest.approx(share.item(), abs=0.015)


def test_the_first_symbol_is_no_end_and_ends_go_on() -> None:
    scores = torch.zeros(1, 3)
    assert without_end(scores).softmax(1)[0].tolist() == pytest.approx([0.5, 0.5, 0], abs=1e-6)
    symbol = torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0.5, 0.5, 0]])
    assert or_end(symbol, torch.tensor([[1.0], [0.0], [0.5]])).tolist() == [[1, 0, 0], [0, 0, 1], [0.25, 0.25, 0.5]]


def test_a_residual_block_adds_three_tenths() -> None:
    block, series = ResidualConv(4), torch.randn(2, 7, 4)
    torch.testing.assert_close(block(series), series + 0.3 * block.layers(series))
    nn.init.zeros_(block.layers[3].weights.weight)
    assert torch.equal(block(series), series)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_windows_see_so_many_symbols(size: int) -> None:
    layer, strings = WindowLayer(SYMBOLS, 3, size), torch.zeros(1, 11, SYMBOLS)
    changed = strings.clone()
    changed[0, 5, 2] = 1
    seen = (layer(changed) != layer(strings)).any(2)[0]
    assert seen.sum() == size
    assert seen[5]


def test_outputs_of_windows_have_variance_1_on_one_hot_vectors() -> None:
    torch.manual_seed(0)
    strings = nn.functional.one_hot(torch.randint(SYMBOLS, (256, 9)), SYMBOLS).float()
    assert WindowLayer(SYMBOLS, 64, 3)(strings)[:, 1:-1].var().item() == pytest.approx(1, rel=0.2)


@pytest.mark.parametrize("make", FEATURES.values(), ids=FEATURES)
def test_a_score_depends_on_the_order_of_symbols_and_on_the_class(make: Callable[[], SeriesFeatures]) -> None:
    torch.manual_seed(0)
    discriminator = StringDiscriminator(make(), classes=2)
    string = nn.functional.one_hot(torch.tensor([[0, 1, 2, 3, 4, 4]]), SYMBOLS).float()
    swapped = string[:, [1, 0, 2, 3, 4, 5]]
    one, other = torch.zeros(1, dtype=torch.long), torch.ones(1, dtype=torch.long)
    scores = [discriminator(string, one), discriminator(swapped, one), discriminator(string, other)]
    assert len({score.item() for score in scores}) == 3
