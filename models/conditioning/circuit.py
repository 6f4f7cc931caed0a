"""Builds the Brian2 objects of a conditioning network; `network` says what they are.

Groups, individual by individual: ``agenda`` and ``cue_agenda`` (what each trial brings), ``world`` and
``cue`` (what the present one brings), ``time_cell``, ``critic``, and ``value``, ``dopamine``, ``volume``. At
the start of a trial the row of the agenda is read; every 20 ms time cells get their rates, dopamine reaches
the critic neurons and the weights are updated; all else runs at the network's step.
"""

from __future__ import annotations

import brian2 as b2
import numpy as np

from ..dopamine.circuit import DopamineCircuit, sum_at
from ..dopamine.system import CRITIC, SPIKE
from ..program import Argument, Model, Output
from ..tasks.conditioning import CUES, NEVER
from .network import Conditioning

AGENDA = """
trial : integer (constant)
reward_time : second (constant)
reward_value : 1 (constant)
plastic : 1 (constant)
"""
CUE_AGENDA = """
trial : integer (constant)
onset : second (constant)
"""
WORLD = """
now = t - timestep(t, trial_duration)*trial_duration + 0.5*dt : second  # since the trial's start
reward_time : second
reward_value : 1
plastic : 1
reward = reward_value/reward_duration*int(now > reward_time)*int(now < reward_time + reward_duration) : Hz
"""
TIME_CELL = """
onset : second (linked)
centre : second (constant)       # of the field, since the cue's onset
late : second                    # since the centre
rho : Hz
"""
FIELD = """
late = t - timestep(t, trial_duration)*trial_duration - onset - centre
rho = highest*exp(-0.5*(late/width)**2)*int(late + centre > -1*ms)*int(abs(late) < 4*width)
"""
TIME_SPIKE = "rho > 0*Hz and rand() < rho*dt"
"""Silent cells draw no random number."""
CRITIC_DRIVE = """
du/dt = -u/tau_psp : 1           # potential: the critic neuron's estimate of value
modulator : 1                    # dopamine, as it reaches this neuron
eta : Hz (constant)
rate : 1                         # learning rate times the interval between two updates, 0 in a probe
"""
HERE = "*int(trial_pre == timestep(t, trial_duration))"


