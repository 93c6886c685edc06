"""The benchmarks of series: the published judge's network and scores, protocols, laws, budgets of peers."""

import importlib.util
import math
from pathlib import Path

import laws
import numpy as np
import peers
import protocol
import published_judge as judge
import pytest
import torch
from sinusoids import estimated
from torch import nn

from ganwright.data import waves

FILE = Path(judge.__file__).with_name("quality.py")  # another benchmark has the same name
SPEC = importlib.util.spec_from_file_location("series_quality", FILE)
assert SPEC is not None
assert SPEC.loader is not None
QUALITY = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(QUALITY)
REPEATS, FEATURES, SIZE = 3, 5, 2
RANDOM = np.random.default_rng(0)


def networks() -> judge.Networks:
    made = judge.Networks(REPEATS, FEATURES, SIZE, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += 0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))
    return made


def series() -> torch.Tensor:
    return torch.randn(REPEATS, 4, 6, FEATURES, generator=torch.Generator().manual_seed(2))


def test_the_networks_equal_torchs_gru_where_the_reset_gate_is_open() -> None:
    # Only its place differs: before the state's matrix, as in TensorFlow 1, or after it.
    stacked = networks()
    with torch.no_grad():
        stacked.gates_bias[:, :SIZE] = 50.0
    for repeat in range(REPEATS):
        gru, last = nn.GRU(FEATURES, SIZE, batch_first=True), nn.Linear(SIZE, 1)
        gates, candidate = stacked.gates[repeat], stacked.candidate[repeat]
        with torch.no_grad():
            gru.weight_ih_l0.copy_(torch.cat([gates[:, :FEATURES], candidate[:, :FEATURES]]))
            gru.weight_hh_l0.copy_(torch.cat([gates[:, FEATURES:], candidate[:, FEATURES:]]))
            gru.bias_ih_l0.copy_(torch.cat([stacked.gates_bias[repeat], stacked.candidate_bias[repeat]]).flatten())
            gru.bias_hh_l0.zero_()
            last.weight.copy_(stacked.out[repeat])
            last.bias.copy_(stacked.out_bias[repeat].flatten())
            expected = last(gru(series()[repeat])[0]).squeeze(2)
            torch.testing.assert_close(stacked.every(series())[repeat], expected)
            torch.testing.assert_close(stacked.last(series())[repeat], expected[:, -1])


def test_the_reset_gate_multiplies_the_state_before_its_matrix() -> None:
    # Cho et al. 2014, equations 5 to 8, as TensorFlow 1's GRUCell has them
    stacked, inputs = networks(), series()
    for repeat in range(REPEATS):
        state = torch.zeros(4, SIZE)
        for step in range(6):
            both = torch.cat([inputs[repeat, :, step], state], 1)
            gates = torch.sigmoid(both @ stacked.gates[repeat].T + stacked.gates_bias[repeat].T)
            reset, update = gates[:, :SIZE], gates[:, SIZE:]
            both = torch.cat([inputs[repeat, :, step], reset * state], 1)
            new = torch.tanh(both @ stacked.candidate[repeat].T + stacked.candidate_bias[repeat].T)
            state = update * state + (1 - update) * new
        torch.testing.assert_close(stacked.states(inputs)[-1][repeat].T, state)


def test_weights_start_as_tensorflow_has_them() -> None:
    made = judge.Networks(200, FEATURES, SIZE, torch.Generator().manual_seed(0))
    assert made.gates.abs().max().item() == pytest.approx(math.sqrt(6 / (FEATURES + SIZE + 2 * SIZE)), rel=0.01)
    assert made.candidate.abs().max().item() == pytest.approx(math.sqrt(6 / (FEATURES + 2 * SIZE)), rel=0.01)
    assert [bias.unique().item() for bias in (made.gates_bias, made.candidate_bias, made.out_bias)] == [1, 0, 0]


def test_equal_windows_score_near_zero_and_others_near_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "LR", 0.05)  # in fewer steps
    real, same = RANDOM.random((2, 300, 3, 4)).astype(np.float32)
    assert judge.discriminative(real, same, 2, steps=20).max() < 0.12
    assert judge.discriminative(real, real - 1, 2, steps=40) == pytest.approx([0.5, 0.5])


def test_forecasts_of_a_learnable_feature_improve_with_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "LR", 0.05)
    real = RANDOM.random((300, 3, 4)).astype(np.float32)
    real[:, 1:, 3] = real[:, :-1, 0]  # the next value of the last feature is another one now
    errors = [judge.predictive(real, real, 2, steps=steps).max() for steps in (1, 60)]
    assert errors[1] < 0.6 * errors[0]


def test_a_seed_repeats_the_scores() -> None:
    real, fake = RANDOM.random((2, 50, 3, 2)).astype(np.float32)
    for score in (judge.discriminative, judge.predictive):
        assert np.array_equal(score(real, fake, 2, 0, 2), score(real, fake, 2, 0, 2))


@pytest.mark.parametrize(
    ("fake", "words"),
    [(np.zeros((5, 4, 2)), "as many"), (np.full((6, 4, 2), np.nan), "NaN"), (np.zeros((6, 4, 1)), "two features")],
)
def test_unfit_windows_are_refused(fake: np.ndarray, words: str) -> None:
    real = np.zeros((6, 4, fake.shape[2]))
    with pytest.raises(ValueError, match=words):
        judge.judge(real, fake)


