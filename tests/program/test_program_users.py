"""What a user's network may get wrong ends in one line; what it may do gives Brian2's numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from program_users import Sized

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program import compile_program


@pytest.mark.parametrize(
    ("write", "words"),
    [
        ("short", r"'synapses.w' has \d+ elements, the builder writes 5"),
        ("long", r"'synapses.delay' has \d+ elements, the builder writes 200"),
        ("index", r"'synapses.w' has \d+ elements, none with index 98"),
        ("record", r"'synapses \(recorded by monitor\)' has \d+ elements, none with index 99"),
    ],
)
def test_sizes_that_only_the_run_knows(write: str, words: str) -> None:
    program = compile_program("program_users:sized", Sized(write))
    with pytest.raises(Mistake, match=words):
        program(seed=1, duration=0.002)


def test_functions_do_not_touch_each_other() -> None:
    arrays = compile_program("program_users:functions", None)(seed=1, duration=0.002)
    found = [float(np.ravel(arrays[f"{name}.x"])[0]) for name in ("first", "second", "third")]
    assert found == [6.0, 11.0, math.e]
