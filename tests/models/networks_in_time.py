"""Builders of networks in which a scalar comes late; imported by the building process."""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2

from hedon.models.program import Model, Output, keyed_normal


@dataclass(frozen=True)
class Delayed:
    """Synapses whose eligibility meets a scalar that is their own noise, ``delay`` steps late."""

    decay: float = 0.95
    delay: int = 10
    correlation: float = 0.0
    many: int = 500
    gain: float = 1.7
    rate: float = 0.2


def through_spikes(config: Delayed) -> Model:
    """White noise: spikes, which reach the eligibility at once and, over a synapse, the scalar late."""
    b2.defaultclock.dt = 1 * b2.ms
    many = config.many
    source = b2.NeuronGroup(many, "", threshold=f"rand() < {config.rate}", name="source")
    target = b2.NeuronGroup(many, "delta : 1\nproduct : 1\nsteps : 1", name="target")
    synapses = b2.Synapses(source, target, "c : 1", on_pre="c += 1", name="synapses")
    synapses.connect(j="i")
    broadcast = b2.Synapses(
        source, target, on_pre=f"delta_post += {config.gain}", delay=config.delay * b2.ms, name="broadcast"
    )
    broadcast.connect(j="i")
    mean = config.rate / (1 - config.decay)
    settled = f"int(t > {20 / (1 - config.decay) + config.delay}*ms)"
    synapses.run_regularly(
        f"product_post += {settled}*(delta_post - {config.gain * config.rate})*(c - {mean})\n"
        f"steps_post += {settled}",
        when="end",
        order=0,
        name="meet",
    )
    synapses.run_regularly(f"c *= {config.decay}", when="end", order=1, name="forget")
    target.run_regularly("delta = 0", when="end", order=2, name="cleared")
    return Model(
        b2.Network(source, target, synapses, broadcast),
        outputs={
            "product": Output("target.product", ("synapse",)),
            "steps": Output("target.steps", ("synapse",)),
        },
        sizes={"synapse": many},
        step=1e-3,
    )


def through_noise(config: Delayed) -> Model:
    """Coloured noise: the scalar runs the same recursion on draws keyed by the earlier step."""
    b2.defaultclock.dt = 1 * b2.ms
    many, rho = config.many, config.correlation
    group = b2.NeuronGroup(
        many,
        "noise : 1\nlate : 1\nc : 1\nproduct : 1\nsteps : 1",
        namespace={"keyed_normal": keyed_normal},
        name="group",
    )
    settled = f"int(t > {20 / (1 - config.decay) + config.delay}*ms)"
    innovation = (1 - rho**2) ** 0.5
    group.run_regularly(
        f"""noise = {rho}*noise + {innovation}*keyed_normal(7, 0, i, int(t/dt + 0.5) + {config.delay}, 0)
            late = {rho}*late + {innovation}*keyed_normal(7, 0, i, int(t/dt + 0.5), 0)
            c = {config.decay}*c + noise
            product += {settled}*{config.gain}*late*c
            steps += {settled}""",
        name="step",
    )
    return Model(
        b2.Network(group),
        outputs={
            "product": Output("group.product", ("synapse",)),
            "steps": Output("group.steps", ("synapse",)),
        },
        sizes={"synapse": many},
        step=1e-3,
    )
