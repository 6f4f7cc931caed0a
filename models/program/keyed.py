"""Draws keyed by what they are for, not by the order in which they are made.

``draw = f(seed, stream, individual, trial, index)``: Philox4x64-10, a counter-based generator (Salmon,
Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405).  Draw number ``index`` comes from output number
``index`` of ``numpy.random.Philox(counter=[0, trial, individual, stream], key=[seed, 0])``, bit for bit.
What a task draws therefore never depends on the perturbations or on how many individuals run beside it.

    u = (floor(w / 2**12) + 1/2) / 2**52  in (0, 1)           w: the 64-bit word

Normal draws by the ziggurat with 256 strips (Marsaglia & Tsang 2000, doi:10.18637/jss.v005.i08): strip from
the lowest 8 bits of w, sign from the next, place from the highest 53. The one draw in a hundred that falls
outside a strip's core takes its further words from the stream number stream + attempt * 2**32.

Uniform and normal draws of one key come from the same word: give them different streams.  Keys that
are floating-point numbers are rounded to the nearest whole number, so ``t/dt`` can be a trial.
"""

import math
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


def _block(
    seed: NDArray[np.uint64],
    stream: NDArray[np.uint64],
    individual: NDArray[np.uint64],
    trial: NDArray[np.uint64],
    count: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], ...]:
    """The four words of one counter."""
    c0, c1, c2, c3, k0 = count, trial, individual, stream, seed
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


def _keys(*keys: ArrayLike) -> tuple[NDArray[np.uint64], ...]:
    return tuple(np.broadcast_arrays(*(_whole(key) for key in keys)))


def _word(
    seed: NDArray[np.uint64],
    stream: NDArray[np.uint64],
    individual: NDArray[np.uint64],
    trial: NDArray[np.uint64],
    index: NDArray[np.uint64],
) -> NDArray[np.uint64]:
    block = _block(seed, stream, individual, trial, index >> np.uint64(2))
    return np.choose((index & np.uint64(3)).astype(np.intp), block)


def words(
    seed: ArrayLike, stream: ArrayLike, individual: ArrayLike, trial: ArrayLike, index: ArrayLike
) -> NDArray[np.uint64]:
    """The 64-bit word of each key of the arguments' common shape."""
    return _word(*_keys(seed, stream, individual, trial, index))


def _open_unit(word: NDArray[np.uint64]) -> NDArray[np.float64]:
    return ((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def uniform(
    seed: ArrayLike, stream: ArrayLike, individual: ArrayLike, trial: ArrayLike, index: ArrayLike
) -> NDArray[np.float64]:
    """Uniform draws in (0, 1), one for each key of the arguments' common shape."""
    return _open_unit(words(seed, stream, individual, trial, index))


@cache
def _ziggurat() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint64]]:
    """Ends x (257) of the strips, exp(-x**2/2) there, and the place (of 2**53) where a strip's core ends."""
    r = 3.6541528853610088
    area = r * math.exp(-0.5 * r * r) + math.sqrt(math.pi / 2) * math.erfc(r / math.sqrt(2))
    x = [area / math.exp(-0.5 * r * r), r]
    while len(x) < 256:
        x.append(math.sqrt(-2.0 * math.log(area / x[-1] + math.exp(-0.5 * x[-1] * x[-1]))))
    ends = np.array([*x, 0.0])
    inside = (ends[1:] / ends[:-1] * 2.0**53).astype(np.uint64)
    return ends, np.exp(-0.5 * ends**2), inside


def normal(
    seed: ArrayLike, stream: ArrayLike, individual: ArrayLike, trial: ArrayLike, index: ArrayLike
) -> NDArray[np.float64]:
    """Standard normal draws, one for each key of the arguments' common shape."""
    keys = _keys(seed, stream, individual, trial, index)
    shape = keys[0].shape
    flat = [key.ravel() for key in keys]
    ends, height, inside = _ziggurat()
    draws = np.empty(flat[0].size)
    drawn = _word(*flat)
    left = np.arange(draws.size)
    attempt = 0
    while left.size:
        strip = (drawn & np.uint64(255)).astype(np.intp)
        place = drawn >> np.uint64(11)
        x = place.astype(np.float64) * (ends[strip] / 2.0**53)
        signed = np.where(drawn & np.uint64(256), -x, x)
        core = place < inside[strip]
        draws[left[core]] = signed[core]
        left, strip, x, signed = left[~core], strip[~core], x[~core], signed[~core]
        attempt += 1
        seed_, stream_, individual_, trial_, index_ = (key[left] for key in flat)
        more = _block(seed_, stream_ + np.uint64(attempt << 32), individual_, trial_, index_)
        u, v = _open_unit(more[0]), _open_unit(more[1])
        far = -np.log(u) / ends[1]
        tail = (strip == 0) & (-2.0 * np.log(v) > far**2)
        wedge = (strip > 0) & (height[strip] + u * (height[strip + 1] - height[strip]) < np.exp(-0.5 * x**2))
        done = tail | wedge
        beyond = np.copysign(ends[1] + far, signed)
        draws[left[done]] = np.where(tail, beyond, signed)[done]
        left, drawn = left[~done], more[2][~done]
    return draws.reshape(shape)


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
            f'cdef extern from "{folder}/keyed.h" nogil:\n'  # Brian2 2.9 drops include_dirs here
            f"    double hedon_{name}[A, B, C, D, E](A seed, B stream, C individual, D trial, E index)\n",
            name=f"hedon_{name}",
        )
        functions[name] = function
    return functions
