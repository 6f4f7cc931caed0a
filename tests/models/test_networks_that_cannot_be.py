"""The edges of what each network can be, and its sizes: actor_critic, chain, choice, coagents, conditioning,
predictors, rate, recurrent, team and values, each a network; checks of time steps in neurons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.theory.precision import smallest_sigma
from hedon.models.actor_critic.network import ActorCritic, Associability, Pools, Ring, check_actor
from hedon.models.chain.network import ChainNetwork
from hedon.models.choice.network import HABITS, STATES, ChoiceNetwork
from hedon.models.coagents.network import Coagents, gradient, mean_reward, patterns
from hedon.models.conditioning.network import Conditioning
from hedon.models.dopamine.synapse import DopamineSynapse
from hedon.models.dopamine.system import Dopamine
from hedon.models.neurons import STEPS, check_fastest, check_rate, check_step
from hedon.models.predictors.network import REST, PredictingNeurons
from hedon.models.rate.network import RateNetwork
from hedon.models.recurrent.network import RecurrentNetwork
from hedon.models.tasks import (
    CueMemory,
    HiddenTeacher,
    LinearTeacher,
    LinearTrack,
    TemporalTeacher,
    WaterMaze,
)
from hedon.models.team.network import TeamNetwork
from hedon.models.values.network import LATE, Cells, ValuePopulation
from hedon.plasticity import NodePerturbation, TDHebbian, TDLambda

TRACK = ActorCritic(LinearTrack(), Pools(2))
SYNAPSE = DopamineSynapse()
RATE = RateNetwork(LinearTeacher(3, 2), NodePerturbation())
LEAST = smallest_sigma("float64", 2)
COUNTS = [
    (TRACK, ("individuals", "critics")),
    (ChainNetwork(), ("individuals", "block", "alike")),
    (ChoiceNetwork(), ("individuals", "block")),
    (Coagents(), ("bits", "hidden", "individuals", "block")),
    (Conditioning(), ("individuals", "trials", "fields", "copies", "critics")),
    (PredictingNeurons(), ("individuals", "neurons", "cues", "longest", "trials")),
    (RATE, ("individuals", "block")),
    (RecurrentNetwork(CueMemory(1)), ("individuals", "units", "lanes", "block")),
    (TeamNetwork(), ("inputs", "patterns", "individuals", "block")),
    (ValuePopulation(), ("cells", "recorded", "trials")),
]


@pytest.mark.parametrize(("network", "names"), COUNTS, ids=lambda value: type(value).__name__)
def test_of_everything_there_is_one_or_more(network: Any, names: tuple[str, ...]) -> None:
    for name in names:
        assert getattr(replace(network, **{name: 1}), name) == 1
        with pytest.raises(Mistake, match=rf"{name} (is|\()[ ]?0"):
            replace(network, **{name: 0})


@pytest.mark.parametrize(
    ("network", "change", "words"),
    [
        (TRACK, {"watched": -1}, "watched is -1, must be finite and above 0"),
        (TRACK, {"decay": -0.1}, "decay is -0.1"),
        (TRACK, {"noise": float("inf")}, "noise is inf"),
        (TRACK, {"tau_m": 0.0}, "tau_m is 0"),
        (TRACK, {"tau_m": 0.0019}, "too coarse for tau_m"),
        (TRACK, {"step": 0.003}, "must be a whole number of steps"),
        (TRACK, {"interval": 0.03}, "must be a multiple of 0.02 s"),
        (TRACK, {"actor": Pools(2, ceiling=501.0)}, "too coarse for ceiling"),
        (TRACK, {"actor": Pools(3)}, "has 2 actions, the actor has 3 pools"),
        (TRACK, {"actor": Ring()}, r"has 2 actions: its actor is Pools\(actions=2\), not a Ring"),
        (
            TRACK,
            {"associability": Associability(pause=6.5 / 4)},
            "pause is 1.625, but no error is told below",
        ),
        (TRACK, {"own": True, "actor_rule": TDHebbian(tau_e=0.4)}, "have one rule in critic and actor"),
        (Conditioning(), {"interval": 0.021}, "interval must be a whole number of dt"),
        (Conditioning(), {"bin": 0.0013}, "bin must be a whole number of dt"),
        (Conditioning(), {"bin": 0.0008}, "bin must be a whole number of dt"),
        (Conditioning(), {"trial_duration": 5.52}, "trial_duration must be a whole number of bin"),
        (Conditioning(), {"rule": TDLambda(tau_lag=0.019)}, "too coarse for tau_lag"),
        (Conditioning(), {"highest": 1e4}, "is too much for a step"),
        (PredictingNeurons(), {"spell": 0.505}, "spell must be a whole number of dt"),
        (SYNAPSE, {"synapses": 0}, "0 synapses with 200 spikes: at least 1 of each"),
        (SYNAPSE, {"spikes": 0}, "1 synapses with 0 spikes: at least 1 of each"),
        (SYNAPSE, {"record": 0.9e-4}, "record is 9e-05 s, must be a whole number of steps"),
        (SYNAPSE, {"record": 2.5e-4}, "record is 0.00025 s, must be a whole number of steps"),
        (RATE, {"hidden": (0,)}, "at least one neuron each"),
        (RATE, {"hidden": (3,), "activations": ("tanh",) * 3}, "2 layers of weights need 2 activations"),
        (RATE, {"activations": ("tan",)}, "layer 1: no activation 'tan'"),
        (RATE, {"hidden": (3,), "activations": ("softmax", "linear")}, "layer 1: softmax is for the output"),
        (RATE, {"loss": "square"}, "no loss 'square'"),
        (RATE, {"loss": "cross_entropy"}, "needs a softmax output"),
        (RATE, {"loss": "cross_entropy", "activations": ("softmax",)}, "needs a task of classes"),
        (RATE, {"initial_scale": -0.1}, "initial_scale is -0.1"),
        (RATE, {"initial_scale": float("inf")}, "initial_scale is inf"),
        (RATE, {"initial": "other"}, "initial is 'other'"),
        (RATE, {"precision": "float16"}, "precision is 'float16'"),
        (RATE, {"task": TemporalTeacher(4, 2, 2, 4), "noiseless": True}, "has no answer without noise"),
        (RATE, {"rule": NodePerturbation(layers=(2,))}, "names layer 2, the network has 1"),
        (RATE, {"rule": NodePerturbation(sigma=0.99 * LEAST)}, "too small for float64"),
        (RATE, {"sharing": (2,), "activations": ("softmax",)}, "a softmax makes outputs depend"),
        (RATE, {"sharing": (2,), "hidden": (3,)}, "in one layer and trials of one bin"),
        (RecurrentNetwork(CueMemory(1)), {"antithetic": True}, "1 lanes do not make pairs"),
        (RecurrentNetwork(CueMemory(1)), {"leaks": (0.0, 1.0)}, "must rise within"),
        (RecurrentNetwork(CueMemory(1)), {"leaks": (0.6, 0.5)}, "must rise within"),
        (RecurrentNetwork(CueMemory(1)), {"leaks": (0.6, 1.01)}, "must rise within"),
        (RecurrentNetwork(CueMemory(1)), {"gain": -0.1}, "gains must be finite and not negative"),
        (RecurrentNetwork(CueMemory(1)), {"gain": float("inf")}, "gains must be finite and not negative"),
        (RecurrentNetwork(CueMemory(1)), {"input_gain": -0.1}, "gains must be finite and not negative"),
        (RecurrentNetwork(CueMemory(1)), {"input_gain": float("inf")}, "gains must be finite"),
        (ValuePopulation(), {"highest": 0.0}, "highest is 0"),
        (ValuePopulation(), {"highest": float("inf")}, "highest is inf"),
        (ValuePopulation(), {"cue": 2.5}, "must follow within a trial"),
        (ValuePopulation(), {"outcome": 3.2 - LATE[1] + 1e-9}, "must follow within a trial"),
        (ValuePopulation(), {"trial_duration": 3.202}, "trial_duration must be a whole number of dt"),
        (ValuePopulation(), {"dopamine": Dopamine()}, "must have one channel, no critic"),
    ],
)
def test_networks_that_cannot_be(network: Any, change: dict[str, Any], words: str) -> None:
    with pytest.raises(Mistake, match=words):
        replace(network, **change)


@pytest.mark.parametrize(
    ("network", "change"),
    [
        (TRACK, {"watched": 0, "decay": 0.0, "noise": 0.0, "interval": 0.04, "step": 0.004}),
        (TRACK, {"actor": Pools(2, ceiling=500.0, attract=0.0, inhibit=0.0)}),
        (TRACK, {"associability": Associability(pause=1.6)}),
        (TRACK, {"task": WaterMaze(), "actor": Ring(attract=0.0, inhibit=0.0)}),
        (Conditioning(), {"bin": 0.002, "trial_duration": 0.002, "interval": 0.002}),
        (SYNAPSE, {"synapses": 1, "spikes": 1, "record": 1e-4}),
        (RATE, {"sharing": (2,), "initial_scale": 0.0}),
        (RATE, {"rule": NodePerturbation(layers=(1,), sigma=LEAST), "noiseless": True}),
        (RecurrentNetwork(CueMemory(1)), {"antithetic": True, "lanes": 2, "leaks": (1.0, 1.0), "gain": 0.0,
                                          "input_gain": 0.0}),
        (ValuePopulation(), {"outcome": 3.2 - LATE[1], "highest": 1e-9}),
    ],
)  # fmt: skip
def test_networks_at_the_edge_of_what_can_be(network: Any, change: dict[str, Any]) -> None:
    made = replace(network, **change)
    assert all(getattr(made, name) == value for name, value in change.items())


def test_time_steps_at_their_edge() -> None:
    check_step(1.0, "tau", STEPS)
    check_fastest(0.002, "rate", 500.0)
    check_rate(0.0, 1.0)
    for refused, words in (
        (lambda: check_step(1.0, "tau", STEPS * (1 - 1e-6)), "too coarse for tau"),
        (lambda: check_step(0.0, "tau", 1.0), "dt is 0 s, must be above 0"),
        (lambda: check_fastest(0.002, "rate", 500.1), "dt is 2 ms, too coarse for rate"),
        (lambda: check_rate(-0.1, 1e-3), "must be 0 or more"),
        (lambda: check_rate(float("inf"), 1e-3), "must be 0 or more"),
        (lambda: check_actor("a maze", None, Pools(2)), "its actor is a Ring, not Pools"),
    ):
        with pytest.raises(Mistake, match=words):
            refused()


def test_sizes_of_networks() -> None:
    assert (Ring(neurons=7).size, Pools(3, 5).size) == (7, 15)
    assert TRACK.carried == ("w_critic", "w_actor")
    assert replace(TRACK, associability=Associability(pause=1.0)).carried == (
        "w_critic", "w_actor", "trace_critic", "trace_actor")  # fmt: skip
    paired = Conditioning(fields=3, copies=2, critics=4, dopamine=Dopamine(channels=2))
    assert (paired.cells % 6, paired.cells // 6 > 0, paired.critics_in_all) == (0, True, 8)
    assert Conditioning(trial_duration=1.5, bin=0.05).bins == 30
    cells = PredictingNeurons(longest=5, spell=0.3, dt=0.01)
    assert (cells.steps, cells.spells) == (30, 2 * REST + 6)
    assert ChoiceNetwork().states == STATES and ChoiceNetwork(habits=True).states == (*STATES, *HABITS)
    memory = RecurrentNetwork(CueMemory(1), units=5)
    assert memory.inputs == memory.task.codes + memory.task.actions + 2
    assert memory.synapses == 5 * (memory.inputs + 5 + memory.task.actions + 1)
    team = TeamNetwork(fans=(3, 2))
    assert (team.neurons, team.sizes, team.level(3)) == (6, (1, 3, 6), 1)
    with pytest.raises(Mistake, match="no level has units of 2 neurons, only of 1, 3, 6"):
        team.level(2)


def test_first_weights_of_a_rate_network() -> None:
    net = RateNetwork(HiddenTeacher(4, 3, 2), NodePerturbation(), hidden=(6,), activations=("tanh",),
                      initial_scale=3.0)  # fmt: skip
    assert net.sizes == (4, 6, 2) and net.depth == 2 and net.activations == ("tanh", "tanh")
    assert net.initial_deviation(1) == pytest.approx(3 / 4**0.5)
    assert net.initial_deviation(2) == pytest.approx(3 / 6**0.5)
    evenly = replace(net, initial="glorot")
    assert evenly.initial_deviation(1) == pytest.approx(3 * (2 / 10) ** 0.5)
    assert evenly.initial_deviation(2) == pytest.approx(3 * (2 / 8) ** 0.5)
    for sigma in (0.0, -1.0, float("inf")):
        with pytest.raises(Mistake, match="must be finite and above 0"):
            net.check_sigma(sigma)
    with pytest.raises(Mistake, match="too small for float64"):
        net.check({"sigma": np.array([0.1, 0.99 * LEAST])})
    net.check({"eta": 0.0})
    assert net.passes[0] == "clean" and len(set(net.passes)) == len(net.passes)


def test_cells_that_cannot_be() -> None:
    one = np.ones(2)
    cells = {"baseline": 0 * one, "gain": one, "asymmetry": one, "burst": 0 * one, "dip": 0 * one}
    assert len(Cells(**cells)) == 2
    for name, value, words in (
        ("baseline", -one, "must be 2 numbers, none below zero"), ("burst", np.ones(3), "must be 2 numbers"),
        ("dip", np.array([1, np.nan]), "must be 2 numbers"), ("asymmetry", 1.01 * one, r"in \[0, 1\]"),
        ("gain", 0 * one, "gains above zero"),
    ):  # fmt: skip
        with pytest.raises(Mistake, match=words):
            Cells(**cells | {name: value})


def test_parity_and_its_reward_by_hand() -> None:
    """Two bits: the answer is 1 where one of two is -1."""
    x, y = patterns(2)
    assert x.tolist() == [[1, 1], [-1, 1], [1, -1], [-1, -1]] and y.tolist() == [-1, 1, 1, -1]
    w, b, v = np.zeros((2, 1)), np.zeros(1), np.array([1.0])
    # answers of mean tanh((1 + c)/2) and tanh((-1 + c)/2), whatever the pattern; answers sum to 0
    assert mean_reward(w, b, v, 0.3, 2) == pytest.approx(0)
    # one hidden neuron that says whether the first bit is 1, almost surely, where one bit is asked for
    sure = np.array([[50.0]])
    assert mean_reward(sure, b, np.array([-3.0]), 1.0, 1) == pytest.approx((np.tanh(1.0) + np.tanh(2.0)) / 2)
    w, v = np.array([[0.4, -0.3], [0.2, 0.6]]), np.array([0.7, -0.5])
    by_w, by_v = gradient(w, [0.1, -0.2], v, 0.2, 2)
    move_w, move_v = np.array([[1e-3, 2e-3], [-1e-3, 1e-3]]), np.array([2e-3, 1e-3])
    ends = [mean_reward(w + s * move_w, [0.1, -0.2], v + s * move_v, 0.2, 2) for s in (1, -1)]
    assert (ends[0] - ends[1]) / 2 == pytest.approx((by_w * move_w).sum() + (by_v * move_v).sum(), rel=1e-4)
