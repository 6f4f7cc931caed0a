"""Builds the Brian2 objects of a spiking actor-critic; `network` says what they are.

Groups, individual by individual: ``world`` (one unit each: body, trial and reward), ``place``, ``critic``,
``actor``, and those of `DopamineCircuit`: ``value``, ``dopamine``, ``volume``. The world, the rates of
place cells and plasticity tick every 20 ms, all else runs at the network's step. The order at a tick:
world, place cells, then neurons, spikes and synapses, then weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import brian2 as b2
import numpy as np

from ...plasticity.td_hebbian import TDHebbian
from ..dopamine.circuit import DopamineCircuit
from ..dopamine.system import CRITIC, SPIKE
from ..program import Argument, Model, Output, keyed_normal, keyed_uniform
from ..tasks.control_task import TICK
from ..tasks.streams import CONTROL
from .network import ActorCritic, Ring

WORLD = """
individual : integer (constant)
task_seed : integer (constant)
trials : 1 (constant)     # trials to live
trial : integer           # of this life, from 0
acting : 1                # 1 in a trial, 0 between
elapsed : 1               # ticks of this trial
waiting : 1               # ticks of rest left
paying : 1                # ticks of reward left
amount : 1                # reward that is being paid
reward : Hz               # its rate
ended : 1                 # 1 at the tick at which a trial ends
latency : second          # of the last trial
outcome : 1               # of the last trial: 1 well, -1 badly, 0 unfinished
action : 1                # last choice
failing : 1               # share of the last trials that ended badly; 1 where the rates do not follow it
"""

PLACE = """
dpsp/dt = -psp/tau_m : 1  # the potential that its spikes cause, per weight
chance : 1                # of a spike in one step
acting : 1 (linked)
"""

NEURON = """
du/dt = -u/tau_m : 1         # potential caused by the place cells
modulator : 1                # the TD error (1/s) as dopamine tells it
eta : second (constant)
learning : 1 (constant)
rate : second                # learning rate, eta*failing/(1 + decay*trial)
trial : integer (linked)     # trials lived
failing : 1 (linked)         # how its individual fares
"""

ACTOR = (
    NEURON
    + """
