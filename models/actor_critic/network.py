"""A spiking actor-critic: place cells drive a critic and an actor, and one dopamine broadcast teaches both.

Place cells (Poisson) project all to all onto critic neurons, whose population rate is the value V of the
place, and onto actor neurons, whose population vector or winning pool is the action. Both sets of weights
learn by `TDHebbian` from the temporal-difference error that dopamine neurons carry (after Fremaux, Sprekeler
& Gerstner 2013, doi:10.1371/journal.pcbi.1003024). Critic rate baseline + gain u; actor rate base exp(u +
lateral), where u is the potential that the place cells cause and ``lateral`` that of the other actor
neurons: near directions excite and far ones inhibit each other on a ring, and so do pools. Both fire with
probability rate x step, so that a critic at its baseline tells a value of zero.

How fast they learn may depend on how they fare, as dopamine tells it (`Associability`): pauses of dopamine,
errors below -theta, raise a slow trace a in every neuron that learns, and all rates follow it,

    da/dt = ([-delta - theta]_+ - a)/tau,     rate = eta a/(a + half).                      (1)

Who fails learns fast, and who does as well as was expected stays as it is ("win or learn fast", Bowling &
Veloso 2002, doi:10.1016/S0004-3702(02)00121-2; a rate that follows the recent absolute error is the
associability of Pearce & Hall 1980, doi:10.1037/0033-295X.87.6.532). There is no signal beside dopamine.

Many individuals live side by side in one network; each has trials of its own length in continuous time, and
rests between them. The description here is free of Brian2; `circuit` builds the objects.
"""

import math
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.td_hebbian import TDHebbian
from ..dopamine.system import Dopamine
from ..neurons import check_fastest, check_step
from ..program import Program, compile_alike
from ..tasks.control_task import TICK, ControlTask

BUILDER = "hedon.models.actor_critic.circuit:build"


def _check(value: object, *, zero: tuple[str, ...] = (), free: tuple[str, ...] = ()) -> None:
    """Every number of a dataclass is finite and above 0, those named also 0, or free."""
    for each in fields(value):  # type: ignore[arg-type]
        number = getattr(value, each.name)
        if not isinstance(number, int | float) or isinstance(number, bool):
            continue
        low_enough = each.name in free or number > 0 or (number == 0 and each.name in zero)
        if not math.isfinite(number) or not low_enough:
            raise Mistake(f"{type(value).__name__}: {each.name} is {number:g}, must be finite and above 0")


@dataclass(frozen=True)
class Ring:
    """Actor neurons with preferred directions around a circle; their population vector is the action."""

    neurons: int = 36
    base: float = 5.0
    """rate at zero potential (Hz)"""
    ceiling: float = 100.0
    """highest rate (Hz)"""
    attract: float = 5.0
    """lateral potential per 10 Hz of the population's rate in the neuron's own direction"""
    inhibit: float = 3.0
    """lateral inhibition per 10 Hz of the population's mean rate"""
    tau_lateral: float = 0.1
    """of the lateral potential (s)"""

    def __post_init__(self) -> None:
        _check(self, zero=("attract", "inhibit"))

    @property
    def size(self) -> int:
        return self.neurons


@dataclass(frozen=True)
class Pools:
    """One pool of actor neurons for each action; the pool that fires most is the action."""

    actions: int = 2
    neurons: int = 20
    """in each pool"""
    base: float = 5.0
    """rate at zero potential (Hz)"""
    ceiling: float = 100.0
    """highest rate (Hz)"""
    attract: float = 0.0
    """lateral potential per 10 Hz of the own pool's mean rate"""
    inhibit: float = 0.0
    """lateral inhibition per 10 Hz of the other pools' mean rate"""
    tau_lateral: float = 0.1
    """of the lateral potential (s)"""

    def __post_init__(self) -> None:
        _check(self, zero=("attract", "inhibit"))

    @property
    def size(self) -> int:
        return self.actions * self.neurons


@dataclass(frozen=True)
class Associability:
    """Learning rates that follow pauses of dopamine: equation (1)."""

    tau: float = 20.0
    """over which pauses are remembered (s)"""
    pause: float = 5.0
    """theta: errors below minus this are a pause (1/s)"""
    half: float = 0.1
    """trace at which the rates are half of their highest (1/s)"""
    first: float = 0.25
    """trace at birth (1/s)"""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True)
