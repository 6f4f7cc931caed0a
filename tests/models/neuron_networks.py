"""Builders of the networks that test single neurons; imported by the building process."""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2
import numpy as np

from hedon.models import neurons
from hedon.models.program import Argument, Model, Output


@dataclass(frozen=True)
class Driven:
    """Neurons of one kind under a steady drive."""

    kind: str = "current"
    parameters: neurons.Parameters = neurons.LeakyParameters()
    count: int = 8
    dt: float = 5e-5


def driven(config: Driven) -> Model:
    config.parameters.check_step(config.dt)
    b2.defaultclock.dt = config.dt * b2.second
    current = config.kind == "current"
    group = b2.NeuronGroup(
        config.count,
        (neurons.LEAKY + neurons.CURRENT_SYNAPSES if current else neurons.CONDUCTANCE)
        + "spikes : 1\nfirst : second\nlast : second\n",
        threshold=neurons.THRESHOLD,
        reset=neurons.RESET
        + "\nfirst = first*int(spikes > 0.5) + t*int(spikes < 0.5)\nlast = t\nspikes += 1",
        refractory="refractory",
        method="exact" if current else "exponential_euler",
        namespace=config.parameters.namespace(),
        name="neurons",
    )
    group.v = "V_reset"
    drives = {"I_ext": "amp"} if current else {"g_e_mean": "siemens", "g_i_mean": "siemens"}
    if not current:
        group.g_e, group.g_i = 0 * b2.siemens, 0 * b2.siemens
    dims = ("neuron",)
    targets = {name: {f"neurons.{name}": dims} for name in drives}
    for kind in ("e", "i"):
        if not current:
            targets[f"g_{kind}_mean"][f"neurons.g_{kind}"] = dims
    return Model(
        b2.Network(group),
        arguments={name: Argument(targets[name], dims, unit) for name, unit in drives.items()},
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
        neurons.POISSON,
        threshold=neurons.POISSON_THRESHOLD,
        method="euler",
        name="stimulus",
    )
    group.rate = config.rate * b2.Hz
    return b2.Network(group, b2.SpikeMonitor(group, name="spikes"))


@dataclass(frozen=True)
class Places:
    """Place cells at one place."""

    cells: neurons.PlaceCells
    place: tuple[float, ...]
    copies: int = 2000
    dt: float = 1e-3


def places(config: Places) -> Model:
    config.cells.check_step(config.dt)
    b2.defaultclock.dt = config.dt * b2.second
    group = b2.NeuronGroup(
        config.cells.size * config.copies,
        config.cells.equations + "\ncount : 1\nnow : Hz",
        threshold=neurons.POISSON_THRESHOLD,
        reset="count += 1",
        method="euler",
        namespace=config.cells.namespace(),
        name="cells",
    )
    for name, values in config.cells.centres.items():
        getattr(group, name + "_")[:] = np.tile(values, config.copies)
    for axis, value in zip(config.cells.axes, config.place, strict=True):
        getattr(group, axis.name + "_")[:] = value
    group.run_regularly("now = rate", name="seen")
    return Model(
        b2.Network(group),
        outputs={
            "count": Output("cells.count", ("copy", "cell")),
            "rate": Output("cells.now", ("copy", "cell")),
        },
        sizes={"copy": config.copies, "cell": config.cells.size},
    )
