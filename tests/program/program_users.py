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


def left_out(config: Sized) -> b2.Network:
    """The objects whose first letters are given; all of them make a network, less do not."""

    @b2.implementation("cpp", "double y0(double x) { return 2*x; }")
    @b2.check_units(x=1, result=1)
    def y0(x):
        raise NotImplementedError

    if config.write == "y0":
        cells = b2.NeuronGroup(1, "x : 1", name="cells")
        cells.run_regularly("x = y0(2.0)")
        return b2.Network(cells)
    source = b2.NeuronGroup(3, "v : 1", threshold="v > 1", name="source")
    target = b2.NeuronGroup(2, "v : 1", name="target")
    synapses = b2.Synapses(source, target, "w : 1", on_pre="v += w", name="synapses")
    synapses.connect()
    monitor = b2.StateMonitor(synapses, "w", record=[0], name="monitor")
    named = {"a": source, "h": target, "s": synapses, "m": monitor}
    return b2.Network(*(named[letter] for letter in config.write))


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


def kinds(config: None) -> b2.Network:
    """One of each kind of Brian2 object and feature that draws nothing, in one network."""
    b2.defaultclock.dt = 0.5 * b2.ms
    tau = 10 * b2.ms
    rates = b2.TimedArray([0.0, 1.0, 2.0], dt=5 * b2.ms, name="rates")
    table = b2.TimedArray([[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]], dt=5 * b2.ms, name="table")
    names = {"tau": tau, "rates": rates, "table": table}
    cells = b2.NeuronGroup(
        4,
        """dv/dt = (I - v)/tau : 1 (unless refractory)
           I : 1
           length : second
           since = t - lastspike : second
           seen : 1
           timed : 1
           whole : integer
           flag : boolean
           single : 1
           c : 1 (shared, constant)""",
        threshold="v > 1",
        reset="v = 0",
        refractory="length",
        events={"high": "v > 0.8"},
        method="exact",
        dtype={"single": np.float32, "whole": np.int64},
        namespace=names,
        name="cells",
    )
    cells.I = "1.1 + 0.2*i"
    cells.length = "i*ms"
    cells.c = 2.5
    cells[1:3].single = "i + 1"  # a subgroup that nothing holds
    cells[2:3].timed = 7
    cells.whole = "i*1000000007"
    cells.flag = "i > 1"
    cells.run_regularly(
        "seen = since/ms\ntimed += rates(t) + table(t, i)\nsingle += c/3\nwhole += 1", dt=1 * b2.ms
    )
    cells.run_on_event("high", "I += 0.001")
    source = b2.SpikeGeneratorGroup(3, [0, 1, 2, 0], [1, 2, 3, 4] * b2.ms, period=7 * b2.ms, name="source")
    given = b2.Synapses(source, cells, on_pre="v_post += 0.3", name="given")
    given.connect()
    plastic = b2.Synapses(
        cells,
        cells,
        """dapre/dt = -apre/tau : 1 (event-driven)
           dg/dt = -g/tau : 1 (clock-driven)
           w : 1
           slow : 1""",
        on_pre={"pre": "apre += 1; v_post += 0.01; g += 1", "late": "slow += w"},
        on_post="w += apre",
        delay={"late": 3 * b2.ms},
        namespace=names,
        method="exact",
        name="plastic",
    )
    plastic.connect(condition="i != j")
    plastic.pre.delay = "(i + j)*ms"
    onto = b2.Synapses(cells, plastic, "", on_pre="w_post += 10", name="onto")
    onto.connect(condition="i == 1")
    sums = b2.NeuronGroup(2, "total : 1\nlinked : 1 (linked)\ncopy : 1", name="sums")
    sums.linked = b2.linked_var(cells, "v", index=[1, 3])
    sums.run_regularly("copy = linked")
    summed = b2.Synapses(cells, sums, "w : 1\ntotal_post = w*v_pre : 1 (summed)", name="summed")
    summed.connect()
    summed.w = "i + 1"
    several = b2.Synapses(
        cells[:2], cells[2:], "w : 1", on_pre="v_post += w", multisynaptic_index="k", name="several"
    )
    several.connect(i=[0, 1], j=[1, 0], n=3)
    several.w = "0.01*k"
    none = b2.Synapses(cells, cells, "w : 1", on_pre="v += w", name="none")
    none.connect(condition="i > 100")
    cable = b2.SpatialNeuron(
        b2.Cylinder(length=100 * b2.um, diameter=2 * b2.um, n=5),
        "Im = leak*(rest - v) : amp/meter**2\nI : amp (point current)",
        Cm=1 * b2.uF / b2.cm**2,
        Ri=100 * b2.ohm * b2.cm,
        method="exponential_euler",
        namespace={"leak": 1e-4 * b2.siemens / b2.cm**2, "rest": -70 * b2.mV},
        name="cable",
    )
    cable.v = -60 * b2.mV
    cable.I[0] = 0.1 * b2.nA
    silent = b2.SpikeMonitor(cells, name="silent")
    silent.active = False
    return b2.Network(
        cells,
        source,
        given,
        plastic,
        onto,
        sums,
        summed,
        several,
        none,
        cable,
        silent,
        b2.SpikeMonitor(cells, variables="v", name="spikes"),
        b2.EventMonitor(cells, "high", name="events"),
        b2.PopulationRateMonitor(cells[1:], name="rate"),
        b2.StateMonitor(cells, ["v", "since"], record=[0, 3], dt=1 * b2.ms, when="end", name="states"),
    )
