"""Brian2 objects of a network that chooses: the order of a trial.

    world moves -> values -> noisy drives, choice -> reward, delta, trace, rate -> modulators -> weights

`network` says what they compute. Recorded, as means over blocks of trials: ``reward``, ``best`` (the
good arm was chosen), ``worth`` (the probability of reward of what was chosen, so that the regret is the good
arm's less this), ``rate``, and ``push`` and ``square``, the means of delta times the change of the chosen
weight and of delta squared: their ratio is the effective learning rate. With habits also ``arm``, the number
of what was chosen: with blocks of one trial, behaviour as a table.
"""

import math

import brian2 as b2

from ..circuit import DRAWS, Circuit, summary_equations
from ..program import Model
from ..tasks.streams import BANDIT
from .network import ChoiceNetwork

DOPAMINE = """
reward : 1
expected : 1                # value of what was chosen
best : 1                    # 1 where that is the good arm
worth : 1                   # probability of reward of what was chosen
delta : 1                   # the broadcast
recently : 1                # recent errors in the direction of this choice
change : 1                  # of the chosen weight in this trial
"""
ARM = """
value : 1                   # (w + fast) x
moved : 1                   # change of it in this trial
drive : 1                   # value with noise
partition : 1               # sum of the exponentials of the arms
rivals : 1                  # arms with a stronger drive
y : 1                       # 1: chosen
p : 1                       # probability of that
chance : 1                  # probability of a reward from this arm
is_good : 1                 # 1: no arm's is greater
pay : 1                     # what this arm would pay
beta : 1 (constant)
modulator : 1               # delta as it reaches this neuron
rate : 1                    # the gated rate as it reaches this neuron
learning : 1 (constant)
"""
HABITS = """
bias : 1
repeat : 1 (constant)
repeat_rate : 1 (constant)
habit : 1 (constant)
habit_rate : 1 (constant)
naive : 1 (constant)
naive_rate : 1 (constant)
stray : 1 (constant)
restless : 1 (constant)
lapse : 1 (constant)
rest : 1 (constant)
quick : 1                   # fast trace of choices
lasting : 1                 # slow trace of choices
last : 1                    # 1: chosen in the last trial
earned : 1                  # what that paid
leaving : 1                 # what the choice before paid, if this is another
left : 1                    # the same, of the last trial
logit : 1                   # of this choice
lapses : 1                  # 1: this choice is at random
likely : 1                  # probability of this choice, lapses included
"""
TRIAL = "trial = first_trial + timestep(t, trial_duration)\n"
MEANS = {
    "reward_mean": "reward",
    "best_mean": "best",
    "worth_mean": "worth",
    "rate_mean": "rate",
    "push_mean": "delta*change",
    "square_mean": "delta**2",
}


def build(net: ChoiceNetwork) -> Model:
    """The Brian2 model: arguments are the rule's coefficients, ``beta``, ``learning``, ``task_seed``,
    ``individual`` and those of the task (each one for each individual), ``first_trial`` and the states;
    outputs are block means, the states at the end, and the choice, reward and values of the last trial."""
    return _ChoiceCircuit(net).weave()


