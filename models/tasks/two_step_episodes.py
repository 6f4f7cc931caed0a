"""The two-step task as episodes for a recurrent network: what was reached has to be remembered.

The variant in which the two states swap what they pay (Wang et al. 2018, doi:10.1038/s41593-018-0147-8), as
in `two_step_bandit`. A trial has two steps: at the first an action is asked; at the second the state is seen
that it led to, and pays. Action a leads to state a with probability ``common``, else to the other; the good
state pays with chance ``high``, the other with ``low``; before each trial but the first the two swap with
probability ``swap``. Where the next action is asked, the last action and the last reward are inputs, but not
the state: whether the transition was common must be held in activity over one step. (Were action, state and
reward one code at that moment, a rule of one trial would pass for model-based behaviour.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from .episode_task import TrialsTask
from .streams import EPISODE


@dataclass(frozen=True)
class TwoStepEpisodes(TrialsTask):
    """Episodes of so many trials of two steps.

    Raises:
        Mistake: no trial, a probability outside [0, 1].
    """

    common: float = 0.8
    """probability that action a leads to state a"""
    high: float = 0.9
    """probability of a reward in the good state"""
    low: float = 0.1
    """in the other"""
    swap: float = 0.025
    """probability that the two change places before a trial"""

    world_equations: ClassVar[str] = (
        "good@ : 1     # the state that pays better, 0 or 1\nreached@ : 1  # the state of this trial\n"
    )
    begin: ClassVar[str] = "good@ = int(keyed_uniform(task_seed, stream_world, who@, episode, 0) < 0.5)"
    streams: ClassVar[Mapping[str, int]] = {
        "stream_world": EPISODE["world"],
        "stream_pay": EPISODE["pay"],
        "stream_transition": EPISODE["transition"],
    }
    trial_steps: ClassVar[int] = 2
    chances_of: ClassVar[tuple[str, ...]] = ("common", "high", "low", "swap")

    @property
    def codes(self) -> int:
        return 3

    @property
    def show(self) -> str:
        return (
            "asked = 1 - step % 2\n"
            "swaps = asked*(1 - fresh)"
            f"*int(keyed_uniform(task_seed, stream_world, who@, episode, step) < {self.swap!r})\n"
            "good@ = good@ + swaps - 2*good@*swaps\n"
            "seen@ = (1 - asked)*(1 + reached@)"
        )

    @property
    def pay(self) -> str:
        usual = f"int(keyed_uniform(task_seed, stream_transition, who@, episode, step) < {self.common!r})"
        return (
            f"usual = {usual}\n"
            "led = usual*action@ + (1 - usual)*(1 - action@)\n"
            "reached@ = asked*led + (1 - asked)*reached@\n"
            "in_good = int(abs(good@ - reached@) < 0.5)\n"
            f"chance = {self.low!r} + {self.high - self.low!r}*in_good\n"
            "reward@ = (1 - asked)*int(keyed_uniform(task_seed, stream_pay, who@, episode, step) < chance)"
        )
