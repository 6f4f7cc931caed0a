"""Switching: probabilities counted one trial at a time."""

from __future__ import annotations

import numpy as np

from hedon.analysis.behaviour.choices import NONE, Choices
from hedon.analysis.behaviour.switching import histories, switch_course, switch_probabilities


def choices(trials: int = 300, arms: int = 3) -> Choices:
    """Two subjects at random, a tenth missed, the second with a session more; rewards around one half."""
    generator = np.random.default_rng(0)
    action = generator.integers(0, arms, (2, trials))
    action[generator.random(action.shape) < 0.1] = NONE
    reward = np.where(action == NONE, 0.0, generator.choice([0.0, 0.5, 0.51, 1.0], action.shape))
    begins = np.zeros(action.shape, bool)
    begins[:, 0] = begins[1, trials // 2] = True
    return Choices(("a", "b"), action, reward, begins, arms)


def in_a_row(found: Choices, row: int, trial: int, before: int) -> bool:
    """Whether this trial and so many before it were made in one session."""
    span = slice(trial - before, trial + 1)
    return trial >= before and bool(found.made[row, span].all()) and not found.begins[row, span][1:].any()


def test_switches_after_each_history_are_counted() -> None:
    found = choices()
    seen: dict[str, list[bool]] = {name: [] for name in histories()}
    for row, trial in np.ndindex(found.action.shape):
        if in_a_row(found, row, trial, 2):
            (a, b, now), (first, second, _) = (
                table[row, trial - 2 : trial + 1] for table in (found.action, found.reward > 0.5)
            )
            letters = "a" + ("a" if a == b else "b")
            name = "".join(x.upper() if p else x for x, p in zip(letters, (first, second), strict=True))
            seen[name].append(now != b)
    probability, count = switch_probabilities(found)
    assert len(seen) == 8 and count.tolist() == [len(after) for after in seen.values()]
    np.testing.assert_allclose(probability, [np.mean(after) for after in seen.values()])


def test_histories_that_never_were_are_unknown() -> None:
    """One who never switched and was paid once, in the first trial: two histories are known, without a
    division of nothing by nothing."""
    action, reward = np.zeros((1, 6), int), np.eye(1, 6)
    with np.errstate(all="raise"):
        found, count = switch_probabilities(Choices(("a",), action, reward, np.eye(1, 6) > 0, 2))
    assert count.tolist() == [3, 0, 0, 0, 1, 0, 0, 0]
    np.testing.assert_array_equal(found, [0, *[np.nan] * 3, 0, *[np.nan] * 3])


def test_the_course_of_blocks_is_counted() -> None:
    found = choices()
    seen: list[list[bool]] = [[] for _ in range(7)]
    for row, trial in np.ndindex(found.action.shape):
        if in_a_row(found, row, trial, 1):
            seen[trial % 7].append(found.action[row, trial] != found.action[row, trial - 1])
    np.testing.assert_allclose(switch_course(found, 7), [np.mean(here) for here in seen])


def test_a_place_in_the_block_at_which_nothing_was_made_is_unknown() -> None:
    action = np.array([[0, 1, NONE, NONE, 0, NONE, NONE, NONE]])
    with np.errstate(all="raise"):
        found = switch_course(Choices(("a",), action, np.zeros(action.shape), np.eye(1, 8) > 0, 2), 4)
    np.testing.assert_array_equal(found, [np.nan, 1, np.nan, np.nan])
