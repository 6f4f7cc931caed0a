"""Neurons and stimulus populations: equation pieces, and the parameters that go with them.

A model is put together by adding whole pieces (``LEAKY + CURRENT_SYNAPSES``); its parameters are a frozen
dataclass of plain numbers in SI units, checked when made. `Parameters.namespace` gives them to Brian2 as
quantities, and `Parameters.check_step` refuses a time step too coarse for their time constants. Brian2 itself
is imported only then.

* `LEAKY` with `CURRENT_SYNAPSES`: leaky integrate-and-fire with exponential synaptic currents; linear, so
  that ``method='exact'`` is exact (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
* `CONDUCTANCE`: leaky integrate-and-fire with exponential synaptic conductances about a steady background;
  ``method='exponential_euler'``, exact where the conductances are steady.
* `POISSON`: a stimulus population with a rate for each neuron.
* `PlaceCells`: Poisson neurons whose rate is a Gaussian of the distance between a place and their centre
  (O'Keefe & Burgess 1996, doi:10.1038/381425a0, for Gaussian fields), over any number of axes.
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

CONDUCTANCE = """
dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v) + I_ext)/C_m : volt (unless refractory)
dg_e/dt = (g_e_mean - g_e)/tau_e : siemens  # excitatory conductance, raised by w at a spike
dg_i/dt = (g_i_mean - g_i)/tau_i : siemens  # inhibitory conductance
g_e_mean : siemens           # steady background
g_i_mean : siemens           # steady background
I_ext : amp                  # injected current
"""

THRESHOLD = "v > V_th"
RESET = "v = V_reset"

POISSON = """
rate : Hz                    # expected firing rate
"""
POISSON_THRESHOLD = "rand() < rate*dt"
"""One draw a step: the expected number of spikes is exact, two spikes in one step are not possible."""

ARRIVALS = """
rate : Hz (constant)         # expected firing rate
next_spike : second          # when the neuron fires next
"""
ARRIVALS_THRESHOLD = "t >= next_spike"
ARRIVALS_RESET = "next_spike -= log(1 - rand())/rate"
"""A Poisson process of steady rate, drawn from spike to spike: exact in time, then put on the grid. One draw
a spike, where `POISSON` takes one a step. Set ``next_spike = '-log(1 - rand())/rate'`` to begin."""

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
        _reset_below_threshold(self)

    def check_step(self, dt: float) -> None:
        super().check_step(dt)
        _whole_refractory(self.refractory, dt)


@dataclass(frozen=True)
class ConductanceParameters(Parameters):
    """Of `CONDUCTANCE`; membrane time constant C_m/g_L."""

    C_m: float = 2e-10
    """membrane capacitance (F)"""
    g_L: float = 1e-8
    """leak conductance (S)"""
    E_L: float = -0.07
    """reversal potential of the leak (V)"""
    E_e: float = 0.0
    """reversal potential of excitation (V)"""
    E_i: float = -0.08
    """reversal potential of inhibition (V)"""
    V_th: float = -0.05
    """threshold (V)"""
    V_reset: float = -0.07
    """reset potential (V)"""
    tau_e: float = 0.005
    """time constant of excitation (s)"""
    tau_i: float = 0.01
    """time constant of inhibition (s)"""
    refractory: float = 0.0
    """absolute refractory period (s)"""

    units: ClassVar[Mapping[str, str]] = {
        "C_m": "farad",
        "g_L": "siemens",
        "E_L": "volt",
        "E_e": "volt",
        "E_i": "volt",
        "V_th": "volt",
        "V_reset": "volt",
        "tau_e": "second",
        "tau_i": "second",
        "refractory": "second",
    }
    positive: ClassVar[tuple[str, ...]] = ("C_m", "g_L", "tau_e", "tau_i")
    not_negative: ClassVar[tuple[str, ...]] = ("refractory",)
    time_constants: ClassVar[tuple[str, ...]] = ("tau_e", "tau_i")

    def __post_init__(self) -> None:
        super().__post_init__()
        _reset_below_threshold(self)

    def check_step(self, dt: float) -> None:
        super().check_step(dt)
        check_step(dt, "C_m/g_L", self.C_m / self.g_L)
        _whole_refractory(self.refractory, dt)


def _reset_below_threshold(neuron: LeakyParameters | ConductanceParameters) -> None:
    if not neuron.V_reset < neuron.V_th:
        raise Mistake(
            f"{type(neuron).__name__}: V_reset is {neuron.V_reset:g} V, must be below V_th, {neuron.V_th:g} V"
        )


def _whole_refractory(refractory: float, dt: float) -> None:
    steps = refractory / dt
    if abs(steps - round(steps)) > 1e-6 * max(steps, 1):
        raise Mistake(
            f"refractory is {refractory * 1e3:g} ms, must be a whole number of steps of dt = {dt * 1e3:g} ms"
        )


def check_rate(rate: float, dt: float) -> None:
    """Mistake if Poisson spikes of ``rate`` (Hz) are too many for steps of ``dt`` (s)."""
    if not (math.isfinite(rate) and rate >= 0):
        raise Mistake(f"a rate of {rate:g} Hz, must be 0 or more")
    if rate * dt > MOST * (1 + 1e-9):
        raise Mistake(f"dt is {dt * 1e3:g} ms, too coarse for {rate:g} Hz; at most {MOST / rate * 1e3:g} ms")


@dataclass(frozen=True)
class Axis:
    """One axis of a space that place cells cover: ``count`` centres from ``low`` to ``high``."""

    name: str
    """variable that holds the place on this axis"""
    low: float
    """first centre, in SI units"""
    high: float
    """last centre"""
    count: int
    """centres along this axis"""
    width: float
    """standard deviation of the fields along this axis"""
    unit: str = "1"
    """Brian2 name of the axis' unit: meter, radian, '1', ..."""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise Mistake(f"Axis: '{self.name}' is no name of a variable")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.high >= self.low):
            raise Mistake(f"Axis {self.name}: from {self.low:g} to {self.high:g} is no interval")
        if self.count < 1 or (self.count > 1) != (self.high > self.low):
            raise Mistake(f"Axis {self.name}: {self.count} centres from {self.low:g} to {self.high:g}")
        if not (math.isfinite(self.width) and self.width > 0):
            raise Mistake(f"Axis {self.name}: width is {self.width:g}, must be above 0 ({self.unit})")

    @property
    def centres(self) -> np.ndarray:
        return np.linspace(self.low, self.high, self.count)


