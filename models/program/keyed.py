"""Draws keyed by what they are for, not by the order in which they are made.

``draw = f(seed, stream, individual, trial, index)``: Philox4x64-10, a counter-based generator (Salmon,
Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405) with counter [index, trial, individual, stream]
and key [seed, 0], equal bit for bit to the raw output of ``numpy.random.Philox`` made so.  What a task
draws therefore never depends on the perturbations or on how many individuals run beside it.

    u = (⌊w₀ / 2¹²⌋ + ½) / 2⁵²  in (0, 1)             w₀, w₁: the first two 64-bit words
    z = √(−2 ln u(w₀)) cos(2π u(w₁))                  (Box & Muller 1958)

Uniform and normal draws of one key come from the same words: give them different streams.  Keys that
are floating-point numbers are rounded to the nearest whole number, so ``t/dt`` can be a trial.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def _whole(x: ArrayLike) -> NDArray[np.uint64]:
    values = np.asarray(x)
    if values.dtype.kind == "f":
        values = np.floor(values.astype(np.float64) + 0.5).astype(np.int64)
    return values.astype(np.uint64)


def _multiply(a: int, b: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """High and low words of the 128-bit product."""
    a_low, a_high = np.uint64(a & 0xFFFFFFFF), np.uint64(a >> 32)
    b_low, b_high = b & _LOW, b >> _HALF
    middle = a_high * b_low + (a_low * b_low >> _HALF)
    other = a_low * b_high + (middle & _LOW)
    return a_high * b_high + (middle >> _HALF) + (other >> _HALF), np.uint64(a) * b


def words(
    seed: ArrayLike, stream: ArrayLike, individual: ArrayLike, trial: ArrayLike, index: ArrayLike
) -> tuple[NDArray[np.uint64], ...]:
    """The four 64-bit words of one key, broadcast over the arguments' common shape."""
    c0, c1, c2, c3, k0 = np.broadcast_arrays(*(_whole(x) for x in (index, trial, individual, stream, seed)))
    one, zero = np.uint64(1), np.uint64(0)
    with np.errstate(over="ignore"):
        c0 = c0 + one
        c1 = c1 + (c0 == zero)
        c2 = c2 + ((c0 == zero) & (c1 == zero))
        c3 = c3 + ((c0 == zero) & (c1 == zero) & (c2 == zero))
        k1 = np.zeros_like(k0)
        for _ in range(10):
            high0, low0 = _multiply(0xD2E7470EE14C6C93, c0)
            high1, low1 = _multiply(0xCA5A826395121157, c2)
            c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
            k0 = k0 + np.uint64(0x9E3779B97F4A7C15)
            k1 = k1 + np.uint64(0xBB67AE8584CAA73B)
    return c0, c1, c2, c3


def _open_unit(word: NDArray[np.uint64]) -> NDArray[np.float64]:
    return ((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def uniform(
    seed: ArrayLike, stream: ArrayLike, individual: ArrayLike, trial: ArrayLike, index: ArrayLike
) -> NDArray[np.float64]:
    """Uniform draws in (0, 1), one for each key of the arguments' common shape."""
    return _open_unit(words(seed, stream, individual, trial, index)[0])


def normal(
    seed: ArrayLike, stream: ArrayLike, individual: ArrayLike, trial: ArrayLike, index: ArrayLike
) -> NDArray[np.float64]:
    """Standard normal draws, one for each key of the arguments' common shape."""
    first, second, *_ = words(seed, stream, individual, trial, index)
    return np.sqrt(-2.0 * np.log(_open_unit(first))) * np.cos(2.0 * np.pi * _open_unit(second))


@cache
def brian_functions() -> dict[str, Any]:
    """The Brian2 functions ``keyed_uniform`` and ``keyed_normal`` for every code generation target."""
    from brian2 import Function

    folder = Path(__file__).parent
    stamp = sha256((folder / "keyed.h").read_bytes()).hexdigest()[:16]
    functions = {}
    for name, twin in (("keyed_uniform", uniform), ("keyed_normal", normal)):
        function = Function(
            twin,
            arg_units=[1] * 5,
            return_unit=1,
            arg_types=["any"] * 5,
            return_type="float",
            stateless=True,
        )
        function.implementations.add_numpy_implementation(twin, discard_units=True)
        header = {"headers": ['"keyed.h"'], "include_dirs": [str(folder)]}
        function.implementations.add_implementation("cpp", "", name=f"hedon_{name}", compiler_kwds=header)
        function.implementations.add_implementation(
            "cython",
            f"# keyed.h {stamp}\n"
            'cdef extern from "keyed.h" nogil:\n'
            f"    double hedon_{name}[A, B, C, D, E](A seed, B stream, C individual, D trial, E index)\n",
            name=f"hedon_{name}",
            compiler_kwds={"include_dirs": [str(folder)]},
        )
        functions[name] = function
    return functions
