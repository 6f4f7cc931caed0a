"""Stay probabilities of the two-step task: what a trial's reward and transition do to the next choice.

    P(stay | reward, transition) = share of trials whose first action is that of the trial before       (1)

of the four kinds of trial before, for each subject over pairs of trials that follow each other directly and
of which neither was missed; the table is the mean over subjects (Daw et al. 2011,
doi:10.1016/j.neuron.2011.02.027). Interaction index RC - RU - NC + NU, rewarded-common less rewarded-rare
less unrewarded-common plus unrewarded-rare: near .14 for a model-free learner, above .3 for a model-based one
(measured on ideal players).
"""

from dataclasses import dataclass

import numpy as np

from ..foundation import Array, Mistake
from ..recordings.behaviour import Behaviour
from ..statistics.intervals import bootstrap_interval

KINDS = ("rewarded common", "rewarded rare", "unrewarded common", "unrewarded rare")
SIGNS = np.array([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Stay:
    """Stay probabilities of each subject, in the order of `KINDS`."""

    subjects: tuple[str, ...]
    probability: Array
    """(subject, kind); NaN for a kind that a subject never met"""
    counts: Array
    """(subject, kind) pairs of trials"""

    @property
    def mean(self) -> Array:
        """Mean over subjects (kind,)."""
        met = np.isfinite(self.probability)
        with np.errstate(invalid="ignore"):
            return np.where(met, self.probability, 0).sum(axis=0) / np.where(met.any(0), met.sum(0), np.nan)

    @property
    def index(self) -> Array:
        """Interaction index of each subject (subject,)."""
        return self.probability @ SIGNS

    def interval(self, seed: int = 0) -> tuple[float, float]:
        """Bootstrap interval (95 %) of the mean index, over subjects."""
        known = self.index[np.isfinite(self.index)]
        low, high = bootstrap_interval(known, seed=seed)
        return float(low), float(high)


def stay_probabilities(behaviour: Behaviour, shuffle: int | None = None) -> Stay:
    """Equation (1) for each subject.

    ``shuffle``: a seed; the null, in which the rewards and transitions of a subject's trials change places.

    Raises:
        Mistake: a column is missing (action, reward, common), or no subject has two trials in a row.
    """
    generator = np.random.default_rng(shuffle)
    names, rows, met = [], [], []
    for name, own in behaviour.subjects():
        kept: list[Array] = []
        for session in own.sessions():
            action, reward, common = (session[column] for column in ("action", "reward", "common"))
            missed = session.columns.get("missed", np.zeros(len(session)))
            valid = (missed == 0) & np.isfinite(action) & np.isfinite(reward) & np.isfinite(common)
            follows = valid[1:] & valid[:-1] & (np.diff(session["trial"]) == 1)
            kind = (2 * (reward <= 0) + (common <= 0))[:-1][follows]
            if shuffle is not None:
                kind = generator.permutation(kind)
            kept.append(np.column_stack([kind, (action[1:] == action[:-1])[follows]]))
        pairs = np.concatenate(kept)
        if len(pairs):
            names.append(name)
            with np.errstate(invalid="ignore"):
                counts = np.array([(pairs[:, 0] == kind).sum() for kind in range(4)], float)
                stayed = np.array([pairs[pairs[:, 0] == kind, 1].sum() for kind in range(4)])
                rows.append(stayed / np.where(counts > 0, counts, np.nan))
                met.append(counts)
    if not rows:
        raise Mistake(f"{behaviour.source or 'this behaviour'}: no two trials follow each other")
    return Stay(tuple(names), np.array(rows), np.array(met))
