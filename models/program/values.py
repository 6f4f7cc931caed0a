"""What a caller gives, checked before anything is started, and brought into each target's form.

Brian2's own binary silently ignores an array of the wrong size and scalars such as ``nan``, ``inf`` and
``.5``; here every one of them is a one-line mistake.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.foundation.mistakes import Mistake, nearest


@dataclass(frozen=True)
class Value:
    """Numbers for one target, in its own type: one for all its elements, or one for each."""

    target: str
    data: np.ndarray
    scalar: bool


NO_DIMENSION = (0.0,) * 7
BASE = frozenset(
    "dimensionless V volt volts A amp amps ampere amperes s sec second seconds Hz hertz S siemens F farad "
    "farads ohm ohms m metre metres meter meters kg kilogram kilograms K kelvin mol mole moles J joule "
    "joules N newton newtons Pa pascal W watt watts spike spikes count counts".split()
)
"""Words of units in which a plain number is what Brian2 takes it for."""
TIME = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
"""Dimensions of a plain number and of a second: exponents of m, kg, s, A, K, mol, cd."""


def dimension_of(value: Any) -> tuple[float, ...] | None:
    """Exponents of the seven base units of a Brian2 quantity (or unit), without Brian2; None for others."""
    dimension = getattr(getattr(value, "dim", None), "_dims", None)
    return None if dimension is None else tuple(float(exponent) for exponent in dimension)


def checked_seed(seed: Any) -> int:
    if isinstance(seed, bool | np.bool_) or not isinstance(seed, int | np.integer):
        raise Mistake(f"seed is a whole number, not {seed!r}")
    if not 0 <= int(seed) < 2**64:
        raise Mistake(f"seed is a whole number from 0 to 2**64 - 1, not {seed}")
    return int(seed)


def whole_multiple(value: float, of: float) -> int | None:
    """How many times ``of`` makes ``value``, up to rounding; None if it is not a whole number."""
    ratio = value / of
    count = round(ratio)
    return count if abs(ratio - count) <= 1e-9 + 1e-15 * abs(ratio) else None


def checked_duration(duration: Any, step: float, shortest_step: float) -> float:
    """The duration in seconds of Brian2 time, to the bit a multiple of the shortest step.

    ``duration`` counts units of ``step`` seconds, or is a Brian2 quantity of time.  Brian2 itself would run
    one step more for a duration that rounding has put a little above a multiple.
    """
    dimension = dimension_of(duration)
    if dimension not in (None, NO_DIMENSION, TIME):
        raise Mistake(f"duration is a number or a time, not {duration!r:.60}")
    try:
        value = float(duration)
    except (TypeError, ValueError, OverflowError):
        raise Mistake(f"duration is a number, not {duration!r:.60}") from None
    seconds = value if dimension == TIME else value * step
    if not math.isfinite(seconds) or seconds < 0:
        raise Mistake(f"duration is finite and not negative, not {duration}")
    if not shortest_step:
        return seconds
    steps = whole_multiple(seconds, shortest_step)
    if steps is None:
        raise Mistake(f"duration {duration} is no whole number of steps of {shortest_step / step:g}")
    if steps > 2**53:
        raise Mistake(f"duration {duration} is more steps than can be counted")
    return steps * shortest_step


def checked_values(
    parameters: Mapping[str, Any], arguments: Mapping[str, Any], sizes: Mapping[str, int]
) -> list[Value]:
    """The caller's parameters as values of targets.

    Raises Mistake for an unknown name, a wrong shape, and values that are not numbers, not finite, out of
    bounds, or not whole where whole numbers are needed.
    """
    bound = dict(sizes)
    taken: dict[str, str] = {}
    values = []
    for name, given in parameters.items():
        if name not in arguments:
            raise Mistake(f"no argument '{name}'" + nearest(name, arguments))
        argument = arguments[name]
        array = _numbers(name, given, argument)
        _check_shape(name, array, argument["dims"], bound)
        _check_range(name, array, argument)
        for target, facts in argument["targets"].items():
            if target in taken:
                raise Mistake(f"arguments '{taken[target]}' and '{name}' both set '{target}'; give one")
            taken[target] = name
            data = _cast(name, array, facts["dtype"])
            if array.ndim:
                data = _spread(name, data, argument["dims"], target, facts, bound)
            values.append(Value(target, np.ascontiguousarray(data), array.ndim == 0))
    return values


def _numbers(name: str, given: Any, argument: Mapping[str, Any]) -> np.ndarray:
    _check_labels(name, given, str(argument.get("unit", "1")))
    if getattr(getattr(given, "dtype", None), "kind", "") == "O" and getattr(given, "ndim", 0) == 1:
        given = list(given)
    expected = next(iter(argument["targets"].values()))["dimension"]
    leaves = list(_leaves(given))
    in_units = [leaf for leaf in leaves if dimension_of(leaf) is not None]
    for leaf in in_units:
        if not np.allclose(dimension_of(leaf), expected):  # type: ignore[arg-type]
            raise Mistake(f"argument '{name}' is in {argument['unit']}, not {leaf!r:.60}")
    if in_units and len(in_units) < len(leaves) and any(expected):
        raise Mistake(f"argument '{name}' mixes numbers with and without a unit")
    if isinstance(given, np.ma.MaskedArray) and np.ma.getmaskarray(given).any():
        raise Mistake(f"argument '{name}' is masked at {_first(np.ma.getmaskarray(given))}; give every value")
    given = _in_order(name, given, argument["dims"])
    try:
        array = np.array(given, copy=None, subok=False)
    except ValueError:
        raise Mistake(f"argument '{name}' is not a regular array of numbers") from None
    if array.dtype.kind not in "biuf":
        told = " ".join(f"{given!r:.60}".split())
        raise Mistake(f"argument '{name}' is not a number or an array of numbers: {told}")
    return array


def _check_labels(name: str, given: Any, declared: str) -> None:
    """What carries labels or units of another library: refused where its numbers alone would be misread.

    Raises Mistake for entries that are numbered 0, 1, ... in another order (a pandas or xarray index), for
    quantities of pint, neo and astropy, and for an attribute ``units`` that is neither made of base units nor
    that of the argument.
    """
    indices = [given.index] if hasattr(given, "iloc") else []
    coordinates = getattr(given, "coords", None)
    if isinstance(coordinates, Mapping):
        indices += [coordinates[dim] for dim in given.dims if dim in coordinates]
    for index in indices:
        labels = np.asarray(index)
        numbers = np.arange(len(labels))
        if (
            labels.dtype.kind in "iu"
            and np.any(labels != numbers)
            and np.array_equal(np.sort(labels), numbers)
        ):
            raise Mistake(f"argument '{name}' is numbered in another order than it stands; sort it")
    attributes = getattr(given, "attrs", None)
    unit = attributes.get("units", attributes.get("unit", "")) if isinstance(attributes, Mapping) else ""
    if str(unit) != declared and not BASE.issuperset(re.findall(r"[^\W\d_]+|%", str(unit))):
        raise Mistake(f"argument '{name}' says that it is in {unit}; give it in base units")
    foreign = [kind for kind in ("magnitude", "unit") if hasattr(given, kind)]
    if foreign and dimension_of(given) is None and not hasattr(given, "dims"):
        raise Mistake(
            f"argument '{name}' is a quantity of {type(given).__module__.partition('.')[0]}; give a Brian2 "
            "quantity, or plain numbers in base units"
        )


def _leaves(given: Any) -> Iterator[Any]:
    """The entries of nested lists and tuples; anything else is one."""
    if isinstance(given, list | tuple):
        for entry in given:
            yield from _leaves(entry)
    else:
        yield given


def _in_order(name: str, given: Any, dims: list[str]) -> Any:
    """An array whose dimensions have names (xarray) in the argument's order; others as they are."""
    named = getattr(given, "dims", None)
    if not (isinstance(named, tuple) and hasattr(given, "transpose") and hasattr(given, "coords")):
        return given
    if named and set(map(str, named)) != set(dims):
        raise Mistake(
            f"argument '{name}' has the dimensions ({', '.join(dims)}), not ({', '.join(map(str, named))})"
        )
    return given.transpose(*dims) if named else given


