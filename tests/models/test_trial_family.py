"""Rules of taught networks: each named point of the family is its rule, weight for weight."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.models.rate.network import RateNetwork
from hedon.models.rate.training import train
from hedon.models.tasks import LinearTeacher
from hedon.plasticity import NodePerturbation, RunningMean, TrialFamily, TrialRule, WeightPerturbation
from hedon.plasticity.trial_family import POINTS

TASK = LinearTeacher(5, 3, label_noise=0.2)
INDIVIDUALS, TRIALS, ETA, SIGMA, ALPHA, NODES = 6, 12, 0.004, 0.5, 0.2, 7
AVERAGING = TrialFamily().averaging
GIVEN: dict[str, Any] = {"eta": ETA, "sigma": SIGMA, "noise": "given"}
RULES: dict[str, TrialRule] = {
    "NodePerturbation": NodePerturbation(**GIVEN),
    "BinaryNodePerturbation": NodePerturbation(**GIVEN),
    "OnePassNodePerturbation": NodePerturbation(**GIVEN, comparison="one-pass", baseline=RunningMean(ALPHA)),
    "NormalisedNoise": NodePerturbation(**GIVEN | {"eta": ETA / NODES}, normalise=True),
    "WeightPerturbation": WeightPerturbation(**GIVEN),
    "OnePassWeightPerturbation": WeightPerturbation(
        **GIVEN, comparison="one-pass", baseline=RunningMean(ALPHA)
    ),
}


def network(rule: TrialRule, **settings: Any) -> RateNetwork:
    return replace(
        RateNetwork(
            TASK, rule, hidden=(4,), activations=("tanh", "linear"), individuals=INDIVIDUALS, block=1
        ),
        **settings,
    )


FAMILY = network(TrialFamily())
MEANS = ("usual0", "usual1", "excess0", "excess1")
CARRIED = ("w1", "w2", "expectation", "trace", *MEANS)


def coefficients(name: str) -> dict[str, float]:
    rule = TrialFamily.point(name, ETA, sigma=SIGMA, alpha=ALPHA)
    return {p.name: getattr(rule, p.name) for p in rule.parameters}


@cache
def lived(name: str) -> list[dict[str, np.ndarray]]:
    """The family at a named point, trial by trial; everything that it says after each."""
    program, state, trials = FAMILY.program(), {}, []
    for trial in range(TRIALS):
        arrays = program(
            coefficients(name) | state | {"task_seed": 4, "first_trial": trial},
            seed=trial + 1,
            duration=1,
            outputs=list(program.outputs),
        )
        trials.append({key: np.asarray(arrays[key]) for key in program.outputs})
        state = {key: trials[-1][key] for key in CARRIED}
    return trials


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=[] if name in ("NodePerturbation", "WeightPerturbation") else [pytest.mark.whole]
        )
        for name in RULES
    ],
)
def test_a_named_point_is_its_rule(name: str) -> None:
    """The rule, given what the family tried in each trial, has its weights after all of them."""
    family, rule = lived(name), RULES[name]
    program = network(rule).program()
    state: dict[str, np.ndarray] = {}
    for trial in range(TRIALS):
        tried = {key: family[trial][key] for key in ("xi1", "xi2", "Xi1", "Xi2") if key in program.arguments}
        carried = [key for key in ("w1", "w2", "expectation") if key in program.arguments]
        arrays = program(
            state | tried | {"task_seed": 4, "first_trial": trial},
            seed=1,  # of the first weights, as the family's first trial has them
            duration=1,
            outputs=carried,
        )
        state = {key: np.asarray(arrays[key]) for key in carried}
    for key in carried:
        np.testing.assert_allclose(family[-1][key], state[key], rtol=0, atol=1e-12)
    assert np.abs(family[-1]["w1"] - family[0]["w1"]).max() > 1e-3


def by_hand(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the points without a rule of their own, from what the family tried."""
    trials = lived(name)
    program = FAMILY.program()
    first = program(coefficients(name) | {"task_seed": 4}, seed=1, duration=0, outputs=["w1", "w2"])
    weights = [np.array(first["w1"]), np.array(first["w2"])]
    square = [np.ones((INDIVIDUALS, size)) for size in (5, 4)]
    for trial in trials:
        x, target, xi = trial["x0"], trial["target"], [trial["xi1"], trial["xi2"]]
        hidden = np.tanh(np.einsum("ki,kij->kj", x, weights[0]))
        y = np.einsum("ki,kij->kj", hidden, weights[1])
        tried = np.tanh(np.einsum("ki,kij->kj", x, weights[0]) + xi[0])
        noisy = np.einsum("ki,kij->kj", tried, weights[1]) + xi[1]
        delta = 0.5 * (((y - target) ** 2) - (noisy - target) ** 2).sum(axis=1)
        for layer, (pre, post) in enumerate(((x, hidden), (hidden, y))):
            if name == "HandMade":
                factor = xi[layer] / SIGMA**2 / (pre**2).sum(axis=1, keepdims=True)
                np.testing.assert_allclose(np.abs(xi[layer]), SIGMA)
            elif name == "Projection":
                length = (xi[0] ** 2).sum(axis=1, keepdims=True) + (xi[1] ** 2).sum(axis=1, keepdims=True)
                factor = xi[layer] / length / (pre**2).sum(axis=1, keepdims=True)
            elif name == "ScaledProjection":
                square[layer] += AVERAGING * (pre**2 - square[layer])
                length = (xi[0] ** 2).sum(axis=1, keepdims=True) + (xi[1] ** 2).sum(axis=1, keepdims=True)
                factor = xi[layer] / length / (pre**2 / square[layer]).sum(axis=1, keepdims=True)
                pre = pre / square[layer]
            else:
                factor = post
            weights[layer] = (
                weights[layer] + ETA * delta[:, None, None] * pre[:, :, None] * factor[:, None, :]
            )
    return weights[0], weights[1]


