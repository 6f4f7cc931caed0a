"""Brian2 objects of a network that lives in a chain: the order of a step.

    state cells, value -> drives, policy, action -> reward, next state, next value -> delta -> modulators
    -> weights of the critic and of the actor

`network` says what they compute. Recorded: ``reward_mean``, over blocks of steps, and the weights at
the end.
"""

import brian2 as b2

from ..circuit import DRAWS, Circuit, summary_equations
from ..program import Model
from .network import ChainNetwork

WORLD = """
states : 1                  # of this individual's chain
here : 1                    # the present state
action : 1                  # what is done there
there : 1                   # where it leads
then : 1                    # where the next step begins
reward : 1
ended : 1                   # 1: the episode ends
"""
CELL = """
here : 1
there : 1
x : 1                       # 1: the present state is this cell's
x_next : 1                  # 1: the next one is
e : 1                       # eligibility
fresh : 1                   # 1: first step of an episode
"""
CRITIC = """
value : 1                   # of the present state
next_value : 1              # of the next one, 0 at an end
modulator : 1               # delta as it arrives
rate : 1                    # of learning (1/step)
learning : 1 (constant)
"""
ACTOR = """
drive : 1
partition : 1               # sum of the exponentials of the drives, in units of this one's
lower : 1                   # the same of the actions before this one
p : 1                       # probability of this action
y : 1                       # 1: done
modulator : 1
rate : 1
learning : 1 (constant)
"""
DOPAMINE = """
reward : 1
value : 1
next_value : 1
chosen_p : 1                # how much the action was expected
delta : 1                   # the broadcast
"""
STEP = "trial = first_trial + timestep(t, trial_duration)\n"
RATE = STEP + "rate = learning*{eta}/(1 + decay*trial)"
MEANS = {"reward_mean": "reward"}


def build(net: ChainNetwork) -> Model:
    """The Brian2 model: arguments are the rule's parameters, ``learning``, ``task_seed`` (each one for each
    individual), ``first_trial`` and the states; outputs are the mean reward of blocks, the states at the end,
    and the broadcast and the policy of the last step."""
    return _ChainCircuit(net).weave()


