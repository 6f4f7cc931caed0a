"""A fitted population knows its cells again, and prefers values of their own only where there are any."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nbinom

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.recording import Recording
from hedon.analysis.responses import dopamine_population as population
from hedon.analysis.responses.dopamine_population import Population, cross_validate, fit, teaching_ratio
from hedon.analysis.responses.reward_trials import (
    CellTrials,
    mean_responses,
    pooled,
    pooled_responses,
    response_curve,
    single_trials,
)
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


@pytest.mark.whole
def test_held_out_trials_prefer_the_model_that_made_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(population, "POWERS", (0.55, 0.7, 0.85))
    monkeypatch.setattr(population, "SHARES", (0.55, 0.7, 0.85))
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


TINY = population.Grid(np.array([0.0, 0.3, 0.6]), np.array([0.2, 0.5, 0.8]), np.array([5.0, 20.0]))


def few(cells: int = 3) -> list[CellTrials]:
    return [one.where(one.size != 2.5) for one in TRUE.simulate(plan(3), np.random.default_rng(7))[:cells]]


def grid(cell: CellTrials, power: float, share: float, dispersion: float) -> np.ndarray:
    """Best log probability over gains, (value, asymmetry), trial by trial."""
    found = np.full((3, 3), -np.inf)
    for v, value in enumerate(TINY.values):
        for s, slant in enumerate(TINY.asymmetries):
            for gain in TINY.gains:
                delta = (cell.size / 20) ** power - np.where(cell.expected, 1, share) * value
                rate = cell.baseline + 2 * gain * np.where(delta > 0, slant, 1 - slant) * delta
                mean = np.maximum(rate, 0.25) * 0.4
                p = dispersion / (dispersion + mean)
                found[v, s] = max(found[v, s], nbinom.logpmf(cell.spikes, dispersion, p).sum())
    return found


def dispersion(cell: CellTrials) -> float:
    """By moments: squared means over what the variance within kinds has beyond them."""
    kinds = [cell.spikes[(cell.size == s) & (cell.expected == e)] for s in SIZES for e in (False, True)]
    kinds = [kind for kind in kinds if len(kind)]
    squares = sum(len(kind) * kind.mean() ** 2 for kind in kinds)
    within = sum(((kind - kind.mean()) ** 2).sum() for kind in kinds)
    excess = within * len(cell) / (len(cell) - len(kinds)) - cell.spikes.sum()
    return squares / excess if excess > squares / 1000 else 1000.0


def test_each_model_is_the_best_of_its_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every point of a small grid tried, with scipy's negative binomial law."""
    for name, value in (("COARSE", TINY), ("FINE", TINY), ("POWERS", (0.5, 0.7)), ("SHARES", (0.7, 1.0))):
        monkeypatch.setattr(population, name, value)
    cells, found = few(), fit(few())
    spread = [dispersion(cell) for cell in cells]
    assert len({s == 1000 for s in spread}) == 2 or min(spread) < 1000
    best = dict.fromkeys(found, -np.inf)
    for power, share in itertools.product((0.5, 0.7), (0.7, 1.0)):
        tables = np.array([grid(cell, power, share, s) for cell, s in zip(cells, spread, strict=True)])
        here = {
            "shared": tables.sum(axis=0).max(),
            "asymmetry": tables.max(axis=2).sum(axis=0).max(),
            "value": tables.max(axis=1).sum(axis=0).max(),
            "distributional": tables.max(axis=(1, 2)).sum(),
        }
        best |= {name: max(best[name], total) for name, total in here.items()}
    for name, one in found.items():
        np.testing.assert_allclose(one.dispersion, spread)
        total = sum(part.sum() for part in one.log_likelihoods(cells))
        if name != "expectile":
            assert total == pytest.approx(best[name], abs=1e-9)
        # the likelihood that is kept leaves out what all models share
        first = sum(part.sum() for part in found["shared"].log_likelihoods(cells))
        assert one.log_likelihood - found["shared"].log_likelihood == pytest.approx(total - first, abs=1e-9)
        assert len(set(one.value)) == 1 or name not in ("shared", "asymmetry")
        assert len(set(one.asymmetry)) == 1 or name not in ("shared", "value")
        assert one.largest == 20 and one.baseline.tolist() == [cell.baseline for cell in cells]


def test_counts_that_vary_less_than_by_chance_are_poisson() -> None:
    even = CellTrials(np.ones(6), np.zeros(6, bool), np.array([4.0, 4, 4, 4, 4, 5]), np.ones(6))
    assert population._Counts.of(even, np.ones(1)).dispersion == 1000
    wild = replace(even, spikes=np.array([0.0, 9, 0, 9, 0, 9]))
    # mean 4.5, squares 6*4.5^2; within 6*4.5^2, of 5 free: excess 6*4.5^2*6/5 - 27
    assert population._Counts.of(wild, np.ones(1)).dispersion == pytest.approx(121.5 / (145.8 - 27))
    alone = replace(even, size=np.arange(6.0))  # a trial of each kind tells of no variance
    assert population._Counts.of(alone, np.arange(6.0)).dispersion == 1000


