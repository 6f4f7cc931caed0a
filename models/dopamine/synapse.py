"""A projection that learns by reward-modulated STDP, woven from the rule; single synapses of given trains.

Order within a step, at time t: the origin of the tags is moved where it is due, monitors read (slot
``start``: the state just before the events at t); spikes reach synapses, which read the traces of *earlier*
spikes; then the spikes enter the traces and dopamine its level; in slot ``end`` everything moves to t + dt
by closed forms.

`DopamineSynapse` drives independent synapses with given spike trains; its program takes trains and
parameters as arguments, a delay as later spikes. A train is a bundle of delays: one neuron fires once, in
the first step, and each of its synapses onto a train brings one spike. Where several spikes of a train fall
into one step, the neuron of the train spikes once and all that this does is multiplied by their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.reward_modulated_stdp import RewardModulatedSTDP
from ..neurons import check_step
from ..program import Argument, Model, Program, compile_program

if TYPE_CHECKING:
    import brian2 as b2

ORIGIN = 1.0
"""Period of moving the origin of the tags (s)."""
GROWN = 14.0
"""Largest ORIGIN/tau_c: beyond, sums of numbers e^14 times too large would cost more than six digits."""

TRACES = ("tau_plus", "tau_minus", "tau_c", "tau_n")


def check_rule_step(rule: RewardModulatedSTDP, dt: float) -> None:
    """Mistake if ``dt`` (s) is too coarse for a time constant of the rule."""
    for name in TRACES:
        check_step(dt, name, getattr(rule, name))


@dataclass(frozen=True)
class Projection:
    """What `weave` made."""

    synapses: b2.Synapses
    objects: tuple[Any, ...]
    """everything to be added to the network"""
    arguments: Mapping[str, Argument]
    """the rule's parameters and the delays"""


def weave(
    rule: RewardModulatedSTDP,
    pre: b2.NeuronGroup,
    post: b2.NeuronGroup,
    *,
    connect: Mapping[str, Any],
    delay: float = 0.0,
    transmit: str = "",
    read: float = 0.0,
    count: str = "",
    name: str = "plastic",
) -> Projection:
    """Synapses from ``pre`` to ``post`` that learn by ``rule``.

    Args:
        pre, post: groups whose equations contain ``rule.pre_equations`` and ``rule.neuron_equations``.
        connect: arguments of ``Synapses.connect``. delay: of the spikes on the rule's ``delay_side`` (s).
        transmit: what a presynaptic spike does to the neuron when it reaches the synapse, in terms of
            ``w_now``, the weight; '' leaves the neuron alone.
        read: interval at which the stored ``w`` and ``c`` are brought up to date (s); 0 is never, which
            leaves them to nobody where the integration is 'event'.
        count: variable of both groups that holds, in the step in which a neuron spikes, for how many spikes
            this stands; '' is one. Delays must then be 0.

    Raises:
        Mistake: the time step is too coarse for the rule, tau_c too short for the period of the origin.
    """
    import brian2 as b2

    check_rule_step(rule, float(post.clock.dt))
    if rule.integration == "event" and rule.tau_c * GROWN < ORIGIN:
        raise Mistake(f"tau_c is {rule.tau_c:g} s, integration 'event' needs at least {ORIGIN / GROWN:.2g} s")
    at_pre, at_post = (f"{count}_pre", f"{count}_post") if count else ("", "")
    on_pre = rule.on_spikes("pre", at_pre)
    if transmit and rule.integration != "event":
        on_pre = f"w_now = w\n{on_pre}"
    synapses = b2.Synapses(
        pre,
        post,
        rule.synapse_equations,
        on_pre=f"{on_pre}\n{transmit}",
        on_post=rule.on_spikes("post", at_post),
        delay={"pre": 0 * b2.second, "post": 0 * b2.second},
        name=name,
        clock=post.clock,
    )
    synapses.connect(**connect)
    carriers = {}
    sides: tuple[tuple[Literal["pre", "post"], Any], ...] = (("pre", pre), ("post", post))
    for side, group in sides:
        code = rule.carried(side, at_pre or "1")
        late = delay if (side == "pre") == (rule.delay_side == "axonal") else 0.0
        carrier = b2.Synapses(
            group, group, on_pre=code, delay=late * b2.second, name=f"{name}_{side}_trace", clock=group.clock
        )
        carrier.connect(j="i")
        carrier.pre.order = 1
        getattr(synapses, side).delay = late * b2.second
        getattr(synapses, side).order = 0
        carriers[side] = carrier

    _start(rule, synapses, pre, post)
    if rule.step_code:
        synapses.run_regularly(rule.step_code, when="end", order=0, name=f"{name}_step")
    pre.run_regularly(rule.pre_code, when="end", order=1, name=f"{name}_x_decay")
    post.run_regularly(rule.neuron_code, when="end", order=1, name=f"{name}_neuron_step")
    if rule.shared_code:
        post.run_regularly(rule.shared_code, when="end", order=2, name=f"{name}_growth")
        moved = (synapses, post, post), (*rule.new_origin, rule.new_origin_shared)
        for place, (owner, code) in enumerate(zip(*moved, strict=True)):
            owner.run_regularly(
                code, dt=ORIGIN * b2.second, when="start", order=place - 4, name=f"{name}_origin_{place}"
            )
    if read and rule.read_code:
        clock = b2.Clock(dt=read * b2.second, name=f"{name}_read_clock")
        synapses.run_regularly(rule.read_code, clock=clock, when="start", order=-1, name=f"{name}_read")
    arguments = _arguments(rule, name, pre.name, post.name)
    return Projection(synapses, (synapses, *carriers.values()), arguments)


