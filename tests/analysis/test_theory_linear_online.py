"""Learning curves of a linear layer against simulated rules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory import linear_online
from hedon.analysis.theory.linear_online import LinearOnline
from hedon.analysis.theory.moments import Curvature, offset

RUNS = 30_000


def draw(rng, law, shape):
    z = rng.standard_normal(shape)
    return z if law == "gaussian" else np.sign(z)


def update(rng, V, model, eta, x):
    """One trial of the rule itself in every run; V (runs, M, N), x (runs, N)."""
    runs, M, N = V.shape
    e = np.einsum("rmn,rn->rm", V, x) + model.label_noise * rng.standard_normal((runs, M))
    if model.rule in ("nsgd", "projection"):
        eta = eta / (x**2).sum(1)[:, None, None]
    if model.rule in ("sgd", "nsgd"):
        return V - eta * e[:, :, None] * x[:, None, :]
    sigma = model.sigma
    noise = draw(rng, model.law, (runs, M, N) if model.rule == "wp" else (runs, M)) * sigma
    to_output = noise if model.rule != "wp" else np.einsum("rmn,rn->rm", noise, x)

    def error(sign):
        return ((e + sign * to_output) ** 2).sum(1) / 2

    if model.baseline == "antithetic":
        delta = (error(1) - error(-1)) / 2
    else:
        trace = M * (x**2).sum(1) if model.rule == "wp" else float(M)
        n = M * N if model.rule == "wp" else M
        D = {"clean": 0.0, "critic": -(sigma**2) * trace / 2}.get(model.baseline)
        if D is None:
            factor = (n + 2) / n if model.law == "gaussian" else 1.0
            D = -(sigma**2) * trace / 2 * factor
        delta = error(1) - error(0) + D
    step = noise if model.rule == "wp" else noise[:, :, None] * x[:, None, :]
    scale = (noise**2).sum(1)[:, None, None] if model.rule == "projection" else sigma**2
    return V - eta / scale * delta[:, None, None] * step


CASES = [
    LinearOnline("sgd", 5, 3, label_noise=0.4),
    LinearOnline("sgd", 5, 3, label_noise=0.4, input_law="sign"),
    LinearOnline("np", 10, 3, sigma=0.5, label_noise=0.2),
    LinearOnline("wp", 5, 3, sigma=0.5, label_noise=0.2),
    LinearOnline("np", 5, 1, sigma=0.8),
    LinearOnline("nsgd", 6, 3, label_noise=0.4),
    LinearOnline("nsgd", 6, 3, label_noise=0.4, input_law="sign"),
    LinearOnline("projection", 10, 3, sigma=0.5, label_noise=0.2),
    LinearOnline("projection", 6, 3, 0.5, 0.2, "antithetic"),
    LinearOnline("projection", 6, 3, 0.5, 0.2, law="sign", input_law="sign"),
] + [
    LinearOnline(rule, 4, 3, 0.5, 0.3, baseline, law, input_law)
    for rule in ("np", "wp")
    for baseline in ("clean", "critic", "optimal", "antithetic")
    for law in ("gaussian", "sign")
    for input_law in ("gaussian", "sign")
]


@pytest.mark.parametrize("model", CASES, ids=lambda m: "-".join(map(str, vars(m).values())))
def test_one_trial(model):
    rng = np.random.default_rng(1)
    V = 0.5 * rng.standard_normal((model.outputs, model.inputs))
    x = draw(rng, model.input_law, (RUNS, model.inputs))
    after = update(rng, np.broadcast_to(V, (RUNS, *V.shape)), model, model.eta_opt, x)
    before = (V**2).sum() / 2
    change = (after**2).sum((1, 2)) / 2 - before
    assert abs(z_score(change, float(model.step(model.eta_opt, before)) - before)) < 5
    assert before < 100 * np.std(change)  # the change is what is tested


def test_critic_offsets_are_those_of_the_moments():
    x = np.array([1.0, -2.0, 0.5])
    curvature = Curvature.weights(2, x)
    assert offset("critic", curvature, 0.3) == pytest.approx(-(0.3**2) * 2 * (x @ x) / 2)
    assert offset("optimal", curvature, 0.3) == pytest.approx(-(0.3**2) * 2 * (x @ x) / 2 * (6 + 2) / 6)


def test_table():
    N, M, s, sigma = 10, 3, 0.2, 0.5
    sgd, node, weight = (LinearOnline(r, N, M, sigma, s) for r in ("sgd", "np", "wp"))
    assert (sgd.A, node.A, weight.A) == (12, 60, 384)
    assert sgd.B == pytest.approx(M * N * s**2)
    assert node.B == pytest.approx(5 * M * N * s**2 + sigma**2 / 4 * 3 * 5 * 7 * N)
    assert weight.B == pytest.approx(
        32 * M * N * s**2 + sigma**2 / 4 * M * (M + 2) * (M * N + 4) * N * (N + 2)
    )
    assert node.eta_max == 2 * node.eta_opt == pytest.approx(2 / 60)
    assert node.contraction(node.eta_opt) == pytest.approx(1 - 1 / 60)
    signs = LinearOnline("np", N, M, input_law="sign")
    assert signs.A == (M + 2) * N
    normalised = LinearOnline("projection", N, M, sigma, s)
    assert normalised.eta_opt == 1 and normalised.eta_max == 2
    assert normalised.contraction(1.0) == pytest.approx(1 - 1 / (N * M))
    assert normalised.B == pytest.approx((s**2 + M * sigma**2 / 4) / (N - 2))
    assert LinearOnline("nsgd", 2, M, label_noise=s).B == np.inf  # E|x|^-2 of two normal inputs
    assert LinearOnline("nsgd", 2, M).B == 0


@pytest.mark.parametrize("rule", ["sgd", "np", "wp", "nsgd", "projection"])
def test_whole_curve(rule):
    model = LinearOnline(rule, 6, 2, sigma=0.3, label_noise=0.3)
    rng = np.random.default_rng(2)
    runs, eta = 3000, model.eta_opt / 2
    V = rng.standard_normal((2, 6))
    start = (V**2).sum() / 2
    V = np.broadcast_to(V, (runs, 2, 6))
    trials = int(np.ceil(3 * model.A / model.gain**2))
    for t in range(1, trials + 1):
        V = update(rng, V, model, eta, rng.standard_normal((runs, 6)))
        if t in (trials // 4, trials // 2, trials):
            expected = float(model.curve(eta, start, t))
            assert abs(z_score((V**2).sum((1, 2)) / 2, expected)) < 5
    # e^-(2.25) of the start is left, so the floor is a good part of what was just tested
    assert float(model.floor(eta)) > 0.03 * expected


def test_curve_iterates_the_step():
    model = LinearOnline("np", 4, 3, sigma=0.5, label_noise=0.2)
    for eta in (model.eta_opt / 2, 0.9 * model.eta_max, model.eta_max, 1.3 * model.eta_max):
        error, errors = 2.0, [2.0]
        for _ in range(20):
            error = float(model.step(eta, error))
            errors.append(error)
        assert_allclose(model.curve(eta, 2.0, np.arange(21)), errors)
    assert model.curve(0.01, 2.0, 1e9) == pytest.approx(float(model.floor(0.01)))
    assert_allclose(model.floor([model.eta_max, 1.0]), np.inf)
    for eta in np.array([0.5, 1.0, 1.7]) * model.eta_opt:
        floor = float(model.floor(eta))
        assert model.step(float(eta), floor) == pytest.approx(floor)


def test_trials_to_criterion():
    model = LinearOnline("wp", 4, 2, sigma=0.1)
    trials = model.trials_to(model.eta_opt, 3.0, 1.5)
    assert model.curve(model.eta_opt, 3.0, trials) == pytest.approx(1.5)
    assert model.trials_to(model.eta_opt, 1.0, 1.5) == 0
    assert model.trials_to(model.eta_max * 1.01, 3.0, 1.5) == np.inf
    assert model.trials_to(model.eta_opt, 3.0, float(model.floor(model.eta_opt))) == np.inf
    assert LinearOnline("sgd", 1, 1, input_law="sign").trials_to(1.0, 2.0, 0.1) == 1
    # noise-free at the best rate: A log(E0/E) trials, to 1/(2A)
    clean = LinearOnline("np", 100, 10)
    assert clean.trials_to(clean.eta_opt, 1.0, 0.1) == pytest.approx(clean.A * np.log(10), rel=1 / clean.A)


@pytest.mark.parametrize("rule", ["sgd", "np", "wp"])
def test_correlated_inputs(rule):
    rng = np.random.default_rng(3)
    M, N = 2, 4
    root = rng.standard_normal((N, N - 1)) / 2  # one direction of the inputs is silent
    C = root @ root.T
    V = rng.standard_normal((M, N))
    model = LinearOnline(rule, N, M, sigma=0.6, label_noise=0.3)
    eta, runs = 0.05, 60_000
    x = rng.standard_normal((runs, N - 1)) @ root.T
    after = update(rng, np.broadcast_to(V, (runs, M, N)), model, eta, x)
    S = np.einsum("rmi,rmj->rij", after, after)
    expected = linear_online.correlated_step(
        rule, linear_online.distance(V), C, eta, M, model.sigma, model.label_noise
    )
    for i, j in zip(*np.triu_indices(N), strict=True):
        assert abs(z_score(S[:, i, j], expected[i, j])) < 5
    errors = np.einsum("rij,ij->r", S, C) / 2
    assert abs(z_score(errors, linear_online.correlated_error(expected, C))) < 5
    silent = np.linalg.svd(C)[0][:, -1]
    diffusion = silent @ (expected - V.T @ V) @ silent
    assert diffusion > 1e-3 if rule == "wp" else abs(diffusion) < 1e-14


@pytest.mark.parametrize("rule", ["sgd", "np", "wp"])
def test_correlated_curve_of_white_inputs(rule):
    V = np.random.default_rng(4).standard_normal((2, 5))
    model = LinearOnline(rule, 5, 2, sigma=0.4, label_noise=0.3)
    eta = model.eta_opt
    errors = linear_online.correlated_curve(
        rule, V.T @ V, np.eye(5), eta, 2, 30, model.sigma, model.label_noise
    )
    assert_allclose(errors, model.curve(eta, (V**2).sum() / 2, np.arange(31)))


def test_defaults_are_the_quiet_limit():
    assert LinearOnline("np", 3, 2).B == LinearOnline("wp", 3, 2).B == 0
    S, C = np.eye(2), np.diag([1.0, 2.0])
    step = linear_online.correlated_step("wp", S, C, 0.1, 3)
    assert_allclose(step, linear_online.correlated_step("wp", S, C, 0.1, 3, 0.0, 0.0))
    curve = linear_online.correlated_curve("wp", S, C, 0.1, 3, 1)
    assert_allclose(curve, [1.5, linear_online.correlated_error(step, C)])


def test_mistakes():
    with pytest.raises(Mistake, match="unknown rule 'nb'; did you mean 'np'"):
        LinearOnline("nb", 3, 2)  # type: ignore[arg-type]
    with pytest.raises(Mistake, match="inputs"):
        LinearOnline("np", 0, 2)
    with pytest.raises(Mistake, match="clean or antithetic"):
        LinearOnline("projection", 4, 2, baseline="critic")
