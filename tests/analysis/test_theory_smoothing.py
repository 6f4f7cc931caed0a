"""Mean updates at finite sigma against Monte Carlo."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.statistics.intervals import z_score
from hedon.analysis.theory import smoothing


@pytest.mark.parametrize("sigma", [0.03, 0.3, 3.0])
@pytest.mark.parametrize("reading", ["canonical", "std", "variance", "unit"])
def test_normalisation_by_reading(sigma, reading):
    rng = np.random.default_rng(1)
    e = np.array([0.7, -1.1, 0.4])
    std = {"variance": np.sqrt(sigma)}.get(reading, sigma)
    z = rng.standard_normal((40_000, 3))
    change = ((e + std * z) ** 2 - e**2).sum(1) / 2
    noise = z if reading == "unit" else std * z
    divisor = sigma**2 if reading == "canonical" else sigma
    along = (change[:, None] * noise / divisor) @ e / (e @ e)
    assert abs(z_score(along, smoothing.normalisation(sigma, reading))) < 5


def test_unknown_reading_names_the_known_ones():
    with pytest.raises(Mistake, match="did you mean 'variance'"):
        smoothing.normalisation(0.1, "varience")  # type: ignore[arg-type]


@pytest.mark.parametrize("sigma, value", [(0.1, 0.33076), (0.5, 0.16386), (1.0, -0.02610)])
def test_sine_neuron(sigma, value):
    u, t = 0.7, 0.2
    assert smoothing.sine_neuron_gradient(u, t, sigma) == pytest.approx(value, abs=5e-6)
    assert smoothing.sine_neuron_gradient(u, t) == pytest.approx(0.3398, abs=5e-5)
    z = np.random.default_rng(2).standard_normal(400_000)
    up, down = ((np.sin(u + s * sigma * z) - t) ** 2 / 2 for s in (1, -1))
    estimate = (up - down) / (2 * sigma) * z
    assert abs(z_score(estimate, smoothing.sine_neuron_gradient(u, t, sigma))) < 5


def test_leading_bias_leaves_fourth_order():
    u, t = 0.7, 0.2
    sigma = np.array([0.02, 0.04])
    bias = smoothing.sine_neuron_gradient(u, t, sigma) - smoothing.sine_neuron_gradient(u, t)
    leading = [smoothing.leading_bias(smoothing.sine_neuron_gradient_laplacian(u, t), s) for s in sigma]
    rest = bias - np.array(leading)
    # next order in sigma^2 after sigma^4 is a relative sigma^2 ~ 1e-3
    assert np.log2(rest[1] / rest[0]) == pytest.approx(4, abs=0.02)


HIDDEN, INPUTS, OUTPUTS = 4, 5, 3


@pytest.fixture(scope="module")
def network():
    rng = np.random.default_rng(3)
    return (
        rng.standard_normal((HIDDEN, INPUTS)),
        rng.standard_normal((OUTPUTS, HIDDEN)),
        rng.standard_normal(INPUTS),
        rng.standard_normal(OUTPUTS),
    )


def worst(samples, expected):
    """Largest |z| over the entries of a mean matrix."""
    mean = samples.mean(0)
    error = samples.std(0, ddof=1) / np.sqrt(len(samples))
    return np.max(np.abs(mean - expected) / error)


@pytest.mark.parametrize("law", ["gaussian", "sign"])
def test_two_layer_node_perturbation(network, law):
    W1, W2, x, target = network
    sigma, n = 0.7, 100_000
    rng = np.random.default_rng(4)
    z = rng.standard_normal((n, HIDDEN + OUTPUTS))
    z = sigma * (z if law == "gaussian" else np.sign(z))
    hidden, output = z[:, :HIDDEN], z[:, HIDDEN:]
    h = W1 @ x

    def error(sign):
        y = (h + sign * hidden) @ W2.T + sign * output
        return ((y - target) ** 2).sum(1) / 2

    # odd part for the clean factor (antithetic); plain two-pass where the even part matters
    odd = (error(1) - error(-1)) / 2 / sigma**2
    plain = (error(1) - error(0)) / sigma**2
    G1, G2 = smoothing.two_layer_np(W1, W2, x, target, sigma)
    P1, P2 = smoothing.two_layer_np(W1, W2, x, target, sigma, "perturbed")
    assert worst((odd[:, None] * hidden)[:, :, None] * x, G1) < 5
    assert worst((odd[:, None] * output)[:, :, None] * h, G2) < 5
    assert worst((plain[:, None] * output)[:, :, None] * (h + hidden)[:, None, :], P2) < 5
    assert_allclose(P1, G1)
    for limit in (
        smoothing.two_layer_np(W1, W2, x, target, presynaptic="perturbed"),
        smoothing.two_layer_wp(W1, W2, x, target),
    ):
        assert_allclose(limit[0], G1)
        assert_allclose(limit[1], G2)
    assert_allclose(P2 - G2, sigma**2 * W2)


def test_two_layer_weight_perturbation(network):
    W1, W2, x, target = network
    sigma, n = 0.7, 200_000
    rng = np.random.default_rng(5)
    Z1 = sigma * rng.standard_normal((n, HIDDEN, INPUTS))
    Z2 = sigma * rng.standard_normal((n, OUTPUTS, HIDDEN))

    def error(sign):
        h = W1 @ x + sign * (Z1 @ x)
        y = h @ W2.T + sign * np.einsum("noh,nh->no", Z2, h)
        return ((y - target) ** 2).sum(1) / 2

    odd = (error(1) - error(-1)) / 2 / sigma**2
    G1, G2 = smoothing.two_layer_wp(W1, W2, x, target, sigma)
    assert worst(odd[:, None, None] * Z1, G1) < 5
    assert worst(odd[:, None, None] * Z2, G2) < 5
    loss = smoothing.two_layer_smoothed_loss(W1, W2, x, target, sigma, "weights")
    assert abs(z_score(error(1), loss)) < 5


@pytest.mark.parametrize("perturbed", ["nodes", "weights"])
def test_estimates_are_gradients_of_the_smoothed_loss(network, perturbed):
    W1, W2, x, target = network
    sigma, step = 0.7, 1e-5
    if perturbed == "nodes":
        expected = smoothing.two_layer_np(W1, W2, x, target, sigma, "perturbed")
    else:
        expected = smoothing.two_layer_wp(W1, W2, x, target, sigma)

    def loss(A1, A2):
        return smoothing.two_layer_smoothed_loss(A1, A2, x, target, sigma, perturbed)

    for layer, gradient in enumerate(expected):
        for index in np.ndindex(gradient.shape):
            up, down = [W1.copy(), W2.copy()], [W1.copy(), W2.copy()]
            up[layer][index] += step
            down[layer][index] -= step
            # central difference of a polynomial of degree 4: rounding 1e-15 / step
            assert (loss(*up) - loss(*down)) / (2 * step) == pytest.approx(gradient[index], abs=1e-7)


def test_node_smoothed_loss(network):
    W1, W2, x, target = network
    rng = np.random.default_rng(6)
    y = (W1 @ x + 0.7 * rng.standard_normal((100_000, HIDDEN))) @ W2.T
    y = y + 0.7 * rng.standard_normal(y.shape)
    loss = smoothing.two_layer_smoothed_loss(W1, W2, x, target, 0.7, "nodes")
    assert abs(z_score(((y - target) ** 2).sum(1) / 2, loss)) < 5
