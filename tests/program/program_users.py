"""Networks as users write them, with what goes wrong silently elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2
import numpy as np


@dataclass(frozen=True)
class Sized:
    write: str


def sized(config: Sized) -> b2.Network:
    b2.defaultclock.dt = 1 * b2.ms
    group = b2.NeuronGroup(10, "v : 1", threshold="v > 1", name="cells")
    synapses = b2.Synapses(group, group, "w : 1", on_pre="v += w", name="synapses")
    synapses.connect(p=0.5)
    network = b2.Network(group, synapses)
    if config.write == "short":
        synapses.w = np.arange(5.0)
    if config.write == "long":
        synapses.delay = np.arange(200.0) * b2.ms
    if config.write == "index":
        synapses.w[[1, 98]] = [3.0, 4.0]
    if config.write == "record":
        network.add(b2.StateMonitor(synapses, "w", record=[0, 99], name="monitor"))
    return network


def functions(config: None) -> b2.Network:
    """C++ functions whose macros and names are also those of others."""
    b2.defaultclock.dt = 1 * b2.ms

    @b2.implementation("cpp", "#define exp(x) (0.0)\n#define K 3\ndouble nice(double x) { return K*x; }")
    @b2.check_units(x=1, result=1)
    def nice(x):
        raise NotImplementedError

    @b2.implementation("cpp", "#define K 5\ndouble isatty(double x) { return K*x + exp(0.0); }")
    @b2.check_units(x=1, result=1)
    def isatty(x):
        raise NotImplementedError

    first = b2.NeuronGroup(1, "x : 1", name="first")
    first.run_regularly("x = nice(i + 2)")
    second = b2.NeuronGroup(1, "x : 1", name="second")
    second.run_regularly("x = isatty(i + 2)")
    third = b2.NeuronGroup(1, "x : 1", name="third")
    third.run_regularly("x = exp(1.0)")
    return b2.Network(first, second, third)
