"""Teams of agents and groups of outputs: what each neuron hears, written out as the definitions say it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import LinearTeacher
from hedon.models.team.network import TeamNetwork
from hedon.plasticity import GradientDescent, NodePerturbation
from hedon.plasticity.team_signal import SIGNALS, TeamSignal

FANS, INPUTS, TRIALS = (3, 2), 4, 7
COEFFICIENTS = ("one", "grouped", "difference", "agreement")


@pytest.fixture(scope="module")
def team() -> TeamNetwork:
    return TeamNetwork(FANS, INPUTS, patterns=5, individuals=12, block=1)


def lived(team: TeamNetwork, **given: object) -> dict[str, np.ndarray]:
    """A life in which weights stay, then one more trial in which they change."""
    names = ["w", "x", "vote", "answer", "outcome", "marginal", "decision", "modulator", "score", "right"]
    arguments = {"task_seed": 5, "alpha": 0.0, "eta": 0.3} | given
    arrays = team.program()(arguments, seed=3, duration=TRIALS, outputs=names)
    return {name: np.asarray(arrays[name]) for name in names}


@pytest.mark.parametrize("committee", [0, 1, 2])
@pytest.mark.parametrize("group", [0, 1, 2])
def test_what_a_neuron_hears(team: TeamNetwork, committee: int, group: int) -> None:
    signals = list(SIGNALS) * 3
    points = {name: np.array([getattr(TeamSignal.point(s), name) for s in signals]) for name in COEFFICIENTS}
    had = lived(team, committee=committee, group=group, **points)
    size, shared, everyone = team.sizes[committee], team.sizes[group], team.neurons
    vote, answer = had["vote"], had["answer"]
    for k, signal in enumerate(signals):
        lead = vote[k].reshape(-1, size).sum(axis=1).repeat(size)
        right = answer[k] * np.sign(lead)
        assert np.all(answer[k].reshape(-1, size).std(axis=1) == 0)
        np.testing.assert_array_equal(had["outcome"][k], right)
        assert had["right"][-1, k] == pytest.approx((right > 0).mean() + 0.5 * (right == 0).mean())
        flipped = []
        for i in range(everyone):
            other = vote[k].copy()
            other[i] *= -1
            flipped.append(answer[k, i] * np.sign(other.reshape(-1, size).sum(axis=1)[i // size]))
        np.testing.assert_array_equal(had["marginal"][k], (right - flipped) / 2)
        by_group = right.reshape(-1, shared).sum(axis=1).repeat(shared) / min(shared, size)
        decision = np.sign(vote[k].sum())
        heard = {
            "one": right.sum() / size,
            "groups": by_group,
            "difference": (right - flipped) / 2,
            "agreement": right.sum() / size * vote[k] * decision,
        }[signal]
        np.testing.assert_allclose(had["modulator"][k], heard * np.ones(everyone), atol=1e-12)


def test_a_gate_shuts_out_a_broadcast_that_varies(team: TeamNetwork) -> None:
    """One trial: v = alpha delta**2, gate = 1/(1 + (v/threshold)**4)."""
    arguments = {"task_seed": 5, "committee": 0, "alpha": 0.5, "threshold": np.geomspace(0.1, 1e3, 12)}
    names = ["modulator", "outcome"]
    had = team.program()(arguments, seed=3, duration=1, outputs=names)
    delta = np.asarray(had["outcome"]).sum(axis=1)
    assert np.ptp(np.abs(delta)) > 0
    gate = 1 / (1 + (0.5 * delta**2 / arguments["threshold"]) ** 4)
    np.testing.assert_allclose(had["modulator"], (gate * delta)[:, None] * np.ones(team.neurons), atol=1e-9)


def test_weights_change_by_modulator_and_score(team: TeamNetwork) -> None:
    before = lived_until(team, TRIALS - 1)
    after = lived_until(team, TRIALS)
    change = 0.3 * (after["modulator"] * after["score"])[:, None, :] * after["x"][:, :, None]
    assert np.abs(change).max() > 0
    np.testing.assert_allclose(after["w"] - before["w"], change, atol=1e-12)


def lived_until(team: TeamNetwork, trials: int) -> dict[str, np.ndarray]:
    names = ["w", "x", "modulator", "score"]
    arrays = team.program()({"task_seed": 5, "eta": 0.3}, seed=3, duration=trials, outputs=names)
    return {name: np.asarray(arrays[name]) for name in names}


def test_a_team_learns_by_its_own_broadcast_alone(team: TeamNetwork) -> None:
    """Direction and movement: with another's broadcast the weights move as much, and nothing is learned."""
    agents = {"committee": 2, "task_seed": 5, "eta": 0.3, "agreement": 1.0}
    run = {"seed": 3, "duration": 600, "outputs": ["w", "right"]}
    own, other, frozen = (
        team.program()(agents | change, **run) for change in ({}, {"yoked": 1}, {"learning": 0})
    )
    late = slice(-200, None)
    assert np.asarray(own["right"])[late].mean() > 0.8  # 5 patterns in 4 inputs; chance is .5
    assert abs(np.asarray(other["right"])[late].mean() - 0.5) < 0.2
    assert np.abs(other["w"]).max() > 0.3
    assert not np.asarray(frozen["w"]).any()