def _start(rule: RewardModulatedSTDP, synapses: Any, pre: Any, post: Any) -> None:
    import brian2 as b2

    pre.tau_plus = rule.tau_plus * b2.second
    post.tau_minus, post.tau_c = rule.tau_minus * b2.second, rule.tau_c * b2.second
    post.tau_n, post.baseline = rule.tau_n * b2.second, rule.baseline * b2.Hz
    post.eta = rule.eta
    synapses.A_plus, synapses.A_minus = rule.A_plus, rule.A_minus
    if rule.bounded:
        synapses.w_min, synapses.w_max = rule.bounds
    if rule.integration == "event":
        post.growth = 1


def _arguments(rule: RewardModulatedSTDP, name: str, pre: str, post: str) -> dict[str, Argument]:
    owners = {"tau_plus": pre} | dict.fromkeys(("tau_minus", "tau_c", "tau_n", "baseline"), post)
    owners |= {"A_plus": name, "A_minus": name}
    arguments = {}
    for parameter in rule.parameters:
        if parameter.name in owners:
            low = parameter.low
            if parameter.name == "tau_c" and rule.integration == "event":
                low = ORIGIN / GROWN
            arguments[parameter.name] = Argument(
                {f"{owners[parameter.name]}.{parameter.name}": ()},
                unit=parameter.unit,
                doc=parameter.meaning,
                low=low,
                open_low=parameter.open_low,
            )
    for side in ("pre", "post"):
        arguments[f"delay_{side}"] = Argument(
            {f"{name}_{side}.delay": (), f"{name}_{side}_trace.delay": ()},
            unit="second",
            doc=f"from a {side}synaptic spike to the synapse",
            low=0.0,
        )
    return arguments


@dataclass(frozen=True)
class DopamineSynapse:
    """Independent synapses, each between a pre and a post train, under a dopamine train of its own."""

    rule: RewardModulatedSTDP = field(default_factory=RewardModulatedSTDP)
    synapses: int = 1
    """how many"""
    spikes: int = 200
    """room for so many spikes in each train"""
    dt: float = 1e-4
    """time step (s)"""
    record: float = 0.1
    """interval of the recorded weight, eligibility and dopamine (s)"""

    def __post_init__(self) -> None:
        check_rule_step(self.rule, self.dt)
        if min(self.synapses, self.spikes) < 1:
            raise Mistake(f"{self.synapses} synapses with {self.spikes} spikes: at least 1 of each")
        steps = self.record / self.dt
        if steps < 1 - 1e-9 or abs(steps - round(steps)) > 1e-6 * steps:
            raise Mistake(f"record is {self.record:g} s, must be a whole number of steps of {self.dt:g} s")

    @cached_property
    def program(self) -> Program:
        """One for all rules that differ in numbers or in the side of the delay: these are its arguments."""
        alike = RewardModulatedSTDP(
            integration=self.rule.integration, w_min=self.rule.w_min, w_max=self.rule.w_max
        )
        return compile_program("hedon.models.dopamine.synapse:build", replace(self, rule=alike))

    def trains(
        self, trains: Sequence[Sequence[Any]], late: tuple[float, float] = (0.0, 0.0)
    ) -> dict[str, np.ndarray]:
        """The program's arguments for pre, post and dopamine trains (s), one of each for each synapse.

        Args:
            late: delays from pre- and from postsynaptic spikes to the synapse (s).

        Raises:
            Mistake: not one train for each synapse, too many spikes, negative times.
        """
        arguments: dict[str, np.ndarray] = {}
        for name, given, delay in zip(("pre", "post", "dopamine"), trains, (*late, 0.0), strict=True):
            if len(given) != self.synapses:
                raise Mistake(f"{len(given)} {name} trains for {self.synapses} synapses")
            times, present = np.zeros((2, self.synapses, self.spikes))
            for k, train in enumerate(given):
                spikes = np.asarray(train, float)
                if spikes.size > self.spikes:
                    raise Mistake(
                        f"{name} train {k} has {spikes.size} spikes, there is room for {self.spikes}"
                    )
                if spikes.size and not (np.all(np.isfinite(spikes)) and spikes.min() >= 0):
                    raise Mistake(f"{name} train {k} has spikes before 0 s or at no time")
                times[k, : spikes.size], present[k, : spikes.size] = spikes + delay, 1
            arguments |= {f"{name}_times": times, f"{name}_present": present}
        return arguments

    def run(
        self,
        trains: Sequence[Sequence[Any]],
        duration: float,
        delay: float = 0.0,
    ) -> Mapping[str, np.ndarray]:
        """Weight change ``w``, eligibility ``c``, dopamine ``n`` (Hz), all (time, synapse), and ``time`` (s).

        ``trains``: pre, post and dopamine trains, each with one sequence of spike times (s) for each synapse.
        The first record is of time 0, the last of ``duration``, a whole number of record intervals; values
        are those just before the events of that moment.
        """
        records = duration / self.record
        if abs(records - round(records)) > 1e-6 * max(records, 1):
            raise Mistake(f"duration is {duration:g} s, must be a whole number of {self.record:g} s")
        late = (delay, 0.0) if self.rule.delay_side == "axonal" else (0.0, delay)
        arguments: dict[str, Any] = self.trains(trains, late)
        arguments |= {
            p.name: getattr(self.rule, p.name)
            for p in self.rule.parameters
            if p.name in self.program.arguments
        }
        found = self.program(arguments, seed=0, duration=duration + self.dt)
        time = np.arange(len(found["w"])) * self.record
        return {"time": time} | {name: found[name] for name in ("w", "c", "n")}


