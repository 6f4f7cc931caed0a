"""Conditioning protocols: what is shown and given to each individual in each trial.

A trial is a value: when each cue comes on and when a reward of what value follows, in seconds from the
trial's reference time, which is drawn anew for every trial so that nothing but the cues announces it. A
protocol is a sequence of trials; a `Schedule` holds the arrays that a compiled network takes as arguments, so
that all protocols are calls of one program.

The sizes of reward are those of Eshel et al. 2016 (doi:10.1038/nn.4239): 0.1 to 20 microlitres, announced by
an odour 1.5 s before. Their value grows less than in proportion (`utility`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...analysis.foundation.arrays import Array
from ...analysis.foundation.mistakes import Mistake

NEVER = 1e6
"""Time of what does not happen (s)."""
SIZES = (0.1, 0.3, 1.2, 2.5, 5.0, 10.0, 20.0)
"""Reward sizes of the recordings (microlitres)."""
DELAY = 1.5
"""From the cue to the reward, in the recordings (s)."""
EARLY = 0.75
"""From the cue to a reward that comes early (s)."""
CHAIN = 1.0
"""From the second-order cue to the first-order cue (s)."""
RANGE = 4.5
"""In which a reward comes at a random time (s)."""
CUES = ("A", "B")


def utility(size: float | Array, scale: float = 1.3, power: float = 0.5) -> Array:
    """Value of a reward of ``size`` microlitres: ``scale`` (size/20)**power.

    A concave utility, as dopamine neurons show (Stauffer, Lak & Schultz 2014, doi:10.1016/j.cub.2014.08.064);
    the exponent is a choice.
    """
    return scale * (np.asarray(size, float) / SIZES[-1]) ** power


@dataclass(frozen=True)
class Trial:
    """One trial; None is absent.

    Raises:
        Mistake: a time or value that is negative.
    """

    a: float | None = 0.0
    """onset of cue A (s from the reference)"""
    b: float | None = None
    """onset of cue B (s from the reference)"""
    reward: float | None = DELAY
    """onset of the reward (s from the reference)"""
    value: float = 1.0
    """value of the reward"""
    learn: bool = True
    """False in a probe, which must not teach"""

    def __post_init__(self) -> None:
        for name in ("a", "b", "reward", "value"):
            number = getattr(self, name)
            if number is not None and not (np.isfinite(number) and number >= 0):
                raise Mistake(f"Trial: {name} is {number}, must not be negative")

    @property
    def last(self) -> float:
        """The latest onset (s)."""
        return max((x for x in (self.a, self.b, self.reward) if x is not None), default=0.0)


CUED = Trial()
OMISSION = Trial(reward=None)
SOONER = Trial(reward=EARLY)
UNCUED = Trial(a=None)
EMPTY = Trial(a=None, reward=None, learn=False)


@dataclass(frozen=True)
class Schedule:
    """Arguments of the network: one row for each individual, one column for each trial."""

    onset: Array
    """when each cue comes on (s from the trial's start): (individual, trial, cue)"""
    reward_time: Array
    """when the reward begins (s from the trial's start): (individual, trial)"""
    reward_value: Array
    """its value: (individual, trial)"""
    plastic: Array
    """1 where the trial teaches: (individual, trial)"""
    reference: Array
    """the reference time (s from the trial's start): (individual, trial)"""

    @property
    def individuals(self) -> int:
        return self.onset.shape[0]

    @property
    def trials(self) -> int:
        return self.onset.shape[1]

    def parameters(self) -> dict[str, Array]:
        """What the program is called with."""
        return {
            "cue_onset": self.onset,
            "reward_time": self.reward_time,
            "reward_value": self.reward_value,
            "plastic": self.plastic,
        }


def schedule(
    lives: Sequence[Sequence[Trial]],
    rng: np.random.Generator,
    *,
    first: float = 0.5,
    jitter: float | Sequence[float] = 1.0,
    grid: float = 0.05,
    duration: float = np.inf,
    trials: int | None = None,
) -> Schedule:
    """The schedule of individuals, each with its own sequence of trials.

    Args:
        lives: for each individual its trials; shorter lives are filled up with empty trials.
        rng: draws the reference times, uniform on ``first`` .. ``first + jitter`` in steps of ``grid`` (s).
        jitter: one for all, or one for each individual (s).
        duration: of a trial (s), in which everything must begin.
        trials: length, by default that of the longest life.

    Raises:
        Mistake: a life longer than ``trials``; an event after the end of its trial.
    """
    longest = max((len(life) for life in lives), default=0)
    trials = longest if trials is None else trials
    if longest > trials:
        raise Mistake(f"a life of {longest} trials does not fit into {trials}")
    shape = (len(lives), trials)
    widest = np.rint(np.broadcast_to(np.asarray(jitter, float), len(lives)) / grid)[:, None]
    reference = first + grid * np.floor(rng.random(shape) * (widest + 1))
    onset = np.full((*shape, len(CUES)), NEVER)
    time: Array = np.full(shape, NEVER)
    value: Array = np.zeros(shape)
    plastic: Array = np.zeros(shape)
    for k, life in enumerate(lives):
        for m, trial in enumerate(life):
            if reference[k, m] + trial.last > duration:
                raise Mistake(f"a trial of {duration:g} s ends before its last event")
            for cue, at in enumerate((trial.a, trial.b)):
                if at is not None:
                    onset[k, m, cue] = reference[k, m] + at
            if trial.reward is not None:
                time[k, m], value[k, m] = reference[k, m] + trial.reward, trial.value
            plastic[k, m] = trial.learn
    return Schedule(onset, time, value, plastic, reference)


def probes(kinds: Iterable[Trial], repeats: int) -> list[Trial]:
    """Each kind ``repeats`` times, in turn, teaching nothing."""
    return [replace(kind, learn=False) for _ in range(repeats) for kind in kinds]


def frozen(life: Iterable[Trial]) -> list[Trial]:
    """The same trials for an individual that does not learn."""
    return [replace(trial, learn=False) for trial in life]


def acquisition(trials: int) -> list[Trial]:
    """Cue A, reward after 1.5 s."""
    return [CUED] * trials


def truly_random(trials: int, rng: np.random.Generator) -> list[Trial]:
    """Cue A and a reward in each trial, at times that are independent of each other.

    The truly random control of Rescorla 1967, doi:10.1037/h0024109: pairings are as frequent as chance.
    """
    return [
        Trial(a=float(at), reward=float(reward))
        for at, reward in zip(rng.uniform(0, RANGE / 2, trials), rng.uniform(0, RANGE, trials), strict=True)
    ]


def unpaired(trials: int, rng: np.random.Generator) -> list[Trial]:
    """A reward at a random time in each trial, and no cue; without plasticity."""
    return [Trial(a=None, reward=float(at), learn=False) for at in rng.uniform(0, RANGE, trials)]


def probability(trials: int, chance: float, rng: np.random.Generator) -> list[Trial]:
    """Cue A, rewarded with a probability.

    Raises:
        Mistake: no probability.
    """
    if not 0 <= chance <= 1:
        raise Mistake(f"a probability of reward of {chance:g} is none")
    return [CUED if draw < chance else OMISSION for draw in rng.random(trials)]


def magnitudes(trials: int, rng: np.random.Generator) -> list[Trial]:
    """Cue A, a reward of one of the seven sizes; every seven trials hold each size once."""
    sizes = np.concatenate([rng.permutation(SIZES) for _ in range(-(-trials // len(SIZES)))])
    return [Trial(value=float(utility(size))) for size in sizes[:trials]]


def magnitude_probes() -> list[Trial]:
    """Seven sizes without the cue, then the seven with it."""
    values = [float(utility(size)) for size in SIZES]
    return [Trial(a=None, value=v) for v in values] + [Trial(value=v) for v in values]


def blocking(first: int, second: int, *, control: bool = False) -> list[Trial]:
    """A predicts reward, then A and B together do; for the control, reward comes unannounced at first.

    (Kamin 1969; in dopamine neurons Waelti, Dickinson & Schultz 2001, doi:10.1038/35083500.)
    """
    return [UNCUED if control else CUED] * first + [Trial(b=0.0)] * second


def second_order(first: int, second: int, *, control: bool = False) -> list[Trial]:
    """A predicts reward, then B predicts A without any reward; for the control B and A come apart."""
    if control:
        half = [Trial(a=None, b=0.0, reward=None), Trial(a=CHAIN, reward=None)]
        return [CUED] * first + [half[k % 2] for k in range(2 * second)]
    chained = Trial(a=CHAIN, b=0.0, reward=None)
    return [CUED] * first + [t for _ in range(second) for t in (chained, EMPTY)]


def extinction(first: int, second: int, third: int) -> list[Trial]:
    """Acquisition, extinction (the cue alone), reacquisition."""
    return [CUED] * first + [OMISSION] * second + [CUED] * third
