"""Temporally extended tasks against simulated rules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory.temporal import Temporal, matched_weight_sigma, participation_ratio

RUNS = 40_000
SILENT = 2


def basis(bins):
    """Orthonormal rows, shape (bins, bins)."""
    return np.linalg.qr(np.random.default_rng(99).standard_normal((bins, bins)))[0]


def trial(rng, W, model, eta, functions):
    """One trial of the rule itself in every run.

    W (runs, M, N_task + SILENT) relative to the target's weights. Returns the new W and the error.
    """
    runs, M, N = W.shape
    T, tasks = model.bins, model.tasks
    active = np.zeros((runs, N))
    order = rng.permuted(np.tile(np.arange(tasks), (runs, 1)), axis=1)[:, : model.dimension]
    np.put_along_axis(active, order, 1.0, axis=1)
    size = np.sqrt(model.strength * T) * active
    X = size[:, :, None] * functions[:N]
    residue = np.zeros((M, T))
    if model.error_opt:
        residue[:] = np.sqrt(2 * model.error_opt * T / M) * functions[-1]
    e = W @ X - residue
    clean = (e**2).sum((1, 2)) / (2 * T)
    if model.rule == "sgd":
        return W - eta * e @ X.transpose(0, 2, 1) / T, clean
    if model.rule == "np":
        noise = model.sigma * rng.standard_normal((runs, M, T))
        step = noise @ X.transpose(0, 2, 1)
    else:
        step = model.sigma * rng.standard_normal((runs, M, N))
        noise = step @ X
    delta = ((e + noise) ** 2).sum((1, 2)) / (2 * T) - clean
    return W - (eta / model.sigma**2 * delta)[:, None, None] * step, clean


def mean_error(W, model):
    """Error averaged over subtasks, from the weights."""
    latent = W[:, :, : model.tasks]
    return model.error_opt + model.strength * model.shown * (latent**2).sum((1, 2)) / 2


@pytest.mark.parametrize("bins", [10, 40])
@pytest.mark.parametrize("error_opt", [0.0, 0.7])
@pytest.mark.parametrize("task_dimension", [None, 6])
@pytest.mark.parametrize("rule", ["sgd", "np", "wp"])
def test_one_trial(rule, task_dimension, error_opt, bins):
    model = Temporal(rule, 2, 4, bins, 1.5, 0.4, error_opt, task_dimension)
    rng = np.random.default_rng(1)
    W = rng.standard_normal((2, model.tasks + SILENT)) / 2
    runs = RUNS // (bins // 10)
    many = np.broadcast_to(W, (runs, *W.shape))
    eta = 1.3 * model.eta_opt
    after, clean = trial(rng, many, model, eta, basis(bins))
    before = float(mean_error(W[None], model)[0])
    assert abs(z_score(clean, before)) < 5
    expected = model.contraction(eta) * (before - error_opt) + model.drive(eta) + error_opt
    found = mean_error(after, model)
    deterministic = np.allclose(found, expected, rtol=1e-12, atol=0)  # SGD: no spread but rounding
    assert deterministic or abs(z_score(found, float(expected))) < 5
    walk = after[:, :, model.tasks :] - W[:, model.tasks :]
    variance = float(model.silent_step_variance(eta, before))
    if rule == "wp":
        # both terms count: 2 alpha^2 (E - E_opt) and the one in sigma
        assert abs(z_score(walk, 0.0)) < 5
        assert abs(z_score((walk**2).mean((1, 2)), variance)) < 5
    else:
        assert_array_equal(walk, 0.0)
        assert variance == 0


@pytest.mark.parametrize("rule", ["np", "wp"])
def test_whole_curve_and_silent_walk(rule):
    model = Temporal(rule, 2, 3, 8, 0.7, 0.5, 0.4)
    rng = np.random.default_rng(2)
    W = np.concatenate([rng.standard_normal((2, 3)), np.zeros((2, SILENT))], axis=1)
    start = float(mean_error(W[None], model)[0])
    W = np.broadcast_to(W, (3000, *W.shape))
    eta, functions = model.eta_opt / 2, basis(8)
    for t in range(1, 41):
        W, _ = trial(rng, W, model, eta, functions)
        if t in (10, 20, 40):
            expected = float(model.curve(eta, start, t))
            assert abs(z_score(mean_error(W, model), expected)) < 5
    silent = (W[:, :, 3:] ** 2).mean((1, 2))
    assert abs(z_score(silent, float(model.silent_variance(eta, start, 40)))) < 5
    assert rule == "wp" or not silent.any()


def test_formulas_of_the_repeated_task():
    M, K, T, strength, sigma, rest, eta = 3, 5, 20, 0.8, 0.3, 1.1, 0.01
    D = M * K
    node, weight = (Temporal(r, M, K, T, strength, sigma, rest) for r in ("np", "wp"))
    scale = sigma**2 * eta**2 / 8
    assert weight.drive(eta) == pytest.approx(scale * strength**3 * D * (D + 2) * (D + 4))
    assert node.drive(eta) == pytest.approx(
        scale * strength**2 * D * (M * T + 2) * (M * T + 4) / T + eta**2 * strength**2 * D * rest
    )
    assert node.eta_opt == weight.eta_opt == pytest.approx(1 / ((D + 2) * strength))
    assert node.contraction(node.eta_opt) == pytest.approx(1 - 1 / (D + 2))


def test_formulas_of_subtasks():
    node = Temporal("np", 10, 10, 100, 2.0, task_dimension=50)
    weight = Temporal("wp", 10, 10, 100, 2.0, task_dimension=50)
    assert node.contraction(node.eta_opt) == pytest.approx(1 - 0.2 / 102)
    assert weight.contraction(weight.eta_opt) == pytest.approx(1 - 0.2 / 502)


def test_final_errors():
    node = Temporal("np", 10, 50, 100, 2.0, error_opt=2.0)
    # from E_opt alone: E_opt (1 + D/(D + 2))
    assert node.final_error(node.eta_opt) == pytest.approx(2 * (1 + 500 / 502))
    weight = Temporal("wp", 10, 50, 100, 2.0, error_opt=2.0)
    assert weight.final_error(weight.eta_opt) == 2
    assert node.curve(node.eta_opt, 50.0, 1e6) == pytest.approx(float(node.final_error(node.eta_opt)))
    assert node.final_error(2.01 * node.eta_opt) == np.inf


def test_equal_output_noise_leaves_the_ratio_of_bins_to_inputs():
    M, K, T, strength = 100_000, 50, 400, 2.0
    sigma = matched_weight_sigma(0.04, strength, K)
    assert sigma == pytest.approx(0.04 / 10)
    node = Temporal("np", M, K, T, strength, 0.04)
    weight = Temporal("wp", M, K, T, strength, sigma)
    # corrections are 6/D = 1e-6
    assert node.drive(1e-9) / weight.drive(1e-9) == pytest.approx(T / K, rel=1e-5)


def test_participation_ratio():
    equal = np.diag([3.0, 3, 3, 3, 0, 0])
    assert participation_ratio(equal) == pytest.approx((4, 3))
    rotation = np.linalg.qr(np.random.default_rng(3).standard_normal((6, 6)))[0]
    assert participation_ratio(rotation @ equal @ rotation.T) == pytest.approx((4, 3))
    dimension, strength = participation_ratio(np.diag([1.0, 4.0]))
    assert (dimension, dimension * strength) == pytest.approx((25 / 17, 5))


def test_defaults_are_the_quiet_task():
    plain = Temporal("np", 2, 3, 4)
    assert (plain.strength, plain.sigma, plain.error_opt, plain.shown) == (1, 0, 0, 1)
    assert plain.drive(0.1) == 0


def test_final_error_is_the_fixed_point():
    model = Temporal("np", 2, 3, 8, 0.7, 0.5, 0.4)
    for eta in np.array([0.5, 1.0, 1.7]) * model.eta_opt:
        last = float(model.final_error(eta))
        assert model.curve(float(eta), last, 7) == pytest.approx(last)


def test_silent_variance_sums_the_steps():
    model = Temporal("wp", 2, 3, 8, 0.7, 0.5, 0.4)
    for eta in (model.eta_opt, 2 * model.eta_opt):
        errors = model.curve(eta, 3.0, np.arange(25))
        steps = model.silent_step_variance(eta, errors)
        total = np.concatenate([[0], np.cumsum(steps)])[:25]
        assert_allclose(model.silent_variance(eta, 3.0, np.arange(25)), total)


def test_mistakes():
    with pytest.raises(Mistake, match="unknown rule"):
        Temporal("hp", 1, 1, 1)  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="bins"):
        Temporal("np", 1, 1, 0)
