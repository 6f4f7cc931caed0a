"""Teachers and students whose size, depth, label noise and input covariance are drawn.

A student (a `RateNetwork`, linear or with hidden layers) learns the answers of a teacher from fresh inputs.
The number N of inputs is drawn (the others of a network are silent), and so are their variances,

    C_i = condition**(u_i - 1/2),   u_i ~ U(0, 1),   condition between 1 and a bound, log-uniform     (1)

their mean, the same number m of standard deviations in all inputs of a task, as firing rates have one, and
the label noise, relative to the standard deviation of an answer, whose square is 1 on average whatever the
inputs. Linear teachers have W*_ij ~ N(0, 1/((1 + m**2) sum_i C_i)) (Werfel, Xie & Seung 2005,
doi:10.1162/089976605774320539) or, where inputs tell ``alike`` of the answer, N(0, 1/((1 + m**2) N C_i));
teachers of students with rectifying neurons have a hidden layer of such
neurons themselves (`HiddenTeacher`). Shapes, of students and teachers, are fixed when a network is
compiled: each is one program.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from .distribution import Drawn, Split, TaskDistribution, between, world_seed
from .hidden_teacher import HiddenTeacher
from .linear_teacher import LinearTeacher
from .task import Task


@dataclass(frozen=True)
class Teachers:
    """A range of teachers, from which one is drawn for each individual.

    Raises:
        Mistake: a shape without outputs, bounds in the wrong order or beyond what there can be.
    """

    shapes: tuple[tuple[int, ...], ...] = ((20, 1), (20, 3), (20, 6))
    """most inputs, the student's hidden layers, outputs; as many tasks of each"""
    inputs: tuple[int, int] = (4, 20)
    """fewest and most inputs that are not silent"""
    label_noise: tuple[float, float] = (0.0, 0.1)
    """label noise / standard deviation of an answer"""
    condition: tuple[float, float] = (1.0, 4.0)
    """largest over smallest variance of the inputs, bounds"""
    mean: tuple[float, float] = (0.0, 0.0)
    """mean of the inputs in standard deviations, bounds"""
    alike: bool = False
    """whether each input has the same share of an answer, whatever its variance (linear teachers)"""
    activation: Literal["linear", "relu"] = "linear"
    """what hidden neurons do"""
    wider: int = 1
    """hidden neurons of a student for each of a rectifying teacher's"""

    def __post_init__(self) -> None:
        low, high = self.inputs
        if not self.shapes or any(len(shape) < 2 or min(shape) < 1 for shape in self.shapes):
            raise Mistake(f"Teachers: a shape is inputs, hidden layers, outputs, each above 0: {self.shapes}")
        if not 1 <= low <= high <= min(shape[0] for shape in self.shapes):
            raise Mistake(f"Teachers: {low} to {high} inputs do not fit the shapes {self.shapes}")
        for name, least in (("label_noise", 0.0), ("condition", 1.0), ("mean", 0.0)):
            low_value, high_value = getattr(self, name)
            if not least <= low_value <= high_value < math.inf:
                raise Mistake(f"Teachers: {name} is {getattr(self, name)}, must rise from {least:g} or more")
        if self.wider < 1:
            raise Mistake(f"Teachers: wider is {self.wider}, must be 1 or more")
        if self.activation not in ("linear", "relu"):
            raise Mistake(f"Teachers: activation is '{self.activation}', must be linear or relu")

    def draw(self, kind: str, split: Split, number: int, seed: int, place: int) -> list[Drawn]:
        """``number`` tasks, shared out evenly over the shapes.

        Raises:
            Mistake: a number that is no multiple of the shapes.
        """
        if number < 1 or number % len(self.shapes):
            raise Mistake(f"{number} tasks cannot be shared out over {len(self.shapes)} shapes")
        each = number // len(self.shapes)
        return [self._of(shape, kind, split, each, world_seed(seed, split, place, n))
                for n, shape in enumerate(self.shapes)]  # fmt: skip

    def _of(self, shape: tuple[int, ...], kind: str, split: Split, number: int, task_seed: int) -> Drawn:
        most, hidden, outputs = shape[0], shape[1:-1], shape[-1]
        low, high = self.inputs
        shown = np.floor(between((low, high + 1), task_seed, 0, number))
        logs = between((math.log(self.condition[0]), math.log(self.condition[1])), task_seed, 1, number)
        variances = np.exp(logs[:, None] * between((-0.5, 0.5), task_seed, 2, number, most))
        variances *= np.arange(most) < shown[:, None]
        mean = between(self.mean, task_seed, 4, number)
        power = (1 + mean**2) * (shown if self.alike else variances.sum(axis=1))
        noise = between(self.label_noise, task_seed, 3, number)
        task: Task = LinearTeacher(most, outputs, alike=self.alike)
        if self.activation == "relu":
            task = HiddenTeacher(most, max(1, max(hidden, default=1) // self.wider), outputs, "relu")
            power = (1 + mean**2) * variances.sum(axis=1) / 2  # a rectifier passes half of the mean square
        activations = (self.activation,) * len(hidden) + ("linear",)
        return Drawn(
            kind,
            task,
            number,
            task_seed,
            {
                "input_scale": np.sqrt(variances),
                "input_mean": np.repeat(mean[:, None], most, axis=1),
                "teacher_scale": power**-0.5,
                "label_noise": noise,
            },
            {"hidden": hidden, "activations": activations},
        )


@dataclass(frozen=True)
class TeacherStudent(TaskDistribution):
    """Teachers of training and held-out tasks, and kinds of teachers beyond these."""

    usual: Teachers = Teachers()
    """for training and held-out tasks"""
    beyond: tuple[tuple[str, Teachers], ...] = (
        ("larger", Teachers(shapes=((40, 10),), inputs=(24, 40))),
        ("deeper", Teachers(shapes=((20, 10, 3),))),
        ("noisier", Teachers(shapes=((20, 3),), label_noise=(0.3, 0.6))),
        ("relu", Teachers(shapes=((20, 20, 3),), activation="relu", wider=4)),
    )
    """kinds out of distribution, each by its name"""

    def draw(self, split: Split, number: int, seed: int) -> list[Drawn]:
        if split != "out_of_distribution":
            return self.usual.draw("usual", split, number, seed, 0)
        return [
            drawn
            for place, (kind, teachers) in enumerate(self.beyond, 1)
            for drawn in teachers.draw(kind, split, number, seed, place)
        ]
