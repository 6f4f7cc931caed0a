"""Shaping in segments that resume, frozen weights beside controls, sessions that are read as behaviour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.behaviour.stay import stay_probabilities
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import read_behaviour
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.models import experiments
from hedon.models.recurrent.controls import compare
from hedon.models.recurrent.network import STATES, RecurrentNetwork
from hedon.models.recurrent.training import frozen, shape
from hedon.models.tasks import CueMemory
from hedon.plasticity.recurrent_perturbation import RecurrentPerturbation

RULE = RecurrentPerturbation(0.2, 0.01, 0.003, 0.003, sigma=0.5, gamma=1.0)
NET = RecurrentNetwork(CueMemory(1), RULE, units=8, individuals=3, block=50, leaks=(0.5, 1.0))
EPISODES = 200


def test_segments_resume_bit_for_bit(tmp_path: Path) -> None:
    whole = shape(NET, EPISODES, 4)
    kept = shape(NET, EPISODES, 4, segments=4, folder=tmp_path)
    (tmp_path / "segment0003.npz").unlink()
    (tmp_path / "segment0002.npz").write_bytes(b"cut off")
    resumed = shape(NET, EPISODES, 4, segments=4, folder=tmp_path)
    for name in STATES:
        np.testing.assert_array_equal(whole.state[name], kept.state[name])
        np.testing.assert_array_equal(resumed.state[name], kept.state[name])
    np.testing.assert_array_equal(whole.curves["correct"], resumed.curves["correct"])


def test_episodes_that_make_no_whole_blocks_are_refused() -> None:
    with pytest.raises(Mistake, match="whole blocks"):
        shape(NET, EPISODES + 1, 4)


def test_an_individual_that_diverges_is_lost_and_the_others_are_not() -> None:
    given = {"eta_value": np.array([0.01, 1e200, 0.01])}
    shaped = shape(NET, EPISODES, 4, given, segments=2)
    assert shaped.alive.tolist() == [True, False, True]
    assert np.isnan(shaped.curves["correct"][1, -1]) and np.isfinite(shaped.curves["correct"][[0, 2]]).all()
    tested = frozen(NET, shaped.state, 50, 4)["correct"][:, 0]
    assert np.isfinite(tested).tolist() == [True, False, True]
    alone = shape(NET, EPISODES, 4, segments=2)
    np.testing.assert_array_equal(alone.state["w_recurrent"][2], shaped.state["w_recurrent"][2])


@pytest.mark.whole
def test_one_cue_is_learned_and_no_control_learns_it() -> None:
    net = replace(NET, individuals=8, task=CueMemory(2))
    found = compare(net, "correct", 3000, 500, 2, (0.2,))
    names = ("all", "shuffled", "untrained", "reset")
    mean = {name: mean_and_error(row) for name, row in zip(names, found.frozen, strict=True)}
    assert mean["all"][0] > 0.85
    for control in names[1:]:
        value, error = mean[control]
        assert abs(value - 0.5) < 5 * error, control
    assert found.state["w_input"].shape == (24, net.inputs, net.units)


@pytest.mark.whole
def test_frozen_sessions_are_read_back_as_behaviour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path))
    settings = {
        "trials": 20,
        "units": 6,
        "individuals": 2,
        "episodes": 40,
        "tests": 20,
        "block": 10,
        "played": 100,
    }
    result = experiments.run("two_step_activity", overrides=settings)
    module = experiments.load("two_step_activity")
    behaviour = read_behaviour(module.export(result.folder, tmp_path / "network.csv"))
    data = result.dataset
    np.testing.assert_allclose(stay_probabilities(behaviour).probability, data["stay"].values)
    np.testing.assert_array_equal(data["common"].values == 1, data["action"].values == data["state"].values)
    assert 0.7 < data["common"].values.mean() < 0.9
    assert set(np.unique(data["paid"].values)) == {0, 1}
    with pytest.raises(Mistake, match="NAME.csv"):
        module.export(result.folder, tmp_path / "network.nwb")
