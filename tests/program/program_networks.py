"""Small networks that the tests of models/program compile."""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2
import numpy as np

from hedon.models.program import (
    Argument,
    Model,
    Output,
    apply_arguments,
    keyed_normal,
    keyed_uniform,
)

DRAWS = {"keyed_normal": keyed_normal, "keyed_uniform": keyed_uniform}


@dataclass(frozen=True)
class Layers:
    """Three layers learning by node perturbation, individuals side by side."""

    widths: tuple[int, int, int] = (10, 6, 2)
    individuals: int = 3
    block: int = 10


def layers(config: Layers) -> Model:
    b2.defaultclock.dt = 1 * b2.second
    n0, n1, n2 = config.widths
    many = config.individuals
    inputs = b2.NeuronGroup(
        n0 * many,
        """x : 1
           individual : integer (constant)
           task_seed : integer (shared, constant)""",
        name="inputs",
        namespace=DRAWS,
    )
    inputs.individual = f"i // {n0}"
    layer = """
        a : 1                # clean drive
        b : 1                # perturbed drive
        noise : 1             # perturbation
        broadcast : 1
        eta : 1 (constant)
        sigma : 1 (constant)
        """
    nonlinear = "r = clip(a, 0, inf) : 1\nrp = clip(b + sigma*noise, 0, inf) : 1\n"
    linear = "r = a : 1\nrp = b + sigma*noise : 1\nloss : 1\nlossp : 1\nmean_loss : 1\nblock_loss : 1\n"
    hidden = b2.NeuronGroup(n1 * many, layer + nonlinear, name="hidden")
    output = b2.NeuronGroup(n2 * many, layer + linear, name="output")
    made = []
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
    monitor = b2.StateMonitor(
        output,
        ["block_loss", "a"],
        record=True,
        dt=config.block * b2.second,
        when="start",
        name="blocks",
    )
    network = b2.Network(inputs, hidden, output, made, monitor)
    one = ("individual",)
    first, second = ("individual", "input", "hidden"), ("individual", "hidden", "output")
    return Model(
        network,
        arguments={
            "eta": Argument(
                {"hidden.eta": ("individual", "hidden"), "output.eta": ("individual", "output")},
                one,
                low=0.0,
                doc="learning rate",
            ),
            "sigma": Argument(
                {
                    "hidden.sigma": ("individual", "hidden"),
                    "output.sigma": ("individual", "output"),
                },
                one,
                low=0.0,
                open_low=True,
            ),
            "learning": Argument({"first.learning": (), "second.learning": ()}),
            "w1": Argument({"first.w": first}, first),
            "w2": Argument({"second.w": second}, second),
            "task_seed": Argument({"inputs.task_seed": ()}, integer=True),
        },
        outputs={
            "loss": Output("blocks.block_loss", ("block", "individual", "output"), final="output.block_loss"),
            "a": Output("blocks.a", ("time", "individual", "output"), default=False),
            "x": Output("inputs.x", ("individual", "input"), default=False),
            "w1": Output("first.w", first),
            "w2": Output("second.w", second),
        },
        sizes={"individual": many, "input": n0, "hidden": n1, "output": n2},
    )


@dataclass(frozen=True)
class Spiking:
    """Poisson input onto leaky neurons through synapses with STDP gated by dopamine."""

    sources: int = 40
    targets: int = 10
    probability: float = 0.4


def spiking(config: Spiking) -> b2.Network:
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
    reward = b2.PoissonGroup(1, 5 * b2.Hz, name="reward")
    plastic = b2.Synapses(
        source,
        neurons,
        """dpre/dt = -pre/(20*ms) : 1 (event-driven)
           dpost/dt = -post/(20*ms) : 1 (event-driven)
           dc/dt = -c/(200*ms) : 1 (clock-driven)
           d : 1
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
    dopamine = b2.Synapses(reward, plastic, on_pre="w_post = clip(w_post + c_post, 0, 1)", name="dopamine")
    dopamine.connect()
    spikes = b2.SpikeMonitor(neurons, name="spikes")
    rate = b2.PopulationRateMonitor(neurons, name="rate")
    trace = b2.StateMonitor(neurons, ["v", "count"], record=[0, 3], dt=5 * b2.ms, name="trace")
    return b2.Network(source, neurons, reward, plastic, dopamine, spikes, rate, trace)
