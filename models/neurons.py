"""Leaky neurons and Poisson inputs: equation pieces, and the parameters that go with them.

A model is put together by adding whole pieces (``LEAKY + CURRENT_SYNAPSES``); its parameters are a frozen
dataclass of plain numbers in SI units, checked when made. `Parameters.namespace` gives them to Brian2 as
quantities, and `Parameters.check_step` refuses a time step too coarse for their time constants. Brian2 itself
is imported only then.

* `LEAKY` with `CURRENT_SYNAPSES`: leaky integrate-and-fire with exponential synaptic currents; linear, so
  that ``method='exact'`` is exact (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
* `ARRIVALS`: a Poisson process for each input neuron.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

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
class Parameters:
    """Base of the parameter sets: plain numbers in SI units, each with a unit in ``units``.

    A field may be given as a Brian2 quantity; it is kept as a number.

    Raises:
        Mistake: a wrong unit, a number that is not finite, a time constant or capacity not above zero.
    """

    units: ClassVar[Mapping[str, str]] = {}
    """field -> name of its Brian2 unit"""
    positive: ClassVar[tuple[str, ...]] = ()
    """fields that must be above zero"""
    not_negative: ClassVar[tuple[str, ...]] = ()
    time_constants: ClassVar[tuple[str, ...]] = ()
    """fields that a time step must resolve"""

    def __post_init__(self) -> None:
        for name, unit in self.units.items():
            value = plain(type(self).__name__, name, getattr(self, name), unit)
            object.__setattr__(self, name, value)
            if name in self.positive and not value > 0:
                raise Mistake(f"{type(self).__name__}: {name} is {value:g}, must be above 0 ({unit})")
            if name in self.not_negative and not value >= 0:
                raise Mistake(f"{type(self).__name__}: {name} is {value:g}, must not be negative ({unit})")

    def namespace(self) -> dict[str, Any]:
        """The parameters as Brian2 quantities, for ``namespace=``."""
        import brian2

        return {name: getattr(self, name) * getattr(brian2, unit) for name, unit in self.units.items()}

    def check_step(self, dt: float) -> None:
        """Mistake if the time step ``dt`` (s) is too coarse for a time constant."""
        for name in self.time_constants:
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

    tau_m: float = 0.02
    """membrane time constant (s)"""
    E_L: float = -0.07
    """resting potential (V)"""
    V_th: float = -0.05
    """threshold (V)"""
    V_reset: float = -0.07
    """reset potential (V)"""
    R_m: float = 1e8
    """membrane resistance (ohm)"""
    tau_s: float = 0.005
    """time constant of the synaptic current (s)"""
    refractory: float = 0.0
    """absolute refractory period (s)"""

    units: ClassVar[Mapping[str, str]] = {
        "tau_m": "second",
        "E_L": "volt",
        "V_th": "volt",
        "V_reset": "volt",
        "R_m": "ohm",
        "tau_s": "second",
        "refractory": "second",
    }
    positive: ClassVar[tuple[str, ...]] = ("tau_m", "R_m", "tau_s")
    not_negative: ClassVar[tuple[str, ...]] = ("refractory",)
    time_constants: ClassVar[tuple[str, ...]] = ("tau_m", "tau_s")

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