@pytest.mark.parametrize("name", ["HandMade", "Projection", "ScaledProjection", "RewardedHebb"])
def test_a_named_point_without_a_rule_of_its_own(name: str) -> None:
    for key, weights in zip(("w1", "w2"), by_hand(name), strict=True):
        np.testing.assert_allclose(lived(name)[-1][key], weights, rtol=0, atol=1e-12)


def test_points_differ_from_each_other() -> None:
    """A test of points that could not tell them apart would prove nothing."""
    ends = [lived(name)[-1]["w1"] for name in POINTS]
    for number, one in enumerate(ends):
        assert all(np.abs(one - other).max() > 1e-4 for other in ends[number + 1 :])


def test_every_coefficient_changes_the_weights() -> None:
    """From a point at which all terms act, a step along each coefficient."""
    program = FAMILY.program()
    everything = coefficients("NodePerturbation") | {
        "decay": 0.01, "synapse_noise": 0.5, "node_noise": 0.5, "binary": 0.5, "synapse": 0.5,
        "coactivity": 0.3, "perturbed": 0.5, "forgetting": 0.01, "baseline": 0.5, "input_exponent": 0.5,
        "noise_exponent": 0.5, "boost": 2.0, "threshold": 0.5, "width": 0.2, "slow": 0.3,
        "scaling": 0.5, "centring": 0.4, "averaging": 0.1,
    }  # fmt: skip

    def weights(**changed: float) -> np.ndarray:
        given = everything | changed | {"task_seed": 4}
        return np.asarray(program(given, seed=1, duration=TRIALS, outputs=["w1"])["w1"])

    middle = weights()
    for parameter in TrialFamily.parameters:
        stepped = weights(**{parameter.name: everything[parameter.name] * 1.1})
        assert np.abs(stepped - middle).max() > 1e-9, parameter.name


def test_inputs_are_measured_by_their_running_means() -> None:
    """Equations (3) and (4), first layer: earlier trials' means are left out, this one's squares divide."""
    program = FAMILY.program()
    given = coefficients("Projection") | {
        "scaling": 0.7,
        "centring": 0.6,
        "averaging": 0.2,
        "input_mean": 1.5,
    }
    mean, square, state = np.zeros((INDIVIDUALS, 5)), np.ones((INDIVIDUALS, 5)), {}
    weights = np.asarray(program({"task_seed": 4}, seed=1, duration=0, outputs=["w1"])["w1"])
    for trial in range(4):
        arrays = program(
            given | state | {"task_seed": 4, "first_trial": trial},
            seed=trial + 1,
            duration=1,
            outputs=[*CARRIED, "x0", "xi1", "xi2", "delta"],
        )
        x, xi = np.asarray(arrays["x0"]), np.asarray(arrays["xi1"])
        square += 0.2 * (x**2 - square)
        seen = square**-0.7 * (x - 0.6 * mean)
        own_length = (square**-0.7 * (x - 0.6 * mean) ** 2).sum(axis=1)
        mean += 0.2 * (x - mean)
        rate = ETA * np.asarray(arrays["delta"]) / SIGMA**2 / own_length  # |xi|**2 is in delta
        weights = weights + rate[:, None, None] * seen[:, :, None] * xi[:, None, :]
        np.testing.assert_allclose(np.asarray(arrays["w1"]), weights, atol=1e-12)
        state = {key: np.asarray(arrays[key]) for key in CARRIED}
    assert np.abs(mean).max() > 0.3 and np.ptp(square) > 0.3