def test_neurons_are_frozen_one_by_one(team: TeamNetwork) -> None:
    learning = np.ones((12, 6))
    learning[:, 1:] = 0
    learning[3] = [0, 0, 0.5, 0, 0, 0]
    run = {"seed": 3, "duration": 1, "outputs": ["w"]}
    every, some = (
        np.asarray(team.program()({"task_seed": 5, "eta": 0.3} | change, **run)["w"])
        for change in ({}, {"learning": learning})
    )
    np.testing.assert_allclose(some, every * learning[:, None, :])
    assert np.abs(some[:, :, 0]).max() > 0


@pytest.mark.parametrize("hears", [0, 1, 2])
def test_outputs_hear_the_costs_of_their_group(hears: int) -> None:
    net = RateNetwork(
        LinearTeacher(3, 6), NodePerturbation(eta=0.2, sigma=0.4), individuals=5, block=1, sharing=(3, 2)
    )
    names = ["w1", "x0", "x1_clean", "x1_plus", "target", "xi1"]
    rng = np.random.default_rng(0)
    start = rng.normal(size=(5, 3, 6))
    had = net.program()({"w1": start, "hears": hears, "task_seed": 2}, seed=1, duration=1, outputs=names)
    clean, plus = ((had[f"x1_{p}"] - had["target"]) ** 2 / 2 for p in ("clean", "plus"))
    size = (1, 3, 6)[hears]
    delta = (clean - plus).reshape(5, -1, size).sum(axis=2).repeat(size, axis=1)
    change = 0.2 / 0.4**2 * (delta * had["xi1"])[:, None, :] * had["x0"][:, :, None]
    np.testing.assert_allclose(had["w1"] - start, change, atol=1e-12)


def test_refusals() -> None:
    teacher = LinearTeacher(3, 6)
    with pytest.raises(Mistake, match="multiply"):
        RateNetwork(teacher, NodePerturbation(), sharing=(2, 2))
    with pytest.raises(Mistake, match="one layer"):
        RateNetwork(teacher, NodePerturbation(), hidden=(4,), sharing=(6,))
    with pytest.raises(Mistake, match="compares two passes"):
        RateNetwork(teacher, GradientDescent(), sharing=(6,))
    with pytest.raises(Mistake, match="compares two passes"):
        RateNetwork(teacher, NodePerturbation(comparison="one-pass"), sharing=(6,))
    with pytest.raises(Mistake, match="no signal 'agrement'"):
        TeamSignal.point("agrement")
    with pytest.raises(Mistake, match="no level"):
        TeamNetwork((3, 3)).level(6)
    with pytest.raises(Mistake, match="must be in"):
        TeamSignal(agreement=1.5)


@pytest.fixture(scope="module")
def spread() -> TeamNetwork:
    return TeamNetwork((3, 3), 5, 3, TeamSignal(), volume=True, individuals=4, block=10)


@pytest.mark.whole
def test_a_volume_is_a_broadcast_where_all_reach_all_and_ones_own_where_none_reaches_another(
    spread: TeamNetwork,
) -> None:
    """With K of ones, and with the identity, weights are those of teams of all and of one neuron."""
    many = spread.individuals
    shape = (many, 9, 9)
    given = {"committee": 0, "eta": 0.1, "individual": np.arange(many), "task_seed": 5}
    plain = replace(spread, volume=False).program()
    for reach, level in ((np.ones(shape), 2), (np.broadcast_to(np.eye(9), shape), 0)):
        one = spread.program()({**given, "reach": reach}, seed=3, duration=20, outputs=["w"])["w"]
        other = plain({**given, "team": level}, seed=3, duration=20, outputs=["w"])["w"]
        np.testing.assert_allclose(one, other, atol=1e-12)
        assert np.abs(one).max() > 0.1


def test_what_reaches_a_neuron_is_weighed_from_source_to_target(spread: TeamNetwork) -> None:
    reach = np.zeros((4, 9, 9))
    reach[:, 2, 1] = 0.5  # from neuron 2 to neuron 1
    given = {"committee": 0, "individual": np.arange(4), "reach": reach}
    found = spread.program()(given, seed=1, duration=1, outputs=["modulator", "outcome"])
    expected = np.zeros((4, 9))
    expected[:, 1] = 0.5 * found["outcome"][:, 2]
    np.testing.assert_allclose(found["modulator"], expected)