dlateral/dt = -lateral/tau_lateral : 1              # potential caused by other actor neurons
rho = base*exp(clip(u + lateral, -20, highest)) : Hz
"""
)


def build(net: ActorCritic) -> Model:
    """The network of ``net`` with its arguments and outputs; one unit of duration is a second."""
    return ActorCriticCircuit(net).model()


class ActorCriticCircuit:
    """The groups and synapses of one `ActorCritic`, in attributes."""

    def __init__(self, net: ActorCritic) -> None:
        self.net = net
        self.individuals = net.individuals
        self.network = b2.Network()
        self.arguments: dict[str, Argument] = {}
        self.outputs: dict[str, Output] = {}
        self.sizes = {"individual": net.individuals}
        self.clock = b2.Clock(net.step * b2.second, name="steps")
        self.ticks = b2.Clock(TICK * b2.second, name="ticks")
        self.updates = b2.Clock(net.interval * b2.second, name="updates")
        second, hz = b2.second, b2.Hz
        self.namespace: dict[str, object] = dict(CONTROL) | {
            "keyed_uniform": keyed_uniform,
            "keyed_normal": keyed_normal,
            "tau_m": net.tau_m * second,
            "tau_lateral": net.actor.tau_lateral * second,
            "tau_action": net.tau_action * second,
            "tick": TICK * second,
            "interval": net.interval * second,
            "base": net.actor.base * hz,
            "highest": math.log(net.actor.ceiling / net.actor.base),
        }
        self.system = DopamineCircuit(net.dopamine, net.individuals, self.clock)
        self.namespace |= self.system.namespace
        self._world()
        self._place()
        self.critic = self._neurons("critic", net.critics, NEURON + CRITIC)
        self._actor()
        self._broadcast()
        self._weights("critic", self.critic, net.critic_rule)
        self._weights("actor", self.actor, net.actor_rule)
        self._records()

    def model(self) -> Model:
        return Model(self.network, self.arguments, self.outputs, self.sizes)

    def _group(self, name: str, size: int, equations: str, **options: object) -> b2.NeuronGroup:
        options.setdefault("clock", self.clock)
        group = b2.NeuronGroup(
            self.individuals * size, equations, name=name, namespace=self.namespace, method="exact", **options
        )
        self.network.add(group)
        return group

    def _world(self) -> None:
        task = self.net.task
        equations = WORLD + "\n".join(
            [f"{state} : 1" for state in task.states]
            + [f"position{k} : 1" for k in range(len(task.code.axes))]
            + [f"d{pull}/dt = -{pull}/tau_action : Hz" for pull in self.pulls]
            + [task.equations]
        )
        self.world = self._group(
            "world",
            1,
            equations,
            clock=self.ticks,
            dtype={"task_seed": np.int64},
            events={"trial_end": "ended > 0.5"},
        )
        self.world.individual = "i"
        self.world.trial = -1
        self.world.trials = 1e9
        self.world.waiting = 1
        self.world.failing = 1
        self.world.run_regularly(self.life(), clock=self.ticks, when="start", order=0, name="world_life")
        self.arguments["task_seed"] = Argument({"world.task_seed": ("individual",)}, integer=True, low=0)
        self.arguments["individual"] = Argument(
            {"world.individual": ("individual",)},
            ("individual",),
            doc="number that keys its draws",
            integer=True,
            low=0,
        )
        self.arguments["trials"] = Argument(
            {"world.trials": ("individual",)}, ("individual",), doc="trials to live", low=0
        )
        self.arguments["trial"] = Argument(
            {"world.trial": ("individual",)},
            ("individual",),
            doc="number of the last trial lived",
            integer=True,
        )
        self.arguments["failing"] = Argument(
            {"world.failing": ("individual",)},
            ("individual",),
            doc="share of the last trials that ended badly",
            low=0,
            high=1,
        )
        self.outputs["failing"] = Output(
            "world.failing", ("individual",), doc="share of the last trials that ended badly", default=False
        )
        self.outputs["trial"] = Output(
            "world.trial", ("individual",), doc="number of the last trial begun", default=False
        )

    @property
    def pulls(self) -> list[str]:
        """Variables of the world that gather the actor's spikes, one for each action or direction (Hz)."""
        actions = self.net.task.actions
        return ["pull_x", "pull_y"] if actions is None else [f"pull{k}" for k in range(actions)]

    def life(self) -> str:
        """Code of one tick of the world: act, move, see whether the trial ends, pay, rest, begin anew."""
        task, net = self.net.task, self.net
        ticks = round(task.limit / TICK)
        pay = max(1, round(net.reward_duration / TICK))
        good, bad = task.rewards
        wage = f" + moving*({task.wage})/tick" if task.wage else ""
        code = [
            "elapsed = elapsed + acting",
            f"moving = acting*int(elapsed % {task.hold} < 0.5)",
            *self._choice(),
            *task.move.strip().splitlines(),
            *(f"{state} = moving*next_{state} + (1 - moving)*{state}" for state in task.states),
            f"reached = moving*int({task.success})",
            f"lost = moving*(1 - reached)*int({task.failure})",
            f"late = acting*(1 - reached)*(1 - lost)*int(elapsed > {ticks} - 0.5)",
            "ended = reached + lost + late",
            "latency = ended*elapsed*tick + (1 - ended)*latency",
            "outcome = ended*(reached - lost) + (1 - ended)*outcome",
            *([f"failing += ended*(lost - failing)/{net.associability!r}"] if net.associability else []),
            "acting = acting - ended",
            f"paying = ended*{pay} + (1 - ended)*clip(paying - 1, 0, inf)",
            f"amount = ended*(reached*({good!r}) + lost*({bad!r})) + (1 - ended)*amount",
            f"reward = int(paying > 0.5)*amount/({pay}*tick){wage}",
            f"waiting = ended*{round(task.rest / TICK)} + (1 - ended)*clip(waiting - 1, 0, inf)",
            "begin = (1 - acting)*(1 - ended)*int(waiting < 0.5)*int(trial + 1.5 < trials)",
            "trial = trial + int(begin > 0.5)",
            *(f"{state} = begin*({start}) + (1 - begin)*{state}" for state, start in task.start.items()),
            "elapsed = elapsed*(1 - begin)",
            "acting = acting + begin",
            *(f"position{k} = {axis.position}" for k, axis in enumerate(task.code.axes)),
        ]
        return "\n".join(line.strip() for line in code if line.strip())

    def _choice(self) -> list[str]:
        """The pool with the strongest pull; ties fall at random."""
        actions = self.net.task.actions
        if actions is None:
            return []
        code = ["chosen_action = 0*action", "strongest = pull0 + 1e-6*Hz*rand()"]
        for k in range(1, actions):
            code += [
                f"strength{k} = pull{k} + 1e-6*Hz*rand()",
                f"better{k} = int(strength{k} > strongest)",
                f"chosen_action = {k}*better{k} + (1 - better{k})*chosen_action",
                f"strongest = better{k}*strength{k} + (1 - better{k})*strongest",
            ]
        return [*code, "action = moving*chosen_action + (1 - moving)*action"]

    def _place(self) -> None:
        code = self.net.task.code
        cells = code.cells
        equations = PLACE + "\n".join(
            f"position{k} : 1 (linked)\ncentre{k} : 1 (constant)" for k in range(len(code.axes))
        )
        self.place = self._group("place", cells, equations, threshold="rand() < chance", reset="psp += 1")
        whose = np.repeat(np.arange(self.individuals), cells)
        self.place.acting = b2.linked_var(self.world, "acting", index=whose)
        grid = np.meshgrid(*(np.arange(axis.cells) for axis in code.axes), indexing="ij")
        for k, centres in enumerate(grid):
            setattr(self.place, f"position{k}", b2.linked_var(self.world, f"position{k}", index=whose))
            setattr(self.place, f"centre{k}", np.tile(centres.ravel(), self.individuals))
        self.namespace["peak"] = code.peak * b2.Hz
        self.place.run_regularly(
            f"chance = acting*(1 - exp(-peak*{self.net.step!r}*second*{code.field}))",
            clock=self.ticks,
            when="start",
            order=1,
            name="place_see",
        )
        self.sizes["cell"] = cells

    def _neurons(self, name: str, size: int, equations: str) -> b2.NeuronGroup:
        group = self._group(name, size, equations, threshold=SPIKE)
        whose = np.repeat(np.arange(self.individuals), size)
        group.trial = b2.linked_var(self.world, "trial", index=whose)
        group.failing = b2.linked_var(self.world, "failing", index=whose)
        self.namespace["decay"] = self.net.decay
        group.run_regularly(
            "rate = learning*eta*failing/(1 + decay*clip(trial, 0, inf))",
            clock=self.updates,
            when="before_synapses",
            name=f"{name}_rate",
        )
        self.sizes[name] = size
        return group

    def _actor(self) -> None:
        actor, n = self.net.actor, self.net.actor.size
        votes = "\n".join(f"vote_{pull} : Hz (constant)" for pull in self.pulls)
        self.actor = self._neurons("actor", n, ACTOR + votes)
        if isinstance(actor, Ring):
            angle = 2 * np.pi * np.arange(n) / n
            share = {"pull_x": np.cos(angle) / n, "pull_y": np.sin(angle) / n}
            # mean rates in units of 10 Hz; a cosine's own projection is twice its amplitude's mean
            lateral = (actor.attract * np.cos(angle[:, None] - angle) - actor.inhibit) / n
        else:
            pool = np.arange(n) // actor.neurons
            share = {f"pull{k}": (pool == k) / actor.neurons for k in range(actor.actions)}
            same = pool[:, None] == pool
            lateral = np.where(same, actor.attract, -actor.inhibit) / actor.neurons
        for pull, values in share.items():
            setattr(
                self.actor,
                f"vote_{pull}",
                np.tile(values, self.individuals) / (self.net.tau_action * b2.second),
            )
        self._connect(
            "vote", self.actor, self.world, "\n".join(f"{p}_post += vote_{p}_pre" for p in self.pulls)
        )
        if actor.attract or actor.inhibit:
            synapses = self._connect(
                "lateral", self.actor, self.actor, "lateral_post += strength", "strength : 1 (constant)"
            )
            synapses.strength = np.tile(lateral.ravel(), self.individuals) / (10 * actor.tau_lateral)
            self.sizes["to_actor"] = n
            dims = ("individual", "actor", "to_actor")
            self.arguments["w_lateral"] = Argument(
                {"lateral.strength": dims}, dims, doc="potential of one spike in the other actor neurons"
            )

    def _broadcast(self) -> None:
        """From critic spikes and reward to the modulator of critic and actor neurons."""
        self.system.read(self.critic)
        self.system.reward_from(self.world, "reward_pre")
        shift = int(self.net.broadcast == "other")
        for target in (self.critic, self.actor):
            self.system.transmit(target, self.updates, shift=shift)
        self.network.add(*self.system.objects)
        self.arguments |= self.system.arguments
        self.outputs |= self.system.outputs
        self.sizes |= self.system.sizes

    def _connect(
        self,
        name: str,
        source: b2.NeuronGroup,
        target: b2.NeuronGroup,
        on_pre: str,
        equations: str = "",
    ) -> b2.Synapses:
        before, after = len(source) // self.individuals, len(target) // self.individuals
        synapses = b2.Synapses(
            source, target, equations, on_pre=on_pre, name=name, namespace=self.namespace, clock=self.clock
        )
        synapses.connect(j=f"k for k in range((i//{before})*{after}, (i//{before} + 1)*{after})")
        self.network.add(synapses)
        return synapses

    def _weights(self, name: str, target: b2.NeuronGroup, rule: TDHebbian) -> None:
        """Plastic synapses from the place cells, woven from the rule."""
        own = dict(self.namespace)
        for constant, (value, unit) in rule.constants.items():
            own[constant] = value if unit == "1" else value * getattr(b2, unit)
        before, after = len(self.place) // self.individuals, len(target) // self.individuals
        synapses = b2.Synapses(
            self.place,
            target,
            "w : 1\n" + rule.synapse_equations,
            on_pre="u_post += w",
            on_post=rule.on_post,
            method="exact",
            name=f"{name}_weights",
            namespace=own,
            clock=self.updates,
        )
        synapses.connect(j=f"k for k in range((i//{before})*{after}, (i//{before} + 1)*{after})")
        synapses.run_regularly(rule.update, clock=self.updates, when="end", name=f"{name}_update")
        self.network.add(synapses)
        target.eta, target.learning = rule.eta * b2.second, 1
        each = ("individual", target.name)
        self.arguments[f"eta_{name}"] = Argument(
            {f"{name}.eta": each}, ("individual",), unit="s", doc=f"learning rate of the {name}", low=0
        )
        self.arguments[f"w_{name}"] = Argument(
            {f"{name}_weights.w": ("individual", "cell", name)}, ("individual", "cell", name), doc="weights"
        )
        self.outputs[f"w_{name}"] = Output(
            f"{name}_weights.w", ("individual", "cell", name), doc="weights", default=False
        )
        learning = self.arguments.get("learning")
        targets: Mapping[str, tuple[str, ...]] = {f"{name}.learning": each} | dict(
            learning.targets if learning else {}
        )
        self.arguments["learning"] = Argument(
            targets, ("individual",), doc="1: plastic, 0: frozen", low=0, high=1
        )

    def _records(self) -> None:
        trials = b2.EventMonitor(self.world, "trial_end", ["latency", "outcome", "trial"], name="ends")
        self.network.add(trials)
        for name, source, unit in (
            ("end_individual", "i", "1"),
            ("end_time", "t", "s"),
            ("end_trial", "trial", "1"),
            ("latency", "latency", "s"),
            ("outcome", "outcome", "1"),
        ):
            self.outputs[name] = Output(
                f"ends.{source}", ("end",), unit=unit, doc=f"{name} of each finished trial"
            )
        if self.net.watched:
            self._watch()

    def _watch(self) -> None:
        task, few = self.net.task, list(range(self.net.watched))
        self.sizes["watched"] = len(few)
        for group, names, monitor in (
            (self.world, [*task.states, "acting", "reward", "trial"], "watch_world"),
            (self.system.value, ["V", "delta"], "watch_value"),
        ):
            recorded = b2.StateMonitor(group, names, record=few, clock=self.ticks, name=monitor)
            self.network.add(recorded)
            for name in names:
                unit = "Hz" if name == "reward" else "1"
                self.outputs[f"{name}_trace"] = Output(
                    f"{monitor}.{name}",
                    ("time", "watched"),
                    unit=unit,
                    doc=f"{name} every 20 ms",
                    default=False,
                )
