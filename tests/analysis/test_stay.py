"""Stay probabilities and slopes around change points, counted one trial at a time."""

from __future__ import annotations

import numpy as np
import pytest

from hedon.analysis.behaviour.change_points import EARLY, LATE, hazard, played, update_slopes
from hedon.analysis.behaviour.stay import KINDS, Stay, stay_probabilities
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import Behaviour
from hedon.analysis.statistics.intervals import bootstrap_interval


def at_random(subjects: int, trials: int) -> Behaviour:
    """Two sessions each; a tenth of trials is not in the file, a tenth missed, some columns unknown."""
    generator = np.random.default_rng(0)
    many = subjects * trials
    columns = {
        "subject": np.repeat([f"s{n}" for n in range(subjects)], trials),
        "session": np.tile(np.where(np.arange(trials) < trials // 3, "x", "y"), subjects),
        "trial": np.tile(np.arange(float(trials)), subjects),
        "missed": (generator.random(many) < 0.1).astype(float),
    }
    for name in ("action", "reward", "common"):
        values = generator.integers(0, 2, many).astype(float)
        values[generator.random(many) < 0.03] = np.nan
        columns[name] = values
    return Behaviour(columns).where(generator.random(many) > 0.1)


def test_stays_after_each_kind_of_trial_are_counted() -> None:
    behaviour = at_random(3, 200)
    found = stay_probabilities(behaviour)
    for row, (name, own) in enumerate(behaviour.subjects()):
        after: list[list[bool]] = [[] for _ in KINDS]
        column = {key: own[key] for key in ("session", "trial", "missed", "action", "reward", "common")}
        for now in range(1, len(own)):
            last = now - 1
            known = [
                np.isfinite(column[key][i]) for key in ("action", "reward", "common") for i in (last, now)
            ]
            if column["session"][now] != column["session"][last] or not all(known):
                continue
            if column["trial"][now] - column["trial"][last] != 1 or column["missed"][[last, now]].any():
                continue
            kind = (0 if column["reward"][last] > 0 else 2) + (0 if column["common"][last] > 0 else 1)
            after[kind].append(column["action"][now] == column["action"][last])
        assert found.subjects[row] == name and found.counts[row].tolist() == [len(stays) for stays in after]
        np.testing.assert_allclose(found.probability[row], [np.mean(stays) for stays in after])
    rc, rr, nc, nr = found.probability.T
    np.testing.assert_allclose(found.index, rc - rr - nc + nr)


def test_shuffled_kinds_are_those_that_were() -> None:
    """The null keeps how often each kind came and how often the subject stayed."""
    behaviour = at_random(4, 200)
    found, null = stay_probabilities(behaviour), stay_probabilities(behaviour, shuffle=1)
    np.testing.assert_array_equal(null.counts, found.counts)
    np.testing.assert_allclose(
        (null.probability * null.counts).sum(axis=1), (found.probability * found.counts).sum(axis=1)
    )
    assert (null.index != found.index).all()
    np.testing.assert_array_equal(null.probability, stay_probabilities(behaviour, shuffle=1).probability)


def test_what_was_never_met_is_unknown_and_means_are_of_who_met_it() -> None:
    nan = np.nan
    table = Stay(
        ("a", "b", "c"), np.array([[0.5, 1, nan, 1], [0.7, 0, nan, 1], [0.9, nan, nan, 0]]), np.ones((3, 4))
    )
    with np.errstate(all="raise", invalid="ignore"):
        np.testing.assert_allclose(table.mean, [0.7, 0.5, nan, 2 / 3])
    known = Stay(
        ("a", "b", "c"),
        np.array([[0.9, 0.2, 0.4, 0.8], [0.7, 0.3, 0.5, 0.5], [nan, 0, 0, 0]]),
        np.ones((3, 4)),
    )
    assert known.interval() == pytest.approx(bootstrap_interval(known.index[:2], seed=0))
    assert known.interval(7) == pytest.approx(bootstrap_interval(known.index[:2], seed=7))


def few(**columns: list) -> Behaviour:
    return Behaviour(
        {name: np.array(values, str if name == "subject" else float) for name, values in columns.items()}
    )


def test_a_subject_without_pairs_is_left_out() -> None:
    columns = {"action": [1, 1, 2, 2], "common": [1] * 4, "reward": [1, 0, 0, 0]}
    found = stay_probabilities(few(subject=list("aaab"), trial=[0, 1, 2, 0], **columns))
    assert found.subjects == ("a",) and found.counts.tolist() == [[1, 0, 1, 0]]
    np.testing.assert_array_equal(found.probability, [[1, np.nan, 0, np.nan]])
    with pytest.raises(Mistake, match="this behaviour: no two trials follow each other"):
        stay_probabilities(few(subject=list("aabb"), trial=[0, 2, 0, 2], **columns))


def reports(subjects: int = 2, trials: int = 300) -> Behaviour:
    """Estimates at random beside outcomes that change; some trials are not in the file, some unknown."""
    generator = np.random.default_rng(1)
    many = subjects * trials
    outcome, estimate = generator.random((2, many))
    estimate[generator.random(many) < 0.03] = np.nan
    columns = {
        "subject": np.repeat([f"s{n}" for n in range(subjects)], trials),
        "session": np.tile(np.where(np.arange(trials) < trials // 3, "x", "y"), subjects),
        "trial": np.tile(np.arange(float(trials)), subjects),
        "outcome": outcome,
        "estimate": estimate,
        "change_point": (generator.random(many) < 0.1).astype(float),
    }
    return Behaviour(columns).where(generator.random(many) > 0.05)


def test_slopes_are_those_of_a_line_through_the_trials_of_a_window() -> None:
    behaviour, windows = reports(), ((0, 0), (0, 3), (2, 5))
    found = update_slopes(behaviour, windows)
    for row, (_, own) in enumerate(behaviour.subjects()):
        for column, (low, high) in enumerate(windows):
            x, y, since = [], [], None
            for now in range(len(own)):
                fresh = now == 0 or own["session"][now] != own["session"][now - 1]
                if own["change_point"][now]:
                    since = own["trial"][now]
                elif fresh:
                    since = None
                if fresh or own["trial"][now] - own["trial"][now - 1] != 1 or since is None:
                    continue
                error = own["outcome"][now] - own["estimate"][now - 1]
                update = own["estimate"][now] - own["estimate"][now - 1]
                if low <= own["trial"][now] - since <= high and np.isfinite([error, update]).all():
                    x.append(error), y.append(update)
            assert found[row, column] == pytest.approx(np.polyfit(x, y, 1)[0])
    np.testing.assert_array_equal(update_slopes(behaviour), update_slopes(behaviour, ((0, 3), (9, 14))))
    assert (EARLY, LATE) == ((0, 3), (9, 14))


def test_shuffled_change_points_are_as_many() -> None:
    behaviour = reports()
    null = update_slopes(behaviour, shuffle=2)
    assert (null != update_slopes(behaviour)).all()
    np.testing.assert_array_equal(null, update_slopes(behaviour, shuffle=2))
    whole = [(0, 10**6)]  # after a change at the first trial, wherever else they lie
    first = Behaviour(dict(behaviour.columns) | {"change_point": np.ones(len(behaviour))})
    np.testing.assert_array_equal(update_slopes(first, whole), update_slopes(first, whole, shuffle=2))


@pytest.mark.parametrize("window", [(-1, 2), (3, 2)])
def test_windows_that_are_none(window: tuple[int, int]) -> None:
    with pytest.raises(Mistake, match=f"a window from trial {window[0]} to {window[1]}"):
        update_slopes(reports(), [window])


def steps(outcome: list[float], estimate: list[float], changed: list[int]) -> Behaviour:
    many = len(outcome)
    return few(
        subject=["a"] * many,
        trial=list(range(many)),
        outcome=outcome,
        estimate=estimate,
        change_point=changed,
    )


def test_a_slope_needs_three_trials_and_errors_that_differ() -> None:
    two = steps([0, 1, 0], [0.5, 0.6, 0.4], [1, 0, 0])
    assert np.isnan(update_slopes(two, [(0, 9)])).all()
    three = steps([0, 1, 0, 1], [0.5, 0.6, 0.4, 0.6], [1, 0, 0, 0])
    # errors .5, -.6, .6 and updates .1, -.2, .2
    assert update_slopes(three, [(0, 9)])[0, 0] == pytest.approx(
        np.polyfit([0.5, -0.6, 0.6], [0.1, -0.2, 0.2], 1)[0]
    )
    even = steps([0, 1, 1, 1], [0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0])
    assert np.isnan(update_slopes(even, [(0, 9)])).all()


def test_the_hazard_leaves_out_first_trials_and_players_see_sessions() -> None:
    sessions = few(
        subject=list("aaaabb"),
        session=[1, 1, 2, 2, 1, 1],
        trial=[0, 1, 2, 3, 0, 1],
        outcome=[1, 2, 3, 4, 5, 6],
        estimate=[0] * 6,
        change_point=[1, 0, 1, 1, 1, 0],
    )
    assert hazard(sessions) == pytest.approx(1 / 3)
    assert played(sessions, np.cumsum)["estimate"].tolist() == [1, 3, 3, 7, 5, 11]
