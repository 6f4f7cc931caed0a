"""Brian2 objects of a rate network: clean pass, perturbed passes, broadcast and update, in their order.

Each layer is a group, each layer of weights a `Synapses` object. A forward pass ``p`` has its own
preactivation ``a_p`` and activity ``x_p`` in every neuron. The broadcast is computed in the group
``dopamine``, one unit for each individual, and reaches the ``modulator`` of every learning neuron through
the synapses ``volume_transmission``. Within a step:

    stimulus, target -> perturbations are drawn -> forward passes, layer by layer -> losses E_p
    -> delta -> modulators -> (backward pass, where a rule transports weights) -> plasticity -> critic
"""

import brian2 as b2

from ...analysis.foundation.mistakes import Mistake
from ...plasticity.trial_rule import Pass
from ..circuit import DRAWS, Circuit, summary_equations
from ..program import Model
from . import sharing
from .critic import CriticCircuit
from .network import RateNetwork

ACTIVITY = {
    "linear": "x_{p} = a_{p}",
    "relu": "x_{p} = clip(a_{p}, 0, inf)",
    "tanh": "x_{p} = tanh(a_{p})",
    "sigmoid": "x_{p} = 1/(1 + exp(-a_{p}))",
    "sine": "x_{p} = sin(a_{p})",
    "softmax": "x_{p} = exp(clip(a_{p}, -80, 80))",  # exp(80) fits in single precision
}
SLOPE = {
    "linear": "1",
    "relu": "int(a_clean > 0)",
    "tanh": "(1 - x_clean**2)",
    "sigmoid": "x_clean*(1 - x_clean)",
    "sine": "cos(a_clean)",
}
COST = {
    "squared": "cost_{p} = 0.5*(x_{p} - target)**2/bins",
    "cross_entropy": "cost_{p} = -target*log(clip(x_{p}, 1e-30, 1))/bins",
}

PASS = """
a_{p} : 1                    # preactivation
x_{p} : 1                    # activity
"""
LEARNING = """
learning : 1 (constant)      # 1: plastic, 0: frozen
rate : 1                     # rate in this step: 0 before the last bin of a trial
ending : 1                   # 1 in the last bin of a trial
modulator : 1                # broadcast as it reaches this neuron
b : 1                        # bias
bias_trace : 1               # eligibility of the bias, gathered over the bins of a trial
"""
GRADIENT = """
g : 1                        # dE/da
back : 1                     # error of the layer above, through its weights
"""
OUTPUT_PASS = """
cost_{p} : 1                 # share of the loss
z_{p} : 1                    # partition sum of a softmax
"""
OUTPUT = """
target : 1
slant : 1                    # mean of the error under the softmax
"""
BROADCAST = """
delta : 1                    # the broadcast
slant : 1
asked : 1                    # activity of the labelled output
rivals : 1                   # outputs not below the labelled one
"""
BROADCAST_PASS = """
E_{p} : 1                    # loss of this trial, up to this bin
now_{p} : 1                  # loss of this bin
z_{p} : 1
"""
RATE = """
trial = first_trial + timestep(t, trial_duration)
ending = int(timestep(t, bin_duration) % bins == bins - 1)
rate = ending*learning*eta/(1 + decay*trial)
"""
LOSSES = {"clean": "loss", "plus": "loss_perturbed", "minus": "loss_opposite"}


def build(network: RateNetwork) -> Model:
    """The Brian2 model of a rate network, for a program or for runtime mode.

    Arguments of the model: ``eta``, ``decay``, ``sigma``, ``learning`` and ``task_seed`` (one for each
    individual), ``first_trial``, the weights ``w1``, ``w2``, ... (individual, from, to), biases, and
    what the task adds. Outputs: block means of the losses, and the states at the end of the call.
    """
    return RateCircuit(network).weave()