def _check_shape(name: str, array: np.ndarray, dims: list[str], bound: dict[str, int]) -> None:
    if array.ndim == 0:
        return
    expected = ", ".join(f"{dim} {bound.get(dim, 'of any size')}" for dim in dims)
    if array.ndim != len(dims):
        wanted = f"a scalar or ({expected})" if dims else "a scalar"
        raise Mistake(f"argument '{name}' has shape {array.shape}; it is {wanted}")
    for dim, size in zip(dims, array.shape, strict=True):
        if bound.setdefault(dim, size) != size:
            raise Mistake(f"argument '{name}' has shape {array.shape}; it is a scalar or ({expected})")


def _check_range(name: str, array: np.ndarray, argument: Mapping[str, Any]) -> None:
    if array.size == 0:
        return
    low, high = array.min(), array.max()
    if not (math.isfinite(low) and math.isfinite(high)):
        where = "" if array.ndim == 0 else f" at {_first(~np.isfinite(array))}"
        raise Mistake(f"argument '{name}' is not finite{where}")
    beyond = np.less_equal if argument["open_low"] else np.less
    if beyond(low, argument["low"]) or high > argument["high"]:
        outside = beyond(array, argument["low"]) | (array > argument["high"])
        bracket = "(" if argument["open_low"] or math.isinf(argument["low"]) else "["
        end = ")" if math.isinf(argument["high"]) else "]"
        where = "" if array.ndim == 0 else f" at {_first(outside)}"
        raise Mistake(
            f"argument '{name}' is {array[outside].flat[0] if array.ndim else array[()]}{where}; it lies in "
            f"{bracket}{argument['low']:g}, {argument['high']:g}{end}"
        )
    if argument["integer"] and array.dtype.kind == "f" and np.any(array != np.floor(array)):
        raise Mistake(f"argument '{name}' is a whole number")


