"""With explicit inputs and perturbations the Brian2 update equals the formula; a mutated rule does not.

The networks run in Brian2's runtime mode here, from the same builder that programs are compiled from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import brian2 as b2
import numpy as np
import pytest

from hedon.models.rate.circuit import build
from hedon.models.rate.network import RateNetwork
from hedon.models.tasks import Samples, TemporalTeacher
from hedon.plasticity import Fixed, GradientDescent, NodePerturbation, WeightPerturbation

SIZES = (4, 3, 2)
ETA, SIGMA = 0.05, 0.3
DRAW = np.random.default_rng(20)
X, Y = DRAW.normal(size=4), DRAW.normal(size=2)
W1, W2 = DRAW.normal(size=(4, 3)), DRAW.normal(size=(3, 2))
B1, B2 = DRAW.normal(size=3), DRAW.normal(size=2)
CLASS = 1
XI1, XI2 = SIGMA * DRAW.normal(size=3), SIGMA * DRAW.normal(size=2)
BIG1, BIG2 = SIGMA * DRAW.normal(size=(4, 3)), SIGMA * DRAW.normal(size=(3, 2))


@pytest.fixture(autouse=True)
def numpy_target():
    before = b2.prefs.codegen.target
    b2.prefs.codegen.target = "numpy"
    yield
    b2.prefs.codegen.target = before


def live(rule, individuals: int = 1, activations=("tanh", "linear"), **settings) -> dict[str, np.ndarray]:
    """One trial in runtime mode with everything given; changes of weights and biases of the first."""
    b2.start_scope()
    one_hot = np.eye(2)[CLASS]
    if settings.get("loss") == "cross_entropy":
        task = Samples(X[None], one_hot[None], labelled_rows=True)
    else:
        task = Samples(X[None], Y[None])
    net = RateNetwork(
        task,
        rule,
        hidden=(3,),
        activations=activations,
        bias=True,
        individuals=individuals,
        block=1,
        **settings,
    )
    network = build(net).network
    for name, values in (("weights1.w", W1), ("weights2.w", W2), ("layer1.b", B1), ("layer2.b", B2)):
        put(network, name, values, individuals)
    if not isinstance(rule, GradientDescent):
        put(network, "layer1.perturbation", XI1, individuals)
        put(network, "layer2.perturbation", XI2, individuals)
    if isinstance(rule, WeightPerturbation):
        put(network, "weights1.weight_perturbation", BIG1, individuals)
        put(network, "weights2.weight_perturbation", BIG2, individuals)
    network.run(1 * b2.second)
    return {
        "W1": take(network, "weights1.w", individuals, (4, 3)) - W1,
        "W2": take(network, "weights2.w", individuals, (3, 2)) - W2,
        "b1": take(network, "layer1.b", individuals, (3,)) - B1,
        "b2": take(network, "layer2.b", individuals, (2,)) - B2,
    }


def put(network, name, values, individuals):
    group, variable = name.split(".")
    getattr(network[group], variable)[:] = np.tile(values.ravel(), individuals)


def take(network, name, individuals, shape):
    group, variable = name.split(".")
    return np.array(getattr(network[group], variable)[:]).reshape(individuals, *shape)[0]


def forward(sign=0.0, weights=False):
    """Activities and loss of a pass with the perturbations times ``sign``."""
    big1, big2 = (sign * BIG1, sign * BIG2) if weights else (0.0, 0.0)
    h = np.tanh(X @ (W1 + big1) + B1 + sign * XI1)
    y = h @ (W2 + big2) + B2 + sign * XI2
    return h, y, 0.5 * np.sum((y - Y) ** 2)


def node_formula(delta, h):
    return {
        "W1": ETA / SIGMA**2 * delta * np.outer(X, XI1),
        "W2": ETA / SIGMA**2 * delta * np.outer(h, XI2),
        "b1": ETA / SIGMA**2 * delta * XI1,
        "b2": ETA / SIGMA**2 * delta * XI2,
    }


def agree(found, expected) -> bool:
    return all(np.allclose(found[name], expected[name], rtol=1e-12, atol=1e-12) for name in expected)


def given(kind, **settings):
    return kind(eta=ETA, sigma=SIGMA, noise="given", **settings)


def node_expected(comparison="two-pass", factor="clean"):
    (h, _, clean), (h_plus, _, plus), (_, _, minus) = forward(), forward(1), forward(-1)
    delta = {"two-pass": clean - plus, "antithetic": (minus - plus) / 2, "one-pass": 1.5 - plus}
    return node_formula(delta[comparison], h if factor == "clean" else h_plus)


def weight_expected():
    (_, _, clean), (_, _, plus) = forward(), forward(1, weights=True)
    scale = ETA / SIGMA**2 * (clean - plus)
    return {"W1": scale * BIG1, "W2": scale * BIG2, "b1": scale * XI1, "b2": scale * XI2}


def test_gradient_descent():
    h, y, _ = forward()
    g2 = y - Y
    g1 = (1 - h**2) * (W2 @ g2)
    expected = {"W1": -ETA * np.outer(X, g1), "W2": -ETA * np.outer(h, g2), "b1": -ETA * g1, "b2": -ETA * g2}
    assert agree(live(GradientDescent(eta=ETA)), expected)


def test_gradient_descent_that_is_normalised():
    """The rate is divided by the squared length of each layer's own inputs; that of a bias is not."""
    h, y, _ = forward()
    g2 = y - Y
    g1 = (1 - h**2) * (W2 @ g2)
    expected = {"W1": -ETA * np.outer(X, g1) / (X @ X), "W2": -ETA * np.outer(h, g2) / (h @ h)}
    expected |= {"b1": -ETA * g1, "b2": -ETA * g2}
    assert agree(live(GradientDescent(eta=ETA, normalise=True)), expected)


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "sine": np.sin,
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(),
}


