"""Brian2 objects of a spiking recurrent network that lives in episodes: the order of a time step.

    synapses decay -> (first time step of a step of the task: value, policy, action -> world pays -> delta ->
    weights; then world shows -> inputs) -> potentials -> spikes drawn, scores -> eligibilities -> spikes

`spiking_network` says what they compute. What a step of the task led to is so read at the beginning of the
next one; an episode of T steps lasts T + 1, and nothing is seen in the last. World, inputs, readouts and
dopamine have the clock of the task's steps, units that of time steps.
"""

import brian2 as b2

from ..circuit import Circuit, summary_equations
from ..dopamine.system import NEURON, SPIKE
from ..program import Model
from ..tasks.streams import EPISODE
from .circuit import (
    ACTION,
    ACTION_LANE,
    CALENDAR,
    CRITIC_LANE,
    DOPAMINE_LANE,
    EPISODES,
    INPUT_LANE,
    READOUT,
    WORLD,
    WORLD_LANE,
    RecurrentCircuit,
)
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
from_input : 1
from_units : 1
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
CRITIC = """
base : 1                    # what is expected of an episode
base_e : 1                  # its eligibility
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
    net: SpikingRecurrentNetwork  # type: ignore[assignment]

    def __init__(self, net: SpikingRecurrentNetwork) -> None:
        task, rule = net.task, net.rule
        Circuit.__init__(self, net.individuals, (task.steps + 1) * net.substeps, net.dt)
        self.net = net
        self.namespace |= {f"stream_{name}": number for name, number in EPISODE.items()}
        self.namespace |= dict(task.streams) | {"units": net.units}
        self.namespace |= {"bin_duration": net.substeps * net.dt * b2.second, "bins": task.steps + 1}
        self.namespace["time_step"] = net.dt * b2.second
        self.means = {"reward_mean": self._mean("earned@")}
        self.means |= {name: self._mean(expression) for name, expression in task.measures.items()}
        lanes, slow = self.lanes, net.substeps
        world = EPISODES + WORLD + lanes(WORLD_LANE + task.world_equations)
        self.world = self.group("world", 1, world + summary_equations(list(self.means)), "one", every=slow)
        self.inputs = self.group("inputs", net.inputs, lanes(INPUT_LANE), "input", every=slow)
        self.units = self.group(
            "units",
            net.units,
            EPISODES + UNIT + rule.equations("neuron"),
            "unit",
            threshold="spiked > 0.5",
            reset="z += jump",
            method="exact",
        )
        action = EPISODES + READOUT + ACTION + lanes(ACTION_LANE) + rule.equations("action")
        self.actions = self.group("actions", task.actions, action, "action", every=slow)
        critic = CALENDAR + READOUT + lanes(CRITIC_LANE) + CRITIC + rule.equations("critic")
        self.critic = self.group("critic", 1, critic, "one", every=slow)
        dopamine = CALENDAR + lanes(DOPAMINE_LANE) + "start : 1\ndelta : 1\n" + rule.equations("dopamine")
        self.dopamine = self.group("dopamine", 1, dopamine, "one", every=slow)
        for group in (self.world, self.actions):
            group.who0 = "individual"
        self.units.bias = net.bias
        low, high = net.tau
        leak = "keyed_uniform(task_seed, stream_leak, individual, 0, index)"
        self.drawn(self.units, "tau", f"{low}*second*{high / low}**{leak}")
        self.w_input = self._weights("w_input", self.inputs, self.units, "from_input", "x0", net.input_gain)
        gain = net.gain / net.units**0.5
        self.w_recurrent = self._weights("w_recurrent", self.units, self.units, "from_units", "z", gain)
        self.w_policy = self._weights("w_policy", self.units, self.actions, "drive0", "z", 0)
        self.w_value = self._weights("w_value", self.units, self.critic, "value0", "z", 0)
        self.slowly(self.w_input)

    def _weights(
        self, name: str, source: b2.NeuronGroup, target: b2.NeuronGroup, drive: str, rate: str, gain: float
    ) -> b2.Synapses:
        equations = f"w : 1  # weight\ne0 : 1  # eligibility\n{drive}_post = w*{rate}_pre : 1 (summed)"
        synapses = self.project(source, target, equations, name)
        if gain:
            stream = 0 if name == "w_input" else 1
            key = f"task_seed_post, stream_weights, individual_post, {stream}, index_pre*units + index_post"
            self.drawn(synapses, "w", f"{gain!r}*keyed_normal({key})")
        return synapses

    def each_bin(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` in the first time step of every step of the task, at this place of the order."""
        self.run(group, code, what, every=self.net.substeps)

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
        begin = "did@ = -1\npaid@ = 0\nearned@ = 0\n" + task.begin
        self.each_trial(self.world, SHOWN + self.lanes(begin), "begin")
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
        self.tell(self.world, self.dopamine, {"reward": "reward@_pre"}, "reward")
        self.tell(self.critic, self.dopamine, {"value": "value@_pre"}, "expectation")
        base = self.project(self.critic, self.dopamine, "start_post = base_pre : 1 (summed)", "start")
        self.add_up(base, "start")
        code = (
            f"delta0 = {self.net.rule.broadcast.replace('@', '0')}\nlast0 = ends*(reward0 - value0)\n"
            "value_before0 = lived*value0 + (1 - lived)*start\nreward_before0 = lived*reward0"
        )
        self.each_bin(self.dopamine, LIVED + code, "broadcast")
        heard = self.heard(
            self.carried() if self.net.dopamine else self.dopamine,
            {"delta0": "1", "last0": "1"},
            "heard",
            every=self.net.substeps,
            order=self._next(),
        )
        for target in (self.units, self.actions, self.critic):
            source = self.dopamine if target is self.critic else heard
            sums = "delta0_post = delta0_pre : 1 (summed)\nlast0_post = last0_pre : 1 (summed)"
            said = self.project(source, target, sums, f"volume_transmission_{target.name}")
            self.add_up(said, "delta0")
            self.add_up(said, "last0")
            self.slowly(said)

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

    def slowly(self, synapses: b2.Synapses) -> None:
        """Sums over the synapses once in a step of the task, wherever their place is."""
        for updater in synapses.summed_updaters.values():
            updater._clock = self.clock(self.net.substeps)

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
        self.add_up(self.w_input, "from_input")
        self.add_up(self.w_recurrent, "from_units")
        code = (
            "p = 1/(1 + exp(-clip(bias + from_input + from_units, -500, 500)))\n"
            f"spiked = int(rand() < p)\nscore = {self.net.rule.score}\ntally += score\nfired += spiked"
        )
        self.each_time_step(self.units, code, "fire")
        eligibility = f"e0 = {self.net.rule.eligibility.replace('@', '0')}"
        self.each_time_step(self.w_recurrent, eligibility, "eligibility")

    def watch(self) -> None:
        """Record every step of the task, and all spikes."""
        names = ("seen0", "action0", "reward0")
        self.monitor(self.world, list(names), "steps_lived", every=self.net.substeps, when="end")
        for name in names:
            self.output(name[:-1], f"steps_lived.{name}", ("step", "individual"), "as a step begins")
        self.spikes(self.units)

    def declare(self) -> None:
        self.sizes["from_unit"] = self.net.units
        units, actions, critic = {self.units: "unit"}, {self.actions: "action"}, {self.critic: "one"}
        self.numbers(self.net.rule, units | actions | critic | {self.dopamine: "one"})
        self.parameter("learning", units | actions | critic, 1, "1: plastic, 0: frozen", low=0)
        self.parameter("reset", units, 0, "1: the state is emptied before each trial", low=0)
        self.parameter("bias", units, self.net.bias, "potential where nothing arrives")
        self.parameter("beta", actions, 1, "inverse temperature of the policy", low=0)
        seeded = {self.world: "one"} | units | actions
        self.parameter("task_seed", seeded, 0, "seed of the task's draws", low=0, integer=True)
        listening = [self.world, self.units, self.actions, self.critic, self.dopamine]
        self.shared("first_episode", listening, 0, "episodes lived before this call")
        for name, dims in (
            ("w_input", ("input", "unit")),
            ("w_recurrent", ("from_unit", "unit")),
            ("w_policy", ("unit", "action")),
            ("w_value", ("unit", "one")),
        ):
            self.state(name, f"{name}.w", ("individual", *dims), "weights (from, to)")
        self.state("base", "critic.base", ("individual", "one"), "value before the first step of an episode")
        self.state("tau", "units.tau", ("individual", "unit"), "time constants of synapses", unit="second")
        self.output("fired", "units.fired", ("individual", "unit"), "spikes of each unit in this call")
        self.output("value", "critic.value0", ("individual",), "value in the last step")
        self.output("delta", "dopamine.delta0", ("individual",), "the broadcast in the last step")
