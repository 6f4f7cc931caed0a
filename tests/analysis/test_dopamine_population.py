"""A fitted population knows its cells again, and prefers values of their own only where there are any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.responses import dopamine_population as population
from hedon.analysis.responses.dopamine_population import Population, cross_validate, fit, teaching_ratio
from hedon.analysis.responses.reward_trials import CellTrials
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.analysis.theory.expectiles import expectile

SIZES = np.array([0.1, 0.3, 1.2, 2.5, 5.0, 10.0, 20.0])
CELLS = 10


def plan(repeats):
    """Trials without spikes: every size ``repeats`` times, with and without announcement."""
    size = np.tile(np.repeat(SIZES, repeats), 2)
    expected = np.repeat([False, True], len(size) // 2)
    return [CellTrials(size, expected, np.zeros(len(size)), np.full(len(size), 6.0))] * CELLS


TRUE = Population(
    "distributional",
    0.7,
    0.7,
    20.0,
    np.linspace(3.0, 12.0, CELLS)[np.random.default_rng(0).permutation(CELLS)],
    np.geomspace(8.0, 25.0, CELLS)[np.random.default_rng(1).permutation(CELLS)],
    np.linspace(0.25, 0.8, CELLS)[np.random.default_rng(2).permutation(CELLS)],
    np.linspace(0.2, 0.65, CELLS),
    np.full(CELLS, 30.0),
    0.0,
)


def test_mean_and_variance_of_simulated_counts():
    cells = plan(400)
    drawn = TRUE.simulate(cells, np.random.default_rng(0))[4]
    mean = TRUE.rate(drawn.size, drawn.expected)[4] * 0.4
    error = (drawn.spikes - mean) / np.sqrt(mean + mean**2 / 30)
    assert abs(error.mean()) < 5 / np.sqrt(len(error))
    square, spread = mean_and_error(error**2)
    assert abs(square - 1) < 5 * spread


def test_rates_are_cut_off_and_reverse_at_the_value():
    low, high = TRUE.rate([0.0, 1e4], [True, True]).T
    assert (low >= population.FLOOR).all() and (high > TRUE.baseline).all()
    at = 20 * TRUE.value ** (1 / 0.7)
    np.testing.assert_allclose(np.diag(TRUE.rate(at, np.ones(CELLS))), TRUE.baseline)
    unexpected = 20 * (0.7 * TRUE.value) ** (1 / 0.7)
    np.testing.assert_allclose(np.diag(TRUE.rate(unexpected, np.zeros(CELLS))), TRUE.baseline)


def test_parameters_are_recovered():
    cells = TRUE.simulate(plan(60), np.random.default_rng(3))
    found = fit(cells, ("distributional",))["distributional"]
    assert np.corrcoef(found.value, TRUE.value)[0, 1] > 0.95
    assert np.corrcoef(found.asymmetry, TRUE.asymmetry)[0, 1] > 0.9
    assert np.corrcoef(np.log(found.gain), np.log(TRUE.gain))[0, 1] > 0.9
    assert (found.power, found.share) == (0.7, 0.7)
    assert abs(np.mean(found.value - TRUE.value)) < 0.05


def test_nested_models_are_nested_and_the_true_one_fits_as_well_as_the_truth():
    cells = TRUE.simulate(plan(20), np.random.default_rng(4))
    found = fit(cells)
    total = {name: one.log_likelihood for name, one in found.items()}
    assert total["distributional"] >= max(total.values()) - 1e-9
    assert total["shared"] <= min(total["asymmetry"], total["value"])
    truth = sum(part.sum() for part in TRUE.log_likelihoods(cells))
    own = replace(found["distributional"], dispersion=TRUE.dispersion)
    assert sum(part.sum() for part in own.log_likelihoods(cells)) > truth - 5


def test_held_out_trials_prefer_the_model_that_made_them():
    models = ("shared", "distributional")
    differences = {}
    for name, truth in (
        ("distributional", TRUE),
        ("shared", replace(TRUE, value=np.full(CELLS, 0.4), asymmetry=np.full(CELLS, 0.55))),
    ):
        cells = truth.simulate(plan(12), np.random.default_rng(5))
        held = cross_validate(cells, models)
        differences[name] = mean_and_error(held["distributional"] - held["shared"])
    assert differences["distributional"][0] > 2 * differences["distributional"][1]
    assert differences["shared"][0] < 2 * differences["shared"][1]
    assert differences["shared"][0] < 0.002 < differences["distributional"][0]


def test_the_tied_value_is_the_expectile_of_what_a_cell_got():
    cells = TRUE.simulate([cell.where(cell.expected) for cell in plan(20)], np.random.default_rng(6))
    found = fit(cells, ("expectile",))["expectile"]
    worth = (cells[0].size / 20) ** found.power
    for value, slant in zip(found.value, found.asymmetry, strict=True):
        assert value == pytest.approx(expectile(worth, slant), abs=1e-6)


def test_a_dip_teaches_as_much_as_a_burst_where_it_is_not_cut_off():
    cells = plan(1)
    slants = np.linspace(0.2, 0.8, CELLS)
    worth = (SIZES / 20) ** 0.7
    values = np.array([expectile(worth, a) for a in slants])
    free = replace(TRUE, asymmetry=slants, value=values, share=1.0, baseline=np.full(CELLS, 100.0))
    np.testing.assert_allclose(teaching_ratio(free, cells), 1, rtol=1e-6)
    cut = replace(free, baseline=np.full(CELLS, 2.0))
    assert (teaching_ratio(cut, cells) > 1.05).all()


def test_mistakes():
    cells = plan(2)
    with pytest.raises(Mistake, match="no model"):
        fit(cells, ("classical",))
    with pytest.raises(Mistake, match="no cells"):
        fit([])
    with pytest.raises(Mistake, match="folds"):
        cross_validate(cells, folds=1)
    with pytest.raises(Mistake, match="fitted"):
        TRUE.log_likelihoods(cells[:2])
