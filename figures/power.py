"""`hedon power`: how many recorded sessions tell one perturbation rule from another.

Simulates sessions of both rules (experiment `rule_power`), makes a discriminant from one half of them, judges
it on the other, and says after how many sessions the sum of its scores is right often enough
(`analysis/statistics/discriminant.py`, 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..analysis.foundation import Mistake, Reporter
from ..analysis.statistics.discriminant import share_right
from ..models.experiments import run
from ..models.experiments.rule_power import NODE, WEIGHT, discriminant

ALIASES = {"node": NODE, "weight": WEIGHT}
LEVEL = 0.95
LEARNING = 8
"""Neurons that learn, at least; fewer may be recorded."""


@dataclass(frozen=True)
class Power:
    """What so many trials and neurons tell."""

    rules: tuple[str, str]
    trials: int
    neurons: int
    level: float
    separation: float
    """D between sessions of both rules, without bias"""
    right: float
    """share of new sessions that are called right"""
    error: float
    """its standard error"""
    judged: int
    """new sessions"""
    needed: int | None
    """sessions after which the sum is right with probability ``level``; None: nothing tells them apart"""

    def __str__(self) -> str:
        a, b = self.rules
        return "\n".join(
            [
                f"{a} against {b}: {self.trials} trials, {self.neurons} recorded "
                f"neuron{'s' if self.neurons > 1 else ''}",
                f"one session is called right in {self.right:.2f} ± {self.error:.2f} of {self.judged} new "
                f"sessions (separation D = {self.separation:.2f})",
                f"sessions needed to be right with probability {self.level:g}: "
                + ("no number is enough" if self.needed is None else str(self.needed)),
            ]
        )


def command(
    rules: Sequence[str] = ("node", "weight"),
    *,
    trials: int = 40,
    neurons: int = 4,
    level: float = LEVEL,
    sessions: int = 64,
    seed: int = 0,
    progress: Reporter = None,
) -> Power:
    """How many sessions tell two rules apart.

    Args:
        rules: two of `spiking_alignment`, or node and weight.
        trials: of learning in a session, between the two measurements.
        neurons: that are recorded.
        level: probability of being right that is wanted.
        sessions: simulated of each rule, half of them to judge with.
        seed: of the simulations.

    Raises:
        Mistake: not two different rules, a level outside 1/2 .. 1, numbers that `rule_power` refuses.
    """
    if len(rules) != 2:
        raise Mistake(f"power tells two rules apart, not {len(rules)}")
    if not 0.5 < level < 1:
        raise Mistake(f"the level is {level:g}, must lie between 0.5 and 1")
    a, b = (ALIASES.get(rule, rule) for rule in rules)
    settings: dict[str, Any] = {
        "rules": (a, b),
        "trials": (trials,),
        "neurons": tuple(sorted({neurons, max(neurons, LEARNING)})),
        "sessions": sessions,
    }
    result = run("rule_power", seed=seed, overrides=settings, progress=progress)
    change = result.dataset["change"].isel(trial=0, neurons=0)
    found, score_a, score_b = discriminant(change, a, b)
    right, error, judged = share_right(score_a, score_b)
    needed = found.sessions_for(level)
    return Power((a, b), trials, neurons, level, found.separation, right, error, judged, needed)
