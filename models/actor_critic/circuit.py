"""Builds the Brian2 objects of a spiking actor-critic; `network` says what they are.

Groups, individual by individual: ``world`` (one unit each: body, trial and reward), ``place``, ``critic``,
``actor``, and those of `DopamineCircuit`: ``value``, ``dopamine``, ``volume``. The world, the rates of
place cells and plasticity tick every 20 ms, all else runs at the network's step. The order at a tick:
world, place cells, then neurons, spikes and synapses, then weights.
"""

import math
from collections.abc import Mapping

import brian2 as b2
import numpy as np

from ...plasticity.td_hebbian import TDHebbian
from ..circuit import Circuit
from ..dopamine.circuit import DopamineCircuit
from ..dopamine.system import CRITIC, SPIKE
from ..program import Model
from ..tasks.control_task import TICK
from ..tasks.streams import CONTROL
from .network import ActorCritic, Ring

WORLD = """
task_seed : integer (constant)
trials : 1 (constant)     # trials to live
trial : integer           # of this life, from 0
acting : 1                # 1 in a trial, 0 between
elapsed : 1               # ticks of this trial
waiting : 1               # ticks of rest left
owed : 1                  # ticks until a reward is paid, one more than are left
paying : 1                # ticks of reward left
amount : 1                # reward that is being paid
reward : Hz               # its rate
ended : 1                 # 1 at the tick at which a trial ends
latency : second          # of the last trial
outcome : 1               # of the last trial: 1 well, -1 badly, 0 unfinished
action : 1                # last choice
"""

CELL = """
dpsp/dt = -psp/tau_m : 1  # the potential that its spikes cause, per weight
chance : 1                # of a spike in one step
acting : 1 (linked)
"""

NEURON = """
du/dt = -u/tau_m : 1         # potential caused by the place cells
modulator : 1                # the TD error (1/s) as dopamine tells it
eta : second (constant)
learning : 1 (constant)
rate : second                # learning rate, eta/(1 + decay*trial), and as pauses have been
trial : integer (linked)     # trials lived
"""

PAUSES = "pauses : 1   # slow trace of pauses of dopamine (1/s)\n"

ACTOR = (
    NEURON
    + """
dlateral/dt = -lateral/tau_lateral : 1              # potential caused by other actor neurons
rho = base*exp(clip(u + lateral, -20, highest)) : Hz
"""
)


def build(net: ActorCritic) -> Model:
    """The network of ``net`` with its arguments and outputs; one unit of duration is a second."""
    return ActorCriticCircuit(net).model(unit=1.0)


