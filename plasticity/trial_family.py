"""A family of rules for networks that are taught, whose coefficients contain known rules as exact points.

The half of the family (`Family` is the other, for neurons that choose) for networks whose step is a trial. A
neuron and its synapses try something, one scalar tells all of them whether that was better:

    xi = node_noise sigma z,   Xi = synapse_noise sigma Z                                      (1)
    delta = ((1 - baseline) E_clean + baseline Ebar - E_plus) (|xi|**2/sigma**2)**-noise_exponent   (2)
    e = |x|**(-2 input_exponent) ((node xi/sigma**2 + coactivity y) x + synapse Xi/sigma**2)   (3)
    dw = eta/(1 + decay t) gain delta e - forgetting w                                        (4)
    gain = 1 + (boost - 1)/(1 + exp(-(s - threshold)/width)),   ds = slow (|delta|/sigma - s) (5)

E_plus is the loss when every preactivation is perturbed by xi and every weight by Xi, E_clean without, Ebar
a running mean of E_plus with the rate alpha. x is presynaptic activity, (1 - perturbed) of it in the clean
pass and the rest in the perturbed one, y postsynaptic activity. z mixes a normal number n and its sign,
z ~ (1 - binary) n + binary sign(n), with variance 1. |x|**2 is what a neuron's own inputs amount to, |xi|**2
what all neurons' perturbations do, gathered where delta is made. Points of the family:

========================= ================================================================================
NodePerturbation          the defaults
BinaryNodePerturbation    with perturbations of +-1
OnePassNodePerturbation   no clean pass: a running mean of the loss expects, presynaptic activity is perturbed
NormalisedNoise           divided by |xi|**2 (`NodePerturbation` with ``normalise``, at eta times the nodes)
HandMade                  perturbations of +-1, divided by |x|**2: the best node perturbation known by hand
Projection                divided by |x|**2 and |xi|**2: at eta = 1 and small sigma the error along xi is 0
                          after the update
WeightPerturbation        weights are perturbed (in networks without biases)
OnePassWeightPerturbation the same without a clean pass
RewardedHebb              co-activity times delta: perturbations are only tried, not remembered
========================= ================================================================================

(Williams 1992, doi:10.1007/BF00992696; Werfel, Xie & Seung 2005, doi:10.1162/089976605774320539; Dalm, van
Gerven & Ahmad, arXiv:2310.00965; Spall 1992, doi:10.1109/9.119632; the gate after Behrens et al. 2007,
doi:10.1038/nn1954.) Where the gradient is known, eta = 1, both exponents 1 and small sigma make node
perturbation the projection on the tried direction: the update then sets the error along xi to 0 for this x.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake
from .critic import ALPHA, Critic, RunningMean
from .family import OPEN, SLOW, WIDTH, RuleFamily
from .parameter import Parameter
from .perturbation import SIGMA, SIGN
from .rule import ETA
from .trial_rule import DECAY, Pass, TrialRule

PARAMETERS = (
    ETA,
    DECAY,
    SIGMA,
    Parameter("node_noise", 1.0, "1", 0.0, 1.0, "linear", "perturbation of a node / sigma"),
    Parameter("synapse_noise", 0.0, "1", 0.0, 1.0, "linear", "perturbation of a weight / sigma"),
    Parameter("binary", 0.0, "1", 0.0, 1.0, "linear", "share of the sign in a perturbation"),
    Parameter("node", 1.0, "1", -2.0, 2.0, "linear", "weight of the node's perturbation"),
    Parameter("synapse", 0.0, "1", -2.0, 2.0, "linear", "weight of the synapse's perturbation"),
    Parameter("coactivity", 0.0, "1", -2.0, 2.0, "linear", "weight of pre- times postsynaptic activity"),
    Parameter("perturbed", 0.0, "1", 0.0, 1.0, "linear", "share of perturbed presynaptic activity"),
    Parameter("forgetting", 0.0, "1/trial", 0.0, 1.0, "log", "decay of weights"),
    Parameter("baseline", 0.0, "1", 0.0, 1.0, "log", "share of the mean loss in what is expected"),
    ALPHA,
    Parameter("input_exponent", 0.0, "1", 0.0, 2.0, "linear", "rate ~ |x|**(-2 input_exponent)"),
    Parameter("noise_exponent", 0.0, "1", 0.0, 2.0, "linear", "delta ~ |xi|**(-2 noise_exponent)"),
    Parameter("boost", 1.0, "1", 0.0, 100.0, "log", "factor on the rate while the trace is high"),
    Parameter("threshold", 0.5, "1", 0.0, 100.0, "log", "trace of |delta|/sigma at which it is halfway"),
    WIDTH,
    SLOW,
)

POINTS: Mapping[str, Mapping[str, float]] = {
    "NodePerturbation": {},
    "BinaryNodePerturbation": {"binary": 1.0},
    "OnePassNodePerturbation": {"baseline": 1.0, "perturbed": 1.0},
    "NormalisedNoise": {"noise_exponent": 1.0},
    "HandMade": {"binary": 1.0, "input_exponent": 1.0},
    "Projection": {"input_exponent": 1.0, "noise_exponent": 1.0},
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

MIXED = "((1 - binary{at})*normal + binary{at}*(1 - 2*int(normal < 0)))*blend{at}"
"""A number of variance 1 between a normal one and its sign; E[n sign(n)] = sqrt(2/pi) enters ``blend``."""


@dataclass(frozen=True)
class TrialFamily(RuleFamily, TrialRule):
    """The family, equations (1) to (5); the defaults are node perturbation."""

    sigma: float = SIGMA.default
    """standard deviation of the perturbation"""
    node_noise: float = 1.0
    """perturbation of a node / sigma"""
    synapse_noise: float = 0.0
    """perturbation of a weight / sigma"""
    binary: float = 0.0
    """share of the sign in a perturbation: 0 normal, 1 +-1"""
    node: float = 1.0
    """weight of the node's perturbation in the eligibility"""
    synapse: float = 0.0
    """weight of the synapse's perturbation in the eligibility"""
    coactivity: float = 0.0
    """weight of pre- times postsynaptic activity in the eligibility"""
    perturbed: float = 0.0
    """share of perturbed presynaptic activity in the eligibility"""
    forgetting: float = 0.0
    """decay of weights (1/trial)"""
    baseline: float = 0.0
    """share of the mean loss in what is expected; the rest is the clean pass"""
    alpha: float = ALPHA.default
    """rate of the mean loss (1/trial)"""
    input_exponent: float = 0.0
    """the rate goes as abs(x)**(-2 input_exponent)"""
    noise_exponent: float = 0.0
    """delta goes as abs(xi)**(-2 noise_exponent)"""
    boost: float = 1.0
    """factor on the rate while the trace is high"""
    threshold: float = 0.5
    """trace of abs(delta)/sigma at which it is halfway"""
    width: float = WIDTH.default
    """how gently the rate follows the trace"""
    slow: float = SLOW.default
    """rate of the trace (1/trial)"""
    noise: Literal["drawn", "given"] = "drawn"
    """'given' keeps what is written into the perturbations"""

    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    points: ClassVar[Mapping[str, Mapping[str, float]]] = POINTS
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"noise": ("drawn", "given")}

    neuron_equations: ClassVar[str] = """
    sigma : 1 (constant)           # standard deviation of the perturbation
    node_noise : 1 (constant)
    synapse_noise : 1 (constant)
    binary : 1 (constant)
    node : 1 (constant)
    synapse : 1 (constant)
    coactivity : 1 (constant)
    perturbed : 1 (constant)
    forgetting : 1 (constant)      # decay of weights (1/trial)
    input_exponent : 1 (constant)
    perturbation : 1               # xi, added to the preactivation
    blend : 1                      # makes the variance of z one
    score : 1                      # xi/sigma**2
    input_length : 1               # |x|**2
    scale : 1                      # |x|**(-2 input_exponent)
    """
    synapse_equations: ClassVar[str] = """
    weight_perturbation : 1        # Xi, added to the weight
    """
    dopamine_equations: ClassVar[str] = """
    sigma : 1 (constant)
    baseline : 1 (constant)
    noise_exponent : 1 (constant)
    boost : 1 (constant)
    threshold : 1 (constant)
    width : 1 (constant)
    slow : 1 (constant)
    trace : 1                      # slow mean of |delta|/sigma
    released : 1                   # gain delta
    """
    before_update: ClassVar[str] = "scale = clip(input_length, 1e-12, inf)**(-input_exponent)"
    broadcast: ClassVar[str] = "(1 - baseline)*E_clean + baseline*expectation - E_plus"
    gate: ClassVar[str] = (
        f"trace += slow*(abs(delta)/sigma - trace)\nreleased = delta*(1 + (boost - 1)*{OPEN})"
    )
    eligibility: ClassVar[str] = (
        "scale_post*((node_post*score_post + coactivity_post*x_clean_post)"
        "*((1 - perturbed_post)*x_clean_pre + perturbed_post*x_plus_pre)"
        " + synapse_post*weight_perturbation/sigma_post**2/bins)"
    )
    bias_eligibility: ClassVar[str] = "scale*(score + coactivity*x_clean)"
    update: ClassVar[str] = (
        "w += rate_post*modulator_post*eligibility - learning_post*ending_post*forgetting_post*w"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise Mistake(f"TrialFamily: sigma is {self.sigma:g}, must be finite and above 0")

    @property
    def passes(self) -> tuple[Pass, ...]:
        return ("clean", "plus")

    @property
    def critic(self) -> Critic | None:
        return RunningMean(self.alpha)

    @property
    def perturbs_weights(self) -> bool:
        return True

    @property
    def perturbs_nodes(self) -> bool:
        return True

    @property
    def normalised(self) -> bool:
        return True

    def scaled(self, broadcast: str, nodes: int, length: str) -> str:
        return f"({broadcast})*clip({length}, 1e-12, inf)**(-noise_exponent)"

    @property
    def reads_input_length(self) -> bool:
        return True

    @property
    def neuron_draw(self) -> str:
        drawn = (
            "normal = randn()\n"
            "blend = 1/sqrt((1 - binary)**2 + binary**2 + 2*binary*(1 - binary)*sqrt(2/pi))\n"
            f"perturbation = node_noise*sigma*{MIXED.format(at='')}\n"
        )
        return (drawn if self.noise == "drawn" else "") + "score = perturbation/sigma**2"

    @property
    def synapse_draw(self) -> str:
        if self.noise == "given":
            return ""
        mixed = MIXED.format(at="_post")
        return f"normal = randn()\nweight_perturbation = synapse_noise_post*sigma_post*{mixed}"

    def drive(self, forward: Pass) -> str:
        return "" if forward == "clean" else f"{SIGN[forward]} perturbation"

    def weight(self, forward: Pass) -> str:
        return "w" if forward == "clean" else f"(w {SIGN[forward]} weight_perturbation)"
