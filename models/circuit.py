"""A Brian2 network of many individuals side by side, put together in the order in which it runs.

Groups hold ``individuals * size`` neurons, individual by individual; projections connect all to all within
an individual and nowhere else, so that a network of I individuals is block-diagonal. In a network whose
step is one presentation (a trial, or a bin of a trial) everything happens inside the slot ``groups`` of
Brian2's schedule, one code object after another: each call of `Circuit.each_bin`, `Circuit.each_trial` and
`Circuit.add_up` takes the next place.

Draws of a task come from a counter-based generator keyed by (seed, stream, individual, trial, index): what
an individual is shown depends on nothing else that runs beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import brian2 as b2
import numpy as np

from ..plasticity.rule import Rule
from .program import Argument, Model, Output, apply_arguments, keyed_normal, keyed_uniform
from .tasks.streams import SUPERVISED

BIN = 1.0
"""Brian2 time of one step (s) where a step is one presentation"""

PLACE = """
individual : integer (constant)   # whose neuron this is
index : integer (constant)        # its number within the layer
"""

DRAWS = """
task_seed : integer (constant)    # seed of the task's draws
first_trial : integer (shared, constant)  # trials lived before this call
"""


class Circuit:
    """Builds the groups, projections and ordered code of ``individuals`` learners.

    Args:
        individuals: learners side by side.
        bins: steps of one trial.
        step: Brian2 time of one step (s).
    """

    def __init__(self, individuals: int, bins: int = 1, step: float = BIN) -> None:
        self.individuals = individuals
        self.bins = bins
        self.step = step
        self.arguments: dict[str, Argument] = {}
        self.outputs: dict[str, Output] = {}
        self.blocks: dict[str, tuple[int, int, int]] = {}
        self.sizes: dict[str, int] = {"individual": individuals}
        self.namespace: dict[str, object] = {
            "keyed_normal": keyed_normal,
            "keyed_uniform": keyed_uniform,
            "bin_duration": step * b2.second,
            "trial_duration": bins * step * b2.second,
            "bins": bins,
        } | SUPERVISED
        self.network = b2.Network()
        self.output_dim = ""
        self._initial: list[tuple[b2.Group, str, str]] = []
        self._place = 0
        self._clocks: dict[int, b2.Clock] = {}

    def group(
        self, name: str, size: int, equations: str | b2.Equations, dim: str, **spiking: str
    ) -> b2.NeuronGroup:
        """``size`` neurons for each individual; ``dim`` names the dimension of the neuron.

        ``spiking``: what a `brian2.NeuronGroup` takes beside: threshold, reset, refractory, method.
        """
        group = b2.NeuronGroup(
            self.individuals * size,
            b2.Equations(PLACE) + equations,
            name=name,
            namespace=self.namespace,
            dtype={"task_seed": np.int64} if "task_seed" in str(equations) else None,
            clock=self._clock(1),
            **spiking,
        )
        group.individual = np.repeat(np.arange(self.individuals), size)
        group.index = np.tile(np.arange(size), self.individuals)
        self.sizes[dim] = size
        self.network.add(group)
        return group

    def project(
        self,
        source: b2.NeuronGroup,
        target: b2.NeuronGroup,
        equations: str,
        name: str,
        shift: int = 0,
        **spiking: str,
    ) -> b2.Synapses:
        """All-to-all connections within each individual; synapses ordered (individual, source, target).

        With a ``shift`` the targets are those of the individual so many places further on (cyclic): a control
        in which a signal reaches somebody else. ``spiking``: what `brian2.Synapses` takes beside: on_pre, ...
        """
        before, after = len(source) // self.individuals, len(target) // self.individuals
        synapses = b2.Synapses(
            source,
            target,
            equations,
            name=name,
            namespace=self.namespace,
            clock=self._clock(1),
            **spiking,
        )
        owner = f"((i//{before} + {shift}) % {self.individuals})" if shift else f"(i//{before})"
        synapses.connect(j=f"k for k in range({owner}*{after}, ({owner} + 1)*{after})")
        if not shift:
            self.blocks[name] = (self.individuals, before, after)
        self.network.add(synapses)
        return synapses

    def every(self, steps: int, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` on the group every so many steps, at this place of the order."""
        self._run(group, code, what, steps)

    def each_bin(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` on the group in every step, at this place of the order."""
        self._run(group, code, what, 1)

    def each_trial(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` on the group in the first step of every trial, at this place of the order."""
        self._run(group, code, what, self.bins)

    def add_up(self, synapses: b2.Synapses, variable: str, side: str = "post") -> None:
        """Sum a ``(summed)`` variable of the synapses at this place of the order."""
        synapses.summed_updaters[f"{variable}_{side}"].order = self._next()

    def drawn(self, group: b2.Group, variable: str, code: str) -> None:
        """Set a variable once, from the values that the arguments then have."""
        self._initial.append((group, variable, code))

    def table(self, name: str, values: np.ndarray) -> None:
        """A table that code reads as ``name(row*bin_duration, column)``."""
        self.namespace[name] = b2.TimedArray(values, dt=self.step * b2.second, name=name)

    def parameter(
        self,
        name: str,
        groups: Mapping[b2.NeuronGroup, str],
        default: float | None,
        doc: str,
        *,
        variable: str | None = None,
        unit: str = "1",
        low: float = -math.inf,
        open_low: bool = False,
        integer: bool = False,
    ) -> None:
        """An argument with one value for each individual, held by every neuron of the groups."""
        targets = {}
        for group, dim in groups.items():
            if default is not None:
                setattr(group, f"{variable or name}_", default)  # in SI units
            targets[f"{group.name}.{variable or name}"] = ("individual", dim)
        self.arguments[name] = Argument(
            targets=targets,
            dims=("individual",),
            unit=unit,
            doc=doc,
            low=low,
            open_low=open_low,
            integer=integer,
        )

    def numbers(self, rule: Rule, groups: Mapping[b2.NeuronGroup, str]) -> None:
        """The rule's numbers as arguments, each held by those of the groups that have it in their equations.

        One that none has shapes the equations; it is no argument.
        """
        for parameter in rule.parameters:
            held = {group: dim for group, dim in groups.items() if parameter.name in group.variables}
            if held:
                self.parameter(
                    parameter.name,
                    held,
                    getattr(rule, parameter.name),
                    parameter.meaning,
                    unit=parameter.unit,
                    low=parameter.low,
                    open_low=parameter.open_low,
                )

    def shared(self, name: str, groups: list[b2.NeuronGroup], default: int, doc: str) -> None:
        """An integer argument with one value for the whole circuit."""
        for group in groups:
            setattr(group, name, default)
        self.arguments[name] = Argument(
            targets={f"{group.name}.{name}": () for group in groups}, doc=doc, low=0, integer=True
        )

    def state(self, name: str, source: str, dims: tuple[str, ...], doc: str) -> None:
        """A variable that can be set before a call and read after it: what a next segment starts from."""
        self.arguments[name] = Argument(targets={source: dims}, dims=dims, doc=doc)
        self.output(name, source, dims, doc)

    def output(self, name: str, source: str, dims: tuple[str, ...], doc: str, default: bool = False) -> None:
        """A variable as it is at the end of a call."""
        self.outputs[name] = Output(source=source, dims=dims, doc=doc, default=default)

    def summary(self, group: b2.NeuronGroup, means: Mapping[str, str], block: int) -> None:
        """Block means: for each name the mean of an expression over ``block`` trials.

        The monitor ticks at the start of a block and reads the mean of the block before; the last block is
        the group's own value at the end of the call. The group's equations come from `summary_equations`.
        """
        weight = "int(timestep(t, bin_duration) % bins == bins - 1)" if self.bins > 1 else "1"
        update = [f"finished = {weight}", "trials_seen += finished"]
        for name, expression in means.items():
            update += [
                f"{name}_total += finished*({expression})",
                f"{name} = {name}_total/clip(trials_seen, 1, inf)",
            ]
        self.each_bin(group, "\n".join(update), "summary")
        monitor = b2.StateMonitor(
            group,
            list(means),
            record=True,
            clock=self._clock(block * self.bins),
            when="start",
            order=0,
            name="blocks",
        )
        reset = "\n".join([f"{name}_total = 0" for name in means] + ["trials_seen = 0"])
        group.run_regularly(
            reset, clock=self._clock(block * self.bins), when="start", order=1, name="new_block"
        )
        self.network.add(monitor, *group.contained_objects)
        for name in means:
            self.outputs[name] = Output(
                source=f"blocks.{name}",
                dims=("block", "individual"),
                final=f"{group.name}.{name}",
                doc=f"mean over {block} trials",
            )

    def model(self) -> Model:
        """What the compiler takes: the network, its arguments, outputs and sizes; one step is a trial."""
        apply_arguments()
        for group, variable, code in self._initial:
            setattr(group, variable, code)
        return Model(
            network=self.network,
            arguments=self.arguments,
            outputs=self.outputs,
            sizes=self.sizes,
            blocks=self.blocks,
            step=self.bins * self.step,
        )

    def _run(self, group: b2.Group, code: str, what: str, steps: int) -> None:
        if code.strip():
            group.run_regularly(
                code,
                clock=self._clock(steps),
                when="groups",
                order=self._next(),
                name=f"{group.name}_{what}",
            )

    def _next(self) -> int:
        self._place += 1
        return self._place

    def _clock(self, steps: int) -> b2.Clock:
        if steps not in self._clocks:
            name = "steps" if steps == 1 else f"every_{steps}_steps"
            self._clocks[steps] = b2.Clock(dt=steps * self.step * b2.second, name=name)
        return self._clocks[steps]


def summary_equations(means: list[str]) -> str:
    """States that `Circuit.summary` needs, for each name of a mean."""
    lines = ["trials_seen : 1"]
    for name in means:
        lines += [f"{name} : 1", f"{name}_total : 1"]
    return "\n".join(lines)
