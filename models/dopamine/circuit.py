"""Brian2 objects of the dopamine system, to be woven into any network of individuals side by side.

    system = DopamineCircuit(Dopamine(), individuals=16, clock=clock)
    system.read(critic)                    # critic: a group of spiking neurons, individual by individual
    system.reward_from(world, "reward")    # or code of the task that sets value.reward
    system.transmit(actor, interval)       # actor declares ``modulator : 1``
    network.add(*system.objects)

Groups are ordered (individual, channel, neuron). Everything is named: ``value``, ``dopamine``, ``volume``,
``release``; ``arguments``, ``outputs`` and ``sizes`` are what a `Model` wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import brian2 as b2
import numpy as np

from ...analysis.foundation.mistakes import Mistake
from ..program import Argument, Output
from .system import MODULATOR, NEURON, SPIKE, VALUE, VOLUME, WHEN, Dopamine, unit_jump

PLACE = """
individual : integer (constant)   # whose unit this is
channel : integer (constant)      # number of its broadcast
"""
OWN = ("individual", "channel")
EACH = ("individual", "channel", "dopamine")


def sum_at(synapses: b2.Synapses, clock: b2.Clock, order: int = 0) -> None:
    """Let the sums of these synapses be made at the ticks of ``clock``, in the slot ``groups``.

    Brian2 makes them at every step of the target's clock, whatever the clock of the synapses.
    """
    for updater in synapses.summed_updaters.values():
        updater._clock = clock
        updater.order = order


class DopamineCircuit:
    """The value units, dopamine neurons and volumes of ``individuals`` learners.

    Args:
        system: parameters.
        individuals: learners side by side.
        clock: of the network; its step must not be too coarse for the system.
        equations: further states of the value units, for the code of a task that sets their ``reward``.
        namespace: further names for the code of the value units.

    Raises:
        Mistake: the step is too coarse.
    """

    def __init__(
        self,
        system: Dopamine,
        individuals: int,
        clock: b2.Clock | None = None,
        equations: str = "",
        namespace: Mapping[str, object] | None = None,
    ) -> None:
        self.system = system
        self.individuals = individuals
        self.clock = clock if clock is not None else b2.defaultclock
        system.check_step(float(self.clock.dt))
        self.namespace = system.namespace()
        self.namespace |= namespace or {}
        self.arguments: dict[str, Argument] = {}
        self.outputs: dict[str, Output] = {}
        self.sizes = {"individual": individuals, "channel": system.channels, "dopamine": system.neurons}
        self.objects: list[b2.BrianObject] = []
        self.value = self._value(equations)
        self.neurons = self._neurons()
        self.volume = self._volume()
        self._declare()

    def read(self, critic: b2.NeuronGroup, name: str = "readout") -> b2.Synapses:
        """Spikes of the critic neurons become value: equation (1).

        The neurons of an individual are shared out to its channels in their order.

        Raises:
            Mistake: the critic neurons cannot be shared out evenly.
        """
        units = len(self.value)
        if len(critic) % units:
            raise Mistake(f"{len(critic)} critic neurons cannot be shared out evenly to {units} value units")
        each = len(critic) // units
        slow, fast = (jump / each for jump in self.system.value_jumps(float(self.clock.dt)))
        readout = b2.Synapses(
            critic,
            self.value,
            on_pre=f"slow_post += {slow!r}\nfast_post += {fast!r}",
            name=name,
            clock=self.clock,
        )
        readout.connect(j=f"k for k in range(i//{each}, i//{each} + 1)")
        self.objects.append(readout)
        return readout

    def reward_from(self, world: b2.NeuronGroup, expression: str, name: str = "reward_input") -> b2.Synapses:
        """Reward (value/s) that every unit of ``world`` hands to the channels of its individual.

        Args:
            world: units, individual by individual; several of one individual add up.
            expression: in terms of the world's variables with the suffix ``_pre``, in Hz.
        """
        each = len(world) // self.individuals
        synapses = b2.Synapses(
            world,
            self.value,
            f"reward_post = {expression} : Hz (summed)",
            name=name,
            clock=self.clock,
            namespace=self.namespace | (world.namespace or {}),
        )
        start = f"(i//{each})*{self.system.channels}"
        synapses.connect(j=f"k for k in range({start}, {start} + {self.system.channels})")
        self.objects.append(synapses)
        return synapses

    def transmit(
        self,
        target: b2.NeuronGroup,
        clock: b2.Clock | None = None,
        *,
        shift: int = 0,
        owner: Iterable[int] | None = None,
        channel: Iterable[int] | None = None,
    ) -> b2.Synapses:
        """Synapses from the volume onto every target neuron's ``modulator``: equation (6).

        Args:
            target: neurons, individual by individual, that declare ``modulator : 1``.
            clock: when the modulator is brought up to date, by default in every step; a plasticity that is
                computed every 20 ms needs it no more often. It is read before anything moves in a step.
            shift: 1 hands each individual the dopamine of the one before it, a control that teaches nothing.
            owner: for each individual whose dopamine reaches it, in place of a shift.
            channel: for each target neuron of an individual its channel; by default in their order.

        Raises:
            Mistake: channels that do not fit.
        """
        each, channels = len(target) // self.individuals, self.system.channels
        own = np.arange(each) * channels // each if channel is None else np.array(list(channel), int)
        if own.shape != (each,) or own.min() < 0 or own.max() >= channels:
            raise Mistake(f"channel needs {each} numbers from 0 to {channels - 1}")
        whose = (np.arange(self.individuals) - shift) % self.individuals
        if owner is not None:
            whose = np.array(list(owner), int)
        if whose.shape != (self.individuals,) or whose.min() < 0 or whose.max() >= self.individuals:
            raise Mistake(f"owner needs {self.individuals} numbers of individuals")
        source = (whose[:, None] * channels + own).ravel()
        synapses = b2.Synapses(
            self.volume,
            target,
            MODULATOR,
            name=f"transmission_{target.name}",
            clock=clock if clock is not None else self.clock,
        )
        synapses.connect(i=source, j=np.arange(len(target)))
        sum_at(synapses, synapses.clock, order=-1)
        self.objects.append(synapses)
        return synapses

    def record(self, period: float, names: Iterable[str] = ("V", "delta", "n", "fired")) -> None:
        """Record variables of value units and volumes every ``period`` (s): dims (time, individual, channel).

        ``fired`` counts the spikes of a channel so far, per neuron: its differences are rates. Each name
        becomes an output.
        """
        names = list(names)
        clock = b2.Clock(dt=period * b2.second, name="dopamine_recording")
        for group in (self.value, self.volume):
            here = [name for name in names if name in group.variables]
            if not here:
                continue
            monitor = b2.StateMonitor(
                group, here, record=True, clock=clock, when="start", name=f"{group.name}_recorded"
            )
            self.objects.append(monitor)
            for name in here:
                unit = "Hz" if name in ("n", "slope", "r", "reward") else "1"
                self.outputs[name] = Output(f"{monitor.name}.{name}", ("time", *OWN), unit)

    def record_spikes(self) -> None:
        """Every dopamine spike: outputs ``dopamine_spike_time`` (s) and ``dopamine_spike_neuron``."""
        monitor = b2.SpikeMonitor(self.neurons, name="dopamine_spikes")
        self.objects.append(monitor)
        self.outputs["dopamine_spike_time"] = Output("dopamine_spikes.t", ("spike",), "s")
        self.outputs["dopamine_spike_neuron"] = Output("dopamine_spikes.i", ("spike",))

    # -- the groups -----------------------------------------------------------------------------

    def _value(self, equations: str) -> b2.NeuronGroup:
        system = self.system
        value = b2.NeuronGroup(
            self.individuals * system.channels,
            b2.Equations(PLACE + VALUE) + b2.Equations(equations),
            method="exact",
            name="value",
            namespace=self.namespace,
            clock=self.clock,
        )
        value.individual = f"i // {system.channels}"
        value.channel = f"i % {system.channels}"
        value.tau_r = system.tau_r * b2.second
        value.gamma = system.gamma
        value.expectation = 1
        share = system.critic_baseline / system.critic_gain / (system.tau_slow - system.tau_fast)
        dt = float(self.clock.dt)
        value.slow = share * system.tau_slow * np.exp(dt / system.tau_slow)
        value.fast = share * system.tau_fast * np.exp(dt / system.tau_fast)
        value.run_regularly(
            system.step_code, clock=self.clock, when=WHEN[system.slope], order=0, name="value_error"
        )
        if system.td == "discrete":
            value.run_regularly(
                system.td_code,
                clock=b2.Clock(dt=system.td_step * b2.second, name="td_steps"),
                when=WHEN[system.slope],
                order=1,
                name="value_td_error",
            )
        self.objects.append(value)
        return value

    def _neurons(self) -> b2.NeuronGroup:
        system = self.system
        neurons = b2.NeuronGroup(
            len(self.value) * system.neurons,
            NEURON,
            threshold=SPIKE,
            name="dopamine",
            namespace=self.namespace,
            clock=self.clock,
        )
        neurons.delta = b2.linked_var(
            self.value, "delta", index=np.repeat(np.arange(len(self.value)), system.neurons)
        )
        neurons.baseline = system.baseline * b2.Hz
        neurons.gain = system.gain * b2.Hz
        neurons.asymmetry = np.tile(np.ravel(system.asymmetries()), self.individuals)
        self.objects.append(neurons)
        return neurons

    def _volume(self) -> b2.NeuronGroup:
        system = self.system
        released = unit_jump(float(self.clock.dt), system.clearance) / system.neurons
        volume = b2.NeuronGroup(
            len(self.value),
            VOLUME,
            method="exact",
            name="volume",
            namespace=self.namespace,
            clock=self.clock,
        )
        volume.n = volume.tonic = system.baseline * b2.Hz
        volume.unit_release = system.gain * b2.Hz
        release = b2.Synapses(
            self.neurons,
            volume,
            on_pre={
                "released": f"n_post += {released!r}*Hz",
                "counted": f"fired_post += {1 / system.neurons!r}",
            },
            delay={"released": system.delay * b2.second},
            name="release",
            clock=self.clock,
        )
        release.connect(j=f"k for k in range(i//{system.neurons}, i//{system.neurons} + 1)")
        self.objects += [volume, release]
        return volume

    def _declare(self) -> None:
        """Arguments that can differ between individuals, channels and dopamine neurons."""
        mine = (
            ("expectation", "1", "share of the expectation that is compared", 0.0),
            ("tau_r", "s", "horizon of the continuous error", 0.0),
            ("gamma", "1", "discount of the discrete error", 0.0),
        )
        for name, unit, doc, low in mine:
            self.arguments[name] = Argument(
                {f"value.{name}": OWN}, OWN[:1], unit, doc, low, 1 - 1e-12 if name == "gamma" else np.inf
            )
        self.arguments["tonic"] = Argument(
            {"volume.tonic": OWN}, OWN, "Hz", "concentration that carries no error: the mean baseline", 0.0
        )
        self.arguments["baseline"] = Argument(
            {"dopamine.baseline": EACH}, EACH, "Hz", "tonic rate of each dopamine neuron", 0.0
        )
        self.arguments["asymmetry"] = Argument(
            {"dopamine.asymmetry": EACH}, EACH, "1", "asymmetry of each dopamine neuron", 0.0, 1.0
        )