def _first(mask: np.ndarray) -> str:
    return str(tuple(int(i) for i in np.argwhere(mask)[0]))


def _cast(name: str, array: np.ndarray, dtype: str) -> np.ndarray:
    """To the target's own type, refused if that changes a value beyond rounding."""
    kind = np.dtype(dtype).kind
    if kind in "iub":
        if array.dtype.kind == "f" and np.any(array != np.floor(array)):
            raise Mistake(f"argument '{name}' is a whole number")
        low, high = (0, 1) if kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        if array.size and (int(array.min()) < low or int(array.max()) > high):
            raise Mistake(f"argument '{name}' lies in [{low}, {high}]")
        return array.astype(dtype)
    if array.dtype == dtype:
        return array
    with np.errstate(over="ignore"):
        cast = array.astype(dtype)
    if not np.isfinite(cast).all():
        raise Mistake(f"argument '{name}' is too large for {dtype}")
    return cast


def _spread(
    name: str,
    data: np.ndarray,
    dims: list[str],
    target: str,
    facts: Mapping[str, Any],
    bound: Mapping[str, int],
) -> np.ndarray:
    """``data`` over ``dims`` repeated along the other dimensions of the target."""
    wanted = facts["dims"]
    order = [dims.index(dim) for dim in wanted if dim in dims]
    if wanted == dims:
        spread = data
    else:
        unknown = [dim for dim in wanted if dim not in bound]
        if unknown:
            raise Mistake(
                f"argument '{name}': the size of '{unknown[0]}' in '{target}' is known only in the run; "
                "give a scalar"
            )
        shape = [bound[dim] if dim in dims else 1 for dim in wanted]
        spread = np.broadcast_to(data.transpose(order).reshape(shape), [bound[dim] for dim in wanted])
    if facts["size"] is not None and spread.size != facts["size"]:
        raise Mistake(f"argument '{name}' makes {spread.size} values for the {facts['size']} of '{target}'")
    return spread