class _ChoiceCircuit(Circuit):
    def __init__(self, net: ChoiceNetwork) -> None:
        super().__init__(net.individuals)
        self.net = net
        self.namespace |= net.task.streams
        self.world = self.group("world", 1, DRAWS + net.task.world_equations, "one")
        self.cue = self.group("cue", 1, "x : 1", "cue")
        self.cue.x = 1
        self.means = MEANS | ({"arm_mean": "arm"} if net.habits else {})
        neuron = DRAWS + ARM + (HABITS if net.habits else "") + net.rule.equations("neuron")
        self.arms = self.group("arms", net.task.arms, neuron + net.task.arm_equations, "arm")
        told = DOPAMINE + ("arm : 1  # number of what was chosen\n" if net.habits else "")
        self.dopamine = self.group(
            "dopamine", 1, told + net.rule.equations("dopamine") + summary_equations(list(self.means)), "one"
        )
        self.dopamine.trace = net.first_trace
        self.weights = self.project(
            self.cue,
            self.arms,
            f"w : 1  # value that lasts{net.rule.equations('synapse')}change : 1  # in this trial\n"
            "value_post = (w + fast)*x_pre : 1 (summed)\nmoved_post = change*x_pre : 1 (summed)"
            + ("\nw_rest = rest_post : 1" if net.habits else ""),
            "weights",
        )
        self.weights.w = net.first_value
        if net.habits:
            self.namespace["stream_lapse"] = BANDIT["lapse"]
        else:
            self.namespace["w_rest"] = net.first_value

    def weave(self) -> Model:
        net, task = self.net, self.net.task
        if task.move:
            self.each_bin(self.world, TRIAL + task.move, "move")
        for state in task.told:
            self.spread(self.world, state, f"surroundings_{state}")
        self.add_up(self.weights, "value")
        self.choose()
        self.each_bin(self.arms, TRIAL + task.pay, "pay")
        self.collect("reward", "y_pre*pay_pre", "earn")
        self.collect("expected", "y_pre*value_pre", "expect")
        self.collect("best", "y_pre*is_good_pre", "judge")
        if net.habits:
            self.collect("arm", "y_pre*index_pre", "number")
        self.collect("worth", "y_pre*chance_pre", "weigh")
        self.collect("recently", f"(2*y_pre - 1)*recent_pre/{task.arms}", "recall")
        self.each_bin(self.dopamine, f"delta = {net.rule.broadcast}\n{net.rule.dopamine_code}", "broadcast")
        heard = self.heard(self.dopamine, {"delta": "1", "rate": "1"}, "heard")
        self.spread(heard, "modulator", "volume_transmission", read="delta")
        self.spread(heard, "rate", "metaplasticity")
        self.each_bin(self.arms, net.rule.before_update, "before_update")
        self.each_bin(
            self.weights,
            f"before = w + fast\neligibility = {net.rule.eligibility}\n{net.rule.update}\n"
            "change = w + fast - before",
            "plasticity",
        )
        self.add_up(self.weights, "moved")
        self.collect("change", "y_pre*moved_pre", "change")
        if net.habits:
            leaves = self.project(
                self.arms, self.arms, "leaving_post = earned_pre*(1 - y_pre) : 1 (summed)", "leaves"
            )
            self.add_up(leaves, "leaving")
            traces = (
                "quick += repeat_rate*(y - quick)\nlasting += habit_rate*(y - lasting)\n"
                "left = leaving\nlast = y\nearned = y*pay"
            )
            self.each_bin(self.arms, traces, "habits")
        self.summary(self.dopamine, self.means, net.block)
        self.declare()
        return self.model()

    def choose(self) -> None:
        """Equation (1) of `network`."""
        uniform = "keyed_uniform(task_seed, stream_choice, individual, trial, index)"
        logit, partition = "beta*value", "exp(beta_pre*(value_pre - value_post))"
        if self.net.habits:
            lapses = "int(keyed_uniform(task_seed, stream_lapse, individual, trial, 0) < lapse)"
            terms = (
                "(1 - naive*exp(-naive_rate*trial))*(1 - stray*left)*(beta*value + bias + repeat*quick"
                " + habit*lasting) - restless*left*last"
            )
            self.each_bin(self.arms, f"{TRIAL}logit = {terms}\nlapses = {lapses}", "readout")
            logit, partition = "(1 - lapses)*logit", "exp(logit_pre - logit_post)"
        self.each_bin(self.arms, f"{TRIAL}drive = {logit} - log(-log({uniform}))", "drive")
        sums = {
            "rivals": "int(drive_pre > drive_post)",
            "partition": partition,
            **self.net.task.rivalry,
        }
        equations = "\n".join(f"{name}_post = {summand} : 1 (summed)" for name, summand in sums.items())
        rival = self.project(self.arms, self.arms, equations, "rivalry")
        for name in sums:
            self.add_up(rival, name)
        likely = f"\nlikely = (1 - lapse)/partition + lapse/{self.net.task.arms}" if self.net.habits else ""
        self.each_bin(self.arms, f"y = int(rivals < 0.5)\np = 1/partition{likely}", "choice")

    def spread(self, origin: b2.NeuronGroup, variable: str, name: str, read: str = "") -> None:
        """Give every arm the value of one unit of its individual."""
        equations = f"{variable}_post = {read or variable}_pre : 1 (summed)"
        self.add_up(self.project(origin, self.arms, equations, name), variable)

    def collect(self, variable: str, summand: str, name: str) -> None:
        """Sum over the arms of an individual in its dopamine neuron."""
        synapses = self.project(self.arms, self.dopamine, f"{variable}_post = {summand} : 1 (summed)", name)
        self.add_up(synapses, variable)

    def declare(self) -> None:
        self.numbers(self.net.rule, {self.arms: "arm", self.dopamine: "one"})
        self.parameter("beta", {self.arms: "arm"}, self.net.beta, "inverse temperature", low=0)
        self.parameter("learning", {self.arms: "arm"}, 1, "1: plastic, 0: frozen", low=0)
        if self.net.habits:
            self.declare_habits()
        self.net.task.declare(self, self.world, self.arms)
        seeded = {self.world: "one", self.arms: "arm"}
        self.parameter("task_seed", seeded, 0, "seed of the task's draws", low=0, integer=True)
        self.parameter("individual", seeded, None, "whose draws it gets", low=0, integer=True)
        self.shared("first_trial", [self.world, self.arms], 0, "trials lived before this call")
        self.state("w", "weights.w", ("individual", "cue", "arm"), "values")
        holders = {
            "synapse": ("weights", ("individual", "cue", "arm")),
            "neuron": ("arms", ("individual", "arm")),
            "dopamine": ("dopamine", ("individual",)),
        }
        for name, (where, meaning) in self.net.rule.states.items():
            holder, dims = holders[where]
            self.state(name, f"{holder}.{name}", dims, meaning)
        self.output("chosen", "arms.y", ("individual", "arm"), "1: chosen in the last trial")
        self.output(
            "policy",
            "arms.likely" if self.net.habits else "arms.p",
            ("individual", "arm"),
            "probability of each choice in the last trial",
        )
        self.output("delta", "dopamine.delta", ("individual",), "the broadcast of the last trial")

    def declare_habits(self) -> None:
        readout = {
            "repeat": (0.0, -math.inf, "weight of the fast trace of choices"),
            "repeat_rate": (1.0, 0.0, "rate of that trace"),
            "habit": (0.0, -math.inf, "weight of the slow trace of choices"),
            "habit_rate": (0.2, 0.0, "rate of that trace"),
            "naive": (0.0, 0.0, "how loose choices are at the beginning"),
            "naive_rate": (0.07, 0.0, "how fast that goes"),
            "stray": (0.0, 0.0, "how loose after what paid was left"),
            "restless": (0.0, -math.inf, "how strongly what was chosen then is left, too"),
            "lapse": (0.0, 0.0, "probability of a choice at random"),
            "rest": (self.net.first_value, -math.inf, "value to which forgetting leads"),
        }
        for name, (default, low, doc) in readout.items():
            self.parameter(name, {self.arms: "arm"}, default, doc, low=low)
        for name, doc in (
            ("bias", "of each arm, in logits"),
            ("quick", "fast trace"),
            ("lasting", "slow trace"),
            ("last", "last choice"),
            ("earned", "what it paid"),
            ("left", "what was left for it had paid"),
        ):
            self.state(name, f"arms.{name}", ("individual", "arm"), doc)