@dataclass(frozen=True)
class PlaceCells:
    """Gaussian place cells on a grid: rate = peak exp(-sum_k (p_k - centre_k)^2/(2 width_k^2)).

    The builder sets ``centre_<axis>`` from `centres` and lets the task write the place, ``<axis>``.
    """

    axes: tuple[Axis, ...]
    """the axes of the space"""
    peak: float = 100.0
    """firing rate at the centre (Hz)"""

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        if not names or len(set(names)) != len(names):
            raise Mistake(f"PlaceCells: the axes {names} must be one or more, with different names")
        if not (math.isfinite(self.peak) and self.peak > 0):
            raise Mistake(f"PlaceCells: peak is {self.peak:g}, must be above 0 (Hz)")

    @property
    def size(self) -> int:
        """Number of cells."""
        return math.prod(axis.count for axis in self.axes)

    @property
    def equations(self) -> str:
        """For a NeuronGroup: the place, the centre and the ``rate``; threshold `POISSON_THRESHOLD`."""
        terms = " + ".join(f"((({a.name}) - centre_{a.name})/width_{a.name})**2" for a in self.axes)
        lines = [f"rate = peak*exp(-0.5*({terms})) : Hz"]
        for axis in self.axes:
            lines += [
                f"{axis.name} : {axis.unit}                      # where the individual is",
                f"centre_{axis.name} : {axis.unit} (constant)    # where the cell's field is",
            ]
        return "\n".join(lines)

    @property
    def centres(self) -> dict[str, np.ndarray]:
        """``centre_<axis>`` -> (cell,) in SI units; the last axis varies fastest."""
        grid = np.meshgrid(*(axis.centres for axis in self.axes), indexing="ij")
        return {f"centre_{a.name}": g.ravel() for a, g in zip(self.axes, grid, strict=True)}

    def rates(self, **place: Any) -> np.ndarray:
        """Rates (Hz) at a place, numpy twin of `equations`; (..., cell) for places of shape (...)."""
        exponent = 0.0
        for axis in self.axes:
            distance = np.asarray(place[axis.name], float)[..., None] - self.centres[f"centre_{axis.name}"]
            exponent = exponent - 0.5 * (distance / axis.width) ** 2
        return self.peak * np.exp(exponent)

    def namespace(self) -> dict[str, Any]:
        """Peak and widths as Brian2 quantities."""
        import brian2

        widths = {
            f"width_{a.name}": a.width * (1 if a.unit == "1" else getattr(brian2, a.unit)) for a in self.axes
        }
        return widths | {"peak": self.peak * brian2.Hz}

    def check_step(self, dt: float) -> None:
        """Mistake if ``dt`` (s) is too coarse for the peak rate."""
        check_rate(self.peak, dt)
