"""The benchmark's network: Poisson inputs onto leaky neurons, plastic by dopamine; imported by the build."""

from __future__ import annotations

from dataclasses import dataclass, field

import brian2 as b2

from hedon.models import neurons
from hedon.models.dopamine.synapse import weave
from hedon.models.neurons import LeakyParameters
from hedon.models.program import Argument, Model, Output
from hedon.plasticity import RewardModulatedSTDP


@dataclass(frozen=True)
class StdpNetwork:
    """Weights are synaptic currents in pA, as in NEST's ``iaf_psc_exp``, whose default neuron this is."""

    inputs: int = 1000
    neurons: int = 1000
    probability: float = 0.1
    rate: float = 20.0
    dopamine_neurons: int = 10
    dopamine_rate: float = 5.0
    weight: float = 85.0
    dt: float = 1e-3
    rule: RewardModulatedSTDP = field(
        default_factory=lambda: RewardModulatedSTDP(
            A_plus=0.01, A_minus=0.0105, baseline=50.0, w_min=0.0, w_max=200.0
        )
    )
    neuron: LeakyParameters = field(
        default_factory=lambda: LeakyParameters(
            tau_m=0.01, V_th=-0.055, R_m=4e7, tau_s=0.002, refractory=0.002
        )
    )


def build(config: StdpNetwork) -> Model:
    b2.defaultclock.dt = config.dt * b2.second
    rule = config.rule
    arrivals = {
        "model": neurons.ARRIVALS,
        "threshold": neurons.ARRIVALS_THRESHOLD,
        "reset": neurons.ARRIVALS_RESET,
    }
    inputs = b2.NeuronGroup(
        config.inputs, name="inputs", **(arrivals | {"model": neurons.ARRIVALS + rule.pre_equations})
    )
    dopamine = b2.NeuronGroup(config.dopamine_neurons, name="dopamine", **arrivals)
    inputs.rate, dopamine.rate = config.rate * b2.Hz, config.dopamine_rate * b2.Hz
    for group in (inputs, dopamine):
        group.next_spike = "-log(1 - rand())/rate"
    leaky = b2.NeuronGroup(
        config.neurons,
        neurons.LEAKY + neurons.CURRENT_SYNAPSES + rule.neuron_equations + "spikes : integer",
        threshold=neurons.THRESHOLD,
        reset=neurons.RESET + "\nspikes += 1",
        refractory="refractory",
        method="exact",
        namespace=config.neuron.namespace(),
        name="neurons",
    )
    leaky.v = "E_L"
    woven = weave(
        rule,
        inputs,
        leaky,
        connect={"p": config.probability},
        delay=config.dt,
        transmit="I_syn_post += w_now*pamp",
        read=1.0,
    )
    setattr(woven.synapses, rule.initial_weight, config.weight)
    release = b2.Synapses(dopamine, leaky, rule.dopamine_equations, on_pre=rule.on_dopamine, name="release")
    release.connect()
    release.release = rule.release
    release.pre.order = 2
    return Model(
        b2.Network(inputs, dopamine, leaky, *woven.objects, release),
        arguments=dict(woven.arguments) | {"eta": Argument({"neurons.eta": ("neuron",)}, low=0.0)},
        outputs={
            "spikes": Output("neurons.spikes", ("neuron",)),
            "w": Output("plastic.w", ("synapse",), "pA"),
        },
        sizes={"neuron": config.neurons},
    )
