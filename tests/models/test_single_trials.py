"""Updates of single trials on the Brian2 simulation against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.hidden_layer import diffusion_at_optimum
from hedon.analysis.theory.linear_online import LinearOnline
from hedon.analysis.theory.moments import np_second_moment, wp_second_moment
from hedon.models.rate.network import RateNetwork
from hedon.models.rate.one_trial import one_trial
from hedon.models.tasks import LinearTeacher, Samples
from hedon.plasticity import Fixed, GradientDescent, NodePerturbation, RunningMean, WeightPerturbation

MANY = 20_000
WHOLE = pytest.mark.whole
TEACHER = LinearTeacher(5, 3)
"""The task of all tests that can share it, and so their programs."""
REST = {"w1": np.zeros((MANY, 5, 3))}


def network(task, rule, individuals=MANY, **settings) -> RateNetwork:
    return RateNetwork(task, rule, individuals=individuals, block=1, **settings)


def scale(trial) -> np.ndarray:
    """|g|**2 |x|**2 of each individual."""
    error = trial.arrays["x1_clean"] - trial.arrays["target"]
    return (error**2).sum(axis=1) * (trial.arrays["x0"] ** 2).sum(axis=1)


def slope(trial) -> np.ndarray:
    """Projection of each update on minus the gradient, in units of the gradient's length."""
    error = trial.arrays["x1_clean"] - trial.arrays["target"]
    descent = -trial.arrays["x0"][:, :, None] * error[:, None, :]
    return (trial.update[0] * descent).sum(axis=(1, 2)) / (descent**2).sum(axis=(1, 2))


