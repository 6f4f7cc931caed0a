"""Steady firing against a numerical integration of the membrane."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from hedon.analysis.theory.firing import leaky_rate


def test_rate_is_one_over_the_time_to_threshold():
    tau, reset, threshold, v_inf = 0.02, -0.07, -0.05, -0.045
    time, _ = quad(lambda v: tau / (v_inf - v), reset, threshold)
    assert leaky_rate(v_inf, reset, threshold, tau, 0.002) == pytest.approx(1 / (time + 0.002))


def test_no_spike_at_or_below_threshold():
    np.testing.assert_array_equal(leaky_rate([-0.06, -0.05], -0.07, -0.05, 0.02), 0.0)


def test_no_refractory_period_unless_it_is_given():
    tau, reset, threshold, v_inf = 0.02, -0.07, -0.05, -0.045
    time, _ = quad(lambda v: tau / (v_inf - v), reset, threshold)
    assert leaky_rate(v_inf, reset, threshold, tau) == pytest.approx(1 / time)


def test_nothing_is_divided_by_nothing_at_threshold():
    with np.errstate(all="raise"):
        assert leaky_rate(-0.05, -0.07, -0.05, 0.02) == 0
