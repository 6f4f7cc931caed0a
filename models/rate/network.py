"""Feed-forward rate networks in which one step is one trial, or one time bin of a trial.

    a_l = W_l x_{l-1} + b_l,    x_l = f_l(a_l),    E = sum over a trial's T bins of |x_L - y*|**2/(2T)  (1)

(E = -sum y* log x_L for a softmax output with the loss ``cross_entropy``.) Any number of layers of any size,
many individuals side by side; the plasticity rule, the task and each individual's parameters are values. The
description here is free of Brian2, so that a program which is compiled already can be called within
milliseconds; `circuit` builds the Brian2 objects.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...analysis.foundation.mistakes import Mistake, nearest
from ...analysis.theory.precision import smallest_sigma
from ...plasticity.critic import StimulusMean
from ...plasticity.trial_rule import Pass, TrialRule
from ..levels import sizes_of
from ..program import Program, compile_alike
from ..tasks import Task

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "sine", "softmax")


BUILDER = "hedon.models.rate.circuit:build"


@dataclass(frozen=True)
class RateNetwork:
    """A network, its rule and its task.

    Raises:
        Mistake: sizes that do not fit each other, an unknown activation or loss, a perturbation below what
            the precision resolves.
    """

    task: Task
    rule: TrialRule
    hidden: tuple[int, ...] = ()
    """sizes of the hidden layers"""
    activations: tuple[str, ...] = ("linear",)
    """one for each layer of weights, or one for all"""
    loss: Literal["squared", "cross_entropy"] = "squared"
    bias: bool = False
    individuals: int = 1
    block: int = 100
    """trials that are averaged in the recorded curves"""
    initial: Literal["fan_in", "glorot"] = "fan_in"
    """variance of the first weights of layer l: 1/n_{l-1}, or 2/(n_{l-1} + n_l)"""
    initial_scale: float = 1.0
    """factor on the first weights; 0 begins at rest"""
    measure: bool = True
    """record the clean loss also for a rule that has no clean pass"""
    noiseless: bool = False
    """record also the loss against the teacher's answer without label noise (``loss_noiseless``)"""
    precision: Literal["float64", "float32"] = "float64"
    sharing: tuple[int, ...] = ()
    """nested groups of outputs with broadcasts of their own: units of each level that make one of the next
    (`sharing`); empty: one broadcast for all"""

    def __post_init__(self) -> None:
        if self.individuals < 1 or self.block < 1:
            raise Mistake(f"individuals ({self.individuals}) and block ({self.block}) must be at least 1")
        if any(size < 1 for size in self.hidden):
            raise Mistake(f"hidden layers need at least one neuron each, got {self.hidden}")
        if len(self.activations) == 1:
            object.__setattr__(self, "activations", self.activations * self.depth)
        if len(self.activations) != self.depth:
            raise Mistake(
                f"{self.depth} layers of weights need {self.depth} activations (or one for all), "
                f"got {len(self.activations)}"
            )
        for number, name in enumerate(self.activations, 1):
            if name not in ACTIVATIONS:
                raise Mistake(f"layer {number}: no activation '{name}'{nearest(name, ACTIVATIONS)}")
            if name == "softmax" and number < self.depth:
                raise Mistake(f"layer {number}: softmax is for the output layer")
        if self.loss not in ("squared", "cross_entropy"):
            raise Mistake(f"no loss '{self.loss}'{nearest(self.loss, ('squared', 'cross_entropy'))}")
        if self.loss == "cross_entropy" and self.activations[-1] != "softmax":
            raise Mistake("the loss cross_entropy needs a softmax output")
        if self.loss == "cross_entropy" and not self.task.labelled:
            raise Mistake(
                f"the loss cross_entropy needs a task of classes (digits), not {type(self.task).__name__}"
            )
        if not math.isfinite(self.initial_scale) or self.initial_scale < 0:
            raise Mistake(f"initial_scale is {self.initial_scale}, must be finite and not negative")
        if self.initial not in ("fan_in", "glorot"):
            raise Mistake(f"initial is '{self.initial}', must be fan_in or glorot")
        if self.noiseless and ("taught" not in self.task.target_equations or self.task.bins > 1):
            raise Mistake(
                f"{type(self.task).__name__} has no answer without noise in one bin to compare with"
            )
        if self.precision not in ("float64", "float32"):
            raise Mistake(f"precision is '{self.precision}', must be float64 or float32")
        if self.rule.layers is not None and max(self.rule.layers) > self.depth:
            raise Mistake(f"the rule names layer {max(self.rule.layers)}, the network has {self.depth}")
        if isinstance(self.rule.critic, StimulusMean) and self.task.stimuli is None:
            raise Mistake(
                "a mean per stimulus needs a task with countable stimuli (Samples, digits); "
                f"{type(self.task).__name__} draws new ones"
            )
        if hasattr(self.rule, "sigma"):
            self.check_sigma(self.rule.sigma)
        if self.sharing:
            self._check_sharing()

    def _check_sharing(self) -> None:
        sizes_of(self.sharing, self.task.outputs)
        if self.hidden or self.task.bins > 1:
            raise Mistake("groups of outputs have broadcasts of their own in one layer and trials of one bin")
        if self.activations[-1] == "softmax":
            raise Mistake("a softmax makes outputs depend on each other: they have no costs of their own")
        if self.rule.needs or self.rule.critic is not None or self.rule.states or not self.rule.broadcast:
            raise Mistake(
                "groups of outputs have broadcasts of their own with node and weight perturbation that "
                "compares two passes, without normalise"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons of every layer, inputs first."""
        return (self.task.inputs, *self.hidden, self.task.outputs)

    @property
    def depth(self) -> int:
        """Layers of weights."""
        return len(self.hidden) + 1

    def initial_deviation(self, layer: int) -> float:
        """Standard deviation of the first weights of a layer of weights, counted from 1."""
        before, after = self.sizes[layer - 1], self.sizes[layer]
        variance = 1 / before if self.initial == "fan_in" else 2 / (before + after)
        return self.initial_scale * variance**0.5

    @property
    def passes(self) -> tuple[Pass, ...]:
        """Forward passes that are computed."""
        needed = self.rule.passes
        return needed if "clean" in needed or not self.measure else ("clean", *needed)

    def check_sigma(self, sigma: float) -> None:
        """Refuse a perturbation that the difference of two losses cannot resolve in this precision.

        Raises:
            Mistake: sigma is not above zero, or too small for the precision.
        """
        floor = smallest_sigma(self.precision, self.task.outputs)
        if not sigma > 0 or not math.isfinite(sigma):
            raise Mistake(f"sigma is {sigma:g}, must be finite and above 0")
        if sigma < floor:
            raise Mistake(
                f"sigma is {sigma:g}, too small for {self.precision}: the difference of two losses is lost "
                f"in rounding below {floor:.1g}"
                + ("; use precision float64" if self.precision == "float32" else "")
            )

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        rule, numbers = self.rule.apart()
        task, noise = self.task.apart()
        alike = replace(self, rule=rule, task=task)
        return compile_alike(BUILDER, self, alike, numbers | noise, self.precision)

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Refuse values of a call that only this network can know to be wrong.

        Raises:
            Mistake: a sigma too small for the precision.
        """
        import numpy as np

        if "sigma" in parameters:
            for value in np.unique(np.asarray(parameters["sigma"], float)):
                self.check_sigma(float(value))
