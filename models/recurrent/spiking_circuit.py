"""Brian2 objects of a spiking recurrent network that lives in episodes: the order of a time step.

    synapses decay -> (first time step of a step of the task: value, policy, action -> world pays -> delta ->
    weights; then world shows -> inputs) -> potentials -> spikes drawn, scores -> eligibilities -> spikes

`spiking_network` says what they compute. What a step of the task led to is so read at the beginning of the
next one; an episode of T steps lasts T + 1, and nothing is seen in the last. World, inputs, readouts and
dopamine have the clock of the task's steps, units that of time steps.
"""

from typing import Any

import brian2 as b2

from ..circuit import Circuit
from ..dopamine.system import NEURON, SPIKE
from ..program import Model
from .circuit import BEGIN, EPISODES, RecurrentCircuit
from .spiking_network import SpikingRecurrentNetwork

NOW = """
episode = first_episode + timestep(t, trial_duration)
place = timestep(t, bin_duration) % bins
"""
SHOWN = NOW + "step = place\nfresh = int(place == 0)\nrests = int(place == bins - 1)\n"
"""The step that begins."""
LIVED = NOW + "step = clip(place - 1, 0, inf)\nlived = int(place > 0)\nends = int(place == bins - 1)\n"
"""The step that is over."""
KEEP = "keep = lived*gamma*trace\nfade = learning/(1 + decay*episode)\n"

UNIT = """
tau : second                # of what a spike leaves
dz/dt = -z/tau : 1          # what is left of the spikes
jump : 1                    # what a spike leaves
bias : 1 (constant)         # potential where nothing arrives
learning : 1 (constant)     # 1: plastic, 0: frozen
reset : 1 (constant)        # 1: the state is emptied before each trial
from_input0 : 1
from_units0 : 1
p : 1                       # probability of a spike in this time step
spiked : 1
score : 1                   # d ln P/du of this time step
tally : 1                   # of this step of the task, so far
fired : 1                   # spikes of this call
delta0 : 1                  # the broadcast as it arrives
last0 : 1                   # the error of the end of an episode
keep : 1                    # what is left of an eligibility
pull_recurrent : 1          # change of a weight for its eligibility
pull_input : 1
"""
VOLUME = """
spikes : 1                  # of the dopamine neurons in this step of the task
rate : Hz                   # of each, in the last step
delta0 : 1                  # the error that they carried
last0 : 1                   # is carried with it: 0
"""


def build(net: SpikingRecurrentNetwork) -> Model:
    """The Brian2 model: arguments are the rule's numbers, ``learning``, ``reset``, ``beta``, ``task_seed``
    (each one for each individual), ``first_episode`` and the weights; outputs are means over blocks of
    episodes (``reward_mean`` and the task's measures), the weights at the end, ``rate`` of the units and,
    where they are recorded, ``seen``, ``action``, ``reward`` of every step and all spikes."""
    return SpikingRecurrentCircuit(net).weave()


