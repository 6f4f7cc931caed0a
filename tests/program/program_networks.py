"""Small networks that the tests of models/program compile."""

from __future__ import annotations

import os

import brian2 as b2
import numpy as np
from program_settings import Dopamine, Layers, Quirks, Spiking, Tiny

from hedon.models.program import Argument, Model, Output, apply_arguments, keyed_normal, keyed_uniform

DRAWS = {"keyed_normal": keyed_normal, "keyed_uniform": keyed_uniform}


def tiny(config: Tiny) -> b2.Network:
    b2.defaultclock.dt = 1 * b2.second
    units = b2.NeuronGroup(config.n, "x : 1\nr : 1", name="units")
    units.x = config.start
    units.run_regularly("x += 1\nr = rand()", name="advance")
    return b2.Network(units)


def layers(config: Layers) -> Model:
    b2.defaultclock.dt = 1 * b2.second
    n0, n1, n2 = config.widths
    many = config.individuals
    inputs = b2.NeuronGroup(
        n0 * many,
        """x : 1
           individual : integer (constant)
           task_seed : integer (shared, constant)""",
        dtype={"task_seed": np.int64},
        name="inputs",
        namespace=DRAWS,
    )
    inputs.individual = f"i // {n0}"
    layer = """
        a : 1                # clean drive
        b : 1                # perturbed drive
        noise : 1
        broadcast : 1        # stays 0 in the hidden layer: only the second layer learns
        eta : 1 (constant)
        sigma : 1 (constant)
        """
    nonlinear = "r = clip(a, 0, inf) : 1\nrp = clip(b + sigma*noise, 0, inf) : 1\n"
    linear = "r = a : 1\nrp = b + sigma*noise : 1\nloss : 1\nlossp : 1\nmean_loss : 1\nblock_loss : 1\n"
    hidden = b2.NeuronGroup(n1 * many, layer + nonlinear, name="hidden")
    output = b2.NeuronGroup(n2 * many, layer + linear, name="output")
    made: list[b2.Synapses] = []
    for name, pre, post, n, m, x, xp in (
        ("first", inputs, hidden, n0, n1, "x_pre", "x_pre"),
        ("second", hidden, output, n1, n2, "r_pre", "rp_pre"),
    ):
        synapses = b2.Synapses(
            pre,
            post,
            f"""w : 1
                learning : boolean (shared, constant)
                a_post = w*{x} : 1 (summed)
                b_post = w*{xp} : 1 (summed)""",
            name=name,
        )
        synapses.connect(j=f"k for k in range((i//{n})*{m}, (i//{n})*{m} + {m})")
        synapses.w = f"randn()/sqrt({n})"
        synapses.learning = True
        synapses.summed_updaters["a_post"].order = len(made)
        synapses.summed_updaters["b_post"].order = len(made)
        synapses.run_regularly(
            f"w += -int(learning)*eta_post*broadcast_post*noise_post/sigma_post*{x}",
            when="end",
            name=f"{name}_update",
        )
        made.append(synapses)
    for group in (hidden, output):
        group.eta = 0.01
        group.sigma = 0.1
        group.run_regularly("noise = randn()", when="start", name=f"{group.name}_perturb")
    inputs.run_regularly(
        f"x = keyed_normal(task_seed, 1, individual, t/dt, i % {n0})", when="start", name="draw"
    )
    output.run_regularly(
        f"""loss = 0.5*(r - 1)**2
            lossp = 0.5*(rp - 1)**2
            broadcast = lossp - loss
            mean_loss = mean_loss*int((t/dt) % {config.block} >= 0.5) + loss
            block_loss = mean_loss/{config.block}""",
        when="after_groups",
        name="judge",
    )
    recorded = ["block_loss", "a"]
    monitor = b2.StateMonitor(
        output, recorded, record=True, dt=config.block * b2.second, when="start", name="blocks"
    )
    each = b2.StateMonitor(output, "loss", record=True, when="end", name="each")
    network = b2.Network(inputs, hidden, output, made, monitor, each)
    one = ("individual",)
    hidden_dims, output_dims = ("individual", "hidden"), ("individual", "output")
    first, second = ("individual", "input", "hidden"), ("individual", "hidden", "output")
    return Model(
        network,
        arguments={
            "eta": Argument(
                {"hidden.eta": hidden_dims, "output.eta": output_dims}, one, low=0.0, doc="learning rate"
            ),
            "sigma": Argument(
                {"hidden.sigma": hidden_dims, "output.sigma": output_dims}, one, low=0.0, open_low=True
            ),
            "learning": Argument({"first.learning": (), "second.learning": ()}),
            "w1": Argument({"first.w": first}, first),
            "w2": Argument({"second.w": second}, second),
            "task_seed": Argument({"inputs.task_seed": ()}, integer=True),
        },
        outputs={
            "loss": Output("blocks.block_loss", ("block", *output_dims), final="output.block_loss"),
            "every_loss": Output("each.loss", ("trial", *output_dims), default=False),
            "x": Output("inputs.x", ("individual", "input"), default=False),
            "eta": Output("hidden.eta", hidden_dims, unit="1", doc="learning rate", default=False),
            "w1": Output("first.w", first),
            "w2": Output("second.w", second),
        },
        sizes={"individual": many, "input": n0, "hidden": n1, "output": n2},
    )


