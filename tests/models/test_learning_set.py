"""The learning set: what can be done without memory, in closed form, and by the networks' own program."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.tasks import LearningSet

TRIALS = 6


def without_memory(first: tuple[int, ...], later: np.ndarray) -> float:
    """Exact share of right answers from the second trial on of a deterministic player.

    ``first`` (left object) and ``later`` (left object, last action, last reward) say which side is taken.
    """
    right = 0.0
    for good in (0, 1):
        known = {}
        for left in (0, 1):
            action = first[left]
            state = action, int((left if action == 0 else 1 - left) == good)
            known[state] = known.get(state, 0.0) + 0.5
        for _ in range(1, TRIALS):
            after: dict[tuple[int, int], float] = {}
            for (action, reward), share in known.items():
                for left in (0, 1):
                    side = int(later[left, action, reward])
                    paid = int((left if side == 0 else 1 - left) == good)
                    after[side, paid] = after.get((side, paid), 0.0) + share / 2
                    right += share / 2 * paid / (TRIALS - 1) / 2
            known = after
    return right


def test_without_memory_the_best_player_is_right_in_four_of_five() -> None:
    best = max(
        without_memory(choice[:2], np.reshape(choice[2:], (2, 2, 2)))
        for choice in itertools.product((0, 1), repeat=10)
    )
    assert best == pytest.approx(0.8, abs=1e-12)


def test_a_problem_of_one_trial_is_refused() -> None:
    with pytest.raises(Mistake, match="at least 2"):
        LearningSet(1)
