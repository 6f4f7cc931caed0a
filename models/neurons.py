"""Leaky neurons and Poisson inputs: equation pieces, and the parameters that go with them.

A model is put together by adding whole pieces (``LEAKY + CURRENT_SYNAPSES``); its parameters are a frozen
dataclass of plain numbers in SI units, checked when made. `Parameters.namespace` gives them to Brian2 as
quantities, and `Parameters.check_step` refuses a time step too coarse for their time constants. Brian2 itself
is imported only then.

* `LEAKY` with `CURRENT_SYNAPSES`: leaky integrate-and-fire with exponential synaptic currents; linear, so
  that ``method='exact'`` is exact (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
* `ARRIVALS`: a Poisson process for each input neuron.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ..analysis.foundation.mistakes import Mistake

LEAKY = """
dv/dt = (E_L - v + R_m*I)/tau_m : volt (unless refractory)  # membrane potential
"""

CURRENT_SYNAPSES = """
I = I_syn + I_ext : amp      # total current
dI_syn/dt = -I_syn/tau_s : amp  # synaptic current, raised by w at a spike
I_ext : amp                  # injected current
"""

THRESHOLD = "v > V_th"
RESET = "v = V_reset"

ARRIVALS = """
rate : Hz (constant)         # expected firing rate
next_spike : second          # when the neuron fires next
"""
ARRIVALS_THRESHOLD = "t >= next_spike"
ARRIVALS_RESET = "next_spike -= log(1 - rand())/rate"
"""A Poisson process of steady rate, drawn from spike to spike: exact in time, then put on the grid. One draw
a spike. Set ``next_spike = '-log(1 - rand())/rate'`` to begin."""

STEPS = 2.0
"""A time constant must span at least so many time steps: beyond, a trace loses 40 % within a step and events
within it are no longer apart."""

MOST = 0.1
"""Largest probability of a Poisson spike in one step: the variance of counts is too small by this factor."""


@dataclass(frozen=True)
class Quantity:
    """What a field says of its number."""

    unit: str
    """name of its Brian2 unit"""
    above: float | None = None
    low: float | None = None
    resolved: bool = False
    """whether a time step must resolve it: a time constant"""
    search: tuple[float, float] | None = None
    """where a search looks; None: nowhere"""


def quantity(default: float, unit: str, **bounds: Any) -> Any:
    """The field of `Parameters` that holds a number of this unit; ``bounds`` as of `Quantity`."""
    return field(default=default, metadata={"quantity": Quantity(unit, **bounds)})


@dataclass(frozen=True)
class Parameters:
    """Base of the parameter sets: plain numbers in SI units, each with its unit (`quantity`).

    A field may be given as a Brian2 quantity; it is kept as a number.

    Raises:
        Mistake: a wrong unit, a number that is not finite, a time constant or capacity not above zero.
    """

    def __post_init__(self) -> None:
        kind = type(self).__name__
        for name, declared in self.quantities().items():
            value = plain(kind, name, getattr(self, name), declared.unit)
            object.__setattr__(self, name, value)
            if declared.above is not None and not value > declared.above:
                raise Mistake(f"{kind}: {name} is {value:g}, must be above 0 ({declared.unit})")
            if declared.low is not None and not value >= declared.low:
                raise Mistake(f"{kind}: {name} is {value:g}, must not be negative ({declared.unit})")

    @classmethod
    def quantities(cls) -> dict[str, Quantity]:
        """What the fields that have a unit declare of themselves, in their order."""
        return {f.name: f.metadata["quantity"] for f in fields(cls) if "quantity" in f.metadata}

    def namespace(self) -> dict[str, Any]:
        """The parameters as Brian2 quantities, for ``namespace=``."""
        import brian2

        return {
            name: getattr(self, name) * getattr(brian2, declared.unit)
            for name, declared in self.quantities().items()
        }

    def check_step(self, dt: float) -> None:
        """Mistake if the time step ``dt`` (s) is too coarse for a time constant."""
        for name, declared in self.quantities().items():
            if declared.resolved:
                check_step(dt, name, getattr(self, name))

    def describe(self) -> dict[str, object]:
        """Name and values, for attributes."""
        return {"neuron": type(self).__name__} | {f.name: getattr(self, f.name) for f in fields(self)}


def plain(owner: str, name: str, value: Any, unit: str) -> float:
    """The finite number of ``unit`` that ``value`` is; a Brian2 quantity must have its dimensions."""
    if hasattr(value, "dim"):
        import brian2

        wanted = getattr(brian2, unit)
        if not brian2.have_same_dimensions(value, wanted):
            raise Mistake(f"{owner}: {name} is {value}, must be in {unit}")
        value = float(value / wanted)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
        raise Mistake(f"{owner}: {name} is {value!r}, must be a finite number ({unit})")
    return float(value)


def check_fastest(dt: float, name: str, rate: float) -> None:
    """Mistake if a neuron that spikes once in ``dt`` (s) at most cannot fire at ``rate`` (Hz)."""
    if rate * dt > 1 + 1e-9:
        raise Mistake(
            f"dt is {dt * 1e3:g} ms, too coarse for {name} = {rate:g} Hz; at most {1e3 / rate:g} ms"
        )


def check_step(dt: float, name: str, tau: float) -> None:
    """Mistake if ``dt`` (s) is too coarse for the time constant ``tau`` (s) called ``name``."""
    if not dt > 0:
        raise Mistake(f"dt is {dt:g} s, must be above 0")
    if dt * STEPS > tau * (1 + 1e-9):
        raise Mistake(
            f"dt is {dt * 1e3:g} ms, too coarse for {name} = {tau * 1e3:g} ms; "
            f"at most {tau / STEPS * 1e3:g} ms"
        )


@dataclass(frozen=True)
class LeakyParameters(Parameters):
    """Of `LEAKY` + `CURRENT_SYNAPSES`."""

    tau_m: float = quantity(0.02, "second", above=0, resolved=True)
    """membrane time constant (s)"""
    E_L: float = quantity(-0.07, "volt")
    """resting potential (V)"""
    V_th: float = quantity(-0.05, "volt")
    """threshold (V)"""
    V_reset: float = quantity(-0.07, "volt")
    """reset potential (V)"""
    R_m: float = quantity(1e8, "ohm", above=0)
    """membrane resistance (ohm)"""
    tau_s: float = quantity(0.005, "second", above=0, resolved=True)
    """time constant of the synaptic current (s)"""
    refractory: float = quantity(0.0, "second", low=0)
    """absolute refractory period (s)"""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.V_reset < self.V_th:
            raise Mistake(
                f"{type(self).__name__}: V_reset is {self.V_reset:g} V, must be below V_th, {self.V_th:g} V"
            )

    def check_step(self, dt: float) -> None:
        super().check_step(dt)
        steps = self.refractory / dt
        if abs(steps - round(steps)) > 1e-6 * max(steps, 1):
            raise Mistake(
                f"refractory is {self.refractory * 1e3:g} ms, must be a whole number of steps of "
                f"dt = {dt * 1e3:g} ms"
            )


def check_rate(rate: float, dt: float) -> None:
    """Mistake if Poisson spikes of ``rate`` (Hz) are too many for steps of ``dt`` (s)."""
    if not (math.isfinite(rate) and rate >= 0):
        raise Mistake(f"a rate of {rate:g} Hz, must be 0 or more")
    if rate * dt > MOST * (1 + 1e-9):
        raise Mistake(f"dt is {dt * 1e3:g} ms, too coarse for {rate:g} Hz; at most {MOST / rate * 1e3:g} ms")
