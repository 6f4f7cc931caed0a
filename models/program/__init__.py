"""A Brian2 network compiled once and called like a function, many times.

A *builder* makes a model's named Brian2 objects from a frozen configuration.  In runtime mode
``builder(config).network`` is an ordinary network to inspect and extend; :func:`compile_program`
turns the same builder into a :class:`Program`: a folder with one binary and a manifest, called
with parameter arrays, a seed and a duration, returning named arrays.  The caller never imports
Brian2, and neither does importing this package.

    program = compile_program("package.module:build", Config())
    arrays = program({"eta": 0.1}, seed=1, duration=1000)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrays import Arrays
from .call import Program
from .compiler import compile_alike, compile_program
from .model import Argument, Model, Output, ProgramError, apply_arguments

if TYPE_CHECKING:
    keyed_uniform: Any
    keyed_normal: Any


def __getattr__(name: str) -> Any:
    if name in ("keyed_uniform", "keyed_normal"):
        from . import keyed

        return keyed.brian_functions()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
