"""Choices of several subjects side by side, as models of choice read them: bandits and two-step tasks.

Subjects are rows and trials columns, sessions one after the other; a subject with fewer trials than another
is filled up with trials that were not made. Options are numbered from 0 in the order of their labels. In the
two-step task state 0 is the one to which option 0 commonly leads.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake
from ..recordings.behaviour import Behaviour

Whole = NDArray[np.int64]

LONGEST_GAP = 100
"""Trials that a leap in the trials' numbers counts as, at most: no analysis looks back further."""
UNLIKE = 10.0
"""Times that one session's rewards are larger than another's, from which they may be in two units."""
FEWEST = 10
"""Trials in which who has three options meets more than two."""
NONE = -1
"""What stands for a choice that was not made."""


@dataclass(frozen=True)
class Choices:
    """What subjects chose and what they got, (subject, trial)."""

    subjects: tuple[str, ...]
    action: Whole
    """option chosen, `NONE` in a trial that was missed or never was"""
    reward: Array
    """0 in a trial that was not made"""
    begins: NDArray[np.bool_]
    """first trial of a session, before which nothing is known"""
    options: int
    state2: Whole | None = None
    """second-stage state, 0 or 1; None: a bandit"""
    action2: Whole | None = None
    """option chosen there; all 0 where the state itself pays"""
    options2: int = 1
    p_common: float = 0.7
    """probability of the common transition"""

    def __post_init__(self) -> None:
        shape = self.action.shape
        if len(shape) != 2 or self.reward.shape != shape or self.begins.shape != shape:
            raise Mistake("choices need action, reward and begins of one shape (subject, trial)")
        if (self.action >= self.options).any():
            raise Mistake(f"an action is no option of 0 to {self.options - 1}")

    @property
    def made(self) -> NDArray[np.bool_]:
        """Whether there was a choice, (subject, trial)."""
        return self.action != NONE

    def shuffled(self, seed: int) -> Choices:
        """The null: the rewards of a subject's trials change places among them."""
        reward = self.reward.copy()
        for row, (made, generator) in enumerate(zip(self.made, self.generators(seed), strict=True)):
            reward[row, made] = generator.permutation(reward[row, made])
        return replace(self, reward=reward)

    def generators(self, seed: int) -> list[np.random.Generator]:
        """Of chance, one for each subject, known by when it chose the same again: so what is drawn depends
        neither on names and order of the subjects nor on the labels of the options."""
        met: dict[int, int] = {}
        found = []
        for own, made in zip(self.action, self.made, strict=True):
            chosen = own[made]
            key = zlib.crc32((chosen[1:] == chosen[:-1]).tobytes())
            met[key] = met.get(key, -1) + 1
            found.append(np.random.default_rng([seed, len(chosen), key, met[key]]))
        return found

    def in_unit_rewards(self) -> tuple[Choices, tuple[str, ...]]:
        """Rewards brought from their smallest and largest value (over all subjects) to 0 and 1, and a note
        that says so where that changes them: fits then do not depend on the unit of reward.

        Raises:
            Mistake: subjects or sessions with rewards in other codes or units.
        """
        paid = self.reward[self.made]
        low, high = (float(paid.min()), float(paid.max())) if paid.size else (0.0, 1.0)
        if low == high:
            return self, (f"all rewards are {low:g}: nothing can be learned from them",)
        notes = self._other_units()
        if (low, high) == (0.0, 1.0):
            return self, notes
        notes = (f"rewards from {low:g} to {high:g} count as 0 to 1", *notes)
        reward = np.where(self.made, (self.reward - low) / (high - low), 0.0)
        return replace(self, reward=reward), notes

    def _other_units(self) -> tuple[str, ...]:
        """A note where all sessions have two levels of reward, but not the same.

        Raises `Mistake` where the lower one differs, or where the rewards of two sessions have no level but
        0 in common and are ten times as large in one.
        """
        session = np.where(self.made, np.cumsum(self.begins, axis=1), 0)
        met: dict[tuple[float, ...], str] = {}
        for name, own, numbers in zip(self.subjects, self.reward, session, strict=True):
            for number in np.unique(numbers[numbers > 0]):
                levels = np.unique(own[numbers == number])
                if len(levels) > 1:
                    met.setdefault(tuple(levels.tolist()), name)
        two = len(met) > 1 and all(len(levels) == 2 for levels in met)
        by_size = sorted(met, key=lambda levels: max(map(abs, levels)))
        ends = (by_size[0], by_size[-1]) if met else ((0.0,), (0.0,))
        least, most = (max(map(abs, levels)) for levels in ends)
        if most >= UNLIKE * least > 0 and not {*ends[0]} & {*ends[1]} - {0.0}:
            raise Mistake(f"rewards are {_shown(met, *ends)}; bring them to one unit")
        if two and len({levels[0] for levels in met}) > 1:
            other = next(levels for levels in met if levels[0] != ends[0][0])
            raise Mistake(f"rewards are {_shown(met, ends[0], other)}; code them alike")
        return (f"rewards are {_shown(met, *ends)}: are they in one unit?",) if two else ()

    def take(self, rows: NDArray) -> Choices:
        """The subjects in ``rows``, in that order; one may come twice."""
        return Choices(
            tuple(self.subjects[row] for row in rows),
            self.action[rows],
            self.reward[rows],
            self.begins[rows],
            self.options,
            None if self.state2 is None else self.state2[rows],
            None if self.action2 is None else self.action2[rows],
            self.options2,
            self.p_common,
        )


