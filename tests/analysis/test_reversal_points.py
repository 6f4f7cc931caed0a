"""Reversal points are found where they are, in halves too, and not where all cells are alike."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.nwb import read_nwb
from hedon.analysis.recordings.places import VARIABLE, data_folder
from hedon.analysis.recordings.recording import Recording
from hedon.analysis.responses.dopamine_responses import FOLDER
from hedon.analysis.responses.reversal_points import (
    alike,
    halves,
    reversal_points,
    utility,
    without_each,
)
from hedon.analysis.responses.reward_trials import WIDTH, CellTrials, pooled, single_trials

SIZES = np.array([0.1, 0.3, 1.2, 2.5, 5.0, 10.0, 20.0])


def made(point, *, repeats=40, baseline=6.0, up=10.0, down=10.0, rng=None):
    """A cell that reverses at a utility of sqrt(size/20) = ``point``; its counts are Poisson with ``rng``."""
    size = np.repeat(SIZES, repeats)
    distance = np.sqrt(size / 20) - point
    rate = np.maximum(baseline + np.where(distance > 0, up, down) * distance, 0)
    spikes = rate * WIDTH if rng is None else rng.poisson(rate * WIDTH)
    before = np.full(len(size), baseline) if rng is None else rng.poisson(baseline, len(size))
    return CellTrials(size, np.zeros(len(size), bool), spikes.astype(float), before.astype(float))


def population(rng, points, **settings):
    return [made(point, rng=rng, **settings) for point in points]


@pytest.fixture(scope="module")
def recordings():
    folder = data_folder(FOLDER)
    files = sorted(folder.glob("*.nwb")) if folder is not None else []
    if not files:
        pytest.skip(f"needs the recordings {FOLDER}/*.nwb in the folder that {VARIABLE} names")
    return single_trials(read_nwb(file) for file in files)


def test_without_noise_points_and_asymmetries_are_exact():
    points = np.array([0.3, 0.45, 0.6])
    cells = [made(p, up=4 * (1 + k), down=6.0) for k, p in enumerate(points)]
    found = reversal_points(cells)
    sizes, axis = utility(cells)
    for cell, point, size, k in zip(cells, points, found.size, range(3), strict=True):
        # between two sizes the crossing is linear in utility, the size logarithmic
        low = np.searchsorted(np.sqrt(sizes / 20), point) - 1
        mean = [cell.response[cell.size == s].mean() for s in sizes[low : low + 2]]
        share = -mean[0] / (mean[1] - mean[0])
        place = axis[low] + share * (axis[low + 1] - axis[low])
        assert found.utility[k] == pytest.approx(place)
        assert size == pytest.approx(np.exp(np.interp(place, axis, np.log(sizes))))
    assert found.crosses.all()
    assert (np.diff(found.utility) > 0).all() and (np.diff(found.asymmetry) > 0).all()


def test_the_rising_curve_is_that_of_scikit_learn():
    isotonic = pytest.importorskip("sklearn.isotonic").isotonic_regression
    from hedon.analysis.responses.reversal_points import _rising

    rng = np.random.default_rng(3)
    weight, mean = rng.integers(1, 6, (50, 7)).astype(float), rng.normal(size=(50, 7))
    exact = [isotonic(m, sample_weight=w) for m, w in zip(mean, weight, strict=True)]
    np.testing.assert_allclose(_rising(weight, mean), exact, atol=1e-12)


def test_cells_that_never_reverse_lie_at_the_ends_and_are_told():
    cells = [made(0.45), made(-0.5), made(1.5)]
    for estimator in ("means", "signs"):
        found = reversal_points(cells, estimator)
        np.testing.assert_array_equal(found.crosses, [True, False, False])
        np.testing.assert_allclose(found.size[1:], [SIZES[0], SIZES[-1]])


def test_cells_of_their_own_are_found_again_and_equal_ones_are_not():
    rng = np.random.default_rng(1)
    spread = halves(population(rng, np.linspace(0.2, 0.8, 16), repeats=120), splits=40)
    assert spread.reliability.r > 0.9 and spread.reliability.p < 1e-4
    assert spread.reliability.low < spread.reliability.r < spread.reliability.high
    alike = [halves(population(rng, np.full(16, 0.45)), splits=40).reliability.r for _ in range(8)]
    assert abs(np.mean(alike)) < 5 * np.std(alike, ddof=1) / np.sqrt(8)


def test_five_cells_have_an_interval():
    """Although some samples of them hold too few different ones for a correlation."""
    found = halves(population(np.random.default_rng(8), np.linspace(0.2, 0.8, 5)), splits=20)
    for one in (found.reliability, found.relation):
        assert -1 <= one.low < one.r < one.high <= 1


def test_asymmetry_goes_with_the_point_only_where_it_does():
    rng = np.random.default_rng(2)
    points = np.linspace(0.25, 0.7, 16)
    found = {"tied": [], "free": []}
    for _ in range(8):
        tied = [made(p, up=40 * p, down=40 * (1 - p), baseline=25.0, rng=rng) for p in points]
        free = population(rng, points, up=20, down=20, baseline=25.0)
        for name, cells in (("tied", tied), ("free", free)):
            found[name].append(halves(cells, splits=20).relation.r)
    error = {name: np.std(values, ddof=1) / np.sqrt(len(values)) for name, values in found.items()}
    assert np.mean(found["tied"]) > 5 * error["tied"]
    assert abs(np.mean(found["free"])) < 5 * error["free"]


def test_signs_see_a_reliable_difference_where_there_is_none():
    """Cells that all reverse at one reward, with baselines that lie differently between whole spikes."""
    rng = np.random.default_rng(4)
    found = {"means": [], "signs": []}
    for _ in range(6):
        cells = [made(0.45, baseline=b, rng=rng) for b in np.linspace(3, 12, 16)]
        for name, values in found.items():
            values.append(halves(cells, name, splits=20).reliability.r)
    error = {name: np.std(values, ddof=1) / np.sqrt(len(values)) for name, values in found.items()}
    assert np.mean(found["signs"]) > 5 * error["signs"]
    assert abs(np.mean(found["means"])) < 5 * error["means"]


def test_pooled_cells_differ_by_chance_alone():
    rng = np.random.default_rng(5)
    cells = population(rng, np.linspace(0.2, 0.8, 16))
    null = [halves(pooled(cells, rng), splits=20) for _ in range(10)]
    for values in ([one.reliability.r for one in null], [one.relation.r for one in null]):
        assert abs(np.mean(values)) < 5 * np.std(values, ddof=1) / np.sqrt(len(values))
    total = sum(cell.response.sum() for cell in pooled(cells, rng))
    assert total == pytest.approx(sum(cell.response.sum() for cell in cells))


def test_the_null_is_that_of_pooled_cells():
    """Draws side by side: of cells of many kinds they spread as those that are pooled one after the other."""
    rng = np.random.default_rng(6)
    cells = population(rng, np.linspace(0.2, 0.8, 8))
    null = list(alike(cells, 60, splits=20))
    assert len(null) == 60
    place = np.log10([points.size for points, _ in null])
    assert place.shape == (60, 8) and null[0][1].reversal.shape == (2, 20, 8)
    others = [reversal_points(pooled(cells, rng)) for _ in range(60)]
    by_hand = np.log10([points.size for points in others])
    for measure in (np.mean, np.var):
        one, other = (measure(values, axis=1) for values in (place, by_hand))
        error = np.hypot(one.std(ddof=1), other.std(ddof=1)) / np.sqrt(60)
        assert abs(one.mean() - other.mean()) < 5 * error and 0.6 < one.std() / other.std() < 1.7
    slants = [np.nanmean([points.asymmetry for points in each]) for each in ([p for p, _ in null], others)]
    assert abs(slants[0] - slants[1]) < 0.02
    # halves of one draw belong to its own trials: their mean lies near the draw's points
    reversal = np.array([split.reversal.mean(axis=(0, 1)) for _, split in null])
    whole = np.array([points.utility for points, _ in null])
    assert np.corrcoef(reversal.ravel(), whole.ravel())[0, 1] > 0.9
    correlations = np.array([split.correlations for _, split in null])
    assert (np.abs(correlations.mean(axis=0)) < 5 * correlations.std(axis=0) / np.sqrt(60)).all()


def test_means_without_each_cell():
    """As by hand: the others measured anew; a size that one cell alone got stays where it was."""
    rng = np.random.default_rng(7)
    cells = population(rng, np.linspace(0.2, 0.8, 5), repeats=10)
    place, slant = without_each(cells)
    for cell in range(5):
        found = reversal_points([cells[k] for k in range(5) if k != cell])
        assert place[cell] == pytest.approx(np.log10(found.size).mean())
        assert slant[cell] == pytest.approx(np.nanmean(found.asymmetry))
    alone = [cell.where(cell.size < 20) for cell in cells[:4]] + cells[4:]
    assert np.isfinite(without_each(alone)).all()


def test_cells_of_unequal_sizes_and_trials():
    """A cell that never got some size, others with few trials."""
    few = made(0.5, repeats=2)
    cells = [made(0.3), made(0.45).where(np.repeat(SIZES, 40) != 2.5), few, made(0.6, repeats=5)]
    found = halves(cells, splits=10)
    assert np.isfinite(found.reversal).all()
    assert np.isfinite(reversal_points(cells).size).all()


def test_trials_are_counted_in_their_windows():
    times = np.array([9.1, 9.5, 10.1, 10.25, 10.3, 10.55, 10.65, 20.3])
    table = {
        "reward_ul": np.array([5.0, 1.2, 2.5]),
        "expected": np.array([0, 1, 0]),
        "t_cue": np.array([np.nan, 18.5, np.nan]),
        "t_outcome": np.array([10.0, 20.0, np.nan]),
    }
    (cell,) = single_trials([Recording((times,), table)])
    np.testing.assert_array_equal(cell.spikes, [3, 1])
    np.testing.assert_array_equal(cell.before, [2, 0])
    np.testing.assert_allclose(cell.response, np.array([3, 1]) / 0.4 - 1)
    two = single_trials([Recording((times, times[:2]), table)])
    assert len(two) == 2 and two[1].spikes.sum() == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reward_ul": None}, "reward_ul"),
        ({"t_cue": None}, "t_cue"),
        ({"t_outcome": np.array([np.nan, np.nan])}, "known time"),
    ],
)
def test_what_is_missing_gets_one_line(change, says):
    table = {
        "reward_ul": np.ones(2),
        "expected": np.array([0, 1]),
        "t_cue": np.ones(2),
        "t_outcome": np.ones(2),
    }
    table = {name: values for name, values in (table | change).items() if values is not None}
    with pytest.raises(Mistake, match=says):
        single_trials([Recording((np.ones(1),), table)])


def test_mistakes_of_the_estimators():
    cells = [made(0.4), made(0.5), made(0.6)]
    with pytest.raises(Mistake, match="signs"):
        reversal_points(cells, "sign")
    with pytest.raises(Mistake, match="two sizes"):
        reversal_points([cell.where(cell.size == 5.0) for cell in cells])
    with pytest.raises(Mistake, match="no cells"):
        halves([])


def test_the_recordings_give_the_correlations_that_were_measured(recordings):
    """Over twenty cells r = .68 and .49, with a median p of .03; the estimator by signs finds them."""
    found = halves(recordings, "signs")
    assert found.reliability.r == pytest.approx(0.68, abs=0.1)
    assert found.relation.r == pytest.approx(0.49, abs=0.1)
    assert found.relation.p < 0.05
    rng = np.random.default_rng(0)
    null = [halves(pooled(recordings, rng), "signs", splits=40) for _ in range(8)]
    for values in ([one.reliability.r for one in null], [one.relation.r for one in null]):
        assert abs(np.mean(values)) < 5 * np.std(values, ddof=1) / np.sqrt(8)


def test_the_interval_over_cells_is_that_of_cells_drawn_again() -> None:
    """Weights of cells give what correlations of the drawn cells give."""
    from hedon.analysis.responses.reversal_points import RESAMPLES, _drawn_again, _mean, _pearson
    from hedon.analysis.statistics.intervals import bootstrap_interval

    generator = np.random.default_rng(1)
    pairs = generator.normal(size=(20, 60, 2)) + generator.normal(size=(20, 1, 1))
    pairs[0, 3], pairs[3:9, :30], pairs[:, 5, 0] = np.nan, np.nan, 1.0
    wanted = bootstrap_interval(pairs, lambda drawn: _mean(_pearson(drawn)[0]), resamples=RESAMPLES)
    np.testing.assert_allclose(np.quantile(_drawn_again(pairs), [0.025, 0.975]), wanted, rtol=1e-9)


def test_signs_by_hand() -> None:
    """The place with most negative responses below and positive ones above; between equal ones their mean."""
    size = np.repeat([1.0, 2.0, 4.0, 8.0], 3)
    one = np.array([-1, -1, -1, -1, 1, -1, 1, -1, 1, 1, 1, 1.0])
    two = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2.0])  # nothing below: it reverses nowhere
    three = np.array([-1, -1, -1, -1, -1, 0, 0, 1, 1, 2, 2, 2.0])
    cells = [
        CellTrials(size, np.zeros(12, bool), (values + 9) * WIDTH, np.full(12, 9.0))
        for values in (one, two, three)
    ]
    sizes, axis = utility(cells)
    assert sizes.tolist() == [1, 2, 4, 8]
    np.testing.assert_allclose(axis, np.mean([one, two, three], axis=0).reshape(4, 3).mean(axis=1), atol=1e-9)
    found = reversal_points(cells, "signs")
    middle = (axis[1] + axis[2]) / 2
    np.testing.assert_allclose(found.utility, [middle, axis[0], middle])
    assert found.crosses.tolist() == [True, False, True]


def test_a_correlation_over_cells_is_that_of_scipy() -> None:
    """Median p and mean r over splits; cells that lack a number are left out; two cells have none."""
    from scipy.stats import pearsonr

    from hedon.analysis.responses.reversal_points import _correlation, _pearson

    generator = np.random.default_rng(9)
    one, other = generator.normal(size=(2, 1, 5, 8))
    other += one
    one[0, 2, 3] = np.nan
    found = _correlation(one, other)
    each = []
    for split in range(5):
        known = np.isfinite(one[0, split])
        each.append(pearsonr(one[0, split, known], other[0, split, known]))
    assert found.r == pytest.approx(np.mean([e.statistic for e in each]))
    assert found.p == pytest.approx(np.median([e.pvalue for e in each]))
    with pytest.raises(Mistake, match="three cells or more, not 2"):
        _correlation(one[..., :2], other[..., :2])
    flat = np.stack([np.ones((4, 1)), np.arange(4.0)[:, None]], axis=-1)
    assert np.isnan(_pearson(flat)[0]).all() and _pearson(flat)[1].tolist() == [4]
    few = np.stack([np.array([[1.0], [2], [np.nan]]), np.array([[1.0], [2], [3]])], axis=-1)
    assert np.isnan(_pearson(few)[0]).all() and _pearson(few)[1].tolist() == [2]


def test_halves_are_of_all_trials_and_equally_many() -> None:
    from hedon.analysis.responses.reversal_points import _halved

    cells = [made(0.4, repeats=1), made(0.4, repeats=2).where(np.arange(4))]
    for mask, many in zip(_halved(cells, 30, np.random.default_rng(0)), (3, 2), strict=True):
        assert mask.shape[:2] == (2, 30) and (mask.sum(axis=0) == 1).all()
        assert (mask[0].sum(axis=1) == many).all() and (mask[0].mean(axis=0) > 0.1).all()
    with pytest.raises(Mistake, match="a cell with one trial cannot be halved"):
        halves([made(0.4), made(0.4).where(np.arange(1))])


def test_curves_cross_where_they_change_their_sign() -> None:
    from hedon.analysis.responses.reversal_points import _crossing

    axis = np.array([0.0, 1.0, 2.0, 4.0])
    curves = np.array(
        [[-1, -0.5, 0.5, 1], [-2, 0, 0, 2], [0, 0, 1, 2], [-2, -1, 0, 0], [1, 1, 1, 1], [-1, 3, 3, 3.0]]
    )
    point, crosses = _crossing(curves, axis)
    np.testing.assert_allclose(point, [1.5, 2.0, 0, 4, 0, 0.25])
    assert crosses.tolist() == [True, True, False, False, False, True]