def spiking(config: Spiking) -> b2.Network:
    b2.defaultclock.dt = 0.1 * b2.ms
    neurons = b2.NeuronGroup(
        config.n,
        """dv/dt = (1.1*exp(-v**2/8) - v)/(10*ms) + 0.5*xi/ms**0.5 : 1
           count : integer""",
        threshold="v > 1",
        reset="v = 0; count += 1",
        method="euler",
        name="neurons",
    )
    synapses = b2.Synapses(
        neurons, neurons, "w : 1\ntag : boolean", on_pre="v_post += w; w *= 0.999", name="synapses"
    )
    synapses.connect(p=config.probability)
    synapses.w = "0.05*randn()"
    synapses.delay = "rand()*2*ms"
    return b2.Network(neurons, synapses, b2.SpikeMonitor(neurons, name="spikes"))


def dopamine(config: Dopamine) -> b2.Network:
    b2.defaultclock.dt = 0.1 * b2.ms
    source = b2.PoissonGroup(config.sources, 30 * b2.Hz, name="source")
    neurons = b2.NeuronGroup(
        config.targets,
        """dv/dt = (-v + I)/(10*ms) : 1 (unless refractory)
           dI/dt = -I/(5*ms) : 1
           count : integer""",
        threshold="v > 1",
        reset="v = 0; count += 1",
        refractory=2 * b2.ms,
        method="exact",
        name="neurons",
    )
    neurons.v = "rand()"
    plastic = b2.Synapses(
        source,
        neurons,
        """dpre/dt = -pre/(20*ms) : 1 (event-driven)
           dpost/dt = -post/(20*ms) : 1 (event-driven)
           dc/dt = -c/(200*ms) : 1 (clock-driven)
           w : 1
           tag : boolean""",
        on_pre="I_post += w; pre += 0.01; c += post",
        on_post="post -= 0.0105; c += pre",
        method="exact",
        name="plastic",
    )
    plastic.connect(p=config.probability)
    plastic.w = "0.5*rand()"
    plastic.delay = "rand()*2*ms"
    reward = b2.PoissonGroup(1, 5 * b2.Hz, name="reward")
    on_reward = "w_post = clip(w_post + c_post, 0, 1)"
    gate = b2.Synapses(reward, plastic, on_pre=on_reward, name="gate")
    gate.connect()
    spikes = b2.SpikeMonitor(neurons, name="spikes")
    rate = b2.PopulationRateMonitor(neurons, name="rate")
    trace = b2.StateMonitor(neurons, ["v", "count"], record=[0, 3], dt=5 * b2.ms, name="trace")
    return b2.Network(source, neurons, plastic, reward, gate, spikes, rate, trace)