def bandit_choices(behaviour: Behaviour) -> Choices:
    """Choices between options that pay directly.

    Raises:
        Mistake: a column is missing (action, reward), or there is one option only.
    """
    valid = _valid(behaviour, "action", "reward")
    levels = np.unique(behaviour["action"][valid])
    if len(levels) < 2:
        raise Mistake(f"{_source(behaviour)}: all actions are the same")
    if len(levels) > 2:
        _check_options(behaviour, valid)
    action = np.where(valid, np.searchsorted(levels, behaviour["action"]), NONE)
    reward = np.where(valid, behaviour["reward"], 0.0)
    names, (actions, rewards), begins = _side_by_side(behaviour, action, reward)
    return Choices(names, actions.astype(int), rewards, begins, len(levels))


def two_step_choices(behaviour: Behaviour) -> Choices:
    """Choices of the two-step task.

    Without ``action2`` the second-stage state itself pays. The probability of the common transition is its
    share in the trials that were made.

    Raises:
        Mistake: a column is missing (action, reward, common); not two first options; a transition that is
            said to be common although it leads elsewhere than the common one of the same action.
    """
    asked = ("action", "reward", "common")
    valid = _valid(behaviour, *asked)
    levels = np.unique(behaviour["action"][valid])
    if len(levels) != 2:
        raise Mistake(f"{_source(behaviour)}: the two-step task has two first actions, not {len(levels)}")
    action = np.where(valid, np.searchsorted(levels, behaviour["action"]), NONE)
    common = behaviour["common"] > 0
    state2 = np.where(valid, np.where(common, action, 1 - action), NONE)
    if behaviour.columns.get("state2", np.array("")).dtype.kind == "f":
        _consistent(behaviour, valid, state2)
    action2, options2 = np.where(valid, 0, NONE), 1
    if "action2" in behaviour.columns:
        valid = valid & _valid(behaviour, "action2")
        levels2 = np.unique(behaviour["action2"][valid])
        action2, options2 = np.searchsorted(levels2, behaviour["action2"]), max(len(levels2), 1)
    parts = [np.where(valid, part, NONE) for part in (action, state2, action2)]
    reward = np.where(valid, behaviour["reward"], 0.0)
    names, (*whole, rewards), begins = _side_by_side(behaviour, *parts, reward)
    actions, states, actions2 = (part.astype(int) for part in whole)
    share = float(common[valid].mean())
    return Choices(names, actions, rewards, begins, 2, states, actions2, options2, share)


