"""Brian2 objects of the dopamine system, to be woven into any network of individuals side by side.

    system = DopamineCircuit(Dopamine(), circuit)
    system.read(critic)                    # critic: a group of spiking neurons, individual by individual
    system.reward_from(world, "reward")    # or code of the task that sets value.reward
    system.transmit(actor, every)          # actor declares ``modulator : 1``

Groups are ordered (individual, channel, neuron). Everything is named and goes into the network, the arguments
and outputs of the circuit: ``value``, ``dopamine``, ``volume``, ``release``.
"""

from collections.abc import Iterable

import brian2 as b2
import numpy as np

from ...analysis.foundation.configuration import field_docs
from ...analysis.foundation.mistakes import Mistake
from ..circuit import Circuit
from ..program import Argument
from .system import (
    MODULATOR,
    NEURON,
    OWN_VALUE,
    OWN_VOLUME,
    SPIKE,
    VALUE,
    VOLUME,
    WHEN,
    Dopamine,
    unit_jump,
)

OWN = ("individual", "channel")
EACH = ("individual", "channel", "dopamine")
HEARD = {"n": "Hz", "tonic": "Hz", "unit_release": "Hz"}
"""What reaches another place of the volume."""


class DopamineCircuit:
    """The value units, dopamine neurons and volumes of a circuit's individuals.

    Args:
        system: parameters.
        circuit: what it becomes part of; its step must not be too coarse for the system.
        equations: further states of the value units, for the code of a task that sets their ``reward``.
        own: whether time constants, gain and baseline are arguments too, one value for each individual.

    Raises:
        Mistake: the step is too coarse; numbers of one's own where dV/dt is not read as a difference.
    """

    def __init__(self, system: Dopamine, circuit: Circuit, equations: str = "", own: bool = False) -> None:
        system.check_step(circuit.step)
        if own and system.slope != "difference":
            raise Mistake("dopamine systems of individuals' own read dV/dt as a difference")
        self.system = system
        self.own = own
        self.circuit = circuit
        self.individuals = circuit.individuals
        held = ("tau_slow", "tau_fast", "clearance") if own else ()
        circuit.namespace |= {name: one for name, one in system.namespace().items() if name not in held}
        circuit.sizes["dopamine"] = system.neurons
        self.value = self._value(equations)
        self.neurons = self._neurons()
        self.volume = self._volume()
        self._heard: dict[int, b2.NeuronGroup] = {}
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
        if self.own:
            for part in ("slow", "fast"):
                jump = f"tau_{part}*expm1(dt/tau_{part})/(dt*critic_gain*(tau_slow - tau_fast)*{each})"
                self.circuit.drawn(self.value, f"jump_{part}", jump)
            return self.circuit.project(
                critic,
                self.value,
                "",
                name,
                parts=self.system.channels,
                on_pre="slow_post += jump_slow_post\nfast_post += jump_fast_post",
            )
        slow, fast = (jump / each for jump in self.system.value_jumps(self.circuit.step))
        return self.circuit.project(
            critic,
            self.value,
            "",
            name,
            parts=self.system.channels,
            on_pre=f"slow_post += {slow!r}\nfast_post += {fast!r}",
        )

    def reward_from(self, world: b2.NeuronGroup, expression: str, name: str = "reward_input") -> b2.Synapses:
        """Reward (value/s) that every unit of ``world`` hands to the channels of its individual.

        Args:
            world: units, individual by individual; several of one individual add up.
            expression: in terms of the world's variables with the suffix ``_pre``, in Hz.
        """
        return self.circuit.project(world, self.value, f"reward_post = {expression} : Hz (summed)", name)

    def transmit(
        self, target: b2.NeuronGroup, every: int = 1, *, channel: Iterable[int] | None = None
    ) -> b2.Synapses:
        """Synapses from the volume onto every target neuron's ``modulator``: equation (6).

        The argument ``yoked`` says from whose volume (`Circuit.heard`).

        Args:
            target: neurons, individual by individual, that declare ``modulator : 1``.
            every: steps between two moments at which the modulator is brought up to date; a plasticity
                that is computed every 20 ms needs it no more often. It is read before anything moves.
            channel: for each target neuron of an individual its channel; by default in their order.

        Raises:
            Mistake: channels that do not fit.
        """
        each, channels = len(target) // self.individuals, self.system.channels
        own = np.arange(each) * channels // each if channel is None else np.array(list(channel), int)
        if own.shape != (each,) or own.min() < 0 or own.max() >= channels:
            raise Mistake(f"channel needs {each} numbers from 0 to {channels - 1}")
        if every not in self._heard:
            name = "heard" if not self._heard else f"heard_every_{every}"
            self._heard[every] = self.circuit.heard(
                self.volume, HEARD, name, "channel", every=every, order=-2
            )
        synapses = self.circuit.project(
            self._heard[every],
            target,
            MODULATOR,
            f"transmission_{target.name}",
            parts=channels,
            every=every,
            chosen=own,
        )
        self.circuit.sum_at(synapses, every, order=-1)
        return synapses

    def record(self, period: float, names: Iterable[str] = ("V", "delta", "n", "fired")) -> None:
        """Record variables of value units and volumes every ``period`` (s): dims (time, individual, channel).

        ``fired`` counts the spikes of a channel so far, per neuron: its differences are rates. Each name
        becomes an output.
        """
        every = round(period / self.circuit.step)
        for group in (self.value, self.volume):
            here = [name for name in names if name in group.variables]
            if not here:
                continue
            monitor = self.circuit.monitor(group, here, f"{group.name}_recorded", every=every, when="start")
            for name in here:
                unit = "Hz" if name in ("n", "slope", "r", "reward") else "1"
                self.circuit.output(name, f"{monitor.name}.{name}", ("time", *OWN), unit=unit, default=True)

    def record_spikes(self) -> None:
        """Every dopamine spike: outputs ``dopamine_spike_time`` (s) and ``dopamine_spike_neuron``."""
        self.circuit.spikes(self.neurons, "dopamine_")

    # -- the groups -----------------------------------------------------------------------------

    def _value(self, equations: str) -> b2.NeuronGroup:
        system = self.system
        circuit = self.circuit
        states = b2.Equations(VALUE) + b2.Equations(equations)
        if self.own:
            states += b2.Equations(OWN_VALUE)
        value = circuit.group("value", system.channels, states, "channel", method="exact")
        value.tau_r = system.tau_r * b2.second
        value.gamma = system.gamma
        value.expectation = 1
        if self.own:
            for part in ("slow", "fast"):
                setattr(value, f"tau_{part}", getattr(system, f"tau_{part}") * b2.second)
                rest = f"critic_baseline/critic_gain*tau_{part}*exp(dt/tau_{part})/(tau_slow - tau_fast)"
                circuit.drawn(value, part, rest)
        share = system.critic_baseline / system.critic_gain / (system.tau_slow - system.tau_fast)
        dt = circuit.step
        value.slow = share * system.tau_slow * np.exp(dt / system.tau_slow)
        value.fast = share * system.tau_fast * np.exp(dt / system.tau_fast)
        circuit.run(value, system.step_code, "error", when=WHEN[system.slope], order=0)
        if system.td == "discrete":
            steps = round(system.td_step / dt)
            if abs(steps * dt - system.td_step) > 1e-9:
                raise Mistake(f"td_step is {system.td_step:g} s, must be a whole number of steps of {dt:g} s")
            circuit.run(value, system.td_code, "td_error", every=steps, when=WHEN[system.slope], order=1)
        return value

    def _neurons(self) -> b2.NeuronGroup:
        system = self.system
        neurons = self.circuit.group("dopamine", system.channels * system.neurons, NEURON, threshold=SPIKE)
        self.circuit.link(neurons, self.value, "delta")
        neurons.baseline = system.baseline * b2.Hz
        neurons.gain = system.gain * b2.Hz
        neurons.asymmetry = np.tile(np.ravel(system.asymmetries()), self.individuals)
        return neurons

    def _volume(self) -> b2.NeuronGroup:
        system = self.system
        released = unit_jump(self.circuit.step, system.clearance) / system.neurons
        equations = VOLUME + (OWN_VOLUME if self.own else "")
        volume = self.circuit.group("volume", system.channels, equations, "channel", method="exact")
        if self.own:
            volume.clearance = system.clearance * b2.second
            self.circuit.drawn(volume, "released", f"-expm1(-dt/clearance)/(dt*{system.neurons})")
        volume.n = volume.tonic = system.baseline * b2.Hz
        volume.unit_release = system.gain * b2.Hz
        self.circuit.project(
            self.neurons,
            volume,
            "",
            "release",
            parts=system.channels,
            on_pre={
                "released": "n_post += released_post" if self.own else f"n_post += {released!r}*Hz",
                "counted": f"fired_post += {1 / system.neurons!r}",
            },
            delay={"released": system.delay * b2.second},
        )
        return volume

    def _declare(self) -> None:
        """Arguments that can differ between individuals, channels and dopamine neurons."""
        argument = self.circuit.argument
        for name, unit, doc, high in (
            ("expectation", "1", "share of the expectation that is compared", np.inf),
            ("tau_r", "s", "horizon of the continuous error", np.inf),
            ("gamma", "1", "discount of the discrete error", 1 - 1e-12),
        ):
            argument(name, f"value.{name}", OWN, doc, given=OWN[:1], unit=unit, low=0.0, high=high)
        level = "concentration that carries no error: the mean baseline"
        argument("tonic", "volume.tonic", OWN, level, unit="Hz", low=0.0)
        rate = "tonic rate of each dopamine neuron"
        argument("baseline", "dopamine.baseline", EACH, rate, unit="Hz", low=0.0)
        asymmetry = "asymmetry of each dopamine neuron"
        argument("asymmetry", "dopamine.asymmetry", EACH, asymmetry, low=0.0, high=1.0)
        if self.own:
            self._declare_own()

    def _declare_own(self) -> None:
        """One value for each individual of what `Dopamine` declares."""
        docs = field_docs(Dopamine)
        for name, unit, targets in (
            ("tau_slow", "s", {"value.tau_slow": OWN}),
            ("tau_fast", "s", {"value.tau_fast": OWN}),
            ("clearance", "s", {"volume.clearance": OWN}),
            ("gain", "Hz", {"dopamine.gain": EACH, "volume.unit_release": OWN}),
            ("baseline", "Hz", {"dopamine.baseline": EACH, "volume.tonic": OWN, "volume.n": OWN}),
            ("asymmetry", "1", {"dopamine.asymmetry": EACH}),
        ):
            self.circuit.arguments[name] = Argument(
                targets, OWN[:1], unit, docs[name], low=0.0, open_low=name != "baseline"
            )
        del self.circuit.arguments["tonic"]
