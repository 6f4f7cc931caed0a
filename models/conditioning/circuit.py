"""Builds the Brian2 objects of a conditioning network; `network` says what they are.

Groups, individual by individual: ``agenda`` and ``cue_agenda`` (what each trial brings), ``world`` and
``cue`` (what the present one brings), ``time_cell``, ``critic``, and ``value``, ``dopamine``, ``volume``. At
the start of a trial the row of the agenda is read; every 20 ms time cells get their rates, dopamine reaches
the critic neurons and the weights are updated; all else runs at the network's step.
"""

import brian2 as b2

from ..circuit import Circuit
from ..dopamine.circuit import DopamineCircuit
from ..dopamine.system import CRITIC, SPIKE
from ..program import Model
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
    ``w``, ``eta``, ``yoked``, those of `DopamineCircuit`, and, with ``own``, the rule's time constants.
    Outputs: ``w`` and recordings of V, delta, n, spikes.
    """
    return _ConditioningCircuit(net).model()


class _ConditioningCircuit(Circuit):
    def __init__(self, net: Conditioning) -> None:
        super().__init__(net.individuals, round(net.trial_duration / net.dt), net.dt)
        self.net = net
        self.tick = round(net.interval / net.dt)
        self.namespace |= net.namespace()
        own = ("tau_e", "tau_lag") if net.own else ()
        for name, (value, unit) in net.rule.constants.items():
            if name not in own:
                self.namespace[name] = value if unit == "1" else value * getattr(b2, unit)
        self.system = DopamineCircuit(net.dopamine, self, own=net.own)
        self.world = self.group("world", 1, WORLD)
        self.cue = self.group("cue", len(CUES), "onset : second", "cue")
        self._agenda()
        self.time_cell = self._time_cell()
        self.critic = self.group(
            "critic", net.critics_in_all, CRITIC_DRIVE + CRITIC, "critic", threshold=SPIKE, method="exact"
        )
        rate = "rate_post = plastic_pre*eta_post*interval : 1 (summed)"
        learning = self.project(self.world, self.critic, rate, "learning", every=self.bins)
        self.sum_at(learning, self.bins, order=1)
        self.system.read(self.critic)
        self.system.reward_from(self.world, "reward_pre")
        self.system.transmit(self.critic, self.tick)
        self._weights()
        self._records()

    def _agenda(self) -> None:
        """What each trial brings, handed over at its start."""
        trials, never = self.net.trials, NEVER * b2.second
        agenda = self.group("agenda", trials, AGENDA, "trial")
        agenda.trial, agenda.reward_time = agenda.index, never
        cue_agenda = self.group("cue_agenda", trials * len(CUES), CUE_AGENDA)
        cue_agenda.trial, cue_agenda.onset = f"index // {len(CUES)}", never
        today = self.project(
            agenda,
            self.world,
            f"reward_time_post = reward_time_pre{HERE} : second (summed)\n"
            f"reward_value_post = reward_value_pre{HERE} : 1 (summed)\n"
            f"plastic_post = plastic_pre{HERE} : 1 (summed)",
            "today",
            every=self.bins,
        )
        cues_today = self.project(
            cue_agenda,
            self.cue,
            f"onset_post = onset_pre{HERE}*int(index_pre % {len(CUES)} == index_post) : second (summed)",
            "cues_today",
            every=self.bins,
        )
        for synapses in (today, cues_today):
            self.sum_at(synapses, self.bins)
        dims = ("individual", "trial")
        self.argument("cue_onset", "cue_agenda.onset", (*dims, "cue"), unit="s", low=0)
        for name, unit in (("reward_time", "s"), ("reward_value", "1"), ("plastic", "1")):
            self.argument(name, f"agenda.{name}", dims, unit=unit)

    def _time_cell(self) -> b2.NeuronGroup:
        net = self.net
        cells = self.group(
            "time_cell",
            net.cells,
            TIME_CELL + (net.rule.own_pre if net.own else net.rule.pre_equations),
            "cell",
            threshold=TIME_SPIKE,
            reset=net.rule.pre_spike,
            method="exact",
        )
        self.link(cells, self.cue, "onset")
        if net.own:
            self.numbers(net.rule, {cells: "cell"})
            for factor, code in net.rule.own_factors.items():
                self.drawn(cells, factor, code)
            self.run(cells, net.rule.own_decay, "fade", when="groups", order=0)
        cells.centre = cells.index % (net.fields * net.copies) // net.copies * net.spacing * b2.second
        self.run(cells, FIELD, "fields", every=self.tick, when="after_groups", order=0)
        return cells

    def _weights(self) -> None:
        rule = self.net.rule
        weights = self.project(
            self.time_cell, self.critic, rule.synapse_equations, "weights", on_pre=rule.on_pre
        )
        weights.w = 0
        self.run(weights, rule.update, "update", every=self.tick, when="end", order=0)
        self.parameter("eta", {self.critic: "critic"}, rule.eta, "learning rate", unit="Hz", low=0)
        self.state("w", "weights.w", ("individual", "cell", "critic"), "weights")

    def _records(self) -> None:
        self.system.record(self.net.bin)
        self.output("fired_last", "volume.fired", ("individual", "channel"), "spikes of a neuron in all")
        if self.net.spikes:
            self.system.record_spikes()
            self.spikes(self.critic, "critic_")