def test_gate_and_forgetting_by_equations_5_and_6() -> None:
    program = FAMILY.program()
    gate = {"boost": 3.0, "threshold": 0.4, "width": 0.2, "slow": 0.3, "forgetting": 0.05, "decay": 0.1}
    trace, gains = np.zeros(INDIVIDUALS), []
    state: dict[str, np.ndarray] = {}
    start = np.asarray(program({"task_seed": 4}, seed=1, duration=0, outputs=["w2"])["w2"])
    for trial in range(4):
        arrays = program(
            coefficients("NodePerturbation") | gate | state | {"task_seed": 4, "first_trial": trial},
            seed=trial + 1,
            duration=1,
            outputs=["w1", "w2", "delta", "trace", "xi2", "x1_clean", "expectation"],
        )
        delta = np.asarray(arrays["delta"])
        trace = trace + 0.3 * (np.abs(delta) / SIGMA - trace)
        gains.append(1 + 2 / (1 + np.exp(-(trace - 0.4) / 0.2)))
        np.testing.assert_allclose(np.asarray(arrays["trace"]), trace, atol=1e-12)
        rate = ETA / (1 + 0.1 * trial) * gains[-1] * delta / SIGMA**2
        step = np.asarray(arrays["x1_clean"])[:, :, None] * np.asarray(arrays["xi2"])[:, None, :]
        start = 0.95 * start + rate[:, None, None] * step
        np.testing.assert_allclose(np.asarray(arrays["w2"]), start, atol=1e-12)
        state = {key: np.asarray(arrays[key]) for key in ("w1", "w2", "trace", "expectation")}
    assert np.ptp(gains) > 0.1


@pytest.mark.parametrize("binary", [0.0, 0.4, 1.0])
def test_perturbations_have_variance_one_in_units_of_sigma(binary: float) -> None:
    program = FAMILY.program()
    given = {"binary": binary, "sigma": 0.2, "node_noise": 0.5, "synapse_noise": 0.8, "task_seed": 0}
    drawn = [program(given, seed=seed, duration=1, outputs=["xi1", "Xi2"]) for seed in range(40)]
    for name, deviation in (("xi1", 0.1), ("Xi2", 0.16)):
        z = np.array([arrays[name] for arrays in drawn]) / deviation
        assert abs(z_score(z, 0.0)) < 5
        if binary == 1.0:
            np.testing.assert_allclose(np.abs(z), 1)
        else:
            assert abs(z_score(z**2, 1.0)) < 5


def test_a_training_in_two_segments_is_the_training_in_one() -> None:
    """Traces and expectations are carried from segment to segment, seen where nothing is perturbed."""
    still = {
        "eta": 0.02, "sigma": 0.3, "node_noise": 0.0, "coactivity": 1.0, "baseline": 0.5, "boost": 3.0,
        "scaling": 0.5, "centring": 0.5,
    }  # fmt: skip
    kept = ("w1", "trace", *MEANS)
    whole, halves = (train(FAMILY, ends, 0, still, keep=kept) for ends in ([8], [4, 8]))
    for name in kept:
        np.testing.assert_array_equal(whole[name].values[-1], halves[name].values[-1])
        assert (whole[name].values[-1] != 0).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: TrialFamily(node_noise=2.0),
        lambda: TrialFamily(sigma=0.0),
        lambda: TrialFamily(noise="gaussian"),  # type: ignore[arg-type]
        lambda: TrialFamily.point("NodePertubation"),
        lambda: network(TrialFamily(sigma=1e-20)),
    ],
)
def test_refusals(make) -> None:
    with pytest.raises(Mistake):
        make()
