"""Brian2 objects of teams of neurons that vote: the order of a trial.

    pattern -> drives, spikes, votes -> votes of every level -> decisions, outcomes, marginal contributions
    -> what every level earned, delta -> modulators -> weights

`network` says what they compute. A unit of every level (`levels`) makes a broadcast of its own; a neuron
hears that of its team and that of its group. Recorded, as a mean over blocks of trials: ``right``, the share
of committees (weighed by their neurons) that decided rightly.
"""

import brian2 as b2

from ..circuit import DRAWS, Circuit, summary_equations
from ..levels import Levels, choice, linked, size_at
from ..program import Model
from .network import TeamNetwork

WORLD = """
pattern : integer                # which is shown
"""
INPUT = """
x : 1
pattern : integer (linked)
"""
AGENT = """
pattern : integer (linked)
u : 1                            # drive
p : 1                            # probability of a spike
spiked : 1
vote : 1                         # 1 or -1
answer : 1                       # y of its committee
lead : 1                         # votes of its committee
outcome : 1                      # r of its committee
marginal : 1                     # half of r less what it had been with the other vote
decision : 1                     # of its team: 1, -1, or 0 for a tie
delta_team : 1
delta_group : 1
modulator : 1
learning : 1 (constant)          # 1: plastic, 0: frozen
rate : 1
body : integer (constant)        # number of its committee
committee : integer (constant)   # level of the committees,
group : integer (constant)       # of the groups
team : integer (constant)        # and of the teams
"""
SHOW = """
trial = first_trial + timestep(t, trial_duration)
pattern = int({patterns}*keyed_uniform(task_seed, choice, individual, trial, 0))
"""
PATTERN = "x = 1 - 2*int(keyed_uniform(task_seed, stimulus, individual, pattern, index) < 0.5)"
FIRE = """
p = 1/(1 + exp(-u))
spiked = int(rand() < p)
vote = 2*spiked - 1
"""
JUDGE = """
answer = 1 - 2*int(keyed_uniform(task_seed, teacher, individual, pattern, body) < 0.5)
lead = {lead}
outcome = answer*sign(lead)
marginal = 0.5*(outcome - answer*sign(lead - 2*vote))
decision = sign({votes})
"""
VOLUME = """
near : 1                         # what reaches the neuron of all outcomes
usual : 1                        # its running mean
"""
HEAR_VOLUME = """
delta_team = near - usual
usual += alpha*delta_team
rate = eta*learning
"""
"""Equation (4) of `network`."""
HEAR = """
delta_team = {team}/clip({team_size}, 1, {committee_size})
delta_group = {group}/clip({group_size}, 1, {committee_size})
rate = eta*learning
"""
"""A unit sums outcomes over neurons; a committee counts once, however many of its neurons are in the unit."""
ALL = "0.5 + 0.5*earned/{neurons}"


def build(net: TeamNetwork) -> Model:
    """The Brian2 model: arguments are the rule's numbers, ``committee``, ``group``, ``team``, ``task_seed``,
    ``individual`` and ``yoked`` (each one for each individual), ``learning`` (individual, neuron),
    ``first_trial`` and ``w``;
    outputs are block means, weights, and what neurons did and heard in the last trial."""
    return _TeamCircuit(net).weave()


