"""A family of rules for networks that are taught, whose coefficients contain known rules as exact points.

The half of the family (`Family` is the other, for neurons that choose) for networks whose step is a trial. A
neuron and its synapses try something, one scalar tells all of them whether that was better:

    xi = node_noise sigma z,   Xi = synapse_noise sigma Z                                      (1)
    delta = ((1 - baseline) E_clean + baseline Ebar - E_plus) (|xi|**2/sigma**2)**-noise_exponent   (2)
    x' = q**-scaling (x - centring m),   dm = averaging (x - m),   dq = averaging (x**2 - q)   (3)
    e = L**-input_exponent ((node xi/sigma**2 + coactivity y) x' + synapse Xi/sigma**2)        (4)
    dw = eta/(1 + decay t) gain delta e - forgetting w                                        (5)
    gain = 1 + (boost - 1)/(1 + exp(-(s - threshold)/width)),   ds = slow (|delta|/sigma - s) (6)

E_plus is the loss when every preactivation is perturbed by xi and every weight by Xi, E_clean without, Ebar
a running mean of E_plus with the rate alpha. x is presynaptic activity, (1 - perturbed) of it in the clean
pass and the rest in the perturbed one, y postsynaptic activity. z mixes a normal number n and its sign,
z ~ (1 - binary) n + binary sign(n), with variance 1. m and q are running means that every presynaptic neuron
keeps of its own activity, from 0 and 1 (m of earlier trials, q of this one too), so that a synapse can learn
alike from inputs of unlike variance and with a mean, as rates have. L = sum of
q**-scaling (x - centring m)**2 over a neuron's own inputs, |x|**2 where they are not scaled; |xi|**2 is what
all neurons' perturbations amount to, gathered where delta is made. Points of the family:

========================= ================================================================================
NodePerturbation          the defaults
BinaryNodePerturbation    with perturbations of +-1
OnePassNodePerturbation   no clean pass: a running mean of the loss expects, presynaptic activity is perturbed
NormalisedNoise           divided by |xi|**2 (`NodePerturbation` with ``normalise``, at eta times the nodes)
HandMade                  perturbations of +-1, divided by |x|**2: the best node perturbation known by hand
Projection                divided by |x|**2 and |xi|**2: at eta = 1 and small sigma the error along xi is 0
                          after the update
ScaledProjection          the same where each input is measured by its own mean square
WeightPerturbation        weights are perturbed (in networks without biases)
OnePassWeightPerturbation the same without a clean pass
RewardedHebb              co-activity times delta: perturbations are only tried, not remembered
========================= ================================================================================

(Williams 1992, doi:10.1007/BF00992696; Werfel, Xie & Seung 2005, doi:10.1162/089976605774320539; Dalm, van
Gerven & Ahmad, arXiv:2310.00965; Spall 1992, doi:10.1109/9.119632; the gate after Behrens et al. 2007,
doi:10.1038/nn1954.) Where the gradient is known, eta = 1, both exponents 1 and small sigma make node
perturbation the projection on the tried direction: the update then sets the error along xi to 0 for this x.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from .critic import ALPHA, Critic, RunningMean
from .parameter import number
from .perturbation import SIGMA, SIGN
from .rule_family import DOPAMINE, OPEN, SLOW, WEIGHT, WIDTH, RuleFamily
from .trial_rule import Pass, TrialRule

POINTS: Mapping[str, Mapping[str, float]] = {
    "NodePerturbation": {},
    "BinaryNodePerturbation": {"binary": 1.0},
    "OnePassNodePerturbation": {"baseline": 1.0, "perturbed": 1.0},
    "NormalisedNoise": {"noise_exponent": 1.0},
    "HandMade": {"binary": 1.0, "input_exponent": 1.0},
    "Projection": {"input_exponent": 1.0, "noise_exponent": 1.0},
    "ScaledProjection": {"input_exponent": 1.0, "noise_exponent": 1.0, "scaling": 1.0},
    "WeightPerturbation": {"node_noise": 0.0, "synapse_noise": 1.0, "node": 0.0, "synapse": 1.0},
    "OnePassWeightPerturbation": {
        "node_noise": 0.0,
        "synapse_noise": 1.0,
        "node": 0.0,
        "synapse": 1.0,
        "baseline": 1.0,
    },
    "RewardedHebb": {"node": 0.0, "coactivity": 1.0},
}
"""Named points: what differs from the defaults. The gate is shut (boost 1) in all of them."""

INPUT: Mapping[str, Any] = {"where": ("pre",)}
"""Of numbers that an input holds."""
MIXED = "((1 - binary{at})*normal + binary{at}*(1 - 2*int(normal < 0)))*blend{at}"
"""A number of variance 1 between a normal one and its sign; E[n sign(n)] = sqrt(2/pi) enters ``blend``."""


@dataclass(frozen=True)
class TrialFamily(RuleFamily, TrialRule):
    """The family, equations (1) to (6); the defaults are node perturbation."""

    sigma: float = SIGMA(where=("neuron", "dopamine"))
    node_noise: float = number(
        1.0, "1", "perturbation of a node / sigma", high=1.0, scale="linear", search=(0.0, 1.0)
    )
    synapse_noise: float = number(
        0.0, "1", "perturbation of a weight / sigma", high=1.0, scale="linear", search=(0.0, 1.0)
    )
    synapse: float = number(0.0, "1", "weight of the synapse's perturbation", **WEIGHT, search=(-1.0, 1.0))
    binary: float = number(
        0.0, "1", "share of the sign in a perturbation", high=1.0, scale="linear", search=(0.0, 1.0)
    )
    node: float = number(1.0, "1", "weight of the node's perturbation", **WEIGHT)
    coactivity: float = number(
        0.0, "1", "weight of pre- times postsynaptic activity", **WEIGHT, search=(-0.5, 0.5)
    )
    perturbed: float = number(0.0, "1", "share of perturbed presynaptic activity", high=1.0, scale="linear")
    forgetting: float = number(0.0, "1/trial", "decay of weights", high=1.0, search=(1e-6, 0.1))
    baseline: float = number(
        0.0, "1", "share of the mean loss in what is expected", high=1.0, search=(1e-3, 1.0), **DOPAMINE
    )
    alpha: float = ALPHA()
    input_exponent: float = number(
        0.0, "1", "rate ~ |x|**(-2 input_exponent)", high=2.0, scale="linear", search=(0.0, 1.5)
    )
    scaling: float = number(
        0.0,
        "1",
        "eligibility ~ mean square of the input**-scaling",
        high=2.0,
        scale="linear",
        search=(0.0, 1.5),
        **INPUT,
    )
    centring: float = number(
        0.0,
        "1",
        "part of an input's mean that its synapses leave out",
        high=1.0,
        scale="linear",
        search=(0.0, 1.0),
        **INPUT,
    )
    averaging: float = number(
        0.05, "1/trial", "rate of an input's running means", high=1.0, search=(0.01, 0.3), **INPUT
    )
    noise_exponent: float = number(
        0.0, "1", "delta ~ |xi|**(-2 noise_exponent)", high=2.0, scale="linear", search=(0.0, 1.5), **DOPAMINE
    )
    boost: float = number(
        1.0, "1", "factor on the rate while the trace is high", high=100.0, search=(1 / 3, 3.0), **DOPAMINE
    )
    threshold: float = number(
        0.5, "1", "trace of |delta|/sigma at which it is halfway", high=100.0, search=(0.05, 5.0), **DOPAMINE
    )
    width: float = WIDTH()
    slow: float = SLOW()
    noise: Literal["drawn", "given"] = "drawn"
    """'given' keeps what is written into the perturbations"""

    points: ClassVar[Mapping[str, Mapping[str, float]]] = POINTS
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"noise": ("drawn", "given")}

    perturbs: ClassVar[tuple[str, ...]] = ("nodes", "weights")
    needs: ClassVar[tuple[str, ...]] = ("input_length", "noise_length")
    states: ClassVar[Mapping[str, tuple[str, str]]] = {
        "trace": ("dopamine", "slow mean of abs(delta)/sigma"),
        "usual": ("pre", "running mean of the activity"),
        "excess": ("pre", "running mean of its square, less 1"),
    }
    pre_equations: ClassVar[str] = """
    expected : 1                   # what of the activity is left out
    measure : 1                    # q**-scaling
    """
    pre_code: ClassVar[str] = """
    excess += averaging*(x_clean**2 - 1 - excess)
    measure = clip(1 + excess, 1e-12, inf)**(-scaling)
    expected = centring*usual
    usual += averaging*(x_clean - usual)
    """
    length: ClassVar[str] = "measure_pre*(x_clean_pre - expected_pre)**2"
    neuron_equations: ClassVar[str] = """
    perturbation : 1               # xi, added to the preactivation
    blend : 1                      # makes the variance of z one
    score : 1                      # xi/sigma**2
    scale : 1                      # |x|**(-2 input_exponent)
    """
    synapse_equations: ClassVar[str] = """
    weight_perturbation : 1        # Xi, added to the weight
    """
    dopamine_equations: ClassVar[str] = "released : 1  # gain delta"
    before_update: ClassVar[str] = "scale = clip(input_length, 1e-12, inf)**(-input_exponent)"
    broadcast: ClassVar[str] = (
        "((1 - baseline)*E_clean + baseline*expectation - E_plus)"
        "*clip(noise_length, 1e-12, inf)**(-noise_exponent)"
    )
    released: ClassVar[str] = "released"
    dopamine_code: ClassVar[str] = (
        f"trace += slow*(abs(delta)/sigma - trace)\nreleased = delta*(1 + (boost - 1)*{OPEN})"
    )
    eligibility: ClassVar[str] = (
        "scale_post*((node_post*score_post + coactivity_post*x_clean_post)"
        "*measure_pre*((1 - perturbed_post)*x_clean_pre + perturbed_post*x_plus_pre - expected_pre)"
        " + synapse_post*weight_perturbation/sigma_post**2/bins)"
    )
    bias_eligibility: ClassVar[str] = "scale*(score + coactivity*x_clean)"
    update: ClassVar[str] = (
        "w += rate_post*modulator_post*eligibility - learning_post*ending_post*forgetting_post*w"
    )

    @property
    def passes(self) -> tuple[Pass, ...]:
        return ("clean", "plus")

    @property
    def critic(self) -> Critic | None:
        return RunningMean(self.alpha)

    @property
    def neuron_code(self) -> str:  # type: ignore[override]
        drawn = (
            "normal = randn()\n"
            "blend = 1/sqrt((1 - binary)**2 + binary**2 + 2*binary*(1 - binary)*sqrt(2/pi))\n"
            f"perturbation = node_noise*sigma*{MIXED.format(at='')}\n"
        )
        return (drawn if self.noise == "drawn" else "") + "score = perturbation/sigma**2"

    @property
    def synapse_code(self) -> str:  # type: ignore[override]
        if self.noise == "given":
            return ""
        mixed = MIXED.format(at="_post")
        return f"normal = randn()\nweight_perturbation = synapse_noise_post*sigma_post*{mixed}"

    def drive(self, forward: Pass) -> str:
        return "" if forward == "clean" else f"{SIGN[forward]} perturbation"

    def weight(self, forward: Pass) -> str:
        return "w" if forward == "clean" else f"(w {SIGN[forward]} weight_perturbation)"
