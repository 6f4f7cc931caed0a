"""Sessions of two rules: what is measured in them, and the command that counts sessions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hedon.__main__ import main
from hedon.models.experiments import rule_power
from hedon.models.experiments.rule_power import NODE, WEIGHT, Config, changes


def test_changes_of_nothing_but_noise_and_of_a_gain() -> None:
    """Noise alone: log ratios about 0. A gain that all inputs of a neuron share does not count, changes of
    single inputs do."""
    generator = np.random.default_rng(0)
    quiet = 20 + generator.standard_normal((1, 400, 3, 2, 8, 8))
    noise = changes(quiet, (8,))
    assert noise.shape == (1, 400, 1, 1, 2)
    # log of a ratio of two variances with 56 degrees of freedom each: sd 2/sqrt(56), 400 of them
    assert abs(noise.mean()) < 5 * 2 / 56**0.5 / 400**0.5
    shifted = quiet.copy()
    shifted[:, :, 2] += generator.normal(0, 5, size=(1, 400, 1, 1, 8))
    np.testing.assert_allclose(changes(shifted, (8,)), noise, atol=1e-9)
    moved = quiet.copy()
    moved[:, :, 2] += generator.normal(0, 3, size=(1, 400, 2, 8, 8))
    expected = np.log(1 + 9 / 1.5)  # noise of one measurement against the mean of two: variance 3/2
    assert changes(moved, (8,)).mean() == pytest.approx(expected, abs=0.1)


@pytest.mark.whole
def test_weights_of_silent_inputs_rest_exactly_where_nodes_are_perturbed() -> None:
    config = Config(sessions=8, trials=(8,), neurons=(2,))
    moved = {}
    for rule in (NODE, WEIGHT):
        case = rule_power.CASES[rule]
        network = rule_power.SpikingNetwork(
            rule_power._task(config, 0), case.rule, case.neuron, individuals=8, dt=config.dt
        )
        w = np.full((8, config.inputs, 2), case.mean)
        eta, expectation = rule_power._pace(network, w, config, case, 3)
        after = network.live(8, 4, {"w": w, "expectation": expectation, "eta": eta}, outputs=["w"])["w"]
        moved[rule] = np.abs(after - w)
    assert (moved[NODE][:, config.active :] == 0).all() and (moved[NODE][:, : config.active] > 0).all()
    assert (moved[WEIGHT][:, config.active :] > 0).all()


@pytest.mark.whole
def test_command_counts_sessions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path))
    assert main(["power", "--trials", "40", "--neurons", "2", "--sessions", "16"]) == 0
    text = capsys.readouterr().out
    assert "40 trials, 2 recorded neurons" in text and "sessions needed" in text
    for wrong in (["--rules", "node", "white current"], ["--rules", "node", "sgd"], ["--level", "1"]):
        assert main(["power", *wrong]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
