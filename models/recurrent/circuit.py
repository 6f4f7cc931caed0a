"""Brian2 objects of a recurrent network that lives in episodes: the order of a step.

    world shows -> inputs -> state (emptied where an episode begins), perturbation -> drives -> rates
    -> value, policy, action -> world pays -> delta of the step before -> modulators -> weights

`network` says what they compute. At the last step of an episode the error of that step comes as well, for
nothing follows whose value it could wait for. Names that end in ``@`` are of one lane.
"""

import brian2 as b2

from ..circuit import DRAWS, Circuit, summary_equations
from ..program import Model
from ..tasks.streams import EPISODE
from .network import RecurrentNetwork

LANES_APART = 65536
"""Individuals' numbers of two lanes in the keys of draws differ by this."""
CALENDAR = "first_episode : integer (shared, constant)  # episodes lived before this call\n"
LOOK = (
    "episode = first_episode + timestep(t, trial_duration)\n"
    "step = timestep(t, bin_duration) % bins\n"
    "fresh = int(step == 0)\n"
)
EPISODES = DRAWS.replace("first_trial", "first_episode").replace("trials", "episodes")

WORLD = "asked : 1                   # 1: an action is taken in this step\n"
WORLD_LANE = """
who@ : integer (constant)   # in the keys of draws
seen@ : 1                   # the observation; -1: none
did@ : 1                    # the last action; -1: none in this episode
paid@ : 1                   # the last reward
action@ : 1
reward@ : 1
earned@ : 1                 # reward of this episode so far
"""
INPUT_LANE = """
seen@ : 1
did@ : 1
paid@ : 1
x@ : 1
"""
UNIT = """
leak : 1                    # k
learning : 1 (constant)     # 1: plastic, 0: frozen
reset : 1 (constant)        # 1: the state is emptied before each trial
keep : 1                    # what is left of an eligibility
"""
UNIT_LANE = """
who@ : integer (constant)
from_input@ : 1
from_units@ : 1
s@ : 1                      # perturbation, of variance 1
u@ : 1
z@ : 1                      # rate
before@ : 1                 # the rate that arrived at others in this step
delta@ : 1                  # the broadcast as it arrives
last@ : 1                   # the same of an episode's last step
pull_recurrent@ : 1         # change of a weight for what its eligibility was
push_recurrent@ : 1         # and for what it gathers now
pull_input@ : 1
push_input@ : 1
"""
READOUT = """
learning : 1 (constant)
keep : 1
"""
ACTION = """
beta : 1 (constant)         # inverse temperature
asked : 1
"""
ACTION_LANE = """
who@ : integer (constant)
drive@ : 1
partition@ : 1              # sum of the exponentials of the drives, in units of this one's
lower@ : 1                  # the same of the actions before this one
p@ : 1                      # probability of this action
y@ : 1                      # 1: done
doubt@ : 1                  # entropy of the policy
open@ : 1                   # what would raise it
s@ : 1                      # score
delta@ : 1
last@ : 1
pull@ : 1
push@ : 1
"""
BASE = "base : 1  # what is expected before the first step of an episode\n"
CRITIC_LANE = """
value@ : 1
s@ : 1
delta@ : 1
last@ : 1
pull@ : 1
push@ : 1
"""
DOPAMINE_LANE = """
value@ : 1
reward@ : 1
start@ : 1                  # value before the first step
value_before@ : 1
reward_before@ : 1
delta@ : 1                  # TD error of the step before
last@ : 1                   # TD error of an episode's last step, else 0
"""
LIVED = "episode = first_episode_post + timestep(t, trial_duration)\n"
"""What `LOOK` finds, for synapses that draw once in an episode."""
FELT = "(w + sigma_post*xi@)"
"""A weight that is perturbed."""
BEGIN = "did@ = -1\npaid@ = 0\nearned@ = 0\n"
KEEP = "keep = (1 - fresh)*gamma*trace\nfade = learning/(1 + decay*episode)\n"


def build(net: RecurrentNetwork) -> Model:
    """The Brian2 model: arguments are the rule's numbers, ``learning``, ``reset``, ``beta``, ``task_seed``,
    ``individual`` (each one for each individual), ``first_episode`` and the weights; outputs are means over
    blocks of episodes (``reward_mean`` and the task's measures), the weights and states at the end and, where
    they are recorded, ``seen``, ``action``, ``reward`` and the rates (``activity``) of every step."""
    return RecurrentCircuit(net).weave()