@pytest.mark.parametrize(
    ("hidden", "output", "loss"),
    [
        ("relu", "sigmoid", "squared"),
        ("sine", "tanh", "squared"),
        ("sigmoid", "softmax", "squared"),
        ("linear", "softmax", "cross_entropy"),
    ],
)
def test_gradient_descent_of_every_activation(hidden, output, loss):
    """Against central differences of the loss, good to 1e-9 of steps of 1e-5."""

    def cost(w1, w2) -> float:
        y = FUNCTIONS[output](FUNCTIONS[hidden](X @ w1 + B1) @ w2 + B2)
        return float(0.5 * np.sum((y - Y) ** 2) if loss == "squared" else -np.log(y[CLASS]))

    def slope(which: int) -> np.ndarray:
        weights = (W1, W2)
        gradient = np.empty_like(weights[which])
        for place in np.ndindex(gradient.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [w.copy() for w in weights]
                moved[which][place] += step
                ends.append(cost(*moved))
            gradient[place] = (ends[0] - ends[1]) / 2e-5
        return gradient

    found = live(GradientDescent(eta=ETA), activations=(hidden, output), loss=loss)
    np.testing.assert_allclose(found["W1"], -ETA * slope(0), atol=1e-9)
    np.testing.assert_allclose(found["W2"], -ETA * slope(1), atol=1e-9)


@pytest.mark.parametrize("comparison", ["two-pass", "antithetic"])
@pytest.mark.parametrize("factor", ["clean", "perturbed"])
def test_node_perturbation(comparison, factor):
    rule = given(NodePerturbation, comparison=comparison, presynaptic=factor)
    assert agree(live(rule), node_expected(comparison, factor))


@pytest.mark.parametrize("measure", [True, False])
def test_one_pass_node_perturbation(measure):
    rule = given(NodePerturbation, comparison="one-pass", baseline=Fixed(expectation=1.5))
    assert agree(live(rule, measure=measure), node_expected("one-pass", "perturbed"))


def test_weight_perturbation():
    assert agree(live(given(WeightPerturbation)), weight_expected())


def test_one_layer_alone_is_perturbed_and_learns():
    found = live(given(NodePerturbation, layers=(2,)))
    h, y, clean = forward()
    plus = 0.5 * np.sum((y + XI2 - Y) ** 2)
    assert np.all(found["W1"] == 0) and np.all(found["b1"] == 0)
    expected = ETA / SIGMA**2 * (clean - plus) * np.outer(h, XI2)
    np.testing.assert_allclose(found["W2"], expected, rtol=1e-12, atol=1e-12)


@dataclass(frozen=True)
class WrongSign(NodePerturbation):
    broadcast: ClassVar[str] = "E_plus - E_clean"


@dataclass(frozen=True)
class SigmaNotSquared(NodePerturbation):
    neuron_code: ClassVar[str] = "score = perturbation/sigma"


@dataclass(frozen=True)
class NoPresynapticFactor(NodePerturbation):
    eligibility: ClassVar[str] = "score_post"


@dataclass(frozen=True)
class NoScore(NodePerturbation):
    eligibility: ClassVar[str] = "x_clean_pre"


@dataclass(frozen=True)
class NoBroadcast(NodePerturbation):
    update: ClassVar[str] = "w += rate_post*eligibility"


@dataclass(frozen=True)
class WrongSignOfWeights(WeightPerturbation):
    broadcast: ClassVar[str] = "E_plus - E_clean"


@dataclass(frozen=True)
class SigmaNotSquaredOfWeights(WeightPerturbation):
    eligibility: ClassVar[str] = "weight_perturbation/sigma_post"


@pytest.mark.parametrize("mutant", [WrongSign, SigmaNotSquared, NoPresynapticFactor, NoScore, NoBroadcast])
def test_the_formula_catches_mutants_of_node_perturbation(mutant):
    assert not agree(live(given(mutant)), node_expected())


@pytest.mark.parametrize("mutant", [WrongSignOfWeights, SigmaNotSquaredOfWeights])
def test_the_formula_catches_mutants_of_weight_perturbation(mutant):
    assert not agree(live(given(mutant)), weight_expected())


@pytest.mark.parametrize("kind", [NodePerturbation, WeightPerturbation])
def test_an_eligibility_is_gathered_over_the_bins_of_a_trial(kind):
    """NP with T bins: dw = eta/sigma**2 (E - E_N) sum_t xi_t x_t, E and E_N summed over bins."""
    b2.start_scope()
    rule = given(kind)
    net = RateNetwork(TemporalTeacher(4, 2, 3, 5), rule, individuals=2, block=1, initial_scale=0.0)
    network = build(net).network
    draw = np.random.default_rng(3)
    # new in every bin: the patterns sum to zero over a trial, and would hide a constant perturbation
    xi = SIGMA * draw.normal(size=(5, 2, 3))
    big = SIGMA * draw.normal(size=(2, 4, 3))
    if kind is WeightPerturbation:
        network["weights1"].weight_perturbation[:] = big.ravel()
    x, target = [], []
    for k in range(5):
        network["layer1"].perturbation[:] = xi[k].ravel()
        network.run(1 * b2.second)
        x.append(np.array(network["layer0"].x_clean).reshape(2, 4))
        target.append(np.array(network["layer1"].target).reshape(2, 3))
    x, target = np.array(x), np.array(target)
    moved = xi if kind is NodePerturbation else np.einsum("tin,inm->tim", x, big)
    clean = (target**2).sum(axis=(0, 2)) / 10
    plus = ((moved - target) ** 2).sum(axis=(0, 2)) / 10
    delta = ETA / SIGMA**2 * (clean - plus)
    expected = delta[:, None, None] * (np.einsum("tin,tim->inm", x, xi) if kind is NodePerturbation else big)
    assert np.abs(expected[:, :2]).min() > 1e-4
    found = np.array(network["weights1"].w).reshape(2, 4, 3)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