@pytest.mark.parametrize("rule", [NodePerturbation, pytest.param(WeightPerturbation, marks=WHOLE)])
def test_mean_update_does_not_depend_on_sigma(rule):
    sigma = np.repeat([0.03, 0.3, 3.0], MANY // 3 + 1)[:MANY]
    trial = one_trial(network(TEACHER, rule(eta=1.0)), 1, {"sigma": sigma}, alike=MANY)
    for value in (0.03, 0.3, 3.0):
        assert abs(z_score(slope(trial)[sigma == value], 1.0)) < 5


@pytest.mark.parametrize(
    ("name", "rule", "sigma"),
    [
        pytest.param("sgd", GradientDescent, 0.0, marks=WHOLE),
        ("np", NodePerturbation, 0.5),
        pytest.param("wp", WeightPerturbation, 0.2, marks=WHOLE),
    ],
)
def test_contraction_and_noise_of_one_trial(name, rule, sigma):
    theory = LinearOnline(name, 5, 3, sigma=sigma, label_noise=0.4)
    settings = {"sigma": sigma} if sigma else {}
    trial = one_trial(network(TEACHER, rule(eta=theory.eta_opt, **settings)), 2, REST | {"label_noise": 0.4})
    teacher = trial.arrays["w_teacher"]
    before = (teacher**2).sum(axis=(1, 2))
    after = ((trial.after[0] - teacher) ** 2).sum(axis=(1, 2))
    rate = theory.eta_opt
    expected = theory.contraction(rate) * before + rate**2 * theory.B
    assert abs(z_score(after - expected, 0.0)) < 5


@pytest.mark.parametrize(
    "noise", ["gaussian", *(pytest.param(other, marks=WHOLE) for other in ("rademacher", "normalised"))]
)
def test_second_moment_of_one_node_update(noise):
    law = {"rademacher": "rademacher"}.get(noise, "gaussian")
    rule = NodePerturbation(eta=1.0, sigma=1e-4, noise=law, normalise=noise == "normalised")
    trial = one_trial(network(TEACHER, rule), 3, REST, alike=MANY)
    moment = (trial.update[0] ** 2).sum(axis=(1, 2)) / scale(trial)
    assert abs(z_score(moment, 5 if noise == "gaussian" else 3)) < 5
    assert abs(z_score(slope(trial), 1.0)) < 5


@pytest.mark.whole
def test_second_moment_of_one_weight_update():
    trial = one_trial(network(TEACHER, WeightPerturbation(eta=1.0, sigma=1e-4)), 4, alike=MANY)
    x = trial.arrays["x0"][0]
    moment = (trial.update[0] ** 2).sum(axis=(1, 2)) / scale(trial)
    assert abs(z_score(moment, wp_second_moment(1.0, 3, x, 0.0) / (x**2).sum())) < 5


@WHOLE
@pytest.mark.parametrize("rule", [NodePerturbation, WeightPerturbation])
def test_antithetic_second_moment_does_not_depend_on_sigma(rule):
    net = network(TEACHER, rule(eta=1.0, comparison="antithetic"))
    for sigma in (0.01, 2.0):
        trial = one_trial(net, 5, {"sigma": sigma}, alike=MANY)
        moment = (trial.update[0] ** 2).sum(axis=(1, 2)) / scale(trial)
        assert abs(z_score(moment, 5 if rule is NodePerturbation else 17)) < 5


@pytest.mark.parametrize("factor", ["clean", pytest.param("perturbed", marks=WHOLE)])
def test_presynaptic_factor(factor):
    sigma = 0.7
    rule = NodePerturbation(eta=1.0, sigma=sigma, presynaptic=factor)
    net = network(TEACHER, rule, hidden=(6,))
    draw = np.random.default_rng(7)
    w1, w2 = draw.normal(size=(5, 6)), draw.normal(size=(6, 3))
    trial = one_trial(
        net,
        7,
        {"w1": np.broadcast_to(w1, (MANY, 5, 6)), "w2": np.broadcast_to(w2, (MANY, 6, 3))},
        alike=MANY,
    )
    error = trial.arrays["x2_clean"] - trial.arrays["target"]
    output = -trial.arrays["x1_clean"][:, :, None] * error[:, None, :]
    if factor == "perturbed":
        output = output - sigma**2 * w2
    hidden = -trial.arrays["x0"][:, :, None] * (error @ w2.T)[:, None, :]
    for update, expected in ((trial.update[1], output), (trial.update[0], hidden)):
        for row in (update - expected).reshape(MANY, -1).T:
            assert abs(z_score(row, 0.0)) < 5


@pytest.mark.whole
@pytest.mark.parametrize("baseline", ["clean", "critic", "best"])
def test_baselines_of_a_one_pass_rule(baseline):
    sigma, outputs = 0.5, 3
    task = Samples(np.ones((1, 1)), np.full((1, outputs), 0.8))
    net = network(task, NodePerturbation(eta=1.0, sigma=sigma, comparison="one-pass", baseline=Fixed()))
    error2 = outputs * 0.8**2
    given = {"clean": 0.0, "critic": sigma**2 * outputs / 2, "best": sigma**2 * (outputs + 2) / 2}
    start = {"w1": np.zeros((MANY, 1, outputs)), "expectation": error2 / 2 + given[baseline]}
    trial = one_trial(net, 8, start)
    moment = (trial.update[0] ** 2).sum(axis=(1, 2))
    assert abs(z_score(moment, np_second_moment(error2, outputs, sigma, -given[baseline]))) < 5
    assert abs(z_score(trial.update[0][:, 0, 0], 0.8)) < 5


@pytest.mark.whole
@pytest.mark.parametrize(("order", "gain"), [("after", 1.0), ("before", 0.8)])
def test_running_mean_must_not_hold_the_current_trial(order, gain):
    task = Samples(np.ones((1, 1)), np.full((1, 3), 0.8))
    critic = RunningMean(alpha=0.2, order=order)
    rule = NodePerturbation(eta=1.0, sigma=0.5, comparison="one-pass", baseline=critic)
    error = 3 * 0.8**2 / 2 + 0.5**2 * 3 / 2
    trial = one_trial(network(task, rule), 9, {"w1": np.zeros((MANY, 1, 3)), "expectation": error})
    assert abs(z_score(trial.update[0].mean(axis=(1, 2)), gain * 0.8)) < 5
    shift = trial.arrays["expectation"] - error
    loss = trial.arrays["loss_perturbed"].ravel() - error
    np.testing.assert_allclose(shift, 0.2 * loss, atol=1e-12)


@pytest.mark.whole
def test_weights_from_silent_inputs():
    scale = np.ones((MANY, 5))
    scale[:, 4:] = 0
    node, weight = (
        one_trial(network(TEACHER, rule(eta=0.1, sigma=0.3)), 10, {"input_scale": scale})
        for rule in (NodePerturbation, WeightPerturbation)
    )
    assert np.all(node.after[0][:, 4:] == node.before[0][:, 4:])
    assert not np.any(node.after[0][:, :4] == node.before[0][:, :4])
    assert np.all(weight.after[0][:, 4:] != weight.before[0][:, 4:])


@pytest.mark.whole
@pytest.mark.parametrize(("name", "rule"), [("np", NodePerturbation), ("sgd", GradientDescent)])
def test_weights_diffuse_at_the_optimum(name, rule):
    eta, noise = 0.01, 0.4
    settings = {"sigma": 1e-4} if name == "np" else {}
    net = network(TEACHER, rule(eta=eta, **settings), hidden=(6,))
    own = {"task_seed": 12, "label_noise": noise}
    teacher = net.program()(own, seed=0, duration=0, outputs=["w_teacher"])["w_teacher"]
    w1 = np.random.default_rng(12).normal(size=(5, 6))
    w2 = np.linalg.pinv(w1) @ teacher
    trial = one_trial(net, 12, own | {"w1": np.broadcast_to(w1, (MANY, 5, 6)), "w2": w2})
    expected = np.array([diffusion_at_optimum(name, w1.T, w.T, eta, noise) for w in w2]).T
    for before, after, growth in zip(trial.before, trial.after, expected, strict=True):
        grown = (after**2).sum(axis=(1, 2)) - (before**2).sum(axis=(1, 2))
        assert abs(z_score(grown - growth, 0.0)) < 5


@pytest.mark.whole
def test_a_sigma_that_the_precision_loses_is_refused():
    with pytest.raises(Mistake, match="too small for float32"):
        RateNetwork(LinearTeacher(100, 10), NodePerturbation(sigma=1e-5), precision="float32")
    RateNetwork(LinearTeacher(100, 10), NodePerturbation(sigma=1e-5))
    accepted = RateNetwork(LinearTeacher(100, 10), NodePerturbation(sigma=1e-3), precision="float32")
    with pytest.raises(Mistake, match="too small for float32"):
        one_trial(accepted, 0, {"sigma": 1e-6})