class ActorCriticCircuit(Circuit):
    """The groups and synapses of one `ActorCritic`, in attributes."""

    def __init__(self, net: ActorCritic) -> None:
        super().__init__(net.individuals, step=net.step)
        self.net = net
        self.tick = round(TICK / net.step)
        self.update = round(net.interval / net.step)
        second, hz = b2.second, b2.Hz
        self.namespace |= dict(CONTROL) | {
            "tau_m": net.tau_m * second,
            "tau_lateral": net.actor.tau_lateral * second,
            "tau_action": net.tau_action * second,
            "tick": TICK * second,
            "interval": net.interval * second,
            "base": net.actor.base * hz,
            "highest": math.log(net.actor.ceiling / net.actor.base),
            **({} if net.own else {"decay": net.decay}),
            "peak": net.task.code.peak * hz,
        }
        self.system = DopamineCircuit(net.dopamine, self, own=net.own)
        self.world = self._world()
        self.place = self._place()
        self.critic = self._neurons("critic", net.critics, NEURON + CRITIC, net.critic_rule)
        self.actor = self._actor()
        self.system.read(self.critic)
        self.system.reward_from(self.world, "reward_pre")
        for target in (self.critic, self.actor):
            self.system.transmit(target, self.update)
        self._weights(self.critic, net.critic_rule)
        self._weights(self.actor, net.actor_rule)
        learners = {self.critic: "critic", self.actor: "actor"}
        self.parameter("learning", learners, 1, "1: plastic, 0: frozen", low=0, high=1)
        if net.own:
            self._own_numbers(learners)
        self._records()

    def _world(self) -> b2.NeuronGroup:
        task = self.net.task
        equations = WORLD + "\n".join(
            [f"{state} : 1" for state in task.states]
            + [f"position{k} : 1" for k in range(len(task.code.axes))]
            + [f"d{pull}/dt = -{pull}/tau_action : Hz" for pull in self.pulls]
            + [task.equations]
            + [number.line() for number in task.numbers]
            + (["noise : Hz (constant)"] if self.net.own else [])
        )
        world = self.group(
            "world", 1, equations, every=self.tick, method="exact", events={"trial_end": "ended > 0.5"}
        )
        world.trial, world.trials = -1, 1e9
        world.waiting = 1
        self.run(world, self.life(), "life", every=self.tick, when="start", order=0)
        one = ("individual",)
        for number in task.numbers:
            setattr(world, f"{number.name}_", number.default)  # in SI units
            self.argument(
                number.name,
                f"world.{number.name}",
                one,
                number.meaning,
                unit=number.unit,
                low=number.low,
                high=number.high,
                open_low=number.open_low,
            )
        self.argument("task_seed", "world.task_seed", one, given=(), integer=True, low=0)
        self.argument(
            "individual", "world.individual", one, "number that keys its draws", integer=True, low=0
        )
        self.argument("trials", "world.trials", one, "trials to live", low=0)
        self.state("trial", "world.trial", one, "number of the last trial begun", integer=True)
        return world

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
            *self._noise(),
            *self._choice(),
            *task.move.strip().splitlines(),
            *(f"{state} = moving*next_{state} + (1 - moving)*{state}" for state in task.states),
            f"reached = moving*int({task.success})",
            f"lost = moving*(1 - reached)*int({task.failure})",
            f"late = acting*(1 - reached)*(1 - lost)*int(elapsed > {ticks} - 0.5)",
            "ended = reached + lost + late",
            "latency = ended*elapsed*tick + (1 - ended)*latency",
            "outcome = ended*(reached - lost) + (1 - ended)*outcome",
            "acting = acting - ended",
            *self._wages(pay),
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

    def _wages(self, pay: int) -> list[str]:
        """How long a reward is still being paid: from the end of a trial, or some time after it."""
        if not self.net.task.delay:
            return [f"paying = ended*{pay} + (1 - ended)*clip(paying - 1, 0, inf)"]
        return [
            f"late_by = floor(({self.net.task.delay})/tick + 0.5)",
            "owed = ended*(1 + late_by) + (1 - ended)*clip(owed - 1, 0, inf)",
            f"paying = int(abs(owed - 1) < 0.5)*{pay} + int(abs(owed - 1) >= 0.5)*clip(paying - 1, 0, inf)",
        ]

    def _noise(self) -> list[str]:
        """Exploration beyond that of the spikes: each pull is moved by an Ornstein-Uhlenbeck process."""
        net = self.net
        if not (net.own or net.noise):
            return []
        kick = math.sqrt(-math.expm1(-2 * TICK / net.tau_action))
        size = "noise" if net.own else f"{net.noise!r}*Hz"
        draw = "keyed_normal(task_seed, restless, individual, trial, {k}+elapsed*{many})"
        return [
            f"{pull} = {pull} + acting*{kick!r}*{size}*" + draw.format(k=k, many=len(self.pulls))
            for k, pull in enumerate(self.pulls)
        ]

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

    def _place(self) -> b2.NeuronGroup:
        code = self.net.task.code
        axes = range(len(code.axes))
        equations = CELL + "\n".join(
            [f"position{k} : 1 (linked)\ncentre{k} : 1 (constant)" for k in axes]
            + [f"{name} : 1 (linked)" for name in code.reads]
        )
        place = self.group(
            "place",
            code.cells,
            equations,
            "cell",
            method="exact",
            threshold="rand() < chance",
            reset="psp += 1",
        )
        self.link(place, self.world, "acting", *code.reads, *(f"position{k}" for k in axes))
        grid = np.meshgrid(*(np.arange(axis.cells) for axis in code.axes), indexing="ij")
        for k, centres in enumerate(grid):
            setattr(place, f"centre{k}", np.tile(centres.ravel(), self.individuals))
        chance = f"chance = acting*(1 - exp(-peak*{self.net.step!r}*second*{code.field}))"
        self.run(place, chance, "see", every=self.tick, when="start", order=1)
        return place

    def _neurons(self, name: str, size: int, equations: str, rule: TDHebbian) -> b2.NeuronGroup:
        if self.net.own:
            equations += rule.own_neuron + "decay : 1 (constant)\n"
        follows = self.net.associability
        if follows:
            equations += PAUSES
        group = self.group(name, size, equations, name, method="exact", threshold=SPIKE)
        self.link(group, self.world, "trial")
        rate = "rate = learning*eta/(1 + decay*clip(trial, 0, inf))"
        if follows:
            group.pauses = follows.first
            kept = math.exp(-self.net.interval / follows.tau)
            pause = f"clip(-modulator - {follows.pause!r}, 0, inf)"
            rate = (
                f"pauses = {kept!r}*pauses + {1 - kept!r}*{pause}\n{rate}*pauses/(pauses + {follows.half!r})"
            )
            meaning = f"slow trace of pauses of dopamine in the {name}"
            self.state(f"trace_{name}", f"{name}.pauses", ("individual", name), meaning, low=0)
        self.run(group, rate, "rate", every=self.update, when="before_synapses", order=0)
        return group

    def _actor(self) -> b2.NeuronGroup:
        actor, n = self.net.actor, self.net.actor.size
        votes = "\n".join(f"vote_{pull} : Hz (constant)" for pull in self.pulls)
        group = self._neurons("actor", n, ACTOR + votes + "\n", self.net.actor_rule)
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
                group, f"vote_{pull}", np.tile(values, self.individuals) / (self.net.tau_action * b2.second)
            )
        told = "\n".join(f"{pull}_post += vote_{pull}_pre" for pull in self.pulls)
        self.project(group, self.world, "", "vote", on_pre=told)
        if actor.attract or actor.inhibit:
            synapses = self.project(
                group, group, "strength : 1 (constant)", "lateral", on_pre="lateral_post += strength"
            )
            synapses.strength = np.tile(lateral.ravel(), self.individuals) / (10 * actor.tau_lateral)
            self.sizes["to_actor"] = n
            dims = ("individual", "actor", "to_actor")
            self.argument(
                "w_lateral", "lateral.strength", dims, "potential of one spike in the other actor neurons"
            )
        return group

    def _weights(self, target: b2.NeuronGroup, rule: TDHebbian) -> None:
        """Plastic synapses from the place cells, woven from the rule."""
        name = target.name
        constants = {
            constant: value * getattr(b2, unit) if unit != "1" else value
            for constant, (value, unit) in rule.constants.items()
        }
        synapses = self.project(
            self.place,
            target,
            "w : 1\n" + (rule.own_synapse if self.net.own else rule.synapse_equations),
            f"{name}_weights",
            on_pre="u_post += w",
            on_post=rule.on_post,
            method="exact",
            namespace={} if self.net.own else constants,
            every=self.update,
        )
        if self.net.own:
            self.run(synapses, rule.own_decay, "fade", every=self.update, order=0)
            for factor, code in rule.own_factors.items():
                self.drawn(target, factor, code)
        self.run(synapses, rule.update, "update", every=self.update, when="end", order=0)
        learning_rate = f"learning rate of the {name}"
        self.parameter(
            f"eta_{name}", {target: name}, rule.eta, learning_rate, variable="eta", unit="s", low=0
        )
        self.state(f"w_{name}", f"{name}_weights.w", ("individual", "cell", name), "weights")

    def _own_numbers(self, learners: Mapping[b2.NeuronGroup, str]) -> None:
        """What individuals differ in beside their learning rates and dopamine."""
        rule = self.net.critic_rule
        for number in rule.parameters:
            if number.name != "eta":
                default = min(getattr(rule, number.name), 1e30)
                self.parameter(
                    number.name,
                    learners,
                    default,
                    number.meaning,
                    variable=f"own_{number.name}",
                    unit=number.unit,
                    low=0,
                    open_low=True,
                )
        falling = "learning rates fall as 1/(1 + decay*trial) (1/trial)"
        self.parameter("decay", learners, self.net.decay, falling, low=0)
        self.world.noise = self.net.noise * b2.Hz
        self.argument(
            "noise", "world.noise", ("individual",), "noise of the pulls of actions", unit="Hz", low=0
        )

    def _records(self) -> None:
        self.network.add(
            b2.EventMonitor(self.world, "trial_end", ["latency", "outcome", "trial"], name="ends")
        )
        for name, source, unit in (
            ("end_individual", "i", "1"),
            ("end_time", "t", "s"),
            ("end_trial", "trial", "1"),
            ("latency", "latency", "s"),
            ("outcome", "outcome", "1"),
        ):
            self.output(name, f"ends.{source}", ("end",), f"{name} of each finished trial", True, unit)
        if not self.net.watched:
            return
        few = list(range(self.net.watched))
        self.sizes["watched"] = len(few)
        for group, names, monitor in (
            (self.world, [*self.net.task.states, "acting", "reward", "trial"], "watch_world"),
            (self.system.value, ["V", "delta"], "watch_value"),
        ):
            self.monitor(group, names, monitor, every=self.tick, record=few)
            for name in names:
                unit = "Hz" if name == "reward" else "1"
                self.output(
                    f"{name}_trace",
                    f"{monitor}.{name}",
                    ("time", "watched"),
                    f"{name} every 20 ms",
                    unit=unit,
                )
