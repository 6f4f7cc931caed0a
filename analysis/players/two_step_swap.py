"""Players of the two-step task in which the two outcomes swap: model-based ones and model-free ones.

The variant of Wang et al. (2018, doi:10.1038/s41593-018-0147-8) of the task of Daw et al. (2011). Action a
(1 or 2) leads to the second state of the same number with probability ``common``, else to the other; one of
the states pays with chance ``high``, the other with ``low``, and before each trial the two swap with
probability ``swap``. Players choose

    all-knowing    the action whose common state is the good one
    Bayes          the action whose common state is more probably the good one, by the filter

        P(s good) *= chance of what was seen;   P = (1 - swap) P + swap (1 - P) before the next trial  (1)

    model-based    softmax of common V(a) + (1 - common) V(other), V(s) += alpha (r - V(s))            (2)
    model-free     softmax of Q(a):  Q(a) += alpha (V(s) - Q(a) + lambda (r - V(s))), V as in (2)      (3)

with inverse temperature beta, all values 1/2 at the beginning, and Q before V in (3). A model-free learner of
lambda = 1 is told nothing by the way on which it was paid; that its index of stay probabilities is not 0 is
because rewards after common transitions come mostly from the good action, to which it is already bound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..foundation import Array, Mistake
from ..recordings.behaviour import Behaviour
from .two_step import as_behaviour


@dataclass(frozen=True, eq=False)
class Episodes:
    """What happens whatever is chosen: the same for every player."""

    good: NDArray[np.int8]
    """the state that pays better, 0 or 1 (episode, trial)"""
    is_common: NDArray[np.bool_]
    """the transition is the common one (episode, trial)"""
    pay: NDArray[np.int8]
    """what each state would pay (episode, trial, state)"""
    common: float = 0.8
    high: float = 0.9
    low: float = 0.1
    swap: float = 0.025


@dataclass(frozen=True, eq=False)
class Lived:
    """What a player did and met, each (episode, trial)."""

    action: NDArray[np.int8]
    """0 or 1"""
    common: NDArray[np.bool_]
    state: NDArray[np.int8]
    """0 or 1"""
    reward: NDArray[np.int8]

    def behaviour(self, subjects: int = 20) -> Behaviour:
        """The episodes as sessions of so many subjects, in the columns of a recording.

        Raises:
            Mistake: the episodes cannot be shared out evenly.
        """
        number, trials = self.action.shape
        if subjects < 1 or number % subjects:
            raise Mistake(f"{number} episodes cannot be shared out evenly to {subjects} subjects")
        columns = {
            "action": self.action + 1.0,
            "common": self.common.astype(float),
            "state2": self.state + 1.0,
            "reward": self.reward.astype(float),
        }
        rows = {name: values.reshape(subjects, -1) for name, values in columns.items()}
        flat = as_behaviour(rows, "player of the two-step task").columns
        session = np.tile(np.repeat(np.arange(number // subjects).astype(str), trials), subjects)
        trial = np.tile(np.arange(float(trials)), number)
        return Behaviour({**flat, "session": session, "trial": trial}, "player of the two-step task")


def episodes(
    number: int,
    trials: int = 100,
    seed: int = 0,
    *,
    common: float = 0.8,
    high: float = 0.9,
    low: float = 0.1,
    swap: float = 0.025,
) -> Episodes:
    """Draw episodes.

    Raises:
        Mistake: a probability outside 0 .. 1, no episode or no trial.
    """
    if not all(0 <= chance <= 1 for chance in (common, high, low, swap)) or number < 1 or trials < 1:
        raise Mistake("two-step: probabilities must lie in [0, 1], with an episode and a trial at least")
    generator = np.random.default_rng(seed)
    moved = generator.random((number, trials)) < swap
    moved[:, 0] = generator.random(number) < 0.5
    good = (np.cumsum(moved, axis=1) % 2).astype(np.int8)
    is_common = generator.random((number, trials)) < common
    chance = np.where(good[:, :, None] == np.arange(2), high, low)
    pay = (generator.random(chance.shape) < chance).astype(np.int8)
    return Episodes(good, is_common, pay, common, high, low, swap)


class _Player:
    """Chooses the greatest ``worth`` with Gumbel noise of 1/beta; ties by lot."""

    def __init__(self, world: Episodes, beta: float = np.inf) -> None:
        self.world, self.beta = world, beta
        self.rows = np.arange(len(world.good))

    def worth(self, trial: int) -> Array:
        raise NotImplementedError

    def learn(self, action: NDArray, state: NDArray, reward: NDArray) -> None:
        """Nothing, unless the player does."""

    def live(self, seed: int) -> Lived:
        world = self.world
        generator = np.random.default_rng(seed)
        action, state, reward = np.empty((3, *world.good.shape), np.int8)
        for trial in range(world.good.shape[1]):
            noise = generator.gumbel(size=(len(self.rows), 2))
            scale = 1 / self.beta if np.isfinite(self.beta) else 1e-9
            chosen = (self.worth(trial) + scale * noise).argmax(axis=1)
            reached = np.where(world.is_common[:, trial], chosen, 1 - chosen)
            paid = world.pay[self.rows, trial, reached]
            self.learn(chosen, reached, paid.astype(float))
            action[:, trial], state[:, trial], reward[:, trial] = chosen, reached, paid
        return Lived(action, world.is_common, state, reward)


class _AllKnowing(_Player):
    def worth(self, trial: int) -> Array:
        return np.equal(self.world.good[:, trial, None], np.arange(2)).astype(float)


class _Random(_Player):
    def worth(self, trial: int) -> Array:
        return np.zeros((len(self.rows), 2))


class _Bayes(_Player):
    """Equation (1)."""

    def __init__(self, world: Episodes) -> None:
        super().__init__(world)
        self.belief = np.full((len(self.rows), 2), 0.5)

    def worth(self, trial: int) -> Array:
        if trial:
            self.belief += self.world.swap * (self.belief[:, ::-1] - self.belief)
        return self.belief

    def learn(self, action: NDArray, state: NDArray, reward: NDArray) -> None:
        chance = np.where(np.arange(2) == state[:, None], self.world.high, self.world.low)
        self.belief = self.belief * np.where(reward[:, None] == 1, chance, 1 - chance)
        self.belief /= self.belief.sum(axis=1, keepdims=True)


class _ModelBased(_Player):
    """Equation (2)."""

    def __init__(self, world: Episodes, alpha: float, beta: float) -> None:
        super().__init__(world, beta)
        self.alpha, self.value = alpha, np.full((len(self.rows), 2), 0.5)

    def worth(self, trial: int) -> Array:
        common = self.world.common
        return common * self.value + (1 - common) * self.value[:, ::-1]

    def learn(self, action: NDArray, state: NDArray, reward: NDArray) -> None:
        self.value[self.rows, state] += self.alpha * (reward - self.value[self.rows, state])


class _ModelFree(_ModelBased):
    """Equation (3)."""

    def __init__(self, world: Episodes, alpha: float, beta: float, lam: float) -> None:
        super().__init__(world, alpha, beta)
        self.lam, self.cached = lam, np.full((len(self.rows), 2), 0.5)

    def worth(self, trial: int) -> Array:
        return self.cached

    def learn(self, action: NDArray, state: NDArray, reward: NDArray) -> None:
        value, cached = self.value[self.rows, state], self.cached[self.rows, action]
        self.cached[self.rows, action] += self.alpha * (value - cached + self.lam * (reward - value))
        super().learn(action, state, reward)


def all_knowing(world: Episodes, seed: int = 0) -> Lived:
    """Who is told which state is good."""
    return _AllKnowing(world).live(seed)


def random(world: Episodes, seed: int = 0) -> Lived:
    """Any action, by lot."""
    return _Random(world).live(seed)


def bayes(world: Episodes, seed: int = 0) -> Lived:
    """The ideal player, who knows the task's probabilities.

    What is seen says as much of one state as of the other, so that choosing greedily is optimal.
    """
    return _Bayes(world).live(seed)


def model_based(world: Episodes, alpha: float = 0.6, beta: float = 20.0, seed: int = 0) -> Lived:
    """Learns what the states pay, knows how to get there; the defaults are tuned for 100 trials."""
    return _ModelBased(world, alpha, beta).live(seed)


def model_free(
    world: Episodes, lam: float = 1.0, alpha: float = 0.3, beta: float = 30.0, seed: int = 0
) -> Lived:
    """Learns what its actions pay; the defaults are tuned for 100 trials at lambda 1 (at 0: .7 and 20)."""
    return _ModelFree(world, alpha, beta, lam).live(seed)
