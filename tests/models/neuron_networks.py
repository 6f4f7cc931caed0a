"""Builders of the networks that test single neurons; imported by the building process."""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2

from hedon.models import neurons
from hedon.models.program import Argument, Model, Output


@dataclass(frozen=True)
class Driven:
    """Leaky neurons under a steady drive."""

    parameters: neurons.Parameters = neurons.LeakyParameters()
    count: int = 8
    dt: float = 5e-5


def driven(config: Driven) -> Model:
    config.parameters.check_step(config.dt)
    b2.defaultclock.dt = config.dt * b2.second
    group = b2.NeuronGroup(
        config.count,
        neurons.LEAKY + neurons.CURRENT_SYNAPSES + "spikes : 1\nfirst : second\nlast : second\n",
        threshold=neurons.THRESHOLD,
        reset=neurons.RESET
        + "\nfirst = first*int(spikes > 0.5) + t*int(spikes < 0.5)\nlast = t\nspikes += 1",
        refractory="refractory",
        method="exact",
        namespace=config.parameters.namespace(),
        name="neurons",
    )
    group.v = "V_reset"
    dims = ("neuron",)
    return Model(
        b2.Network(group),
        arguments={"I_ext": Argument({"neurons.I_ext": dims}, dims, "amp")},
        outputs={
            "spikes": Output("neurons.spikes", dims),
            "first": Output("neurons.first", dims, "s"),
            "last": Output("neurons.last", dims, "s"),
        },
        sizes={"neuron": config.count},
    )


@dataclass(frozen=True)
class Poisson:
    """Poisson neurons at one rate."""

    count: int = 2000
    rate: float = 50.0
    dt: float = 1e-3
    duration: float = 4.0


def poisson(config: Poisson) -> b2.Network:
    neurons.check_rate(config.rate, config.dt)
    b2.defaultclock.dt = config.dt * b2.second
    group = b2.NeuronGroup(
        config.count,
        neurons.ARRIVALS,
        threshold=neurons.ARRIVALS_THRESHOLD,
        reset=neurons.ARRIVALS_RESET,
        method="euler",
        name="stimulus",
    )
    group.rate = config.rate * b2.Hz
    group.next_spike = "-log(1 - rand())/rate"
    return b2.Network(group, b2.SpikeMonitor(group, name="spikes"))
