"""Sessions side by side: what was chosen and what was paid, each from its own beginning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake
from .choices import NONE, Choices

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Sessions:
    """Choices and rewards, (trial, session); shorter sessions are filled up with trials not made."""

    action: Whole
    """option chosen, `NONE` in a trial that was not made"""
    reward: Array
    subject: Whole
    """whose session it is, (session,)"""
    arms: int
    place: Whole
    """row and column of the trial in the choices that these sessions are of, row * columns + column"""

    @classmethod
    def of(cls, choices: Choices) -> Sessions:
        """The sessions of ``choices``, in the order of subjects.

        Raises:
            Mistake: no trial was made.
        """
        if not choices.made.any():
            raise Mistake("no trial was made")
        parts = []
        for row, begins in enumerate(choices.begins):
            made = np.flatnonzero(choices.made[row])
            last = made[-1] + 1 if len(made) else 0
            edges = np.unique(np.r_[0, np.flatnonzero(begins[:last]), last])
            parts += [(row, start, end) for start, end in pairwise(edges.tolist())]
        longest = max(end - start for _, start, end in parts)
        action = np.full((longest, len(parts)), NONE)
        reward = np.zeros((longest, len(parts)))
        place = np.full((longest, len(parts)), -1)
        for column, (row, start, end) in enumerate(parts):
            action[: end - start, column] = choices.action[row, start:end]
            reward[: end - start, column] = choices.reward[row, start:end]
            place[: end - start, column] = row * choices.action.shape[1] + np.arange(start, end)
        return cls(action, reward, np.array([row for row, _, _ in parts]), choices.options, place)

    @property
    def made(self) -> NDArray[np.bool_]:
        return self.action != NONE

    @cached_property
    def chosen(self) -> Array:
        """1 where an arm was chosen, (trial, arm, session)."""
        return np.asarray((self.action[:, None, :] == np.arange(self.arms)[:, None]).astype(float))

    def columns(self, who: NDArray, subjects: int) -> tuple[NDArray, NDArray]:
        """The sessions of the subjects ``who`` (of so many), and for each its row in ``who``."""
        first = np.searchsorted(self.subject, np.arange(subjects + 1))
        own = [np.arange(first[one], first[one + 1]) for one in who]
        return np.concatenate(own), np.repeat(np.arange(len(who)), [len(part) for part in own])

    def take(self, columns: NDArray) -> Sessions:
        """The sessions of ``columns``, in that order; one may come twice."""
        return Sessions(
            self.action[:, columns],
            self.reward[:, columns],
            self.subject[columns],
            self.arms,
            self.place[:, columns],
        )

    def spread(self, table: NDArray) -> NDArray:
        """A table (subject, trial) of the choices as (trial, session); 0 beyond a session's end."""
        return np.asarray(np.where(self.place < 0, 0, table.ravel()[np.maximum(self.place, 0)]))