def laid_out(behaviour: Behaviour, name: str) -> Array:
    """A column as `bandit_choices` lays trials out, (subject, trial); 0 where there is none. Words are
    numbered from 1, in alphabetical order."""
    values = np.asarray(behaviour[name])
    if values.dtype.kind not in "biuf":
        values = 1 + np.unique(values.astype(str), return_inverse=True)[1]
    return _side_by_side(behaviour, values.astype(float))[1][0]


def _source(behaviour: Behaviour) -> str:
    return behaviour.source or "this behaviour"


def _valid(behaviour: Behaviour, *names: str) -> NDArray[np.bool_]:
    missed = behaviour.columns.get("missed", np.zeros(len(behaviour)))
    return np.all([missed == 0, *(np.isfinite(behaviour[name]) for name in names)], axis=0)


def _consistent(behaviour: Behaviour, valid: NDArray, state2: NDArray) -> None:
    """Each subject's second-stage labels must say what ``common`` says."""
    for name, own in behaviour.subjects():
        here = behaviour["subject"] == name
        label, mine, made = own["state2"], state2[here], valid[here]
        for state in (0, 1):
            seen = np.unique(label[made & (mine == state)])
            if len(seen) > 1:
                raise Mistake(
                    f"{_source(behaviour)}: 'common' and 'state2' of {name} disagree on which state "
                    "an action commonly leads to"
                )


def _check_options(behaviour: Behaviour, valid: NDArray) -> None:
    """Raises `Mistake` where all choose between two options, but between others in another session."""
    met: dict[tuple[float, ...], str] = {}
    for name, own in replace(behaviour, columns={**behaviour.columns, "valid": valid}).subjects():
        for session in own.sessions():
            met.setdefault(tuple(np.unique(session["action"][session["valid"]]).tolist()), name)
    if len(met) > 1 and all(len(levels) <= 2 for levels in met) and valid.sum() >= FEWEST * len(met):
        raise Mistake(f"{_source(behaviour)}: actions are {_shown(met, *[*met][:2])}; code them alike")


def _shown(met: Mapping[tuple[float, ...], str], *sets: tuple[float, ...]) -> str:
    """Sets of levels, each with the one who has them."""
    return " and ".join(f"{', '.join(f'{level:g}' for level in one[:4])} ({met[one]})" for one in sets)


def _side_by_side(
    behaviour: Behaviour, *columns: NDArray
) -> tuple[tuple[str, ...], list[Array], NDArray[np.bool_]]:
    """Tables (subject, trial) of ``columns``, filled up with `NONE`, 0 in the last; where sessions begin.

    A trial that is not in the file although its number is passed over within a session was not made.
    """
    names, inverse = np.unique(behaviour["subject"], return_inverse=True)
    rows = [np.flatnonzero(inverse == subject) for subject in range(len(names))]
    session = behaviour.columns.get("session", np.zeros(len(behaviour)))
    trial = behaviour.columns.get("trial", np.zeros(len(behaviour)))
    starts = [np.r_[True, session[row][1:] != session[row][:-1]] for row in rows]
    steps = [
        np.where(start, 1, np.clip(np.diff(trial[row], prepend=0), 1, LONGEST_GAP)).astype(int)
        for row, start in zip(rows, starts, strict=True)
    ]
    places = [np.cumsum(step) - 1 for step in steps]
    longest = max(int(place[-1]) + 1 for place in places)
    tables = [np.full((len(rows), longest), float(NONE)) for _ in columns]
    tables[-1][:] = 0.0
    begins = np.zeros((len(rows), longest), bool)
    for subject, (row, place, start) in enumerate(zip(rows, places, starts, strict=True)):
        for table, column in zip(tables, columns, strict=True):
            table[subject, place] = column[row]
        begins[subject, place] = start
    return tuple(names.tolist()), tables, begins
