"""The world that subjects met, from what they chose and got: one good arm, which moves.

    P(r = 1 | arm a) = high if a is the good arm, else low                                            (1)
    before each trial but the first of a session the good arm moves to any other with probability hazard,

a hidden Markov chain that is seen through the chosen arm only. High, low and hazard are those of greatest
likelihood, by expectation and maximisation (Baum et al. 1970, doi:10.1214/aoms/1177697196), all sessions side
by side. Where the world is another (arms that drift, blocks of fixed length), they are those of the nearest
such world. Rewards lie in 0 .. 1; one between counts as that share of a reward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .choices import Choices
from .sessions import Sessions

ROUNDS, STILL = 60, 1e-3
"""At most so many rounds, and until no number moves by more."""
EDGE = 0.01
"""Probabilities of reward stay so far from 0 and 1,"""
RARE, OFTEN = 1e-3, 0.5
"""and the hazard within these."""


@dataclass(frozen=True)
class HiddenArm:
    """Equation (1)."""

    high: float = 0.8
    low: float = 0.2
    hazard: float = 0.05

    @classmethod
    def of(cls, choices: Choices) -> HiddenArm:
        """The most likely world of subjects.

        Raises:
            Mistake: no trial was made.
        """
        seen, now = Sessions.of(choices), cls()
        for _ in range(ROUNDS):
            new = now._better(seen)
            moved = np.abs(np.subtract(new.numbers, now.numbers)).max()
            now = new
            if moved < STILL:
                break
        return now

    @property
    def numbers(self) -> tuple[float, float, float]:
        return self.high, self.low, self.hazard

    def _better(self, seen: Sessions) -> HiddenArm:
        """One round of expectation and maximisation."""
        chosen, reward, made = seen.chosen, seen.reward, seen.made
        arms, trials = seen.arms, len(chosen)
        pay = np.where(chosen == 1, self.high, self.low)
        told = np.where(made[:, None], pay ** reward[:, None] * (1 - pay) ** (1 - reward[:, None]), 1.0)
        other = self.hazard / (arms - 1)
        stay = 1 - self.hazard - other
        ahead, back = np.empty(told.shape), np.ones(told.shape)
        ahead[0] = told[0] / told[0].sum(axis=0)
        for trial in range(1, trials):
            expected = stay * ahead[trial - 1] + other
            ahead[trial] = told[trial] * expected
            ahead[trial] /= ahead[trial].sum(axis=0)
        moves = steps = 0.0
        for trial in range(trials - 2, -1, -1):
            after = told[trial + 1] * back[trial + 1]
            back[trial] = stay * after + other * after.sum(axis=0)
            kept = (1 - self.hazard) * (ahead[trial] * after).sum(axis=0)
            moved = other * (
                ahead[trial].sum(axis=0) * after.sum(axis=0) - (ahead[trial] * after).sum(axis=0)
            )
            inside = seen.place[trial + 1] >= 0
            moves += float((moved / (kept + moved))[inside].sum())
            steps += float(inside.sum())
            back[trial] /= back[trial].sum(axis=0)
        good = ahead * back
        good /= good.sum(axis=1, keepdims=True)
        mine = (good * chosen).sum(axis=1)[made]
        paid = reward[made]
        high = (mine * paid).sum() / max(mine.sum(), 1e-12)
        low = ((1 - mine) * paid).sum() / max((1 - mine).sum(), 1e-12)
        high, low = (float(np.clip(one, EDGE, 1 - EDGE)) for one in (max(high, low), min(high, low)))
        return HiddenArm(high, low, float(np.clip(moves / max(steps, 1.0), RARE, OFTEN)))
