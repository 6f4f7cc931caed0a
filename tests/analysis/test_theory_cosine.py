"""Angle between estimate and gradient."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from hedon.analysis.statistics.intervals import cosine, z_score
from hedon.analysis.theory import cosine as theory


def test_known_values():
    values = theory.expected_cosine([1, 2, 5, 20, 100, 1000])
    assert_allclose(values, [1, 0.6366, 0.375, 0.1807, 0.0800, 0.0252], atol=5e-5)
    assert_allclose(theory.expected_cosine(10, 10), 0.71696, atol=5e-6)
    assert_allclose(theory.averaged_cosine_approximation(10, 10), 0.690, atol=5e-4)
    # asymptotic form is low by 1/(4 D) to leading order
    assert_allclose(values[-1] / theory.asymptotic_cosine(1000) - 1, 1 / 4000, rtol=1e-2)
    # not the folk formula
    assert values[4] < 0.81 / np.sqrt(101)


@pytest.mark.parametrize("dimensions", [1, 2, 5, 20, 100])
def test_one_sample(dimensions):
    rng = np.random.default_rng(dimensions)
    g = rng.standard_normal(dimensions)
    z = rng.standard_normal((30_000, dimensions))
    angle = cosine((z @ g)[:, None] * z, g)
    if dimensions == 1:
        assert_allclose(angle, 1)
    else:
        assert abs(z_score(angle, float(theory.expected_cosine(dimensions)))) < 5
        assert abs(z_score(angle**2, float(theory.expected_square_cosine(dimensions)))) < 5


@pytest.mark.parametrize("dimensions, samples", [(10, 10), (50, 20), (3, 40), (2, 2)])
def test_average_of_samples(dimensions, samples):
    rng = np.random.default_rng(7)
    g = rng.standard_normal(dimensions)
    z = rng.standard_normal((20_000, samples, dimensions))
    angle = cosine(np.einsum("bkd,bk->bd", z, z @ g), g)
    assert abs(z_score(angle, float(theory.expected_cosine(dimensions, samples)))) < 5
    expected = float(theory.expected_square_cosine(dimensions, samples))
    assert abs(z_score(angle**2, expected)) < 5


@pytest.mark.parametrize("nodes", [1, 2, 7])
@pytest.mark.parametrize("fraction", [0.3, 0.8])
def test_one_layer_among_others(nodes, fraction):
    rng = np.random.default_rng(8)
    own = rng.standard_normal(nodes)
    other = rng.standard_normal(4)
    own *= fraction / np.linalg.norm(own)
    other *= np.sqrt(1 - fraction**2) / np.linalg.norm(other)
    z = rng.standard_normal((100_000, nodes + 4))
    along = z[:, :nodes] @ own + z[:, nodes:] @ other
    angle = cosine(along[:, None] * z[:, :nodes], own)
    assert abs(z_score(angle, float(theory.expected_layer_cosine(nodes, fraction)))) < 5


def test_wide_layer_among_others():
    nodes, fraction = np.array([28, 29, 30, 31, 60]), 0.6
    found = theory.expected_layer_cosine(nodes, fraction)
    # the exact integral over the angle from which the closed form comes
    y = np.linspace(-1, 1, 200_001)
    for M, value in zip(nodes, found, strict=True):
        whole = (1 - y**2) ** ((M - 1) / 2)
        part = np.trapezoid(whole * fraction / np.sqrt(1 - (fraction * y) ** 2), y)
        one = np.trapezoid((1 - y**2) ** ((M - 2) / 2), y)
        assert value == pytest.approx(part / one * theory.expected_cosine(M), rel=1e-7)


def test_whole_gradient_is_the_single_layer():
    nodes = np.array([1, 2, 5, 20, 29, 30, 1000, 100_000])
    # gammaln at 5e4 keeps 5e4 * 11 * 1e-16
    assert_allclose(theory.expected_layer_cosine(nodes, 1.0), theory.expected_cosine(nodes), rtol=1e-9)
