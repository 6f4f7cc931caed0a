"""Spikes past the queue (immediate), and numbers drawn ahead: the same bits as without."""

from __future__ import annotations

from dataclasses import dataclass, replace

import brian2 as b2
import numpy as np
import pytest

from hedon.models.circuit import Circuit
from hedon.models.program import Argument, Model, compile_program

STATES = ("w", "u", "seen", "arrived")


@dataclass(frozen=True)
class Spiking:
    """Two populations that drive each other; both sides' spikes change the synapses between them."""

    known: bool = True
    """whether the builder says that the synapses are all-to-all"""
    individuals: int = 3
    before: int = 7
    after: int = 5


def spiking(config: Spiking) -> Model:
    circuit = Circuit(config.individuals, step=1e-3)
    source = circuit.group("source", config.before, "p : 1", "before", threshold="rand() < 0.1 + 0.01*p")
    source.p = "i"
    target = circuit.group(
        "target", config.after, "u : 1", "after", threshold="rand() < 0.02*u", reset="u = 0"
    )
    synapses = circuit.project(
        source,
        target,
        "w : 1\nseen : 1\narrived : 1",
        "synapses",
        on_pre="u_post += w\narrived = arrived*0.9 + rand()",
        on_post="seen = seen*0.9 + p_pre*w",
    )
    synapses.w = "rand()"
    back = circuit.project(target, source, "", "back", on_pre="p_post += 0.1*rand()")
    back.pre.order = 1
    delay = {"synapses_pre.delay": (), "synapses_post.delay": ()}
    arguments = {"late": Argument(delay, unit="second", low=0.0)}
    for name in ("w", "seen", "arrived"):
        circuit.output(name, f"synapses.{name}", ("individual", "before", "after"), default=True)
    circuit.output("u", "target.u", ("individual", "after"), default=True)
    model = circuit.model(unit=1.0)
    return replace(model, arguments=arguments, blocks=model.blocks if config.known else {})


@pytest.mark.whole
@pytest.mark.parametrize("late", [0.0, 0.003])
def test_spikes_past_the_queue_do_what_those_in_it_do(late):
    direct, queued = (compile_program(spiking, Spiking(known)) for known in (True, False))
    found, expected = (
        program({"late": late}, seed=5, duration=0.5, outputs=list(STATES)) for program in (direct, queued)
    )
    for name in STATES:
        np.testing.assert_array_equal(found[name], expected[name])
    assert np.ptp(found["seen"]) > 1 and np.ptp(found["u"]) > 0


def drawing(count: int) -> Model:
    group = b2.NeuronGroup(count, "x : 1\ny : 1", name="group")
    group.run_regularly("x = rand()\ny = randn()", dt=1 * b2.second)
    circuit = Circuit(1)
    circuit.network.add(group)
    for name in ("x", "y"):
        circuit.output(name, f"group.{name}", ("one",), default=True)
    return circuit.model()


@pytest.mark.parametrize("seed", [0, 3, 2**32 - 1])
def test_numbers_are_those_of_the_mersenne_twister(seed):
    """Neuron by neuron one uniform number, then one normal one by the polar method from further ones."""
    found = compile_program(drawing, 1001)({}, seed=seed, duration=1)
    own = np.random.RandomState(seed)
    stored: list[float] = []
    for x, y in zip(found["x"], found["y"], strict=True):
        assert x == own.random_sample()
        if not stored:
            while True:
                pair = 2 * own.random_sample(2) - 1
                square = pair @ pair
                if 0 < square < 1:
                    break
            stored = list(pair * np.sqrt(-2 * np.log(square) / square))
        assert y == pytest.approx(stored.pop(), rel=1e-13)