class SpikingRecurrentCircuit(RecurrentCircuit):
    """World, inputs, readouts and broadcast as in rates; units that spike."""

    look = LIVED
    arriving = "z"
    of_critic = "base_e : 1  # eligibility of the base\n"
    of_dopamine = "delta : 1  # both errors\n"
    net: SpikingRecurrentNetwork  # type: ignore[assignment]

    def __init__(self, net: SpikingRecurrentNetwork) -> None:
        self.slow = net.substeps
        Circuit.__init__(self, net.individuals, (net.task.steps + 1) * net.substeps, net.dt)
        self.namespace |= {"bin_duration": net.substeps * net.dt * b2.second, "bins": net.task.steps + 1}
        self.namespace["time_step"] = net.dt * b2.second
        self.populate(net)  # type: ignore[arg-type]
        for group in (self.world, self.actions):
            group.who0 = "individual"
        self.units.bias = net.bias
        self.spread("tau", *net.tau, "*second")
        self.slowly(self.w_input)

    def unit_group(self) -> b2.NeuronGroup:
        equations = EPISODES + UNIT + self.net.rule.equations("neuron")
        spiking: dict[str, Any] = {"threshold": "spiked > 0.5", "reset": "z += jump", "method": "exact"}
        return self.group("units", self.net.units, equations, "unit", **spiking)

    def each_time_step(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` in every time step, at this place of the order."""
        self.run(group, code, what)

    def weave(self) -> Model:
        net, task = self.net, self.net.task
        self.act()
        done = f"{task.pay}\nreward@ *= lived\nearned@ += reward@\n"
        done += "did@ = asked*action@ + (1 - asked)*did@\npaid@ = reward@"
        self.each_bin(self.world, LIVED + self.lanes(done), "pay")
        self.broadcast()
        self.learn()
        self.summary(self.world, self.means, net.block)
        self.each_trial(self.world, SHOWN + self.lanes(BEGIN + task.begin), "begin")
        rest = "\nasked = asked*(1 - rests)\nseen@ = seen@*(1 - rests) - rests"
        self.each_bin(self.world, SHOWN + self.lanes(task.show + rest), "show")
        self.see()
        self.move()
        if net.record:
            self.watch()
        self.declare()
        return self.model()

    def act(self) -> None:
        """Value, policy and action."""
        super().act()
        self.each_bin(self.critic, "value0 += base", "expect")

    def broadcast(self) -> None:
        """Equation (2) of the rule; before the first step the value is what is expected of an episode."""
        self.foresee()
        code = (
            f"delta0 = {self.net.rule.broadcast.replace('@', '0')}\nlast0 = ends*(reward0 - value0)\n"
            "value_before0 = lived*value0 + (1 - lived)*start0\nreward_before0 = lived*reward0"
        )
        self.each_bin(self.dopamine, LIVED + code, "broadcast")
        self.transmit(self.carried() if self.net.dopamine else self.dopamine)

    def carried(self) -> b2.NeuronGroup:
        """The error as dopamine neurons carry it: what they fired since the last step, above their baseline.

        They fire while the next step of the task goes on, so that it arrives one step later.
        """
        net = self.net
        self.each_bin(self.dopamine, "delta = delta0 + last0", "carry")
        neurons = self.group("dopamine_neurons", net.dopamine, NEURON, "dopamine", threshold=SPIKE)
        self.link(neurons, self.dopamine, "delta")
        baseline, gain = net.dopamine_rates
        neurons.baseline, neurons.gain, neurons.asymmetry = baseline * b2.Hz, gain * b2.Hz, 0.5
        volume = self.group("volume", 1, VOLUME, "one", every=net.substeps)
        self.project(neurons, volume, "", "release", on_pre="spikes_post += 1")
        mean = f"spikes/({net.dopamine}*bin_duration)"
        code = f"rate = {mean}\ndelta0 = (rate - {baseline}*Hz)/({gain}*Hz)\nspikes = 0"
        self.each_bin(volume, code, "read")
        self.output("dopamine_rate", "volume.rate", ("individual", "one"), "in the last step", unit="Hz")
        return volume

    def learn(self) -> None:
        """Equation (3) of the rule for units; readouts as in rates.

        For a readout, with e = keep e_before + s z and both errors that can come at the end of an episode,
        eta (delta e_before + last e) = pull e_before + push z.
        """
        units = KEEP
        for kind in ("_recurrent", "_input"):
            units += f"pull{kind} = fade*eta{kind}*(delta0 + last0)\n"
        self.each_bin(self.units, LIVED + units, "rate")
        self.each_bin(self.w_input, "e0 += tally_post*x0_pre", "gather")
        for synapses, kind in ((self.w_input, "_input"), (self.w_recurrent, "_recurrent")):
            self.each_bin(synapses, f"w += pull{kind}_post*e0\ne0 *= keep_post", "update")
        grow = "pull0 = rate*(delta0 + last0*keep)\npush0 = rate*{}\n"
        action = f"{KEEP}rate = fade*eta\n" + grow.format("(last0*s0 + open0)")
        self.each_bin(self.actions, LIVED + action, "rate")
        value = f"{KEEP}rate = fade*eta_value\ns0 = lived\n" + grow.format("last0*s0")
        value += "base += pull0*base_e + push0\nbase_e = keep*base_e + 1"
        self.each_bin(self.critic, LIVED + value, "rate")
        for synapses in (self.w_policy, self.w_value):
            update = "w += pull0_post*e0 + push0_post*z_pre\ne0 = keep_post*e0 + s0_post*z_pre"
            self.each_bin(synapses, update, "update")

    def move(self) -> None:
        """Equations (1) and (2) of `spiking_network`, and (1) of the rule."""
        trial = self.net.task.trial_steps
        opened = SHOWN + f"z *= (1 - fresh)*(1 - reset*int(step % {trial} == 0))\ntally = 0"
        self.each_trial(self.units, "jump = expm1(time_step/tau)", "begin")
        self.each_bin(self.units, opened, "open")
        self.add_up(self.w_input, "from_input0")
        self.add_up(self.w_recurrent, "from_units0")
        code = (
            "p = 1/(1 + exp(-clip(bias + from_input0 + from_units0, -500, 500)))\n"
            f"spiked = int(rand() < p)\nscore = {self.net.rule.score}\ntally += score\nfired += spiked"
        )
        self.each_time_step(self.units, code, "fire")
        eligibility = f"e0 = {self.net.rule.eligibility.replace('@', '0')}"
        self.each_time_step(self.w_recurrent, eligibility, "eligibility")

    def watch_units(self) -> None:
        self.spikes(self.units)

    def declare_units(self, seeded: dict[b2.NeuronGroup, str]) -> None:
        """What only such units have."""
        self.parameter("bias", {self.units: "unit"}, self.net.bias, "potential where nothing arrives")
        self.state("tau", "units.tau", ("individual", "unit"), "time constants of synapses", unit="second")
        self.output("fired", "units.fired", ("individual", "unit"), "spikes of each unit in this call")
