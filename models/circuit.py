"""A Brian2 network of many individuals side by side, put together in the order in which it runs.

Groups hold ``individuals * size`` neurons, individual by individual; projections connect all to all within
an individual and nowhere else, so that a network of I individuals is block-diagonal and its programs get the
loops of all-to-all synapses (`program.dense`). What one individual hears of another's broadcast goes through
the units of `Circuit.heard`. In a network whose step is one presentation (a trial, or a bin of a trial)
everything happens inside the slot ``groups`` of Brian2's schedule, one code object after another: each call
of `Circuit.each_bin`, `Circuit.each_trial` and `Circuit.add_up` takes the next place. In biological time a
piece of code can have a slot and a period of its own (`Circuit.run`).

Draws of a task come from a counter-based generator keyed by (seed, stream, individual, trial, index): what
an individual is shown depends on nothing else that runs beside it.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
        self._order = 0
        self._clocks: dict[int, b2.Clock] = {}

    def group(
        self,
        name: str,
        size: int,
        equations: str | b2.Equations,
        dim: str = "",
        *,
        every: int = 1,
        **spiking: Any,
    ) -> b2.NeuronGroup:
        """``size`` neurons for each individual; ``dim`` names the dimension of the neuron.

        ``every``: steps between two ticks of its clock. ``spiking``: what a `brian2.NeuronGroup` takes
        beside: threshold, reset, refractory, method, events.
        """
        group = b2.NeuronGroup(
            self.individuals * size,
            b2.Equations(PLACE) + equations,
            name=name,
            namespace=self.namespace,
            dtype={"task_seed": np.int64} if "task_seed" in str(equations) else None,
            clock=self.clock(every),
            **spiking,
        )
        group.individual = np.repeat(np.arange(self.individuals), size)
        group.index = np.tile(np.arange(size), self.individuals)
        if dim:
            self.sizes[dim] = size
        self.network.add(group)
        return group

    def link(self, group: b2.NeuronGroup, source: b2.NeuronGroup, *variables: str) -> None:
        """Let the neurons read ``(linked)`` variables of those of their individual that they share out to."""
        whose = np.arange(len(group)) // (len(group) // len(source))
        for variable in variables:
            setattr(group, variable, b2.linked_var(source, variable, index=whose))

    def project(
        self,
        source: b2.NeuronGroup,
        target: b2.NeuronGroup,
        equations: str,
        name: str,
        *,
        parts: int = 1,
        every: int = 1,
        chosen: np.ndarray | None = None,
        namespace: Mapping[str, object] | None = None,
        **spiking: Any,
    ) -> b2.Synapses:
        """All-to-all connections within each individual; synapses ordered (individual, source, target).

        With ``parts`` the neurons of an individual fall into so many parts on both sides, connected within
        each; ``chosen`` (target of an individual,) says, where parts are not alike, the one source of each
        target. ``namespace``: names of these synapses alone, beside the circuit's. ``spiking``: what
        `brian2.Synapses` takes beside: on_pre, ...
        """
        blocks = self.individuals * parts
        before, after = len(source) // blocks, len(target) // blocks
        synapses = b2.Synapses(
            source,
            target,
            equations,
            name=name,
            namespace={**self.namespace, **namespace} if namespace else self.namespace,
            clock=self.clock(every),
            **spiking,
        )
        even = np.arange(parts * after) // after
        if chosen is not None and not (before == 1 and np.array_equal(chosen, even)):
            first = np.arange(self.individuals)[:, None] * parts
            synapses.connect(i=(first + chosen).ravel(), j=np.arange(len(target)))
            self.network.add(synapses)
            return synapses
        synapses.connect(j=f"k for k in range((i//{before})*{after}, (i//{before} + 1)*{after})")
        self.blocks[name] = (blocks, before, after)
        self.network.add(synapses)
        return synapses

    def heard(
        self, source: b2.NeuronGroup, variables: Mapping[str, str], name: str, dim: str = "one", **place: Any
    ) -> b2.NeuronGroup:
        """Units that repeat the ``variables`` (name -> unit) of the source, for what hears a broadcast.

        The argument ``yoked`` says whose: that of the individual so many places before (cyclic). 0 is an
        individual's own; any other is a control in which a signal of equal statistics has nothing to do with
        what the individual did. ``place``: every, when, order of `run`.
        """
        size = len(source) // self.individuals
        equations = ["yoked : integer (constant)", "whose : integer (constant)"]
        for variable, unit in variables.items():
            equations += [f"{variable}_there : {unit} (linked)", f"{variable} : {unit}"]
        group = self.group(name, size, "\n".join(equations), dim, every=place.get("every", 1))
        for variable in variables:
            setattr(group, f"{variable}_there", b2.linked_var(source, variable, index="whose"))
        group.whose = np.arange(len(group))
        self.drawn(
            group,
            "whose",
            f"((i//{size} + {self.individuals} - yoked) % {self.individuals})*{size} + i % {size}",
        )
        self.run(group, "\n".join(f"{v} = {v}_there" for v in variables), "repeat", **place)
        before = self.arguments.get("yoked")
        self.parameter(
            "yoked",
            {group: dim},
            0,
            "0: hears its own broadcast, k: that of the individual k places before",
            low=0,
            high=self.individuals - 1,
            integer=True,
        )
        if before is not None:
            own = self.arguments["yoked"]
            self.arguments["yoked"] = replace(own, targets={**before.targets, **own.targets})
        return group

    def each_bin(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` on the group in every step, at this place of the order."""
        self.run(group, code, what)

    def each_trial(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` on the group in the first step of every trial, at this place of the order."""
        self.run(group, code, what, every=self.bins)

    def add_up(self, synapses: b2.Synapses, variable: str, side: str = "post") -> None:
        """Sum a ``(summed)`` variable of the synapses at this place of the order."""
        synapses.summed_updaters[f"{variable}_{side}"].order = self._next()

    def sum_at(self, synapses: b2.Synapses, every: int = 1, order: int = 0) -> None:
        """Make all sums of the synapses every so many steps, in the slot ``groups``.

        Brian2 makes them at every step of the target's clock, whatever the clock of the synapses.
        """
        for updater in synapses.summed_updaters.values():
            updater._clock = self.clock(every)
            updater.order = order

    def run(
        self,
        group: b2.Group,
        code: str,
        what: str,
        *,
        every: int = 1,
        when: str = "groups",
        order: int | None = None,
    ) -> None:
        """Run ``code`` on the group every so many steps; without ``order`` at this place of the order."""
        if code.strip():
            group.run_regularly(
                code,
                clock=self.clock(every),
                when=when,
                order=self._next() if order is None else order,
                name=f"{group.name}_{what}",
            )

    def drawn(self, group: b2.Group, variable: str, code: str) -> None:
        """Set a variable once, from the values that the arguments then have."""
        self._initial.append((group, variable, code))

    def table(self, name: str, values: np.ndarray, period: float | None = None) -> None:
        """A table that code reads as ``name(row*bin_duration, column)``, a row every ``period`` (s)."""
        step = self.step if period is None else period
        self.namespace[name] = b2.TimedArray(values, dt=step * b2.second, name=name)

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
        high: float = math.inf,
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
            high=high,
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

    def argument(
        self,
        name: str,
        source: str,
        dims: tuple[str, ...],
        doc: str = "",
        *,
        given: tuple[str, ...] | None = None,
        **bounds: Any,
    ) -> None:
        """A variable that a caller sets, in all its dimensions or in those that are ``given``; ``bounds``:
        unit, low, high, ... of an `Argument`."""
        self.arguments[name] = Argument({source: dims}, dims if given is None else given, doc=doc, **bounds)

    def state(self, name: str, source: str, dims: tuple[str, ...], doc: str, **bounds: Any) -> None:
        """A variable that can be set before a call and read after it: what a next segment starts from."""
        self.argument(name, source, dims, doc, **bounds)
        self.output(name, source, dims, doc)

    def output(
        self,
        name: str,
        source: str,
        dims: tuple[str, ...],
        doc: str = "",
        default: bool = False,
        unit: str = "1",
    ) -> None:
        """A variable as it is at the end of a call, or a recording."""
        self.outputs[name] = Output(source, dims, unit, doc, default=default)

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
            clock=self.clock(block * self.bins),
            when="start",
            order=0,
            name="blocks",
        )
        reset = "\n".join([f"{name}_total = 0" for name in means] + ["trials_seen = 0"])
        group.run_regularly(
            reset, clock=self.clock(block * self.bins), when="start", order=1, name="new_block"
        )
        self.network.add(monitor, *group.contained_objects)
        for name in means:
            self.outputs[name] = Output(
                source=f"blocks.{name}",
                dims=("block", "individual"),
                final=f"{group.name}.{name}",
                doc=f"mean over {block} trials",
            )

    def monitor(
        self,
        group: b2.Group,
        variables: list[str],
        name: str,
        *,
        every: int = 1,
        record: Any = True,
        **when: Any,
    ) -> b2.StateMonitor:
        """Records variables every so many steps; ``when``: when, order."""
        monitor = b2.StateMonitor(group, variables, record=record, clock=self.clock(every), name=name, **when)
        self.network.add(monitor)
        return monitor

    def spikes(self, group: b2.NeuronGroup, prefix: str = "") -> None:
        """Every spike: outputs ``<prefix>spike_time`` (s) and ``<prefix>spike_neuron``."""
        name = f"{group.name}_spikes"
        self.network.add(b2.SpikeMonitor(group, name=name))
        self.output(f"{prefix}spike_time", f"{name}.t", ("spike",), default=True, unit="s")
        self.output(f"{prefix}spike_neuron", f"{name}.i", ("spike",), default=True)

    def model(self, unit: float | None = None) -> Model:
        """What the compiler takes: the network, its arguments, outputs and sizes.

        ``unit``: Brian2 time of one unit of duration (s), by default that of a trial.
        """
        apply_arguments()
        for group, variable, code in self._initial:
            setattr(group, variable, code)
        return Model(
            network=self.network,
            arguments=self.arguments,
            outputs=self.outputs,
            sizes=self.sizes,
            blocks=self.blocks,
            step=self.bins * self.step if unit is None else unit,
        )

    def _next(self) -> int:
        self._order += 1
        return self._order

    def clock(self, steps: int = 1) -> b2.Clock:
        """The clock that ticks every so many steps."""
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
