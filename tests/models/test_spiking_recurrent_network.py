"""Spiking recurrent networks in episodes (spiking_circuit): weight for weight a loop by hand, the gradient,
frozen weights."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.program.keyed import uniform
from hedon.models.recurrent.spiking_network import SpikingRecurrentNetwork
from hedon.models.recurrent.training import frozen, shape
from hedon.models.tasks import CueMemory, EpisodicBandit
from hedon.models.tasks.streams import EPISODE
from hedon.plasticity.recurrent_escape_noise import RecurrentEscapeNoise

SEED, EPISODES = 5, 30
RATES = {
    "eta": 0.05,
    "eta_value": 0.01,
    "eta_recurrent": 0.02,
    "eta_input": 0.03,
    "gamma": 0.9,
    "trace": 0.8,
    "decay": 0.02,
    "entropy": 0.1,
}
WEIGHTS = SpikingRecurrentNetwork.weights
CASES = {
    "cue": SpikingRecurrentNetwork(CueMemory(3), units=6, individuals=2, block=1, record=True),
    "bandit": SpikingRecurrentNetwork(
        EpisodicBandit(7), units=6, individuals=2, substeps=2, block=1, record=True
    ),
}


class ByHand:
    """One individual as a textbook has it, given when its units spiked."""

    def __init__(self, net: SpikingRecurrentNetwork, one: int, start: dict[str, np.ndarray]) -> None:
        self.net, self.one = net, one
        self.w = {name: start[name][one].copy() for name in WEIGHTS}
        self.keep = np.exp(-net.dt / start["tau"][one])
        self.surprise, self.variance = 0.0, 0.0

    def world(self, episode: int) -> tuple[Any, Any]:
        task = self.net.task
        if isinstance(task, CueMemory):
            draws = uniform(SEED, EPISODE["world"], self.one, episode, np.arange(task.steps)) < 0.5
            cue, last = int(draws[0]), task.steps - 1
            return (
                lambda step: (
                    cue if step == 0 else 4 if step == last else 2 + int(draws[step]),
                    step == last,
                ),
                lambda step, action: float(step == last and action == cue),
            )
        assert isinstance(task, EpisodicBandit)
        chance = task.chances(SEED, np.array([self.one]), np.array([episode]))[0, 0]
        return lambda step: (-1, True), lambda step, action: float(
            uniform(SEED, EPISODE["pay"], self.one, episode, 2 * step + action) < chance[action]
        )

    def episode(self, episode: int, spikes: np.ndarray, reset: float) -> float:
        """Live an episode with ``spikes`` (time step, unit); its reward."""
        net, w, c, codes = self.net, self.w, RATES, self.net.task.codes
        show, pay = self.world(episode)
        fade = 1 / (1 + c["decay"] * episode)
        keep = c["gamma"] * c["trace"]
        z, total, did, paid, reward = np.zeros(net.units), 0.0, -1, 0.0, 0.0
        e = {name: np.zeros_like(values) for name, values in w.items()}
        e["base"] += 1
        value = float(w["base"][0])
        for step in range(net.task.steps):
            seen, asked = show(step)
            x = np.zeros(net.inputs)
            if seen >= 0:
                x[seen] = 1
            if did >= 0:
                x[codes + did] = 1
            x[codes + 2], x[codes + 3] = paid, 1
            if reset and step % net.task.trial_steps == 0:
                z = np.zeros(net.units)
            for spiked in spikes[step * net.substeps : (step + 1) * net.substeps]:
                p = 1 / (1 + np.exp(-(net.bias + x @ w["w_input"] + z @ w["w_recurrent"])))
                self.surprise += (spiked - p).sum()
                self.variance += (p * (1 - p)).sum()
                e["w_input"] += np.outer(x, spiked - p)
                e["w_recurrent"] += np.outer(z, spiked - p)
                z = self.keep * z + (1 - self.keep) * spiked
            before, old = value, reward
            value = float(z @ w["w_value"][:, 0] + w["base"][0])
            logits = z @ w["w_policy"]
            policy = np.exp(logits) / np.exp(logits).sum()
            action = int(uniform(SEED, EPISODE["action"], self.one, episode, step) >= policy[0])
            reward = pay(step, action)
            delta = old + c["gamma"] * value - before
            last = (reward - value) * (step == net.task.steps - 1)
            score = asked * (np.eye(2)[action] - policy)
            opened = -asked * c["entropy"] * policy * (np.log(policy) - (policy * np.log(policy)).sum())
            change = {name: (delta + last) * e[name] for name in ("w_input", "w_recurrent")}
            for name, new in (("w_policy", np.outer(z, score)), ("w_value", z[:, None]), ("base", 1.0)):
                change[name] = delta * e[name]
                e[name] = keep * e[name] + new
                change[name] += last * e[name]
            change["w_policy"] += np.outer(z, opened)
            for name, rate in zip(
                ("w_input", "w_recurrent", "w_policy", "w_value", "base"),
                ("eta_input", "eta_recurrent", "eta", "eta_value", "eta_value"),
                strict=True,
            ):
                w[name] += fade * c[rate] * change[name]
            for name in ("w_input", "w_recurrent"):
                e[name] *= keep
            did, paid, total = action if asked else did, reward, total + reward
        return total


def trains(net: SpikingRecurrentNetwork, lived: Any, episodes: int) -> np.ndarray:
    """Whether each unit spiked (individual, episode, time step, unit)."""
    steps = (net.task.steps + 1) * net.substeps
    fired = np.zeros((episodes * steps, net.individuals * net.units))
    when = np.rint(np.asarray(lived["spike_time"]) / net.dt).astype(int)
    fired[when, np.asarray(lived["spike_neuron"])] = 1
    shaped = fired.reshape(episodes, steps, net.individuals, net.units)
    return np.moveaxis(shaped, 2, 0)


@pytest.mark.parametrize("reset", (0.0, 1.0))
@pytest.mark.parametrize("name", ["cue", pytest.param("bandit", marks=pytest.mark.whole)])
def test_every_weight_is_the_textbooks(name: str, reset: float) -> None:
    """Given the spikes; and these are as likely as they should be."""
    net = CASES[name]
    draw = np.random.default_rng(2)
    given = {"w_value": draw.normal(size=(2, net.units, 1)) / 3, "base": np.array([[0.3], [-0.2]])}
    given |= {"task_seed": SEED, "first_episode": 3}
    begin = net.program()(given, seed=0, duration=0, outputs=net.states)
    outputs = ["reward_mean", *WEIGHTS, "spike_time", "spike_neuron"]
    lived = net.program()(RATES | given | {"reset": reset}, seed=0, duration=EPISODES, outputs=outputs)
    start = {state: np.asarray(begin[state]) for state in net.states}
    spikes = trains(net, lived, EPISODES)
    for one in range(2):
        hand = ByHand(net, one, start)
        rewards = [hand.episode(3 + number, spikes[one, number], reset) for number in range(EPISODES)]
        np.testing.assert_allclose(np.asarray(lived["reward_mean"])[:, one], rewards, atol=1e-12)
        for weights in WEIGHTS:
            assert np.abs(hand.w[weights] - start[weights][one]).max() > 1e-3, weights
            np.testing.assert_allclose(np.asarray(lived[weights])[one], hand.w[weights], atol=1e-10)
        assert abs(hand.surprise) < 5 * hand.variance**0.5


def expected_return(w: dict[str, np.ndarray], net: SpikingRecurrentNetwork, keep: np.ndarray) -> float:
    """Mean return of cue memory over all cues, distractors, spikes and actions, each with its probability."""
    task, units, n = net.task, net.units, net.substeps
    patterns = np.array(list(itertools.product((0, 1), repeat=task.steps * n * units)), float)
    spikes = patterns.reshape(-1, task.steps * n, units)
    total, worlds = 0.0, list(itertools.product((0, 1), repeat=task.steps - 1))
    for cue, *others in worlds:
        z, chance = np.zeros((len(spikes), units)), np.ones(len(spikes))
        for step in range(task.steps):
            x = np.zeros(net.inputs)
            x[cue if step == 0 else 4 if step == task.steps - 1 else 2 + others[step - 1]] = 1
            x[-1] = 1
            for spiked in np.moveaxis(spikes[:, step * n : (step + 1) * n], 1, 0):
                p = 1 / (1 + np.exp(-(net.bias + x @ w["w_input"] + z @ w["w_recurrent"])))
                chance *= np.where(spiked == 1, p, 1 - p).prod(axis=1)
                z = keep * z + (1 - keep) * spiked
        advantage = z @ (w["w_policy"][:, 1] - w["w_policy"][:, 0])
        total += float((chance / (1 + np.exp(-(1 if cue else -1) * advantage))).sum()) / len(worlds)
    return total


@pytest.mark.whole
@pytest.mark.parametrize("dopamine", (0, 10))
def test_its_mean_change_is_the_gradient_of_the_expected_return(dopamine: int) -> None:
    """Whatever the value is, and whether the error is a number or dopamine neurons carry it: along the
    gradient and along three drawn directions, within 5 standard errors over individuals; the other sign lies
    further away than that."""
    many, episodes, eta = 400, 1000, 1e-8
    net = SpikingRecurrentNetwork(
        CueMemory(1),
        units=2,
        individuals=many,
        substeps=2,
        tau=(0.02, 0.06),
        dopamine=dopamine,
        dopamine_rates=(20.0, 8.0),
        block=episodes,
    )
    draw = np.random.default_rng(3)
    w = {
        "w_input": draw.normal(size=(net.inputs, 2)),
        "w_recurrent": 2 * draw.normal(size=(2, 2)),
        "w_policy": 3 * draw.normal(size=(2, 2)),
    }
    tau = np.array([0.03, 0.05])
    given = {name: np.broadcast_to(values, (many, *values.shape)) for name, values in w.items()}
    given |= {"tau": np.broadcast_to(tau, (many, 2)), "w_value": np.tile([[0.7], [-1.1]], (many, 1, 1))}
    given |= {"base": np.full((many, 1), 0.4), "eta": eta, "eta_recurrent": eta, "eta_input": eta}
    given |= {"eta_value": 0, "entropy": 0, "task_seed": 8}
    lived = net.program()(given, seed=0, duration=episodes, outputs=WEIGHTS)
    change = [(np.asarray(lived[name]) - w[name]).reshape(many, -1) / (eta * episodes) for name in w]
    samples = np.concatenate(change, axis=1)

    gradient, step = [], 1e-4
    for name in w:
        for place in np.ndindex(w[name].shape):
            ends = []
            for sign in (1, -1):
                moved = {other: values.copy() for other, values in w.items()}
                moved[name][place] += sign * step
                ends.append(expected_return(moved, net, np.exp(-net.dt / tau)))
            gradient.append((ends[0] - ends[1]) / (2 * step))
    slope = np.array(gradient)
    along = slope / np.linalg.norm(slope)
    assert z_score(samples @ along, 0.0) > 5
    assert z_score(samples @ along, -float(slope @ along)) > 5
    for direction in (along, *draw.normal(size=(3, slope.size))):
        direction = direction / np.linalg.norm(direction)
        assert abs(z_score(samples @ direction, float(slope @ direction))) < 5
    units = slice(0, w["w_input"].size + w["w_recurrent"].size)
    inner = slope[units] / np.linalg.norm(slope[units])
    assert z_score(samples[:, units] @ inner, 0.0) > 5
    assert abs(z_score(samples[:, units] @ inner, float(slope[units] @ inner))) < 5


def test_frozen_weights_do_not_move_and_each_can_be_frozen_alone() -> None:
    net = CASES["cue"]
    begin = net.program()({"task_seed": SEED}, seed=0, duration=0, outputs=WEIGHTS)
    given = {"learning": np.array([0.0, 1.0]), "task_seed": SEED} | RATES
    lived = net.program()(given, seed=0, duration=EPISODES, outputs=WEIGHTS)
    for name in WEIGHTS:
        moved = np.abs(np.asarray(lived[name]) - np.asarray(begin[name])).reshape(2, -1).max(axis=1)
        assert moved[0] == 0 and moved[1] > 1e-3
    rates = {
        "w_input": "eta_input",
        "w_recurrent": "eta_recurrent",
        "w_policy": "eta",
        "w_value": "eta_value",
    }
    for name, rate in rates.items():
        lived = net.program()(RATES | {"task_seed": SEED, rate: 0}, seed=0, duration=9, outputs=WEIGHTS)
        for other in rates:
            moved = np.abs(np.asarray(lived[other]) - np.asarray(begin[other])).max()
            assert (moved == 0) == (other == name)


@pytest.mark.whole
def test_the_broadcast_of_another_is_anothers() -> None:
    """Units and policy change by the other's errors; the value learns by its own."""
    net = CASES["bandit"]
    given = {"task_seed": SEED} | RATES
    one, two = (
        net.program()(given | {"yoked": yoked}, seed=0, duration=1, outputs=WEIGHTS) for yoked in (0, 1)
    )
    for name in WEIGHTS[:3]:
        assert np.abs(np.asarray(one[name]) - np.asarray(two[name])).max() > 1e-4
    still = {rate: 0 for rate in RATES if rate.startswith("eta") and rate != "eta_value"}
    one, two = (
        net.program()(given | still | {"yoked": yoked}, seed=0, duration=1, outputs=WEIGHTS)
        for yoked in (0, 1)
    )
    for name in WEIGHTS:
        np.testing.assert_array_equal(np.asarray(one[name]), np.asarray(two[name]))


@pytest.mark.whole
def test_it_learns_to_hold_a_cue_and_not_where_its_state_is_emptied() -> None:
    """Over two distractors: within 5 standard errors chance, and further above it than that."""
    net = SpikingRecurrentNetwork(CueMemory(2), RecurrentEscapeNoise(), 16, 3, block=500)
    shaped = shape(net, 8000, SEED)
    held = frozen(net, shaped.state, 1000, SEED)["correct"].mean(axis=1)
    emptied = frozen(net, shaped.state, 1000, SEED, {"reset": 1.0})["correct"].mean(axis=1)
    error = 0.5 / 1000**0.5
    assert (held > 0.5 + 5 * error).all()
    assert (abs(emptied - 0.5) < 5 * error).all()


@pytest.mark.parametrize(
    "wrong", ({"units": 0}, {"substeps": 0}, {"tau": (0.01, 0.1)}, {"tau": (0.3, 0.2)}, {"dopamine": -1})
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Mistake, match="SpikingRecurrentNetwork"):
        SpikingRecurrentNetwork(CueMemory(3), **wrong)
