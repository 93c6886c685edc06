"""Networks of series: what a generator's output keeps, and layers against torch's."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganwright.core.column import Column
from ganwright.domains._own_range import OwnRange
from ganwright.domains._series_health import changes
from ganwright.domains.series import Series
from ganwright.nets.series_discriminator import (
    FAINTEST,
    ConvFeatures,
    RecurrentFeatures,
    SeriesDiscriminator,
    TemporalStatistics,
)
from ganwright.nets.series_generator import Length, MakeBody, SeriesGenerator, latents_of
from ganwright.nets.straight_through import LINEAR, gumbel, one_hot
from ganwright.nets.temporal import TemporalConv, Upsampling, lengths
from ganwright.nets.temporal_generator import ConvBody, RecurrentBody, in_cells

FEATURES = Column("x", shift=1.0, scale=2.0), Column("regime", ("a", "b", "c"))
STATIC = Column("kind", ("u", "v")), Column("size")
BODIES: dict[str, MakeBody] = {
    "conv": partial(ConvBody, width=6),
    "lstm": partial(RecurrentBody, width=6, cell="lstm", steps_per_cell=3),
    "gru": partial(RecurrentBody, width=6, cell="gru", layers=2),
}
every_body = pytest.mark.parametrize("make_body", BODIES.values(), ids=BODIES)


def generated(domain: Series, make_body: MakeBody, condition: Tensor | None = None, count: int = 32) -> Tensor:
    """Samples of an untrained generator whose heads differ more than initial ones do."""
    torch.manual_seed(0)
    generator = SeriesGenerator(domain, make_body, 5, 2, () if condition is None else tuple(condition.shape[1:]))
    series: Tensor = generator(4 * torch.randn(count, latents_of(domain, 5, 2)), condition)
    return series


@pytest.mark.parametrize("steps", [1, 4, 5, 8, 13, 24])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_temporal_convolution_is_that_of_torch(steps: int, stride: int) -> None:
    mine, series = TemporalConv(3, 4, stride=stride), torch.randn(2, steps, 3)
    theirs = nn.Conv1d(3, 4, 5, stride, padding=2)
    with torch.no_grad():
        theirs.weight.copy_(mine.weights.weight.view(4, 3, 5))
        theirs.bias.copy_(mine.weights.bias)  # type: ignore[union-attr]
    torch.testing.assert_close(mine(series), theirs(series.transpose(1, 2)).transpose(1, 2))
    assert mine(series).shape == (2, -(-steps // stride), 4)


def test_resolutions_halve_while_there_are_eight_steps() -> None:
    assert [lengths(steps) for steps in (1, 7, 8, 25)] == [[1], [7], [8, 4], [25, 13, 7]]


def test_upsampling_interpolates_over_time() -> None:
    layer, series = Upsampling(3, 2, 13, 25), torch.randn(4, 13, 3)
    expected = nn.functional.interpolate(layer.weights(series).transpose(1, 2), 25, mode="linear").transpose(1, 2)
    torch.testing.assert_close(layer(series), expected)


def test_cells_get_the_noise_of_their_steps() -> None:
    noise = torch.arange(10.0).view(1, 5, 2)
    assert in_cells(noise, 2, 3).tolist() == [[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 0, 0]]]


@every_body
@pytest.mark.parametrize("steps", [1, 7, 10, 19])
def test_series_have_attributes_constant_over_time_and_one_hot_categories(make_body: MakeBody, steps: int) -> None:
    domain = Series(steps, FEATURES, STATIC)
    series = generated(domain, make_body)
    assert series.shape == (32, *domain.shape)
    number, regime, kind, size = series.split([1, 3, 2, 1], 2)
    for attribute in (kind, size):
        assert torch.equal(attribute, attribute[:, :1].expand_as(attribute))
    for category in (regime, kind):
        assert torch.equal(category.sort(2).values, torch.eye(category.shape[2])[-1].expand_as(category))
    for values in (number, size[:, 0]):
        assert values.std() > 0
        assert values.abs().max() <= 1


@every_body
def test_a_series_is_zero_after_its_end(make_body: MakeBody) -> None:
    domain = Series(12, FEATURES, STATIC, variable=True)
    series = generated(domain, make_body, count=256)
    features, flag, _ = series.split([4, 1, 3], 2)
    ends = flag.squeeze(2).sum(1)
    assert ends.unique().numel() > 3
    assert torch.equal(flag.squeeze(2), (torch.arange(12) < ends[:, None]).float())
    assert not features[flag.expand_as(features) == 0].any()
    assert domain.from_array(domain.decode(series), "series").shape == (256, 12, 4)


def test_the_length_learns_from_the_flag() -> None:
    torch.manual_seed(0)
    length, context = Length(3, 20), torch.randn(64, 3)
    optimizer = torch.optim.Adam(length.parameters(), 0.02)
    for _ in range(150):
        optimizer.zero_grad()
        (length(context).sum((1, 2)) - 15).square().mean().backward()
        optimizer.step()
    assert (length(context).sum((1, 2)) - 15).abs().mean() < 1


@every_body
def test_given_steps_and_attributes_are_those_of_the_condition(make_body: MakeBody) -> None:
    domain = Series(9, FEATURES, STATIC, given=4)
    given = generated(Series(4, FEATURES, STATIC), make_body).detach()
    series = generated(domain, make_body, given)
    assert torch.equal(series[:, :4], given)
    assert torch.equal(series[:, 4:, 4:], given[:, :1, 4:].expand(-1, 5, -1))
    assert series[:, 4:, 0].std() > 0
    assert torch.equal(series[:, :, 1:4].sum(2), torch.ones(32, 9))


@every_body
def test_a_generator_depends_on_its_condition(make_body: MakeBody) -> None:
    domain, conditions = Series(9, FEATURES), torch.randn(32, 2)
    one, other = (generated(domain, make_body, condition) for condition in (conditions, -conditions))
    assert not torch.allclose(one, other)


def test_a_category_learns_as_its_softmax_does_and_never_stops() -> None:
    weight = torch.tensor([1.0, -1.0])
    for values in ([0.3, 0.1], [90.0, -90.0]):
        logits = torch.tensor([values], requires_grad=True)
        (one_hot(logits) @ weight).backward()
        expected = logits.detach().clone().requires_grad_()
        ((expected.softmax(1) + LINEAR * expected) @ weight).backward()
        assert torch.allclose(logits.grad, expected.grad)  # type: ignore[arg-type]
        assert logits.grad.abs().min() > 0  # type: ignore[union-attr]
        assert one_hot(logits.detach()).tolist() == [[1.0, 0.0]]


@every_body
@pytest.mark.parametrize("ranges", [(), (0.2, 0.2, 0.2)])
def test_copies_are_equal_to_their_sources(make_body: MakeBody, ranges: tuple[float, ...]) -> None:
    columns = Column("x"), FEATURES[1], Column("y", scale=2.0), Column("x again")
    owns = tuple(own(name, least) for name, least in zip("xyz", ranges, strict=False))
    domain = Series(9, columns, STATIC, own_ranges=owns, copies=((3, 0),))
    stored = domain.decode(generated(domain, make_body))
    assert (stored[:, :, 3] == stored[:, :, 0]).all()
    assert (stored[:, :, 2] != stored[:, :, 0]).any()


@pytest.mark.parametrize("steps", [1, 7, 24])
def test_discriminators_score_series_under_their_condition(steps: int) -> None:
    series, condition, domain = torch.randn(6, steps, 4), torch.randn(6, 2), Series(steps, FEATURES)
    for features in (ConvFeatures(6, steps, 4), RecurrentFeatures(6, 4, "lstm"), RecurrentFeatures(6, 4, "gru", 2)):
        discriminator = SeriesDiscriminator(features, domain, static=2)
        scores = discriminator(series, condition)
        assert scores.shape == (6,)
        assert not torch.allclose(scores, discriminator(series, -condition))


@pytest.mark.parametrize("variable", [False, True])
@pytest.mark.parametrize("static", [0, 2])
def test_attributes_and_lengths_learn_from_a_score_of_their_own(variable: bool, static: int) -> None:
    domain = Series(7, FEATURES, STATIC, variable)
    condition = torch.randn(6, static) if static else None
    series = torch.randn(6, *domain.shape, requires_grad=True)
    discriminator = SeriesDiscriminator(RecurrentFeatures(domain.shape[1] + static, 4, "gru"), domain, static)
    scores = discriminator(series, condition)
    assert scores.shape == (6, 2)
    for score, learns, does_not in ((0, slice(0, 4), slice(4, None)), (1, slice(4, None), slice(0, 4))):
        (gradient,) = torch.autograd.grad(scores[:, score].sum(), series, retain_graph=True)
        assert gradient[:, :, learns].any(1).all()
        assert not gradient[:, :, does_not].any()
    changed = series.detach().clone()
    changed[:, :, 4:] += 1
    assert (discriminator(changed, condition) != scores).all()  # features are judged given all others


@every_body
def test_features_do_not_teach_attributes_and_lengths(make_body: MakeBody) -> None:
    domain = Series(12, FEATURES, STATIC, variable=True)
    generator = SeriesGenerator(domain, make_body, 5, 2)
    generator(torch.randn(32, latents_of(domain, 5, 2)))[:, :, :4].square().sum().backward()
    learns = {name.split(".")[0] for name, weight in generator.named_parameters() if weight.grad.any()}  # type: ignore
    assert learns == {"context", "body", "features"}


@every_body
def test_each_category_is_drawn_by_a_latent_of_its_own(make_body: MakeBody) -> None:
    domain = Series(12, FEATURES, STATIC)
    torch.manual_seed(0)
    generator = SeriesGenerator(domain, make_body, 5, 2)
    series = generator(torch.cat([torch.ones(500, 5), torch.randn(500, 2 + 12 * 5)], 1))
    shares = series[:, :, 1:6].mean(0)  # of the categories of regime and kind at each step
    assert ((shares > 0.05) & (shares < 0.9)).all()
    certain = torch.ones(500, latents_of(domain, 5, 2))
    assert (generator(certain).std(0) < 1e-6).all()
    certain[:, 5] += 10  # the first category of kind
    certain[:, -2] += 10  # the second category of regime at the last step
    series = generator(certain)
    assert (series[:, :, 4] == 1).all()
    assert (series[:, -1, 2] == 1).all()


def test_gumbel_noise_draws_from_the_softmax() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([0.0, 1.0, -1.0])
    drawn = (logits + gumbel(torch.randn(100_000, 3))).argmax(1).bincount() / 100_000
    torch.testing.assert_close(drawn, logits.softmax(0), rtol=0, atol=0.01)
    assert gumbel(torch.tensor([-40.0, 40.0])).isfinite().all()


@pytest.mark.parametrize("steps", [1, 2, 3, 9])
def test_statistics_are_those_of_the_changes_of_each_feature(steps: int) -> None:
    torch.manual_seed(0)
    lasts = torch.arange(steps) < torch.randint(1, steps + 1, (5, 1))
    series = torch.randn(5, steps, 2) * lasts.unsqueeze(2)
    statistics = TemporalStatistics(steps)
    found = statistics(series, lasts.unsqueeze(2).float()).view(5, -1, 2)
    assert found.shape[1] == statistics.count
    for feature in (0, 1):
        sizes = (found[:, 2:, feature].square() - FAINTEST).clamp_min(0).sqrt()
        expected = changes(series[:, :, feature], lasts)[:, : statistics.count - 2]
        torch.testing.assert_close(sizes, expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(found[:, 0], series.sum(1) / lasts.sum(1, keepdim=True))


def own(name: str, least: float) -> OwnRange:
    """Ranges from `least` to 1, at least .1."""
    return OwnRange.of(name, np.array([[0, 2 * least], [0, 2.0]]), 0.1)


@every_body
@pytest.mark.parametrize("variable", [False, True])
def test_series_scaled_by_their_own_ranges_have_these_ranges(make_body: MakeBody, variable: bool) -> None:
    numbers = Column("x"), Column("y")
    domain = Series(12, (*numbers, FEATURES[1]), STATIC, variable, (own("x", 0.2), own("y", 0.01)))
    assert domain.spanning == [0]  # some series of y are narrower than the smallest range
    series = generated(domain, make_body).detach()
    stored = domain.decode(series)
    lasts = ~torch.from_numpy(stored[:, :, 0]).isnan()
    long = lasts.sum(1) > 1
    again = domain.encode(torch.from_numpy(stored))[long]
    torch.testing.assert_close(again[:, :, 0], series[long][:, :, 0], rtol=0, atol=1e-4)
    assert not torch.allclose(again[:, :, 1], series[long][:, :, 1], rtol=0, atol=1e-2)


@every_body
def test_a_forecast_of_variable_length_ends_after_the_given_steps(make_body: MakeBody) -> None:
    given = generated(Series(4, FEATURES, STATIC), make_body, count=256).detach()
    domain = Series(9, FEATURES, STATIC, variable=True, given=4)
    features, flag, attributes = generated(domain, make_body, given, count=256).split([4, 1, 3], 2)
    assert torch.equal(features[:, :4], given[:, :, :4])
    assert torch.equal(attributes, given[:, :1, 4:].expand(-1, 9, -1))
    lengths = flag.sum((1, 2))
    assert lengths.min() >= 5
    assert lengths.unique().numel() > 1
    assert not features[flag.expand_as(features) == 0].any()