class RateCircuit(Circuit):
    """The circuit of one `RateNetwork`."""

    def __init__(self, network: RateNetwork) -> None:
        super().__init__(network.individuals, network.task.bins)
        self.net = network
        self.rule = network.rule
        self.passes = network.passes
        self.depth = network.depth
        self.dims = [f"layer{number}" for number in range(self.depth + 1)]
        self.output_dim = self.dims[-1]
        self.plastic = self.rule.layers or tuple(range(1, self.depth + 1))
        self.layers = [self._layer(number) for number in range(self.depth + 1)]
        self.synapses = [self._weights(number) for number in range(1, self.depth + 1)]
        self.dopamine = self._dopamine()
        self.critic: CriticCircuit | None = None
        if self.rule.critic is not None:
            self.critic = CriticCircuit(
                self, self.rule.critic, self.layers[0], self.dopamine, self.net.task.stimuli or 1
            )

    def each_pass(self, piece: str, joint: str = "\n") -> str:
        """The piece of code once for every forward pass."""
        return joint.join(piece.format(p=forward) for forward in self.passes)

    def weave(self) -> Model:
        """Everything that happens in a step, in its order."""
        for number in self.plastic:
            self.each_bin(self.layers[number], RATE, "rate")
        self.net.task.show(self, self.layers[0])
        self.net.task.ask(self, self.layers[0], self.layers[-1])
        for number in self.plastic:
            self._draw(number)
        for number in range(1, self.depth + 1):
            self._forward(number)
        self._losses()
        if "gradient" in self.rule.needs:
            self._backward()
        else:
            self._broadcast()
        for number in self.plastic:
            self._plasticity(number)
        if self.critic is not None:
            self.critic.learn()
        self._measure()
        self._declare()
        return self.model()

    # -- groups and projections ---------------------------------------------------------------

    def _layer(self, number: int) -> b2.NeuronGroup:
        equations = b2.Equations(DRAWS)
        if number == 0:
            equations += b2.Equations("x_clean : 1") + b2.Equations(self.net.task.stimulus_equations)
            for forward in set(self.passes) - {"clean"}:
                equations += b2.Equations(f"x_{forward} = x_clean : 1  # inputs are not perturbed")
        else:
            equations += b2.Equations(LEARNING + self.each_pass(PASS) + self.rule.equations("neuron"))
            if "input_length" in self.rule.needs:
                equations += b2.Equations("input_length : 1  # |x|**2 of its inputs")
            if "gradient" in self.rule.needs:
                equations += b2.Equations(GRADIENT)
        if number + 1 in self.plastic:
            equations += b2.Equations(self.rule.equations("pre"))
        if number == self.depth:
            equations += b2.Equations(OUTPUT + self.each_pass(OUTPUT_PASS))
            if self.net.sharing:
                equations += b2.Equations(sharing.equations(len(self.net.sharing) + 1))
            equations += b2.Equations(self.net.task.target_equations)
        return self.group(self.dims[number], self.net.sizes[number], equations, self.dims[number])

    def _weights(self, number: int) -> b2.Synapses:
        equations = ["w : 1  # weight", self.rule.equations("synapse")]
        for total, (weight, activity) in self._sums(number).items():
            equations.append(f"{total}_post = {weight}*{activity}_pre : 1 (summed)")
        if "input_length" in self.rule.needs:
            equations.append(f"input_length_post = {self.rule.length} : 1 (summed)")
        if "gradient" in self.rule.needs and number > 1:
            equations.append("back_pre = w*g_post : 1 (summed)")
        if self._traces:
            equations.append("trace : 1  # eligibility, gathered over the bins of a trial")
        synapses = self.project(
            self.layers[number - 1], self.layers[number], "\n".join(equations), f"weights{number}"
        )
        synapses.w = f"{self.net.initial_deviation(number)}*randn()"
        return synapses

    def _dopamine(self) -> b2.NeuronGroup:
        equations = BROADCAST + self.each_pass(BROADCAST_PASS) + summary_equations(list(self._means))
        equations += self.rule.equations("dopamine")
        if self.net.noiseless:
            equations += "\nE_noiseless : 1  # clean loss against the answer without label noise"
        if "noise_length" in self.rule.needs:
            for number in self.plastic:
                equations += f"\nlength{number} : 1  # squared length of a layer's perturbation / sigma**2"
        if self.rule.critic is not None:
            equations += CriticCircuit.equations
        return self.group("dopamine", 1, equations, "one")

    @property
    def _means(self) -> dict[str, str]:
        means = {LOSSES[forward]: f"E_{forward}" for forward in self.passes}
        if self.net.noiseless:
            means["loss_noiseless"] = "E_noiseless"
        return means | ({"correct": "int(rivals > 0.5)*int(rivals < 1.5)"} if self._judged else {})

    @property
    def _judged(self) -> bool:
        return self.net.task.labelled and "clean" in self.passes

    @property
    def _traces(self) -> bool:
        """Eligibility is gathered over bins, unless it belongs to the whole trial (weight perturbation)."""
        return self.bins > 1 and self.rule.perturbs != ("weights",)

    def _sums(self, number: int) -> dict[str, tuple[str, str]]:
        """The preactivations that synapses sum, each with its weight and activity; equal ones once."""
        sums: dict[str, tuple[str, str]] = {}
        for forward in self.net.passes:
            summand = (self.rule.weight(forward), "x_clean" if number == 1 else f"x_{forward}")
            if summand not in sums.values():
                sums[f"a_{forward}"] = summand
        return sums

    def _sum_of(self, number: int, forward: Pass) -> str:
        """Which of `_sums` holds the synaptic sum of a pass."""
        summand = (self.rule.weight(forward), "x_clean" if number == 1 else f"x_{forward}")
        return next(total for total, other in self._sums(number).items() if other == summand)

    # -- the pieces of a step -----------------------------------------------------------------

    def _draw(self, number: int) -> None:
        layer, synapses = self.layers[number], self.synapses[number - 1]
        if "nodes" in self.rule.perturbs:
            self.each_bin(layer, self.rule.neuron_code, "perturbation")
        if "weights" in self.rule.perturbs:
            self.each_trial(synapses, self.rule.synapse_code, "perturbation")
        if self.net.bias and self.rule.perturbs == ("weights",):
            self.each_trial(layer, self.rule.neuron_code, "perturbation")

    def _forward(self, number: int) -> None:
        for total in self._sums(number):
            self.add_up(self.synapses[number - 1], total)
        driven = number in self.plastic and (self.net.bias or "nodes" in self.rule.perturbs)
        bias = " + b" if self.net.bias else ""
        drives = {p: f"{bias} {self.rule.drive(p) if driven else ''}" for p in self.passes}
        shared = {p: self._sum_of(number, p) for p in self.passes}
        # a sum that several passes share is changed last, by the pass whose name it bears
        last = sorted(self.passes, key=lambda p: shared[p] == f"a_{p}")
        code = [f"a_{p} = {shared[p]}{drives[p]}" for p in last if drives[p].strip() or shared[p] != f"a_{p}"]
        activation = self.net.activations[number - 1]
        self.each_bin(
            self.layers[number], "\n".join(code) + "\n" + self.each_pass(ACTIVITY[activation]), "activity"
        )
        if activation == "softmax":
            self._through_dopamine("z_{p}", "x_{p}_pre", "partition")
            self.each_bin(self.layers[-1], self.each_pass("x_{p} = x_{p}/z_{p}"), "share")

    def _through_dopamine(self, variable: str, summand: str, name: str) -> None:
        """Sum over the output layer of an individual, and give every output neuron the sum."""
        gathered = self.each_pass(f"{variable}_post = {summand} : 1 (summed)")
        spread = self.each_pass(f"{variable}_post = {variable}_pre : 1 (summed)")
        inward = self.project(self.layers[-1], self.dopamine, gathered, f"{name}_inward")
        outward = self.project(self.dopamine, self.layers[-1], spread, f"{name}_outward")
        for forward in self.passes:
            self.add_up(inward, variable.format(p=forward))
            self.add_up(outward, variable.format(p=forward))

    def _losses(self) -> None:
        self.each_bin(self.layers[-1], self.each_pass(COST[self.net.loss]), "cost")
        collect = self.project(
            self.layers[-1],
            self.dopamine,
            self.each_pass("now_{p}_post = cost_{p}_pre : 1 (summed)"),
            "losses",
        )
        for forward in self.passes:
            self.add_up(collect, f"now_{forward}")
        carried = "" if self.bins == 1 else "E_{p}*int(timestep(t, bin_duration) % bins > 0) + "
        self.each_bin(self.dopamine, self.each_pass("E_{p} = " + carried + "now_{p}"), "loss")

    def _broadcast(self) -> None:
        if self.critic is not None:
            self.critic.expect()
        code = f"delta = {self.rule.broadcast}\n{self.rule.dopamine_code}"
        if "noise_length" in self.rule.needs:
            code = f"nodes = {self._perturbed_nodes}\nnoise_length = {self._lengths()}\n{code}"
        self.each_bin(self.dopamine, code, "broadcast")
        if self.net.sharing:
            sharing.Sharing(self).broadcast()
            return
        heard = self.heard(self.dopamine, {self.rule.released: "1"}, "heard")
        for number in self.plastic:
            release = self.project(
                heard,
                self.layers[number],
                f"modulator_post = {self.rule.released}_pre : 1 (summed)",
                f"volume_transmission{number}",
            )
            self.add_up(release, "modulator")

    @property
    def _perturbed_nodes(self) -> int:
        return sum(self.net.sizes[number] for number in self.plastic)

    def _lengths(self) -> str:
        """Sum the squared perturbations, in units of sigma, of each plastic layer; returns their total."""
        for number in self.plastic:
            gather = self.project(
                self.layers[number],
                self.dopamine,
                f"length{number}_post = (perturbation_pre/sigma_pre)**2 : 1 (summed)",
                f"perturbation_length{number}",
            )
            self.add_up(gather, f"length{number}")
        return " + ".join(f"length{number}" for number in self.plastic)

    def _backward(self) -> None:
        top = self.layers[-1]
        activation = self.net.activations[-1]
        if activation != "softmax":
            error = f"(x_clean - target)*{SLOPE[activation]}"
        elif self.net.loss == "cross_entropy":
            error = "x_clean - target"
        else:
            self._through_dopamine("slant", "x_clean_pre*(x_clean_pre - target_pre)", "slant")
            error = "x_clean*(x_clean - target - slant)"
        self.each_bin(top, f"g = ({error})/bins", "gradient")
        for number in range(self.depth - 1, 0, -1):
            self.add_up(self.synapses[number], "back", "pre")
            slope = SLOPE[self.net.activations[number - 1]]
            self.each_bin(self.layers[number], f"g = back*{slope}", "gradient")

    def _plasticity(self, number: int) -> None:
        rule = self.rule
        self.each_bin(self.layers[number - 1], rule.pre_code, "presynaptic")
        if "input_length" in rule.needs:
            self.add_up(self.synapses[number - 1], "input_length")
        self.each_bin(self.layers[number], rule.before_update, "before_update")
        if self._traces:
            weights = (
                f"trace += {rule.eligibility}\neligibility = trace\n{rule.update}\ntrace *= 1 - ending_post"
            )
            biases = (
                f"bias_trace += {rule.bias_eligibility}\nbias_eligibility = bias_trace\n"
                f"{rule.bias_update}\nbias_trace *= 1 - ending"
            )
        else:
            weights = f"eligibility = {rule.eligibility}\n{rule.update}"
            biases = f"bias_eligibility = {rule.bias_eligibility}\n{rule.bias_update}"
        self.each_bin(self.synapses[number - 1], weights, "plasticity")
        if self.net.bias:
            self.each_bin(self.layers[number], biases, "plasticity")

    def _measure(self) -> None:
        if self._judged:
            top = self.layers[-1]
            ask = self.project(top, self.dopamine, "asked_post = x_clean_pre*target_pre : 1 (summed)", "ask")
            compare = self.project(
                top, self.dopamine, "rivals_post = int(x_clean_pre >= asked_post) : 1 (summed)", "compare"
            )
            self.add_up(ask, "asked")
            self.add_up(compare, "rivals")
        if self.net.noiseless:
            compare = self.project(
                self.layers[-1],
                self.dopamine,
                "E_noiseless_post = 0.5*(x_clean_pre - taught_pre)**2 : 1 (summed)",
                "truth",
            )
            self.add_up(compare, "E_noiseless")
        self.summary(self.dopamine, self._means, self.net.block)

    # -- what a caller may set and read -------------------------------------------------------

    def _declare(self) -> None:
        plastic = {self.layers[number]: self.dims[number] for number in self.plastic}
        before = {self.layers[number - 1]: self.dims[number - 1] for number in self.plastic}
        listening = before if self.rule.equations("pre").strip() else {}
        holders = listening | plastic | {self.dopamine: "one"}
        self.numbers(self.rule, holders)
        self.parameter("learning", plastic, 1, "1: plastic, 0: frozen", low=0)
        everyone = dict(zip(self.layers, self.dims, strict=True))
        self.parameter("task_seed", everyone, 0, "seed of the task's draws", low=0, integer=True)
        self.parameter(
            "individual",
            everyone,
            None,
            "whose draws of the task an individual gets (by default its own)",
            low=0,
            integer=True,
        )
        self.shared("first_trial", self.layers, 0, "trials lived before this call")
        for number in range(1, self.depth + 1):
            self._declare_layer(number)
        self.output("delta", "dopamine.delta", ("individual",), "the broadcast of the last trial")
        for name, (where, meaning) in self.rule.states.items():
            if where == "dopamine":
                self.state(name, f"dopamine.{name}", ("individual",), meaning)
            elif where == "pre":
                for number in sorted(number - 1 for number in self.plastic):
                    dim = self.dims[number]
                    self.state(f"{name}{number}", f"{dim}.{name}", ("individual", dim), meaning)
            else:
                raise Mistake(
                    f"{type(self.rule).__name__}: a rate network keeps states of dopamine and of presynaptic "
                    f"neurons, not of {where}s"
                )

    def _declare_layer(self, number: int) -> None:
        dim, before = self.dims[number], self.dims[number - 1]
        self.state(f"w{number}", f"weights{number}.w", ("individual", before, dim), "weights")
        if self.net.bias:
            self.state(f"b{number}", f"{dim}.b", ("individual", dim), "biases")
        for forward in self.passes:
            self.output(f"x{number}_{forward}", f"{dim}.x_{forward}", ("individual", dim), "activity")
        if number == 1:
            self.output("x0", "layer0.x_clean", ("individual", "layer0"), "inputs of the last trial")
        if number == self.depth:
            self.output("target", f"{dim}.target", ("individual", dim), "targets of the last trial")
        if "gradient" in self.rule.needs:
            self.output(f"g{number}", f"{dim}.g", ("individual", dim), "dE/da of the last trial")
        elif number in self.plastic and self.rule.perturbs:
            self.state(f"xi{number}", f"{dim}.perturbation", ("individual", dim), "perturbation of the nodes")
            if "weights" in self.rule.perturbs:
                self.state(
                    f"Xi{number}",
                    f"weights{number}.weight_perturbation",
                    ("individual", before, dim),
                    "of the weights",
                )
