"""Temporal tasks whose size, input strength, unreachable loss and teacher are drawn.

Fixed patterns over the bins of a trial (`TemporalTeacher`; Zuege, Klos & Memmesheimer 2023,
doi:10.1103/PhysRevX.13.021006). The strength alpha of the inputs and the loss E_opt that no weights can reach
are drawn for each individual; the numbers of inputs, outputs and bins are fixed when a network is compiled.
Out of distribution: ``longer`` trials, ``larger`` tasks, and a larger ``unreachable`` loss.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...analysis.foundation.mistakes import Mistake
from .distribution import Drawn, Split, TaskDistribution, between, world_seed
from .temporal_teacher import TemporalTeacher


@dataclass(frozen=True)
class Patterns:
    """A range of temporal tasks, from which one is drawn for each individual.

    Raises:
        Mistake: bounds in the wrong order or below 0.
    """

    forms: tuple[TemporalTeacher, ...] = (
        TemporalTeacher(20, 4, 2, 12),
        TemporalTeacher(20, 8, 4, 20),
        TemporalTeacher(20, 12, 2, 30),
    )
    """tasks of different sizes; as many tasks of each"""
    strength: tuple[float, float] = (0.5, 1.5)
    """alpha"""
    unreachable: tuple[float, float] = (0.0, 0.1)
    """E_opt for each output whose variance is 1"""

    def __post_init__(self) -> None:
        for name in ("strength", "unreachable"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise Mistake(f"Patterns: {name} is {getattr(self, name)}, must rise from 0 or more")

    def draw(self, kind: str, split: Split, number: int, seed: int, place: int) -> list[Drawn]:
        """``number`` tasks, shared out evenly over the forms.

        Raises:
            Mistake: a number that is no multiple of the forms.
        """
        if number < 1 or number % len(self.forms):
            raise Mistake(f"{number} tasks cannot be shared out over {len(self.forms)} forms")
        each = number // len(self.forms)
        drawn = []
        for n, form in enumerate(self.forms):
            task_seed = world_seed(seed, split, place, n)
            strength = between(self.strength, task_seed, 0, each)
            shown = form.per_trial or form.n_effective
            parameters = {
                "strength": strength,
                "teacher_scale": 1 / (strength * shown**0.5),
                "unreachable": between(self.unreachable, task_seed, 1, each) * form.n_outputs / 2,
            }
            drawn.append(Drawn(kind, form, each, task_seed, parameters))
        return drawn


@dataclass(frozen=True)
class TemporalTasks(TaskDistribution):
    """Temporal tasks of training and held-out, and kinds beyond these."""

    usual: Patterns = Patterns()
    """for training and held-out tasks"""
    beyond: tuple[tuple[str, Patterns], ...] = (
        ("longer", Patterns(forms=(TemporalTeacher(20, 8, 4, 60),))),
        ("larger", Patterns(forms=(TemporalTeacher(40, 28, 8, 60),))),
        ("unreachable", Patterns(forms=(TemporalTeacher(20, 8, 4, 20),), unreachable=(0.3, 0.6))),
    )
    """kinds out of distribution, each by its name"""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        if split != "out_of_distribution":
            return self.usual.draw("usual", split, number, seed, 0)
        return [
            drawn
            for place, (kind, patterns) in enumerate(self.beyond, 1)
            for drawn in patterns.draw(kind, split, number, seed, place)
        ]
