"""Rates about events and the dips in them: those of made cells come back, chance alone gives none."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.places import VARIABLE, data_folder
from hedon.analysis.recordings.recording import Recording
from hedon.analysis.responses.dopamine_responses import FOLDER
from hedon.analysis.responses.peri_event import (
    STEP,
    dip,
    each_depth,
    each_duration,
    edges,
    mean_dip,
    random_counts,
    random_events,
    rate,
    smoothed,
)
from hedon.analysis.statistics.intervals import mean_and_error
from hedon.figures import comparisons
from hedon.figures.comparisons.data import Data

BORDERS = edges(-0.2, 1.2, STEP)
TIMES = (BORDERS[:-1] + BORDERS[1:]) / 2
BASE = 8.0


def poisson(cells: int, events: int, low: float, high: float, left: float, seed: int) -> np.ndarray:
    """Counted rates (cell, bin) of Poisson cells; from ``low`` to ``high`` a part of the rate is left."""
    generator = np.random.default_rng(seed)
    truth = np.where((TIMES > low) & (TIMES < high), left * BASE, BASE)
    return generator.poisson(truth * STEP * events, (cells, len(truth))) / STEP / events


def test_rates_are_spikes_by_bin_and_event() -> None:
    cell = Recording((np.array([0.95, 1.0, 1.15, 2.05, 2.11]), np.array([1.05])), {})
    found = rate(cell, [1.0, 2.0], edges(-0.1, 0.2, 0.1))
    np.testing.assert_allclose(found, [[5, 10, 10], [0, 5, 0]])
    assert np.isnan(rate(cell, [], edges(-0.1, 0.2, 0.1))).all()
    with pytest.raises(Mistake, match="no whole number of bins"):
        edges(0, 1, 0.3)


def test_the_dip_of_a_curve() -> None:
    curve = np.where((TIMES > 0.2) & (TIMES < 0.4), 2.0, BASE)
    curve[np.abs(TIMES - 0.3) < STEP] = 1.0
    found = dip(curve, TIMES, BASE)
    assert found.time == pytest.approx(0.3, abs=STEP) and found.lowest == 1 and found.depth == BASE - 1
    assert found.duration == pytest.approx(0.2) and (found.begin, found.end) == pytest.approx((0.2, 0.4))
    # a triangle: half of the depth is reached half of the way
    slope = BASE - np.clip(BASE * (1 - np.abs(TIMES - 0.4) / 0.2), 0, None)
    assert dip(slope, TIMES, BASE).duration == pytest.approx(0.2, abs=2 * STEP)
    burst = dip(BASE + np.exp(-(((TIMES - 0.3) / 0.1) ** 2)), TIMES, BASE)
    assert burst.depth <= 0 and burst.duration == 0
    with pytest.raises(Mistake, match="no bin"):
        dip(curve, TIMES, BASE, (2.0, 3.0))


@pytest.mark.parametrize("left", [0.0, 0.4])
def test_depth_and_duration_of_poisson_cells(left: float) -> None:
    """What is missing is counted where the others have it, so that chance adds nothing: both unbiased."""
    base = np.full(400, BASE)
    rates = poisson(400, 12, 0.2, 0.4, left, seed=1)
    depth, duration = (measure(rates, TIMES, base) for measure in (each_depth, each_duration))
    for found, truth in ((depth, (1 - left) * BASE), (duration, 0.2 * (1 - left))):
        mean, error = mean_and_error(found)
        assert abs(mean - truth) <= 5 * error + 1e-9 and error < 0.05 * max(truth, 1)


def test_chance_alone_has_no_dip_unless_a_cell_says_itself_where() -> None:
    flat = poisson(1200, 12, 0.2, 0.4, 1.0, seed=2)
    for measure in (each_depth, each_duration):
        found = measure(flat.reshape(400, 3, -1), TIMES, np.full(3, BASE))
        mean, error = mean_and_error(found.mean(axis=1))
        assert abs(mean) < 5 * error
    alone = each_depth(flat[:40, None], TIMES, [BASE])[:, 0]
    mean, error = mean_and_error(alone)
    assert mean > 5 * error


def test_the_interval_of_a_mean_dip_holds_the_truth() -> None:
    rates = poisson(20, 60, 0.2, 0.4, 0.2, seed=3)
    found, spread = mean_dip(rates, TIMES, np.full(20, BASE))
    # at most one percent of a step's middle is smoothed away 100 ms from its edges
    assert spread["lowest"][0] - 0.4 < 0.2 * BASE < spread["lowest"][1] + 0.4
    assert abs(found.duration - 0.2) < 0.03 and 0.2 < found.time < 0.4
    assert smoothed(np.ones(9)).tolist() == pytest.approx([1] * 9)


def test_a_cell_without_the_kind_of_trial_is_left_out() -> None:
    rates = poisson(5, 30, 0.2, 0.4, 0.0, seed=4)
    rates[2] = np.nan
    rows = [0, 1, 3, 4]
    for measure in (each_depth, each_duration):
        found = measure(rates, TIMES, np.full(5, BASE))
        assert np.isnan(found).tolist() == [False, False, True, False, False]
        np.testing.assert_allclose(found[rows], measure(rates[rows], TIMES, np.full(4, BASE)))


@pytest.mark.parametrize("cells", [1, 2, 7])
def test_depth_and_duration_are_read_where_the_others_dip(cells: int) -> None:
    """Cell after cell, by `dip` of the mean of the others; draws side by side as one after the other."""
    rates = np.stack([poisson(cells, 20, 0.2, 0.4, left, seed=5) for left in (0.0, 0.5, 1.0)])
    base = np.linspace(5, 12, cells)
    depth, duration = (measure(rates, TIMES, base) for measure in (each_depth, each_duration))
    for draw, population in enumerate(rates):
        for cell, own in enumerate(population):
            rest = [k for k in range(cells) if k != cell or cells == 1]
            found = dip(smoothed(population[rest].mean(axis=0)), TIMES, base[rest].mean())
            near = np.abs(TIMES + 1e-6 - found.time) < 0.05
            assert near.sum() == 20
            assert depth[draw, cell] == pytest.approx(base[cell] - own[near].mean())
            half = (found.end - found.begin) / 2
            inside = (TIMES > max(found.begin - half, 0.1) - 1e-6) & (TIMES < found.end + half - 1e-6)
            missing = (base[cell] - own[inside]).sum() * STEP
            assert duration[draw, cell] == pytest.approx(missing / base[cell])


def test_bins_that_are_equally_low() -> None:
    """The first of them is the lowest, whatever rounding leaves of a mean less one cell."""
    rates = np.full((4, len(TIMES)), 0.3)
    rates[3] = np.random.default_rng(6).uniform(0.1, 9, len(TIMES))
    first = np.flatnonzero(TIMES > 0.1)[0]
    near = rates[3, first - 10 : first + 10].mean()
    assert each_depth(rates, TIMES, np.full(4, BASE))[3] == pytest.approx(BASE - near)


def test_random_events_keep_number_and_span() -> None:
    generator = np.random.default_rng(0)
    found = random_events(Recording((), {}), [5.0, 90.0, 30.0], generator, (-1.0, 1.0))
    assert len(found) == 3 and found.min() >= 5 and found.max() <= 90


def test_random_counts_are_those_about_random_events() -> None:
    """Of a clock that ticks every 100 ms each bin of 50 ms gets a half; of a burst those near it get all."""
    clock = Recording((np.arange(0, 100, 0.1),), {})
    borders = edges(-0.2, 0.3, 0.05)
    found = random_counts(clock, [10.0, 90.0], 6, borders, np.random.default_rng(0), 500)
    assert found.shape == (500, 10) and (found.reshape(500, 5, 2).sum(axis=2) == 6).all()
    assert abs(found.mean() - 3) < 5 * np.sqrt(6 / 4 / 500)
    events = random_events(clock, [10.0, 90.0], np.random.default_rng(0), (-0.2, 0.3), 3000)
    rates = [rate(clock, one, borders)[0] for one in events.reshape(500, 6)]
    np.testing.assert_allclose(found, np.array(rates) * 6 * 0.05)
    assert (found.std(axis=0) > 1).all()


def recorded() -> list[Path]:
    folder = data_folder(FOLDER)
    if folder is None:
        pytest.skip(f"needs the recordings {FOLDER}/*.nwb in the folder that {VARIABLE} names")
    return sorted(folder.glob("*.nwb"))


def test_recorded_cells_dip_to_the_floor() -> None:
    """The lowest mean rate after the smallest expected reward was measured as 1.2 Hz near 260 ms."""
    found = comparisons.measure("dip-depth", Data(recorded()))
    note = next(line for line in found.notes if "after expected 0.1 µl" in line)
    values = [float(word) for word in re.split(r"[ (),]+", note) if word[:1].isdigit()]
    # 20 cells; then value, low, high of time, lowest, duration; and the size before them
    time, early, late, lowest, deep, shallow = values[2:8]
    assert time == pytest.approx(0.26, abs=0.02) and early < 0.26 < late
    assert lowest == pytest.approx(1.2, abs=0.4) and deep < 1.2 < shallow
    depth = dict(zip(found.names, found.mean, strict=True))
    assert depth["expected 0.1 µl"] > 4 and abs(depth["unexpected 20 µl"]) < 2
    # between rewards cells fire a third of a Hz more than before cues: chance alone dips by less than nothing
    low, high = found.null_interval()
    assert (low < 0).all() and (high > 0).all() and (np.abs(found.null_mean) < 0.6).all()


def test_recorded_bursts() -> None:
    """The first 100 ms do not depend on size; what depends on it peaks near 240 ms."""
    found = comparisons.load("peri-event").measure(Data(recorded()))
    mean = dict(zip(found.names, found.mean, strict=True))

    def between(name: str, low: float, high: float) -> float:
        return float(np.mean([mean[f"{name} {at:+.3f} s"] for at in np.arange(low + 0.025, high, 0.05)]))

    small, large = (between(f"unexpected, {name}", 0.0, 0.1) for name in ("small", "large"))
    assert abs(large / small - 1) < 0.1
    value = {
        at: between("unexpected, large", at, at + 0.05) - between("unexpected, small", at, at + 0.05)
        for at in np.round(np.arange(0, 0.6, 0.05), 2)
    }
    assert max(value, key=lambda at: value[at]) in (0.2, 0.25)
    assert between("expected, small", 0.0, 0.1) < 0.7 * small


def test_baselines_as_measured() -> None:
    """Mean 6.53 Hz, median 5.32, standard deviation 3.74 (of these cells), range 1.06 to 17.05."""
    from hedon.analysis.responses.dopamine_responses import recorded as responses

    recorded()
    base = responses().baseline  # type: ignore[union-attr]
    found = [base.mean(), np.median(base), base.std(), base.min(), base.max()]
    np.testing.assert_allclose(found, [6.53, 5.32, 3.74, 1.06, 17.05], atol=0.006)