MISBEHAVE = """
static double misbehave(double how, double step) {
    if (step > 2.5) {
        if (how == 1) Network::_globally_stopped = true;
        if (how == 2) std::cerr << "a complaint" << std::endl;
        if (how == 3) std::cout << "Error writing output file." << std::endl;
        if (how == 4) std::abort();
        if (how == 5) std::exit(0);
    }
    if (how == 6) usleep(20000);
    return 0;
}
"""


def quirks(config: Quirks, arrays: dict[str, np.ndarray]) -> Model:
    b2.defaultclock.dt = 1 * b2.second
    misbehave = b2.Function(
        lambda how, step: 0.0, arg_units=[1, 1], return_unit=1, arg_types=["any"] * 2, stateless=False
    )
    misbehave.implementations.add_implementation(
        "cpp", MISBEHAVE, compiler_kwds={"headers": ['"network.h"', "<iostream>", "<unistd.h>"]}
    )
    stimulus = b2.TimedArray(np.arange(20.0).reshape(4, 5), dt=1 * b2.second, name="stimulus")
    units = b2.NeuronGroup(
        5,
        """x : 1
           count : integer
           level : 1 (constant)
           scaled : 1 (constant)
           gain : 1 (shared, constant)
           big : integer (constant)
           even : boolean
           trouble : 1 (shared, constant)
           trouble_out : 1 (shared)
           u : 1
           z : 1""",
        dtype={"big": np.int64},
        name="units",
        namespace={"misbehave": misbehave, "stimulus": stimulus, **DRAWS},
    )
    units.level = arrays["level"]
    units.gain = 2
    apply_arguments()
    units.scaled = "gain*level"
    units.run_regularly(
        """x = stimulus(t, i)
           count += 1
           even = count % 2 == 0
           u = keyed_uniform(big, 3, i, t/dt, 7)
           z = keyed_normal(big, 4, i, t/dt, 7)""",
        name="advance",
    )
    units.run_regularly("trouble_out = misbehave(trouble, t/dt)", name="behave")
    synapses = b2.Synapses(units, units[1:3], "w : 1", name="synapses")
    synapses.connect(p=config.probability)
    synapses.w = "i + 10*j"
    monitor = b2.StateMonitor(
        units, ["count", "x"], record=[4, 1, 3], dt=2 * b2.second, when="before_start", name="some"
    )
    every = b2.StateMonitor(units, ["u", "z"], record=True, when="end", name="every")
    units_dims = ("unit",)
    return Model(
        b2.Network(units, synapses, monitor, every),
        arguments={
            "gain": Argument({"units.gain": ()}),
            "scaled": Argument({"units.scaled": units_dims}, units_dims),
            "big": Argument({"units.big": units_dims}, units_dims, integer=True),
            "even": Argument({"units.even": units_dims}, units_dims),
            "trouble": Argument({"units.trouble": ()}),
            "w": Argument({"synapses.w": ("synapse",)}, ("synapse",)),
            "stimulus": Argument({"stimulus.values": ("frame", "unit")}, ("frame", "unit")),
            "frame_gain": Argument({"stimulus.values": ("frame", "unit")}, ("frame",)),
        },
        outputs={
            "x": Output("units.x", units_dims),
            "level": Output("units.level", units_dims),
            "scaled": Output("units.scaled", units_dims),
            "big": Output("units.big", units_dims),
            "even": Output("units.even", units_dims),
            "gain": Output("units.gain", ()),
            "w": Output("synapses.w", ("synapse",)),
            "counts": Output("some.count", ("block", "chosen"), final="units.count"),
            "times": Output("some.t", ("tick",)),
            "u": Output("every.u", ("step", "unit"), default=False),
            "z": Output("every.z", ("step", "unit"), default=False),
        },
        sizes={"unit": 5, "chosen": 3, "frame": 4},
    )


def counted(config: Tiny) -> b2.Network:
    """As ``tiny``; says in a file that it was called."""
    with open(os.environ["HEDON_TEST_COUNT"], "a") as stream:
        stream.write("built\n")
    return tiny(config)