class _ChainCircuit(Circuit):
    def __init__(self, net: ChainNetwork) -> None:
        super().__init__(net.individuals)
        self.net = net
        self.namespace |= net.task.streams
        self.world = self.group("world", 1, DRAWS + WORLD, "one")
        self.cells = self.group("cells", net.task.most, CELL + net.rule.equations("pre"), "state")
        self.critic = self.group(
            "critic",
            1,
            "first_trial : integer (shared, constant)" + CRITIC + net.rule.equations("critic"),
            "one",
        )
        self.actors = self.group(
            "actors", net.task.actions, DRAWS + ACTOR + net.rule.equations("actor"), "action"
        )
        self.dopamine = self.group(
            "dopamine", 1, DOPAMINE + net.rule.equations("dopamine") + summary_equations(list(MEANS)), "one"
        )
        self.drawn(self.world, "states", net.task.size)
        begun = "int(first_trial > 0.5)"
        self.drawn(self.world, "here", f"{begun}*here + (1 - {begun})*{net.task.begin}")
        self.values = self.project(
            self.cells,
            self.critic,
            "w : 1  # value\nvalue_post = w*x_pre : 1 (summed)\nnext_value_post = w*x_next_pre : 1 (summed)",
            "values",
        )
        self.preferences = self.project(
            self.cells, self.actors, "w : 1  # theta\ndrive_post = w*x_pre : 1 (summed)", "preferences"
        )

    def weave(self) -> Model:
        net, rule = self.net, self.net.rule
        place = self.project(
            self.world,
            self.cells,
            "here_post = here_pre : 1 (summed)\nthere_post = there_pre : 1 (summed)",
            "place",
        )
        self.add_up(place, "here")
        ended = f"fresh = int(there > {net.task.most} - 0.5)\n"
        self.each_bin(self.cells, f"{ended}x = {self.seen('here')}\n{rule.pre_code}", "see")
        self.add_up(self.values, "value")
        self.add_up(self.preferences, "drive")
        self.choose()
        self.tell(self.actors, self.world, {"action": "y_pre*index_pre"}, "act")
        self.each_bin(self.world, STEP + net.task.move, "move")
        self.add_up(place, "there")
        self.each_bin(self.cells, f"x_next = {self.seen('there')}", "look")
        self.add_up(self.values, "next_value")
        self.tell(self.world, self.dopamine, {"reward": "reward_pre"}, "reward")
        self.tell(
            self.critic, self.dopamine, {"value": "value_pre", "next_value": "next_value_pre"}, "expectation"
        )
        self.tell(self.actors, self.dopamine, {"chosen_p": "y_pre*p_pre"}, "efference_copy")
        self.each_bin(self.dopamine, f"delta = {rule.broadcast}", "broadcast")
        heard = self.heard(self.dopamine, {"delta": "1"}, "heard")
        for target, eta in ((self.critic, "eta"), (self.actors, "eta_actor")):
            self.tell(heard, target, {"modulator": "delta_pre"}, f"volume_transmission_{target.name}")
            self.each_bin(target, RATE.format(eta=eta), "rate")
        self.each_bin(self.values, f"eligibility = {rule.eligibility}\n{rule.update}", "plasticity")
        actor = f"eligibility = {rule.actor_eligibility}\n{rule.update}"
        self.each_bin(self.preferences, actor, "plasticity")
        self.each_bin(self.world, "here = then", "go")
        self.summary(self.dopamine, MEANS, net.block)
        self.declare()
        return self.model()

    def seen(self, state: str) -> str:
        """Code that is 1 where this cell is that of the ``state``, 0 after the end of an episode."""
        alike = self.net.alike
        if alike == 1:
            return f"int(abs({state} - index) < 0.5)"
        inside = f"int({state} < {self.net.task.most} - 0.5)"
        return f"{inside}*int(abs(floor(({state} + 0.5)/{alike}) - index) < 0.5)"

    def choose(self) -> None:
        """Equation (1) of `network`: the action in whose share of [0, 1) a uniform draw falls."""
        exponential = "exp(clip(drive_pre - drive_post, -500, 500))"
        rival = self.project(
            self.actors,
            self.actors,
            f"partition_post = {exponential} : 1 (summed)\n"
            f"lower_post = int(index_pre < index_post)*{exponential} : 1 (summed)",
            "rivalry",
        )
        self.add_up(rival, "partition")
        self.add_up(rival, "lower")
        draw = "u = keyed_uniform(task_seed, stream_step, individual, trial, 2)\n"
        share = "p = 1/partition\ny = int(u >= lower*p)*int(u < (lower + 1)*p)"
        self.each_bin(self.actors, STEP + draw + share, "choice")

    def tell(
        self,
        origin: b2.NeuronGroup,
        target: b2.NeuronGroup,
        summands: dict[str, str],
        name: str,
    ) -> None:
        """Sum what the neurons of an individual say in those that listen."""
        equations = "\n".join(f"{variable}_post = {said} : 1 (summed)" for variable, said in summands.items())
        synapses = self.project(origin, target, equations, name)
        for variable in summands:
            self.add_up(synapses, variable)

    def declare(self) -> None:
        critic, actors = {self.critic: "one"}, {self.actors: "action"}
        self.numbers(self.net.rule, critic | actors | {self.cells: "state", self.dopamine: "one"})
        self.parameter("learning", critic | actors, 1, "1: plastic, 0: frozen", low=0)
        seeded = {self.world: "one", self.actors: "action"}
        self.parameter("task_seed", seeded, 0, "seed of the task's draws", low=0, integer=True)
        self.parameter(
            "individual",
            seeded,
            None,
            "whose draws of the task an individual gets (by default its own)",
            low=0,
            integer=True,
        )
        listening = [self.world, self.critic, self.actors]
        self.shared("first_trial", listening, 0, "steps lived before this call")
        self.state("w", "values.w", ("individual", "state", "one"), "values")
        self.state("theta", "preferences.w", ("individual", "state", "action"), "preferences")
        self.state("e", "cells.e", ("individual", "state"), "the eligibility of the critic")
        self.state("here", "world.here", ("individual",), "the present state")
        self.state("there", "cells.there", ("individual", "state"), "where the last action led")
        self.output("delta", "dopamine.delta", ("individual",), "the broadcast of the last step")
        self.output("policy", "actors.p", ("individual", "action"), "probability of each action, last step")
