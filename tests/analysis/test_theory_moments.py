"""Second moments and baselines against Monte Carlo."""

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory import moments
from hedon.analysis.theory.moments import Curvature

N_SAMPLES = 60_000
BASELINES = ["clean", "critic", "optimal", "antithetic", 0.8]


def draw(rng, law, shape):
    z = rng.standard_normal(shape)
    return z if law == "gaussian" else np.sign(z)


def lengths(z, change, sigma, baseline, law, curvature):
    """|estimate|^2 of perturbations z (n, ...) with change(s) = E(v + s sigma z) - E(v)."""
    if baseline == "antithetic":
        delta = (change(1) - change(-1)) / 2
    else:
        D = baseline if isinstance(baseline, float) else moments.offset(baseline, curvature, sigma, law)
        delta = change(1) + D
    return (delta / sigma) ** 2 * (z**2).reshape(len(z), -1).sum(1)


@pytest.mark.parametrize("law", ["gaussian", "sign"])
@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("outputs", [1, 3, 10])
def test_layer_of_nodes(outputs, baseline, law):
    rng = np.random.default_rng(outputs)
    sigma, e = 0.5, rng.standard_normal(outputs)
    z = draw(rng, law, (N_SAMPLES, outputs))

    def change(sign):
        return ((e + sign * sigma * z) ** 2 - e**2).sum(1) / 2

    samples = lengths(z, change, sigma, baseline, law, Curvature.nodes(outputs))
    expected = moments.np_second_moment(e @ e, outputs, sigma, baseline, law)
    assert abs(z_score(samples, expected)) < 5


@pytest.mark.parametrize("law", ["gaussian", "sign"])
@pytest.mark.parametrize("baseline", BASELINES)
def test_layer_of_weights(baseline, law):
    rng = np.random.default_rng(11)
    outputs, inputs, sigma = 3, 4, 0.5
    e, x = rng.standard_normal(outputs), 1.7 * rng.standard_normal(inputs)
    Z = draw(rng, law, (N_SAMPLES, outputs, inputs))

    def change(sign):
        return ((e + sign * sigma * (Z @ x)) ** 2 - e**2).sum(1) / 2

    samples = lengths(Z, change, sigma, baseline, law, Curvature.weights(outputs, x))
    expected = moments.wp_second_moment(e @ e, outputs, x, sigma, baseline, law)
    assert abs(z_score(samples, expected)) < 5


@pytest.mark.parametrize("law", ["gaussian", "sign"])
def test_any_hessian(law):
    rng = np.random.default_rng(12)
    n, sigma = 5, 0.6
    root = rng.standard_normal((n, n))
    hessian, g = root @ root.T, rng.standard_normal(n)
    z = draw(rng, law, (N_SAMPLES, n))
    change = sigma * z @ g + sigma**2 / 2 * np.einsum("ni,ij,nj->n", z, hessian, z)
    expected = moments.second_moment(g @ g, Curvature.of(hessian), sigma, law=law)
    assert abs(z_score((change / sigma) ** 2 * (z**2).sum(1), expected)) < 5


def test_known_numbers_and_order_of_baselines():
    error2, M, sigma = 4.6, 10, 0.5
    values = {
        name: moments.np_second_moment(error2, M, sigma, name)
        for name in ("clean", "critic", "optimal", "antithetic")
    }
    assert values == pytest.approx({"clean": 160.2, "critic": 72.7, "optimal": 70.2, "antithetic": 55.2})


@pytest.mark.parametrize("law", ["gaussian", "sign"])
def test_optimal_baseline_is_the_minimum(law):
    curvature, sigma = Curvature.nodes(4), 0.3
    best = moments.offset("optimal", curvature, sigma, law)
    least = moments.second_moment(2.0, curvature, sigma, "optimal", law)
    assert moments.second_moment(2.0, curvature, sigma, best, law) == pytest.approx(least)
    for wrong in (best - 1e-3, best + 1e-3):
        assert moments.second_moment(2.0, curvature, sigma, wrong, law) > least


def test_wrong_baseline_diverges_as_sigma_vanishes():
    small, smaller = (moments.np_second_moment(1.0, 3, s, 0.5) for s in (1e-4, 1e-5))
    assert smaller / small == pytest.approx(100, rel=1e-4)
    assert moments.np_second_moment(1.0, 3, 0.0) == 5
    with pytest.raises(Mistake, match="sigma"):
        moments.np_second_moment(1.0, 3, 0.0, 0.5)


@pytest.mark.parametrize("outputs", [1, 3, 10])
def test_relative_second_moment_of_small_perturbations(outputs):
    rng = np.random.default_rng(13)
    inputs = 4
    e, x = rng.standard_normal(outputs), rng.standard_normal(inputs)
    z = rng.standard_normal((N_SAMPLES, outputs))
    nodes = (z @ e) ** 2 * (z**2).sum(1) / (e @ e)
    assert abs(z_score(nodes, moments.relative_second_moment("np", outputs, inputs))) < 5
    Z = rng.standard_normal((N_SAMPLES, outputs, inputs))
    along = np.einsum("nij,i,j->n", Z, e, x)
    weights = along**2 * (Z**2).sum((1, 2)) / (e @ e) / (x @ x)
    assert abs(z_score(weights, moments.relative_second_moment("wp", outputs, inputs))) < 5
    signs = np.sign(z)
    nodes = (signs @ e) ** 2 * outputs / (e @ e)
    expected = moments.relative_second_moment("np", outputs, inputs, "sign")
    assert abs(z_score(nodes, expected)) < 5
    assert moments.relative_second_moment("wp", outputs, inputs, "sign") == outputs * inputs
    assert moments.relative_second_moment("sgd", outputs, inputs) == 1