@pytest.mark.parametrize("reverse", [False, True])
def test_windows_of_a_series_are_scaled_by_its_range_and_samples_alike(reverse: bool) -> None:
    values = np.stack([np.arange(30.0), 100 - 2 * np.arange(30.0)], 1)
    data = protocol.of_series(values, (), reverse)
    assert data.real.shape == (6, 24, 2)  # of seven, without the last
    assert data.real[0, 0] == pytest.approx([1, 0] if reverse else [0, 1], abs=1e-6)
    assert data.real[1, 0, 0] == pytest.approx(28 / 29 if reverse else 1 / 29, abs=1e-6)
    first = values[6:] if reverse else values[:24]  # as the file has it
    assert data.scaled(first[None])[0] == pytest.approx(data.real[0], abs=1e-6)


def test_the_sets_of_the_tables_have_their_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "ETTh1.csv").write_text("date,a\n" + "".join(f"2016-07-01 {hour},{hour}\n" for hour in range(26)))
    monkeypatch.setenv("GANWRIGHT_DATA", str(tmp_path))
    etth1 = protocol.of("etth1")
    assert etth1.real[:, :, 0] == pytest.approx(np.arange(26)[np.arange(2)[:, None] + np.arange(24)] / 25)
    assert etth1.words == ("--data", str(folder / "ETTh1.csv"), "--window", "24", "--test-share", "0")
    assert protocol.of("sines").real.shape == (10_000, 24, 5)
    with pytest.raises(SystemExit, match=r"stock_data.csv is not in series/"):
        protocol.of("stock")
    with pytest.raises(SystemExit, match="--energy"):
        protocol.of("energy", tmp_path / "none.csv")


def test_rows_of_quality_have_the_means_of_their_seeds() -> None:
    row = {"name": "a", "discriminative": [0.1, 0.01], "predictive": [0.04, 0], "stricter": [0.3, 0.05], "examples": 9}
    lines = QUALITY.table([{**row, "seed": 0}, {**row, "seed": 1, "discriminative": [0.2, 0.01]}]).split("\n")
    assert lines[2] == "| a | 0 | 0.1000 ± 0.0100 | 0.0400 ± 0.0000 | 0.3000 | 0.0500 | 9 |  |  |"
    assert lines[4].startswith("| a | mean | 0.1500 | 0.0400 | 0.3000 | 0.0500 |")


def test_halves_of_real_windows_have_no_window_in_common() -> None:
    first, second = QUALITY.halves(np.arange(7)[:, None, None])
    assert len(set(first.flat) | set(second.flat)) == 6


def test_frequency_and_amplitude_of_short_noisy_waves_are_found() -> None:
    steps, frequency, amplitude = np.arange(40), RANDOM.uniform(0.08, 0.25, 200), RANDOM.uniform(0.5, 3, 200)
    lengths = RANDOM.integers(8, 41, 200)
    wave = amplitude[:, None] * np.sin(2 * np.pi * (frequency[:, None] * steps + RANDOM.random((200, 1))))
    wave[steps >= lengths[:, None]] = np.nan
    found = estimated(wave)
    assert found[0] == pytest.approx(frequency, abs=1e-4)
    assert found[1] == pytest.approx(amplitude, rel=0.01)
    noisy = estimated(wave + 0.05 * RANDOM.standard_normal(wave.shape))
    assert np.abs(noisy[0] - frequency).mean() < 0.002
    assert np.abs(noisy[1] - amplitude).mean() < 0.03
    wave[0, 7:] = np.nan
    assert np.isnan(estimated(wave)[0]).nonzero()[0].tolist() == [0]


@pytest.mark.parametrize("conditional", [False, True])
def test_real_waves_are_within_the_laws_and_changed_ones_are_not(
    conditional: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laws, "COUNT", 1000)
    series, static = laws.real(conditional)
    figures = laws.measured(series, static)
    assert max(figures[name] for name in ("length", "tempo", "strength")) < 0.05
    assert abs(figures["high"]) < 0.02
    assert figures["frequency"][0] < 0.06
    assert figures["amplitude"][0] < 0.06
    assert figures["short"] == 0
    louder = series * np.array([1.5, 1])  # by half of the strength
    assert laws.measured(louder, static)["amplitude"][0] == pytest.approx(
        0.5 * 1.17 / laws.AMPLITUDE_DEVIATION, rel=0.1
    )
    assert laws.measured(series, static[::-1])["frequency"][0] > 0.5
    assert laws.measured(series[:, :5], static)["short"] == 1


def test_distances_to_laws_are_exact() -> None:
    assert laws.distance(np.array([0.1, 0.5])) == pytest.approx(0.5)
    assert laws.length_distance(np.full(10, 40)) == pytest.approx(1 - (1 - waves.END) ** 30)
    assert laws.mean_error(np.array([1.0, 3.0, -2.0, np.nan]), np.array([0, 0.05, 0.95, 0.5])) == pytest.approx(2)


def test_as_many_steps_are_made_as_fit() -> None:
    assert peers.fitting_steps(11, 16, 6, 60) == 50  # ten seconds, and one for each step
    assert peers.fitting_steps(11, 16, 6, 5) == 1
    with pytest.raises(SystemExit, match="--steps"):
        peers.fitting_steps(11, 11, 6, 60)
