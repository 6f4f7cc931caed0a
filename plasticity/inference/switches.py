"""Model over data: how often subjects switch, and how often those who have their coefficients do.

P(switch) after each history of two choices and outcomes (`analysis/behaviour/switching.py`) and, where blocks
are known, at each trial of a block, three times: of the subjects; foretold at their coefficients before each
of their own trials; and of learners who live at them, whose history is their own. A rule can foretell choices
well and still drift elsewhere when it lives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...analysis.behaviour.choices import Choices
from ...analysis.behaviour.hidden_arm import HiddenArm
from ...analysis.behaviour.switching import switch_course, switch_probabilities
from ...analysis.foundation import Array, stream
from .coefficients import Chart
from .likelihood import Likelihood
from .simulate import World, play
from .study import usual

COPIES = 10
"""Lives at the coefficients of each subject."""


@dataclass(frozen=True)
class Switches:
    """P(switch); ``own``, ``foretold`` and ``lived`` in this order, (3, ...)."""

    history: Array
    """(3, history), in the order of `histories`"""
    count: Array
    """the subjects' trials after each history"""
    course: Array
    """(3, trial of a block); none where there are no blocks"""

    @property
    def apart(self) -> Array:
        """Distance of the subjects from what is foretold and from what is lived, mean over trials, (2,)."""
        share = self.count / max(1.0, self.count.sum())
        return np.asarray(np.nansum(share * np.abs(self.history[1:] - self.history[0]), axis=1))


def switches(
    chart: Chart, x: Array, choices: Choices, blocks: NDArray | None = None, seed: int = 0
) -> Switches:
    """P(switch) of subjects with the coefficients ``x`` (subject, coefficient), who chose ``choices``.

    Learners live the bandit that is most likely to have paid the subjects so, in sessions as long as theirs;
    ``blocks`` (subject, trial) says where the good arm moved, else it moves by chance.
    """
    last = np.roll(choices.action, 1, axis=1)
    log_p = Likelihood(chart, choices).log_policies(x)
    stays = np.take_along_axis(log_p, np.maximum(last, 0)[:, :, None], axis=2)[:, :, 0]
    foretold = 1 - np.exp(stays)
    met, (sessions, trials) = HiddenArm.of(choices), usual(choices)
    every = 0 if blocks is None else block_length(choices, blocks)
    world = World(choices.options, met.high, met.low, 0.0 if every else met.hazard, trials, sessions, every)
    lives = play(chart, np.repeat(x, COPIES, axis=0), world, stream(seed, "switches"))
    own, count = switch_probabilities(choices)
    history = [own, switch_probabilities(choices, foretold)[0], switch_probabilities(lives)[0]]
    if blocks is None:
        return Switches(np.array(history), count, np.zeros((3, 0)))
    place = places(choices, blocks)
    ordinal = np.arange(sessions * trials) % trials % every
    course = [
        switch_course(choices, every, place),
        switch_course(choices, every, place, foretold),
        switch_course(lives, every, np.broadcast_to(ordinal, lives.action.shape)),
    ]
    return Switches(np.array(history), count, np.array(course))


def block_length(choices: Choices, blocks: NDArray | None) -> int:
    """Trials of a block, or else of a session, as many as were made on average."""
    begins = choices.begins if blocks is None else _begins(choices, blocks)
    return max(1, int(round(choices.made.sum() / max(1, (begins & choices.made).sum()))))


def places(choices: Choices, blocks: NDArray) -> NDArray[np.int64]:
    """Each trial's number in its block, (subject, trial)."""
    number = np.arange(blocks.shape[1])
    return number - np.maximum.accumulate(np.where(_begins(choices, blocks), number, 0), axis=1)


def _begins(choices: Choices, blocks: NDArray) -> NDArray[np.bool_]:
    return choices.begins | (np.diff(blocks, axis=1, prepend=np.nan) != 0)
