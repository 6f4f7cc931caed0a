"""Neurons whose spikes are chance, and neurons that wait for noise: equations and parameters.

`EscapeNeuron` is the spike response model with escape noise (Gerstner & Kistler 2002; Jolivet, Rauch,
Lüscher & Gerstner 2006, doi:10.1007/s10827-006-7074-5): potential u = v + after, spikes with the hazard

    rho = rho_0 f((u - theta)/delta_u),     f = exp (``link`` exponential) or the logistic function      (1)

`DrivenNeuron` is a leaky integrate-and-fire neuron whose *drive* z, a current or a conductance, is held
constant during a time step, so that a noise that is added to it enters exactly as the synapses do:

    tau_m dv/dt = z - v              z in volt (``synapses`` current)                        (2)
    tau_m dv/dt = -v + z (e - v)     z relative to the leak (``synapses`` conductance)       (3)

with v relative to rest. Both read ``current``, the synaptic sum, which decays with tau_s.

A neuron here is a value. ``equations`` are its states, ``code`` what it does in each step (the score of its
spikes among them), ``threshold`` and ``reset`` as Brian2 has them. Parameters are in SI units.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from ..analysis.foundation.mistakes import Mistake

SYNAPTIC = "dcurrent/dt = -current/tau_s : {drive}  # sum over the synapses"


@dataclass(frozen=True)
class StochasticNeuron:
    """Base of the two: membrane and synaptic time constants.

    Raises:
        Mistake: a time constant, rate or refractory period that cannot be, a choice that does not exist.
    """

    tau_m: float = 10e-3
    """time constant of the membrane (s)"""
    tau_s: float = 5e-3
    """time constant of the synaptic current (s)"""

    units: ClassVar[Mapping[str, str]] = {"tau_m": "second", "tau_s": "second"}
    drive: ClassVar[str] = "volt"
    equations: ClassVar[str] = ""
    threshold: ClassVar[str] = ""
    reset: ClassVar[str] = ""
    refractory: ClassVar[str] = ""
    resets: ClassVar[Mapping[str, str]] = {}
    """states, beside the potential and the current, that start a trial anew -> their value"""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                continue
            low = 0.0 if self.units[field.name] in ("second", "hertz") else -math.inf
            positive = field.name in ("tau_m", "tau_s") or field.name in ("rho_0", "delta_u")
            if not math.isfinite(value) or value < low or (positive and value <= 0):
                raise Mistake(
                    f"{type(self).__name__}: {field.name} is {value:g} {self.units[field.name]}, must be "
                    f"finite and {'above 0' if positive else 'not negative'}"
                )

    @property
    def constants(self) -> Mapping[str, tuple[float, str]]:
        """Constants of the equations: name -> (value, Brian2 unit)."""
        return {name: (getattr(self, name), unit) for name, unit in self.units.items()}

    def code(self, uniform: str, perturbation: bool) -> str:
        """What each neuron does in a step; ``uniform`` is code of a draw, ``perturbation`` whether noise
        joins the drive."""
        raise NotImplementedError


@dataclass(frozen=True)
class EscapeNeuron(StochasticNeuron):
    """Spike response neuron with escape noise, equation (1)."""

    theta: float = 10e-3
    """potential at which the hazard is rho_0 (exponential) or half of it (logistic), above rest (V)"""
    delta_u: float = 3e-3
    """softness of the threshold (V)"""
    rho_0: float = 30.0
    """scale of the hazard (Hz)"""
    after_spike: float = -5e-3
    """what a spike adds to the after-potential, which decays with tau_m (V)"""
    link: Literal["exponential", "logistic"] = "exponential"
    """f of equation (1)"""
    law: Literal["hazard", "linear"] = "hazard"
    """probability of a spike in a step: 1 - exp(-rho dt), or rho dt (Brian2's ``rand() < rho*dt``)"""

    units: ClassVar[Mapping[str, str]] = {
        **StochasticNeuron.units,
        "theta": "volt",
        "delta_u": "volt",
        "rho_0": "hertz",
        "after_spike": "volt",
    }
    equations: ClassVar[str] = (
        SYNAPTIC
        + """
    dv/dt = (current - v)/tau_m : volt     # synaptic part of the potential
    dafter/dt = -after/tau_m : volt        # after-potential
    expected : 1                           # rho dt
    slope : 1/volt                         # d(rho dt)/du
    p : 1                                  # probability of a spike in this step
    hit : 1/volt                           # d ln p/du
    miss : 1/volt                          # d ln(1 - p)/du
    spiked : 1
    """
    )
    threshold: ClassVar[str] = "spiked > 0.5"
    resets: ClassVar[Mapping[str, str]] = {"after": "0*mV"}
    reset: ClassVar[str] = "after += after_spike"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.link not in LINKS or self.law not in LAWS:
            raise Mistake(
                f"EscapeNeuron: link is one of {', '.join(LINKS)} and law one of {', '.join(LAWS)}, "
                f"not '{self.link}' and '{self.law}'"
            )

    def code(self, uniform: str, perturbation: bool) -> str:
        return "\n".join(
            (
                "distance = clip((v + after - theta)/delta_u, -50, 50)",
                LINKS[self.link],
                LAWS[self.law],
                f"spiked = int({uniform} < p)",
            )
        )


LINKS = {
    "exponential": "expected = rho_0*dt*exp(distance)\nslope = expected/delta_u",
    "logistic": ("expected = rho_0*dt/(1 + exp(-distance))\nslope = expected/(1 + exp(distance))/delta_u"),
}
LAWS = {
    "hazard": "p = -expm1(-expected)\nhit = slope*exp(-expected)/p\nmiss = -slope",
    "linear": "p = clip(expected, 0, 0.999)\nhit = slope/p\nmiss = -slope/(1 - p)",
}


@dataclass(frozen=True)
class DrivenNeuron(StochasticNeuron):
    """Leaky integrate-and-fire neuron with a drive that is held during a step, equations (2) and (3)."""

    theta: float = 10e-3
    """threshold above rest (V)"""
    v_reset: float = 0.0
    """potential after a spike, above rest (V)"""
    tau_refractory: float = 2e-3
    """refractory time (s)"""
    e_excitatory: float = 70e-3
    """reversal potential of the synapses above rest (V), for conductances"""
    synapses: Literal["current", "conductance"] = "current"

    units: ClassVar[Mapping[str, str]] = {
        **StochasticNeuron.units,
        "theta": "volt",
        "v_reset": "volt",
        "tau_refractory": "second",
        "e_excitatory": "volt",
    }
    threshold: ClassVar[str] = "v > theta"
    reset: ClassVar[str] = "v = v_reset"
    refractory: ClassVar[str] = "tau_refractory"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.synapses not in MEMBRANES:
            raise Mistake(f"DrivenNeuron: synapses is '{self.synapses}', must be current or conductance")
        if not self.v_reset < self.theta:
            raise Mistake(
                f"DrivenNeuron: v_reset ({self.v_reset:g} V) must lie below theta ({self.theta:g} V)"
            )

    @property
    def drive(self) -> str:  # type: ignore[override]
        return {"current": "volt", "conductance": "1"}[self.synapses]

    @property
    def equations(self) -> str:  # type: ignore[override]
        return SYNAPTIC + "\n" + MEMBRANES[self.synapses] + "\nz : {drive}  # drive during this step"

    def code(self, uniform: str, perturbation: bool) -> str:
        return "z = current + perturbation" if perturbation else "z = current"


MEMBRANES = {
    "current": "dv/dt = (z - v)/tau_m : volt (unless refractory)",
    "conductance": "dv/dt = (z*(e_excitatory - v) - v)/tau_m : volt (unless refractory)",
}
