"""A linear teacher: y* = W* x + s n, with x ~ N(0, C) new in every trial and n ~ N(0, 1).

The task of Werfel, Xie & Seung (2005, doi:10.1162/089976605774320539). W* is drawn once for each individual,
W*_ij ~ N(0, teacher_scale**2); C is diagonal, C_ii = input_scale_i**2, one by default (settable for each
input of each individual: 0 makes an input silent), and the mean of an input is input_mean_i of its standard
deviations, 0 by default. +-1 inputs have the same covariance and no excess fourth moment. The scale of W* is
settable for each individual; where inputs tell ``alike``, W*_ij is divided by input_scale_i, so that each
input has the same share of an answer, whatever its variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ...analysis.foundation.mistakes import Mistake
from ..program import Argument
from .task import Task

if TYPE_CHECKING:
    from ..circuit import Circuit

INPUT_SCALE = """
input_scale : 1 (constant)      # standard deviation of the input
input_mean : 1 (constant)       # its mean in standard deviations
"""
DRAW = {
    "gaussian": "keyed_normal(task_seed, stimulus, individual, trial, index)",
    "rademacher": "1 - 2*int(keyed_uniform(task_seed, stimulus, individual, trial, index) < 0.5)",
}


@dataclass(frozen=True)
class LinearTeacher(Task):
    """Linear regression on fresh inputs, with label noise."""

    n_inputs: int = 20
    """inputs N"""
    n_outputs: int = 3
    """outputs M"""
    label_noise: float = 0.0
    """standard deviation s of the noise of each target"""

    settable: ClassVar[tuple[str, ...]] = ("label_noise",)
    teacher_scale: float = 1.0
    """standard deviation of a teacher weight"""
    input_kind: Literal["gaussian", "rademacher"] = "gaussian"
    """distribution of the inputs"""
    alike: bool = False
    """whether each input has the same share of an answer"""

    stimulus_equations: ClassVar[str] = INPUT_SCALE
    target_equations: ClassVar[str] = """
    taught : 1                      # the teacher's answer without noise
    teacher_scale : 1 (constant)    # standard deviation of a teacher weight
    label_noise : 1 (constant)      # standard deviation of the label noise
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input_kind not in DRAW:
            raise Mistake(f"LinearTeacher: input_kind is '{self.input_kind}', must be in {tuple(DRAW)}")

    @property
    def inputs(self) -> int:
        return self.n_inputs

    @property
    def outputs(self) -> int:
        return self.n_outputs

    def show(self, circuit: Circuit, inputs: Any) -> None:
        scaled_inputs(circuit, inputs, self.input_kind)

    def ask(self, circuit: Circuit, inputs: Any, output: Any) -> None:
        linear_answer(circuit, inputs, output, self.n_outputs, self.teacher_scale, self.alike)
        noisy_target(circuit, output, self.label_noise)


def scaled_inputs(circuit: Circuit, inputs: Any, kind: str) -> None:
    """Draw ``x_clean`` anew in every trial, with a settable standard deviation and mean for each input."""
    inputs.input_scale = 1
    circuit.arguments["input_mean"] = Argument(
        targets={"layer0.input_mean": ("individual", "layer0")},
        dims=("individual", "layer0"),
        doc="mean of each input in its standard deviations",
    )
    circuit.arguments["input_scale"] = Argument(
        targets={"layer0.input_scale": ("individual", "layer0")},
        dims=("individual", "layer0"),
        doc="standard deviation of each input",
        low=0,
    )
    circuit.each_bin(
        inputs,
        "trial = first_trial + timestep(t, trial_duration)\n"
        f"x_clean = input_scale*(input_mean + {DRAW[kind]})",
        "stimulus",
    )


LABEL = """
trial = first_trial + timestep(t, trial_duration)
target = taught + label_noise*keyed_normal(task_seed, label, individual, trial, index)
"""


def linear_answer(
    circuit: Circuit, inputs: Any, output: Any, outputs: int, scale: float, alike: bool = False
) -> None:
    """Sum W* x into ``taught`` of the output layer, W* drawn once for each individual, of settable scale."""
    share = "/clip(input_scale_pre, 1e-12, inf)" if alike else ""
    circuit.parameter(
        "teacher_scale", {output: circuit.output_dim}, scale, "standard deviation of a teacher weight", low=0
    )
    teacher = circuit.project(
        inputs,
        output,
        "w_teacher : 1 (constant)\ntaught_post = w_teacher*x_clean_pre : 1 (summed)",
        "teacher",
    )
    circuit.drawn(
        teacher,
        "w_teacher",
        "teacher_scale_post*keyed_normal(task_seed_pre, teacher, individual_pre, 0, "
        f"index_pre*{outputs} + index_post){share}",
    )
    circuit.output("w_teacher", "teacher.w_teacher", ("individual", "layer0", circuit.output_dim), "teacher")
    circuit.add_up(teacher, "taught")


def noisy_target(circuit: Circuit, output: Any, label_noise: float) -> None:
    """The target is what is ``taught`` plus label noise, settable for each individual."""
    circuit.parameter(
        "label_noise",
        {output: circuit.output_dim},
        label_noise,
        "standard deviation of the label noise",
        low=0,
    )
    circuit.each_bin(output, LABEL, "target")