def build(config: DopamineSynapse) -> Model:
    """Brian2 objects of `DopamineSynapse`: each synapse is an individual, and lives a second a unit."""
    import brian2 as b2

    from ..circuit import Circuit

    rule, one = config.rule, ("synapse",)
    circuit = Circuit(config.synapses, step=config.dt)
    circuit.sizes |= {"synapse": config.synapses, "spike": config.spikes}
    first = b2.NeuronGroup(1, "", threshold="t < 0.5*dt", reset="", name="first", clock=circuit.clock())
    first.thresholder["spike"].when = "start"
    circuit.network.add(first)
    groups = {}
    for name, equations in (("pre", rule.pre_equations), ("post", rule.neuron_equations), ("dopamine", "")):
        group = groups[name] = circuit.group(
            name, 1, f"{equations}\narriving : 1", threshold="arriving > 0.5", reset="arriving = 0"
        )
        schedule = b2.Synapses(
            first,
            group,
            "present : 1",
            on_pre="arriving_post += present",
            name=f"{name}_schedule",
            clock=circuit.clock(),
        )
        schedule.connect(n=config.spikes)
        schedule.delay = 0 * b2.second
        schedule.pre.when = "before_thresholds"
        circuit.network.add(schedule)
        at = f"{name}_schedule"
        train = ("synapse", "spike")
        circuit.argument(
            f"{name}_times", f"{name}_schedule.delay", train, "spike times", unit="second", low=0.0
        )
        there = "1 where there is a spike, 0 where there is none"
        circuit.argument(f"{name}_present", f"{at}.present", train, there)
    woven = weave(
        rule, groups["pre"], groups["post"], connect={"j": "i"}, read=config.record, count="arriving"
    )
    circuit.network.add(*woven.objects)
    release = circuit.project(
        groups["dopamine"],
        groups["post"],
        rule.dopamine_equations,
        "release",
        on_pre=f"{rule.on_dopamine}*arriving_pre",
    )
    release.release = rule.release
    release.pre.order = 2
    every = round(config.record / config.dt)
    circuit.monitor(woven.synapses, ["w", "c"], "weights", every=every, record=np.arange(config.synapses))
    circuit.monitor(groups["post"], ["n"], "levels", every=every)
    circuit.arguments |= {n: a for n, a in woven.arguments.items() if not n.startswith("delay")}
    circuit.argument("release", "release.release", (), "see the rule")
    circuit.argument("eta", "post.eta", one, "learning rate", low=0.0)
    for name, monitor, unit, doc in (
        ("w", "weights", "1", "change of weight"),
        ("c", "weights", "1", "eligibility"),
        ("n", "levels", "Hz", "dopamine"),
    ):
        circuit.output(name, f"{monitor}.{name}", ("time", "synapse"), doc, True, unit)
    return circuit.model(unit=1.0)