class _TeamCircuit(Circuit):
    def __init__(self, net: TeamNetwork) -> None:
        super().__init__(net.individuals)
        self.net = net
        count = len(net.sizes)
        rule = net.rule
        self.means = {"right": ALL.format(neurons=net.neurons)}
        self.world = self.group("world", 1, DRAWS + WORLD, "one")
        self.inputs = self.group("inputs", net.inputs, DRAWS + INPUT, "input")
        self.agents = self.group(
            "agents",
            net.neurons,
            DRAWS
            + AGENT
            + (VOLUME if net.volume else "")
            + linked(count, "votes", "delta")
            + rule.equations("neuron"),
            "neuron",
        )
        for group in (self.inputs, self.agents):
            self.link(group, self.world, "pattern")
        self.weights = self.project(
            self.inputs, self.agents, "w : 1  # weight\nu_post = w*x_pre : 1 (summed)", "weights"
        )
        self.levels = Levels(
            self,
            self.agents,
            net.fans,
            rule.equations("dopamine"),
            {"votes": "vote", "earned": "outcome"},
            top=summary_equations(list(self.means)),
        )

    def weave(self) -> Model:
        rule, sizes = self.net.rule, self.net.sizes
        count = len(sizes)
        self.each_bin(self.world, SHOW.format(patterns=self.net.patterns), "show")
        self.each_bin(self.inputs, PATTERN, "pattern")
        self.add_up(self.weights, "u")
        self.each_bin(self.agents, f"{FIRE}\n{rule.neuron_code}", "fire")
        self.levels.gather("votes")
        self.levels.seen("votes")
        judged = JUDGE.format(lead=choice("votes", "committee", count), votes=choice("votes", "team", count))
        self.drawn(self.agents, "body", f"index//{size_at('committee', sizes)}")
        self.each_bin(self.agents, judged, "judge")
        self.levels.gather("earned")
        self.levels.each(f"delta = {rule.broadcast}\n{rule.dopamine_code}", "broadcast")
        self.levels.heard("delta")
        if self.net.volume:
            self.add_up(self._spread(), "near")
        self.each_bin(self.agents, f"{self._hear()}\n{rule.before_update}", "hear")
        self.each_bin(self.weights, f"eligibility = {rule.eligibility}\n{rule.update}", "plasticity")
        self.summary(self.levels.groups[-1], self.means, self.net.block)
        self._declare()
        return self.model()

    def _hear(self) -> str:
        sizes = self.net.sizes
        if self.net.volume:
            return HEAR_VOLUME
        return HEAR.format(
            committee_size=size_at("committee", sizes),
            **{
                part: expression
                for who in ("team", "group")
                for part, expression in (
                    (who, choice("delta", who, len(sizes))),
                    (f"{who}_size", size_at(who, sizes)),
                )
            },
        )

    def _spread(self) -> b2.Synapses:
        """From each neuron's outcome to all neurons of its individual, by ``reach`` (target last)."""
        spread = self.project(
            self.agents, self.agents, "reach : 1\nnear_post = reach*outcome_pre : 1 (summed)", "spread"
        )
        self.argument("reach", "spread.reach", ("individual", "source", "neuron"), "K", low=0.0)
        self.sizes["source"] = self.net.neurons
        return spread

    def _declare(self) -> None:
        top, agents, each = len(self.net.sizes) - 1, {self.agents: "neuron"}, ("individual", "neuron")
        levels = {group: f"unit{level}" for level, group in enumerate(self.levels.groups)}
        self.numbers(self.net.rule, agents | levels)
        for name, doc in (
            ("committee", "that decides by majority"),
            ("group", "that has a broadcast of its own"),
            ("team", "that has one broadcast and one decision"),
        ):
            self.parameter(
                name, agents, top, f"level of what is one {name}, {doc}", low=0, high=top, integer=True
            )
        self.agents.learning = 1
        self.argument("learning", "agents.learning", each, "1: plastic, 0: frozen", low=0.0)
        everyone = {self.world: "one", self.inputs: "input"} | agents
        self.parameter("task_seed", everyone, 0, "seed of the task's draws", low=0, integer=True)
        self.parameter("individual", everyone, None, "whose draws it gets", low=0, integer=True)
        self.shared("first_trial", [self.world], 0, "trials lived before this call")
        self.state("w", "weights.w", ("individual", "input", "neuron"), "weights")
        self.output("x", "inputs.x", ("individual", "input"), "inputs of the last trial")
        for name, doc in (
            ("vote", "1 or -1"),
            ("answer", "the right answer of its committee"),
            ("outcome", "1: its committee was right, -1: it was not"),
            ("marginal", "half of what the neuron's own vote changed"),
            ("decision", "of its team"),
            ("modulator", "what the neuron heard"),
            ("score", "d ln P/du"),
        ):
            self.output(name, f"agents.{name}", each, f"of the last trial: {doc}")
