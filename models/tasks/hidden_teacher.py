"""A teacher with a hidden layer: y* = A2 f(A1 x) + s n, f linear or ReLU, x ~ N(0, C).

The nonlinear counterpart of the linear teacher (Saad & Solla 1995, doi:10.1103/PhysRevLett.74.4337). A1, A2
are drawn once for each individual, A1_ij ~ N(0, 1/N), A2_ij ~ N(0, 1/H), so that the target has a variance of
order one at any width. C is diagonal, one by default, settable for each input of each individual; the scale
of A1 is settable for each individual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ...analysis.foundation.mistakes import Mistake
from .linear_teacher import INPUT_SCALE, noisy_target, scaled_inputs
from .task import Task

if TYPE_CHECKING:
    from ..circuit import Circuit

FUNCTION = {"linear": "h = drive", "relu": "h = clip(drive, 0, inf)"}


@dataclass(frozen=True)
class HiddenTeacher(Task):
    """Regression on the answers of a network with one hidden layer."""

    n_inputs: int = 20
    """inputs N"""
    n_hidden: int = 10
    """hidden neurons H of the teacher"""
    n_outputs: int = 3
    """outputs M"""
    function: Literal["linear", "relu"] = "relu"
    """what a hidden neuron of the teacher does"""
    label_noise: float = 0.0
    """standard deviation s of the noise of each target"""

    settable: ClassVar[tuple[str, ...]] = ("label_noise",)

    stimulus_equations: ClassVar[str] = INPUT_SCALE
    target_equations: ClassVar[str] = """
    taught : 1                      # the teacher's answer without noise
    label_noise : 1 (constant)      # standard deviation of the label noise
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.function not in FUNCTION:
            raise Mistake(f"HiddenTeacher: function is '{self.function}', must be linear or relu")
        if self.n_hidden < 1:
            raise Mistake(f"HiddenTeacher: n_hidden is {self.n_hidden}, must be >= 1")

    @property
    def inputs(self) -> int:
        return self.n_inputs

    @property
    def outputs(self) -> int:
        return self.n_outputs

    def show(self, circuit: Circuit, inputs: Any) -> None:
        scaled_inputs(circuit, inputs, "gaussian")

    def ask(self, circuit: Circuit, inputs: Any, output: Any) -> None:
        hidden = circuit.group(
            "teacher_hidden",
            self.n_hidden,
            "drive : 1\nh : 1\nteacher_scale : 1 (constant)  # standard deviation of a weight of A1",
            "teacher_hidden",
        )
        circuit.parameter(
            "teacher_scale",
            {hidden: "teacher_hidden"},
            self.n_inputs**-0.5,
            "standard deviation of a teacher weight from an input",
            low=0,
        )
        first = circuit.project(
            inputs,
            hidden,
            "w_teacher : 1 (constant)\ndrive_post = w_teacher*x_clean_pre : 1 (summed)",
            "teacher1",
        )
        second = circuit.project(
            hidden,
            output,
            "w_teacher : 1 (constant)\ntaught_post = w_teacher*h_pre : 1 (summed)",
            "teacher2",
        )
        circuit.drawn(
            first,
            "w_teacher",
            "teacher_scale_post*keyed_normal(task_seed_pre, teacher, individual_pre, 1, "
            f"index_pre*{self.n_hidden} + index_post)",
        )
        circuit.drawn(
            second,
            "w_teacher",
            f"{self.n_hidden}**-0.5*keyed_normal(task_seed_post, teacher, individual_pre, 2, "
            f"index_pre*{self.n_outputs} + index_post)",
        )
        circuit.add_up(first, "drive")
        circuit.each_bin(hidden, FUNCTION[self.function], "answer")
        circuit.add_up(second, "taught")
        noisy_target(circuit, output, self.label_noise)