class ActorCritic:
    """A task, an actor and a critic that fit it, dopamine, and the rules of both.

    Raises:
        Mistake: an actor that does not match the task's actions, or numbers out of bounds.
    """

    task: ControlTask
    actor: Ring | Pools
    critics: int = 20
    """critic neurons of an individual"""
    dopamine: Dopamine = field(default_factory=Dopamine)
    critic_rule: TDHebbian = field(default_factory=lambda: TDHebbian(eta=6e-4))
    actor_rule: TDHebbian = field(default_factory=lambda: TDHebbian(eta=1.5e-3))
    individuals: int = 16
    decay: float = 0.0
    """the learning rates fall as 1/(1 + decay*trial) (1/trial)"""
    associability: Associability | None = None
    """how the learning rates follow pauses of dopamine; none: they do not"""
    noise: float = 0.0
    """standard deviation of an Ornstein-Uhlenbeck process that is added to each pull (Hz)"""
    own: bool = False
    """whether numbers of plasticity and dopamine are arguments, one value for each individual, for an outer
    loop; critic and actor then share all but their learning rates"""
    tau_m: float = 0.02
    """postsynaptic potentials (s)"""
    tau_action: float = 0.1
    """of the readout of actor spikes (s)"""
    interval: float = TICK
    """seconds between two updates of the weights, a multiple of 20 ms"""
    reward_duration: float = 0.24
    """seconds over which a reward is paid"""
    step: float = 0.002
    """time step (s)"""
    watched: int = 1
    """individuals whose states are recorded every 20 ms"""
    precision: Literal["float64", "float32"] = "float64"

    def __post_init__(self) -> None:
        _check(self, zero=("watched", "decay", "noise"))
        floor = self.dopamine.baseline / self.dopamine.gain
        if self.associability and self.associability.pause >= floor:
            raise Mistake(
                f"associability: pause is {self.associability.pause:g}, but no error is told below "
                f"-{floor:g}, where dopamine neurons are silent"
            )
        if self.own and replace(self.critic_rule, eta=self.actor_rule.eta) != self.actor_rule:
            raise Mistake("individuals with numbers of their own have one rule in critic and actor")
        check_actor(self.task.title, self.task.actions, self.actor)
        if abs(TICK / self.step - round(TICK / self.step)) > 1e-9:
            raise Mistake(f"step is {self.step:g} s; {TICK:g} s must be a whole number of steps")
        self.dopamine.check_step(self.step)
        check_step(self.step, "tau_m", self.tau_m)
        check_fastest(self.step, "ceiling", self.actor.ceiling)
        if abs(self.interval / TICK - round(self.interval / TICK)) > 1e-9:
            raise Mistake(f"interval is {self.interval:g} s, must be a multiple of {TICK:g} s")

    @property
    def carried(self) -> tuple[str, ...]:
        """What an individual carries from one segment of its life to the next: names of outputs."""
        return ("w_critic", "w_actor", *(("trace_critic", "trace_actor") if self.associability else ()))

    def program(self) -> Program:
        """The compiled network, built on first use and found in the cache afterwards."""
        critic, of_critic = self.critic_rule.apart("eta")
        actor, of_actor = self.actor_rule.apart("eta")
        given = {f"{name}_critic": value for name, value in of_critic.items()}
        given |= {f"{name}_actor": value for name, value in of_actor.items()}
        alike = replace(self, critic_rule=critic, actor_rule=actor)
        return compile_alike(BUILDER, self, alike, given, self.precision)


def check_actor(name: str, actions: int | None, actor: Ring | Pools) -> None:
    """Refuse an actor that cannot give the actions that are asked for.

    Raises:
        Mistake: a ring for choices, pools for a direction, or a wrong number of pools.
    """
    if actions is None and not isinstance(actor, Ring):
        raise Mistake(
            f"{name} moves in a direction of the plane: its actor is a Ring, not {type(actor).__name__}"
        )
    if actions is not None and not isinstance(actor, Pools):
        raise Mistake(f"{name} has {actions} actions: its actor is Pools(actions={actions}), not a Ring")
    if isinstance(actor, Pools) and actor.actions != actions:
        raise Mistake(f"{name} has {actions} actions, the actor has {actor.actions} pools")