def build(net: Conditioning) -> Model:
    """The Brian2 model: one unit of duration is a trial.

    Arguments: the schedule (``cue_onset``, ``reward_time``, ``reward_value``, ``plastic``), the weights
    ``w``, ``eta``, and those of `DopamineCircuit`. Outputs: ``w`` and recordings of V, delta, n, spikes.
    """
    many = net.individuals
    steps = b2.Clock(dt=net.dt * b2.second, name="steps")
    ticks = b2.Clock(dt=net.interval * b2.second, name="ticks")
    trials = b2.Clock(dt=net.trial_duration * b2.second, name="trials")
    system = DopamineCircuit(net.dopamine, many, steps)
    names = net.namespace() | system.namespace
    for name, (value, unit) in net.rule.constants.items():
        names[name] = value if unit == "1" else value * getattr(b2, unit)
    sizes = system.sizes | {
        "trial": net.trials,
        "cue": len(CUES),
        "cell": net.cells,
        "critic": net.critics_in_all,
    }

    def group(size: int, equations: str, name: str, **settings: object) -> b2.NeuronGroup:
        return b2.NeuronGroup(many * size, equations, name=name, namespace=names, clock=steps, **settings)

    def hand_over(source: b2.NeuronGroup, target: b2.NeuronGroup, equations: str, to: str, name: str):
        synapses = b2.Synapses(source, target, equations, name=name, namespace=names, clock=trials)
        synapses.connect(j=to)
        sum_at(synapses, trials)
        return synapses

    agenda = group(net.trials, AGENDA, "agenda")
    agenda.trial = f"i % {net.trials}"
    agenda.reward_time = NEVER * b2.second
    cue_agenda = group(net.trials * len(CUES), CUE_AGENDA, "cue_agenda")
    cue_agenda.trial = f"(i // {len(CUES)}) % {net.trials}"
    cue_agenda.onset = NEVER * b2.second
    world = group(1, WORLD, "world")
    cue = group(len(CUES), "onset : second", "cue")
    time_cell = group(
        net.cells,
        TIME_CELL + net.rule.pre_equations,
        "time_cell",
        threshold=TIME_SPIKE,
        reset=net.rule.pre_spike,
        method="exact",
    )
    place = np.arange(many * net.cells)
    of_cue = net.fields * net.copies
    time_cell.onset = b2.linked_var(cue, "onset", index=place // of_cue)
    time_cell.centre = place % of_cue // net.copies * net.spacing * b2.second
    time_cell.run_regularly(FIELD, clock=ticks, when="after_groups", name="time_fields")
    critic = group(net.critics_in_all, CRITIC_DRIVE + CRITIC, "critic", threshold=SPIKE, method="exact")
    critic.eta = net.rule.eta * b2.Hz
    today = [
        hand_over(
            agenda,
            world,
            f"reward_time_post = reward_time_pre{HERE} : second (summed)\n"
            f"reward_value_post = reward_value_pre{HERE} : 1 (summed)\n"
            f"plastic_post = plastic_pre{HERE} : 1 (summed)",
            f"i // {net.trials}",
            "today",
        ),
        hand_over(
            cue_agenda,
            cue,
            f"onset_post = onset_pre{HERE} : second (summed)",
            f"i // {net.trials * len(CUES)} * {len(CUES)} + i % {len(CUES)}",
            "cues_today",
        ),
    ]
    learning = b2.Synapses(
        world,
        critic,
        "rate_post = plastic_pre*eta_post*interval : 1 (summed)",
        name="learning",
        namespace=names,
        clock=trials,
    )
    learning.connect(j=f"k for k in range(i*{net.critics_in_all}, (i + 1)*{net.critics_in_all})")
    sum_at(learning, trials, order=1)

    weights = b2.Synapses(
        time_cell,
        critic,
        net.rule.synapse_equations,
        on_pre=net.rule.on_pre,
        name="weights",
        namespace=names,
        clock=steps,
    )
    own = f"(i//{net.cells})*{net.critics_in_all}"
    weights.connect(j=f"k for k in range({own}, {own} + {net.critics_in_all})")
    weights.w = 0
    system.read(critic)
    system.reward_from(world, "reward_pre")
    system.transmit(critic, ticks, owner=net.owners)
    weights.run_regularly(net.rule.update, clock=ticks, when="end", name="plasticity")
    system.record(net.bin)
    recorders = []
    if net.spikes:
        system.record_spikes()
        recorders.append(b2.SpikeMonitor(critic, name="critic_spikes"))

    arguments = system.arguments | {
        "cue_onset": Argument(
            {"cue_agenda.onset": ("individual", "trial", "cue")}, ("individual", "trial", "cue"), "s", low=0
        ),
        "w": Argument({"weights.w": ("individual", "cell", "critic")}, ("individual", "cell", "critic")),
        "eta": Argument({"critic.eta": ("individual", "critic")}, ("individual",), "Hz", "learning rate", 0),
    }
    for name, unit in (("reward_time", "s"), ("reward_value", "1"), ("plastic", "1")):
        arguments[name] = Argument({f"agenda.{name}": ("individual", "trial")}, ("individual", "trial"), unit)
    outputs = system.outputs | {
        "w": Output("weights.w", ("individual", "cell", "critic"), doc="weights at the end"),
        "fired_last": Output("volume.fired", ("individual", "channel"), doc="spikes of a neuron in all"),
    }
    if net.spikes:
        outputs["critic_spike_time"] = Output("critic_spikes.t", ("spike",), "s")
        outputs["critic_spike_neuron"] = Output("critic_spikes.i", ("spike",))
    groups = (agenda, cue_agenda, world, cue, time_cell, critic)
    network = b2.Network(*groups, *today, learning, weights, *system.objects, *recorders)
    return Model(network, arguments, outputs, sizes, step=net.trial_duration)