class RecurrentCircuit(Circuit):
    """World, inputs, readouts and broadcast, and units of rate."""

    look = LOOK
    """code that says in which step an action is taken"""
    slow = 1
    """time steps of a step of the task"""
    arriving = "z@"
    """what of a unit arrives at others"""
    of_critic = of_dopamine = ""
    """further states"""

    def __init__(self, net: RecurrentNetwork) -> None:
        super().__init__(net.individuals, net.task.steps)
        self.populate(net)
        for group in (self.world, self.units, self.actions):
            for lane in range(net.lanes):
                alike = lane // 2 if net.antithetic else lane
                self.drawn(group, f"who{lane}", f"individual + {alike * LANES_APART}")
        self.spread("leak", *net.leaks)

    def populate(self, net: RecurrentNetwork) -> None:
        """World, inputs, units, readouts, and the weights between them."""
        self.net, task, rule = net, net.task, net.rule
        self.namespace |= {f"stream_{name}": number for name, number in EPISODE.items()}
        self.namespace |= dict(task.streams) | {"units": net.units}
        self.means = {"reward_mean": self._mean("earned@")}
        self.means |= {name: self._mean(expression) for name, expression in task.measures.items()}
        lanes, slow = self.lanes, self.slow
        world = EPISODES + WORLD + lanes(WORLD_LANE + task.world_equations)
        self.world = self.group("world", 1, world + summary_equations(list(self.means)), "one", every=slow)
        self.inputs = self.group("inputs", net.inputs, lanes(INPUT_LANE), "input", every=slow)
        self.units = self.unit_group()
        action = EPISODES + READOUT + ACTION + lanes(ACTION_LANE) + rule.equations("action")
        self.actions = self.group("actions", task.actions, action, "action", every=slow)
        critic = CALENDAR + READOUT + BASE + self.of_critic + lanes(CRITIC_LANE) + rule.equations("critic")
        self.critic = self.group("critic", 1, critic, "one", every=slow)
        dopamine = CALENDAR + lanes(DOPAMINE_LANE) + self.of_dopamine + rule.equations("dopamine")
        self.dopamine = self.group("dopamine", 1, dopamine, "one", every=slow)
        self.w_input = self._weights("w_input", self.inputs, self.units, "from_input", "x@", net.input_gain)
        gain = net.gain / net.units**0.5
        self.w_recurrent = self._weights(
            "w_recurrent", self.units, self.units, "from_units", self.arriving, gain
        )
        self.w_policy = self._weights("w_policy", self.units, self.actions, "drive", self.arriving, 0)
        self.w_value = self._weights("w_value", self.units, self.critic, "value", self.arriving, 0)

    def unit_group(self) -> b2.NeuronGroup:
        neuron = EPISODES + UNIT + self.lanes(UNIT_LANE) + self.each_lane(self.net.rule.equations("neuron"))
        return self.group("units", self.net.units, neuron, "unit")

    def spread(self, name: str, low: float, high: float, unit: str = "") -> None:
        """Draw a number of every unit once, evenly in its logarithm."""
        place = "keyed_uniform(task_seed, stream_leak, individual, 0, index)"
        self.drawn(self.units, name, f"{low}{unit}*{high / low}**{place}")

    def each_bin(self, group: b2.Group, code: str, what: str) -> None:
        """Run ``code`` in the first time step of every step of the task, at this place of the order."""
        self.run(group, code, what, every=self.slow)

    def lanes(self, piece: str, joint: str = "\n") -> str:
        """The piece of equations or code once for every lane."""
        return joint.join(piece.replace("@", str(lane)) for lane in range(self.net.lanes))

    def each_lane(self, text: str) -> str:
        """Lines of equations that are of one lane once for every lane, others as they are."""
        return "\n".join(self.lanes(line) if "@" in line else line for line in text.splitlines())

    def _mean(self, expression: str) -> str:
        return f"({self.lanes(f'({expression})', ' + ')})/{self.net.lanes}"

    def _weights(
        self, name: str, source: b2.NeuronGroup, target: b2.NeuronGroup, drive: str, rate: str, gain: float
    ) -> b2.Synapses:
        taught, felt = target is self.units, "w"
        equations = "w : 1  # weight\n"
        if taught and self.net.rule.disturbed == "synapse":
            equations, felt = equations + self.lanes("xi@ : 1  # perturbation, of variance 1\n"), FELT
        equations += self.lanes(f"e@ : 1  # eligibility\n{drive}@_post = {felt}*{rate}_pre : 1 (summed)")
        if taught:
            equations += self.each_lane(self.net.rule.equations("synapse"))
        synapses = self.project(source, target, equations, name)
        if gain:
            stream = 0 if name == "w_input" else 1
            key = f"task_seed_post, stream_weights, individual_post, {stream}, index_pre*units + index_post"
            self.drawn(synapses, "w", f"{gain!r}*keyed_normal({key})")
        return synapses

    def weave(self) -> Model:
        net, task = self.net, self.net.task
        self.each_trial(self.world, LOOK + self.lanes(BEGIN + task.begin), "begin")
        self.each_bin(self.world, LOOK + self.lanes(task.show), "show")
        self.see()
        self.move()
        self.act()
        if net.rule.feedback:
            self.feed_back()
        done = f"{task.pay}\nearned@ += reward@\ndid@ = asked*action@ + (1 - asked)*did@\npaid@ = reward@"
        self.each_bin(self.world, LOOK + self.lanes(done), "pay")
        self.broadcast()
        self.learn()
        self.summary(self.world, self.means, net.block)
        if net.record:
            self.watch()
        self.declare()
        return self.model()

    def see(self) -> None:
        """Observation, last action, last reward and bias as rates of the inputs."""
        codes, actions = self.net.task.codes, self.net.task.actions
        self.tell(
            self.world, self.inputs, {name: f"{name}@_pre" for name in ("seen", "did", "paid")}, "sight"
        )
        code = (
            f"x@ = int(index < {codes})*int(abs(seen@ - index) < 0.5)"
            f" + int(index >= {codes})*int(index < {codes + actions})"
            f"*int(abs(did@ + {codes} - index) < 0.5)"
            f" + int(index == {codes + actions})*paid@ + int(index == {codes + actions + 1})"
        )
        self.each_bin(self.inputs, self.lanes(code), "see")

    def move(self) -> None:
        """Equation (1) of `network`."""
        rule, trial = self.net.rule, self.net.task.trial_steps
        opened = LOOK + f"kept = (1 - fresh)*(1 - reset*int(step % {trial} == 0))\n"
        opened += self.lanes("u@ *= kept\nz@ *= kept\nbefore@ = z@")
        self.each_bin(self.units, opened, "open")
        each = self.each_trial if rule.hold == "episode" else self.each_bin
        if rule.disturbed == "unit":
            place = "number = index" if rule.hold == "episode" else "number = step*units + index"
            each(self.units, f"{LOOK}{place}\n" + self._draws("s"), "perturb")
        else:
            for first, synapses in (("0", self.w_recurrent), ("units*units", self.w_input)):
                place = f"number = {first} + index_pre*units + index_post\n"
                each(synapses, LIVED + place + self._draws("xi", "_post"), "perturb")
        for lane in range(self.net.lanes):
            self.add_up(self.w_input, f"from_input{lane}")
            self.add_up(self.w_recurrent, f"from_units{lane}")
        for name, (whose, what) in rule.hears.items():
            self.tell({"input": self.inputs, "unit": self.units}[whose], self.units, {name: what}, name)
        code = "u@ += leak*(from_input@ + from_units@ + sigma*s@ - u@)\nz@ = tanh(u@)"
        if rule.disturbed != "unit":
            code = code.replace(" + sigma*s@", "")
        self.each_bin(self.units, self.lanes(code), "move")

    def _draws(self, name: str, of: str = "") -> str:
        """Code that draws the perturbation of every lane."""
        lines = []
        for lane in range(self.net.lanes):
            mirrored = self.net.antithetic and lane % 2
            draw = self.net.rule.draw.replace("task_seed", f"task_seed{of}").replace("who", f"who{lane}{of}")
            lines.append(f"{name}{lane} = " + (f"-{name}{lane - 1}" if mirrored else draw))
        return "\n".join(lines)

    def act(self) -> None:
        """Equation (2) of `network`; the action is that in whose share of [0, 1) a uniform draw falls."""
        for lane in range(self.net.lanes):
            self.add_up(self.w_value, f"value{lane}")
            self.add_up(self.w_policy, f"drive{lane}")
        exponential = "exp(clip(beta_pre*(drive@_pre - drive@_post), -500, 500))"
        sums = {"partition": exponential, "lower": f"int(index_pre < index_post)*{exponential}"}
        self.tell(self.actions, self.actions, sums, "rivalry")
        doubt = self.project(
            self.actions,
            self.actions,
            self.lanes("doubt@_post = -p@_pre*log(p@_pre + 1e-300) : 1 (summed)"),
            "doubt",
        )
        self.add_up(
            self.project(self.world, self.actions, "asked_post = asked_pre : 1 (summed)", "ask"), "asked"
        )
        code = (
            "draw@ = keyed_uniform(task_seed, stream_action, who@, episode, step)\n"
            "p@ = 1/partition@\n"
            "y@ = int(draw@ >= lower@*p@)*int(draw@ < (lower@ + 1)*p@)\n"
            "s@ = asked*(y@ - p@)"
        )
        self.each_bin(self.actions, self.look + self.lanes(code), "choice")
        for lane in range(self.net.lanes):
            self.add_up(doubt, f"doubt{lane}")
        opened = "open@ = -asked*entropy*p@*(log(p@ + 1e-300) + doubt@)"
        self.each_bin(self.actions, self.lanes(opened), "stay_open")
        self.tell(self.actions, self.world, {"action": "y@_pre*index_pre"}, "act")

    def feed_back(self) -> None:
        """What tells a unit whether it should rise, drawn once: its own number, or weights from actions."""
        key = "task_seed{0}, stream_weights, individual{0}, 2, {1}"
        lanes = range(self.net.lanes)
        if self.net.rule.feedback == "scalar":
            for lane in lanes:
                self.drawn(self.units, f"told{lane}", f"keyed_normal({key.format('', 'index')})")
            return
        equations = "b : 1\n" + self.lanes("told@_post = b*s@_pre : 1 (summed)")
        back = self.project(self.actions, self.units, equations, "back")
        place = key.format("_post", "index_pre*units + index_post")
        self.drawn(back, "b", f"keyed_normal({place})")
        for lane in lanes:
            self.add_up(back, f"told{lane}")

    def broadcast(self) -> None:
        """Equation (2) of the rule.

        The value's readout always hears its own broadcast, whatever ``yoked`` says, so that what the others
        hear has a mean of about zero.
        """
        self.foresee()
        code = (
            "value_before@ = fresh*start@ + (1 - fresh)*value_before@\nreward_before@ *= 1 - fresh\n"
            f"delta@ = {self.net.rule.broadcast}\nlast@ = int(step == bins - 1)*(reward@ - value@)\n"
            "value_before@ = value@\nreward_before@ = reward@"
        )
        self.each_bin(self.dopamine, LOOK + self.lanes(code), "broadcast")
        self.transmit(self.dopamine)

    def foresee(self) -> None:
        """Bring reward and value to the dopamine neuron."""
        self.tell(self.world, self.dopamine, {"reward": "reward@_pre"}, "reward")
        self.tell(self.critic, self.dopamine, {"value": "value@_pre", "start": "base_pre"}, "expectation")

    def transmit(self, source: b2.NeuronGroup) -> None:
        """Bring the errors of the source to units and policy, the dopamine neuron's to the critic."""
        said = {"delta": "delta@_pre", "last": "last@_pre"}
        named = {f"{name}{lane}": "1" for name in said for lane in range(self.net.lanes)}
        heard = self.heard(source, named, "heard", every=self.slow)
        for target in (self.units, self.actions, self.critic):
            said_by = self.dopamine if target is self.critic else heard
            self.slowly(self.tell(said_by, target, said, f"volume_transmission_{target.name}"))

    def slowly(self, synapses: b2.Synapses) -> None:
        """Sums over the synapses once in a step of the task, wherever their place is."""
        for updater in synapses.summed_updaters.values():
            updater._clock = self.clock(self.slow)

    def learn(self) -> None:
        """Equations (1) and (3) of the rule.

        Where what is credited comes after the value, with e = keep e_before + s x and both errors that can
        come in a step, of the step before and of an episode's last, eta (delta e_before + last e) =
        pull e_before + push x; before the first step the base alone learns. Where it moves the value,
        both errors meet e.
        """
        lanes, share, rule = self.lanes, f"fade/{self.net.lanes}", self.net.rule
        grow = "pull{0}@ = rate{0}*((1 - fresh)*delta@ + last@*keep)\npush{0}@ = rate{0}*{1}"
        moved = f"pull{{0}}@ = rate{{0}}*(delta@ + last@*{rule.left})"
        units = f"{KEEP}noise = clip(sigma, 1e-9, inf)\n{self.each_lane(rule.neuron_code)}\n"
        for kind in ("_recurrent", "_input"):
            units += f"rate{kind} = {share}*eta{kind}{rule.scale}\n"
            pull = moved if rule.moves_value else grow
            units += lanes(pull.format(kind, f"last@*{rule.credit}")) + "\n"
        self.each_bin(self.units, LOOK + units, "rate")
        action = f"{KEEP}rate = {share}*eta\n" + lanes(grow.format("", "(last@*s@ + open@)"))
        self.each_bin(self.actions, LOOK + action, "rate")
        value = f"{KEEP}rate = {share}*eta_value\n" + lanes("s@ = 1\n" + grow.format("", "last@*s@"))
        value += "\n" + lanes("base += fresh*rate*delta@")
        self.each_bin(self.critic, LOOK + value, "rate")
        for synapses, arrived, kind in (
            (self.w_input, "x@_pre", "_input"),
            (self.w_recurrent, "before@_pre", "_recurrent"),
            (self.w_policy, "z@_pre", ""),
            (self.w_value, "z@_pre", ""),
        ):
            gathered, credit = (rule.gathered, rule.credit) if kind else ("arrived@", "s@")
            early = kind and rule.moves_value
            update = f"w += pull{kind}@_post*e@" + ("" if early else f" + push{kind}@_post*{gathered}")
            if kind and rule.synapse_code:
                update = f"{rule.synapse_code}\n{update}"
            code = {"update": update, "eligibility": f"e@ = keep_post*e@ + {credit}_post*{gathered}"}
            for lane in range(self.net.lanes):  # one at a time: few enough arrays for loops over many at once
                for what in sorted(code, reverse=not early):
                    here = code[what].replace("arrived@", arrived).replace("@", str(lane))
                    self.each_bin(synapses, here, f"{what}{lane}")

    def tell(
        self,
        origin: b2.NeuronGroup,
        target: b2.NeuronGroup,
        summands: dict[str, str],
        name: str,
    ) -> b2.Synapses:
        """Sum what the neurons of an individual say in those that listen."""
        equations = self.lanes(
            "\n".join(f"{variable}@_post = {said} : 1 (summed)" for variable, said in summands.items())
        )
        synapses = self.project(origin, target, equations, name)
        for variable in summands:
            for lane in range(self.net.lanes):
                self.add_up(synapses, f"{variable}{lane}")
        return synapses

    def watch(self) -> None:
        """Record every step of the first lane."""
        names = ("seen0", "action0", "reward0")
        self.monitor(self.world, list(names), "steps_lived", every=self.slow, when="end")
        for name in names:
            self.output(
                name[:-1], f"steps_lived.{name}", ("step", "individual"), "in every step of the first lane"
            )
        self.watch_units()

    def watch_units(self) -> None:
        self.monitor(self.units, ["z0"], "rates_lived", when="end")
        self.output("activity", "rates_lived.z0", ("step", "individual", "unit"), "rates of the first lane")

    def declare(self) -> None:
        self.sizes["from_unit"] = self.net.units
        units, actions, critic = {self.units: "unit"}, {self.actions: "action"}, {self.critic: "one"}
        self.numbers(self.net.rule, units | actions | critic | {self.dopamine: "one"})
        self.parameter("learning", units | actions | critic, 1, "1: plastic, 0: frozen", low=0)
        self.parameter("reset", units, 0, "1: the state is emptied before each trial", low=0)
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
        self.output("value", "critic.value0", ("individual",), "value in the last step")
        self.output("delta", "dopamine.delta0", ("individual",), "the broadcast in the last step")
        self.declare_units(seeded)

    def declare_units(self, seeded: dict[b2.NeuronGroup, str]) -> None:
        """What only such units have; ``seeded``: the groups that draw."""
        self.parameter("individual", seeded, None, "whose draws it gets", low=0, integer=True)
        self.state("leak", "units.leak", ("individual", "unit"), "leaks of the units")
        self.output("z", "units.z0", ("individual", "unit"), "rates in the last step")
        self.output("s", "units.s0", ("individual", "unit"), "perturbations in the last step")
        self.output("policy", "actions.p0", ("individual", "action"), "policy in the last step")
