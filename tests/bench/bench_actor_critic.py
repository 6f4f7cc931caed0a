"""Spiking actor-critics on CartPole: what it saves that the builder knows its synapses to be all-to-all."""

from __future__ import annotations

from dataclasses import replace

from timing import child_seconds, in_turn, one_core, ratio

from hedon.models.actor_critic.circuit import build
from hedon.models.actor_critic.network import ActorCritic
from hedon.models.experiments import cart_pole
from hedon.models.program import Model, Program, compile_program

SECONDS, ROUNDS = 30.0, 3


def unknown(net: ActorCritic) -> Model:
    """The same network, of whose synapses nothing is said."""
    return replace(build(net), blocks={})


def seconds(program: Program) -> float:
    """CPU seconds of a life."""
    return child_seconds(lambda: program({"task_seed": 1}, seed=1, duration=SECONDS))


def main() -> dict[str, str]:
    one_core()
    net = cart_pole.network(cart_pole.Config())
    known, plain = net.program(), compile_program(unknown, net, precision=net.precision)
    found = in_turn({"known": lambda: seconds(known), "plain": lambda: seconds(plain)}, ROUNDS)
    return {
        f"{net.individuals} individuals, CPU s for {SECONDS:g} s": f"{min(found['known']):.2f}",
        "as queues and index arrays / as all-to-all": ratio(found["plain"], found["known"]),
    }