def test_trials_of_each_kind_are_dealt_evenly() -> None:
    (cell, *_) = plan(13)
    for seed in range(3):
        dealt = population._dealt(cell, 4, np.random.default_rng(seed))
        assert np.ptp(np.bincount(dealt, minlength=4)) <= 1
        for size, expected in itertools.product(SIZES, (False, True)):
            kind = dealt[(cell.size == size) & (cell.expected == expected)]
            assert np.ptp(np.bincount(kind, minlength=4)) <= 1
    first = [population._dealt(cell, 4, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(first[0], first[1])
    assert (first[0] != first[2]).any()


def test_held_out_trials_are_those_that_were_not_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COARSE", TINY), ("FINE", TINY), ("POWERS", (0.7,)), ("SHARES", (0.7,))):
        monkeypatch.setattr(population, name, value)
    cells, told = few(2), []
    held = cross_validate(cells, ("value",), 3, seed=4, progress=told.append)["value"]
    rng = np.random.default_rng(4)
    fold = [population._dealt(cell, 3, rng) for cell in cells]
    total = np.zeros(2)
    for k in range(3):
        fitted = fit([c.where(f != k) for c, f in zip(cells, fold, strict=True)], ("value",))["value"]
        out = fitted.log_likelihoods([c.where(f == k) for c, f in zip(cells, fold, strict=True)])
        total += [part.sum() for part in out]
    np.testing.assert_allclose(held, total / len(cells[0]))
    assert told == [0, 1 / 3, 2 / 3]
    short = [cell.where(np.arange(3)) for cell in cells]
    assert np.isfinite(cross_validate(short, ("value",), 3)["value"]).all()
    with pytest.raises(Mistake, match="4 folds need two or more, and as many trials of each cell"):
        cross_validate(short, ("value",), 4)


def test_a_cell_that_never_dips_is_never_taught_down() -> None:
    unexpected = [cell.where(cell.size > 1) for cell in plan(1)]
    none = replace(TRUE, value=np.zeros(CELLS))
    assert np.isinf(teaching_ratio(none, unexpected)).all()


def test_responses_of_trials_to_each_size() -> None:
    size, expected = np.array([1.0, 1, 3, 3, 1]), np.array([0, 0, 0, 1, 1], bool)
    cell = CellTrials(size, expected, np.array([4.0, 8, 2, 4, 0]), np.array([5.0, 5, 5, 0, 5]))
    assert cell.baseline == 4 and len(cell) == 5
    np.testing.assert_allclose(cell.response, [6, 16, 1, 6, -4])
    mean, error = response_curve(cell, np.array([1.0, 2, 3]), False)
    np.testing.assert_allclose(mean, [11, np.nan, 1])
    np.testing.assert_allclose(error[:2], [np.std([6, 16], ddof=1) / np.sqrt(2), np.nan])
    other = CellTrials(np.array([2.0]), np.array([False]), np.array([1.0]), np.array([0.5]))
    more = CellTrials(np.array([1.0]), np.array([False]), np.array([1.0]), np.array([0.5]))
    sizes, curves = mean_responses([cell, other, more])
    assert sizes.tolist() == [1, 2, 3]
    np.testing.assert_allclose(curves, [[6.5, 2, 1], [-4, np.nan, 6]])
    with pytest.raises(Mistake, match="one each"):
        CellTrials(size[:0], expected[:0], size[:0], size[:0])


def test_pooled_cells_have_their_sizes_and_others_responses() -> None:
    cells = few(3)
    drawn = pooled_responses(cells, np.random.default_rng(0), 2)
    assert [part.shape for part in drawn] == [(2, len(cell)) for cell in cells]
    for size, expected in itertools.product(SIZES, (False, True)):
        kinds = [(cell.size == size) & (cell.expected == expected) for cell in cells]
        before = np.sort(np.concatenate([c.response[k] for c, k in zip(cells, kinds, strict=True)]))
        for draw in range(2):
            after = np.concatenate([p[draw, k] for p, k in zip(drawn, kinds, strict=True)])
            np.testing.assert_allclose(np.sort(after), before)
    assert (drawn[0][0] != drawn[0][1]).any()
    once = pooled_responses(cells, np.random.default_rng(0), 1)
    for cell, own, part in zip(cells, pooled(cells, np.random.default_rng(0)), once, strict=True):
        np.testing.assert_allclose(own.response, part[0])
        assert own.size is cell.size and own.baseline == pytest.approx(np.mean([c.baseline for c in cells]))


def test_trials_of_a_recording_that_count() -> None:
    """Rate in 1 s before the first event, spikes in .2 to .6 s; what has no time, or no size, is left out."""
    spikes = np.array([9.5, 10.25, 10.3, 10.7, 18.6, 19.4, 20.21, 29.5, 30.3])
    trials = {
        "reward_ul": np.array([1.0, 2, 3, np.nan, 5]),
        "t_outcome": np.array([10.0, 20, 30, 40, np.nan]),
        "expected": np.array([0.0, 1, 1, 0, 0]),
        "t_cue": np.array([np.nan, 19, np.nan, np.nan, np.nan]),
    }
    (cell,) = single_trials([Recording((spikes,), trials)])
    assert cell.size.tolist() == [1, 2] and cell.expected.tolist() == [False, True]
    assert cell.spikes.tolist() == [2, 1] and cell.before.tolist() == [1, 1]
    for without, said in (("t_outcome", "no column 't_outcome'"), ("t_cue", "no column 't_cue'")):
        with pytest.raises(Mistake, match=said):
            single_trials([Recording((spikes,), {k: v for k, v in trials.items() if k != without})])
    with pytest.raises(Mistake, match="no cells to take trials of"):
        single_trials([Recording((), trials)])
    with pytest.raises(Mistake, match="no trial has a reward"):
        single_trials([Recording((spikes,), trials | {"reward_ul": np.full(5, np.nan)})])