def test_average_and_direction_normalisation():
    rng = np.random.default_rng(14)
    n, K = 6, 4
    g = rng.standard_normal(n)
    z = rng.standard_normal((30_000, K, n))
    mean = np.einsum("bkn,bk->bn", z, z @ g) / K
    expected = moments.averaged_second_moment(g @ g, n, K)
    assert abs(z_score((mean**2).sum(1), expected)) < 5
    one = z[:, 0]
    normalised = n * (one @ g)[:, None] * one / (one**2).sum(1)[:, None]
    expected = moments.direction_normalised_second_moment(g @ g, n)
    assert abs(z_score((normalised**2).sum(1), expected)) < 5
    assert abs(z_score(normalised @ g, g @ g)) < 5


def test_layers_perturbed_together():
    rng = np.random.default_rng(15)
    first, second = rng.standard_normal(5), 2 * rng.standard_normal(3)
    g = np.concatenate([first, second])
    z = rng.standard_normal((N_SAMPLES, 8))
    estimate = (z @ g)[:, None] * z
    for part, own in ((slice(0, 5), first), (slice(5, 8), second)):
        expected = moments.layer_second_moment(own @ own, g @ g, len(own))
        assert abs(z_score((estimate[:, part] ** 2).sum(1), expected)) < 5


def test_loss_variance():
    rng = np.random.default_rng(16)
    e, sigma = rng.standard_normal(3), 0.6
    z = rng.standard_normal((N_SAMPLES, 3))
    error = ((e + sigma * z) ** 2).sum(1) / 2
    mean = e @ e / 2 + sigma**2 * 3 / 2
    assert abs(z_score((error - mean) ** 2, moments.loss_variance(e @ e, 3, sigma))) < 5


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("rate", [0.2, 0.8])
def test_moving_average_baseline(rate, order):
    rng = np.random.default_rng(17)
    runs, sigma = 60_000, 0.5
    e = np.array([0.9, -0.5, 1.3])
    M = len(e)
    baseline = np.full(runs, e @ e / 2 + sigma**2 * M / 2)
    for _ in range(60):  # what is left of the start: .8^60 = 1.5e-6
        z = rng.standard_normal((runs, M))
        error = ((e + sigma * z) ** 2).sum(1) / 2
        previous, baseline = baseline, baseline + rate * (error - baseline)
    used = previous if order == "before" else baseline
    estimate = ((error - used) / sigma)[:, None] * z
    gain = moments.moving_average_mean_gain(rate, order)
    assert gain == pytest.approx(1 if order == "before" else 1 - rate)
    assert abs(z_score(estimate @ e / (e @ e), gain)) < 5
    expected = moments.moving_average_second_moment(e @ e, M, sigma, rate, order)
    assert abs(z_score((estimate**2).sum(1), expected)) < 5


@pytest.mark.parametrize("baseline", [None, 1.7])
@pytest.mark.parametrize("outputs", [1, 3])
def test_global_baseline(outputs, baseline):
    rng = np.random.default_rng(18)
    inputs, sigma, n = 5, 0.5, 200_000
    V = rng.standard_normal((outputs, inputs))
    x, z = rng.standard_normal((n, inputs)), rng.standard_normal((n, outputs))
    e = x @ V.T
    error = ((e + sigma * z) ** 2).sum(1) / 2
    used = (V**2).sum() / 2 + sigma**2 * outputs / 2 if baseline is None else baseline
    assert baseline is not None or abs(z_score(error, used)) < 5
    samples = ((error - used) / sigma) ** 2 * (z**2).sum(1) * (x**2).sum(1)
    expected = moments.global_baseline_second_moment(V, sigma, baseline)
    assert abs(z_score(samples, expected)) < 5


@pytest.mark.parametrize("baseline", [None, 0.0, 1.7])
@pytest.mark.parametrize("size", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("outputs", [1, 3])
def test_global_baseline_by_quadrature(outputs, size, baseline):
    """Inputs averaged exactly on a Gauss-Hermite grid, given the moments for each input."""
    sigma, inputs = 0.9, 2
    V = size * np.random.default_rng(19).standard_normal((outputs, inputs))
    b = (V**2).sum() / 2 + sigma**2 * outputs / 2 if baseline is None else baseline
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    weights = weights / weights.sum()
    total = 0.0
    for i, j in np.ndindex(5, 5):
        x = nodes[[i, j]]
        error2 = float(((V @ x) ** 2).sum())
        given_x = moments.np_second_moment(error2, outputs, sigma, error2 / 2 - b)
        total += weights[i] * weights[j] * given_x * (x @ x)
    found = moments.global_baseline_second_moment(V, sigma, baseline)
    assert found == pytest.approx(total, rel=1e-12)


def test_moving_average_tends_to_the_perfect_critic():
    critic = moments.np_second_moment(1.3, 3, 0.4, "critic")
    slow = moments.moving_average_second_moment(1.3, 3, 0.4, 1e-9)
    assert slow == pytest.approx(critic)
    # rate 1: the baseline is the error of the trial before
    excess = moments.moving_average_second_moment(1.3, 3, 0.4, 1.0) - critic
    assert excess == pytest.approx(3 * moments.loss_variance(1.3, 3, 0.4) / 0.4**2)
