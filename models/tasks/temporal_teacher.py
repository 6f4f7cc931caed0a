"""A temporally extended task: fixed input patterns of N_eff latent inputs over T bins, some inputs silent.

The task of Zuege, Klos & Memmesheimer (2023, doi:10.1103/PhysRevX.13.021006). Within a trial of T bins the
first N_eff inputs carry orthogonal Fourier patterns of strength alpha,

    x_jt = alpha sqrt(2) cos(2 pi k t/T) or sin(2 pi k t/T),    sum_t x_it x_jt = T alpha**2 delta_ij    (1)

the others are silent. The target is W* x plus a constant that no weights can reach, and which costs
E_opt (of E = sum |y - y*|**2 / (2T)). Where ``per_trial`` is set, the N_eff patterns are subtasks of
which that many take part in a trial, a new random set (cyclic, drawn) in every trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ...analysis.foundation.mistakes import Mistake
from .linear_teacher import linear_answer
from .task import Task

if TYPE_CHECKING:
    from ..circuit import Circuit

PATTERN = """
trial = first_trial + timestep(t, trial_duration)
phase = 2*pi*(1 + index//2)*(timestep(t, bin_duration) % bins)/bins
wave = 2**0.5*(int(index % 2 == 0)*cos(phase) + int(index % 2 == 1)*sin(phase))
first = int(active*keyed_uniform(task_seed, choice, individual, trial, 0))
turn = (index - first + active) % active
x_clean = strength*int(index < active)*int(turn < shown)*wave
"""


@dataclass(frozen=True)
class TemporalTeacher(Task):
    """Linear readout of fixed temporal patterns."""

    n_inputs: int = 20
    """inputs N, silent ones included"""
    n_effective: int = 10
    """inputs N_eff that are not silent; below ``n_bins``"""
    n_outputs: int = 5
    """outputs M"""
    n_bins: int = 20
    """bins T of a trial"""
    strength: float = 1.0
    """alpha: root mean square of an active input"""
    unreachable: float = 0.0
    """E_opt: the loss that remains with the best weights"""
    per_trial: int = 0
    """active inputs in one trial; 0 is all of them"""
    teacher_scale: float = 1.0
    """standard deviation of a teacher weight"""

    stimulus_equations: ClassVar[str] = "strength : 1 (constant)  # root mean square of an active input"
    target_equations: ClassVar[str] = """
    taught : 1                      # the teacher's answer without the unreachable part
    teacher_scale : 1 (constant)    # standard deviation of a teacher weight
    unreachable : 1 (constant)      # loss that the best weights leave
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_effective <= self.n_inputs:
            raise Mistake(
                f"TemporalTeacher: n_effective is {self.n_effective}, must be in 1..{self.n_inputs}"
            )
        if self.n_effective > 2 * ((self.n_bins - 1) // 2):
            raise Mistake(
                f"TemporalTeacher: {self.n_bins} bins hold at most {2 * ((self.n_bins - 1) // 2)} "
                f"orthogonal patterns, got n_effective {self.n_effective}"
            )
        if self.per_trial > self.n_effective:
            raise Mistake(f"TemporalTeacher: per_trial is {self.per_trial}, must be <= {self.n_effective}")

    @property
    def inputs(self) -> int:
        return self.n_inputs

    @property
    def outputs(self) -> int:
        return self.n_outputs

    @property
    def bins(self) -> int:
        return self.n_bins

    def show(self, circuit: Circuit, inputs: Any) -> None:
        circuit.namespace |= {
            "active": self.n_effective,
            "shown": self.per_trial or self.n_effective,
        }
        circuit.parameter(
            "strength", {inputs: "layer0"}, self.strength, "root mean square of an active input", low=0
        )
        circuit.each_bin(inputs, PATTERN, "stimulus")

    def ask(self, circuit: Circuit, inputs: Any, output: Any) -> None:
        linear_answer(circuit, inputs, output, self.n_outputs, self.teacher_scale)
        circuit.parameter(
            "unreachable",
            {output: circuit.output_dim},
            self.unreachable,
            "loss that the best weights leave",
            low=0,
        )
        circuit.each_bin(output, f"target = taught + sqrt(2*unreachable/{self.n_outputs})", "target")
