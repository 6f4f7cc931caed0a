"""What a user's network may get wrong ends in one line; what it may do gives Brian2's numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from program_users import Sized

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program import compile_program

WHOLE = pytest.mark.whole


@pytest.mark.parametrize(
    ("write", "words"),
    [
        ("short", r"'synapses.w' has \d+ elements, the builder writes 5"),
        pytest.param("long", r"'synapses.delay' has \d+ elements, the builder writes 200", marks=WHOLE),
        pytest.param("index", r"'synapses.w' has \d+ elements, none with index 98", marks=WHOLE),
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


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("hs", "'synapses' is in the network, 'source', which it needs, is not"),
        ("as", "'synapses' is in the network, 'target', which it needs, is not"),
        ("am", "'monitor' is in the network, 'synapses', which it needs, is not"),
        ("y0", "C's library has a function 'y0' of its own"),
    ],
)
def test_what_is_missing_or_named_twice_is_named(kept: str, words: str) -> None:
    with pytest.raises(Mistake, match=words):
        compile_program("program_users:left_out", Sized(kept))


def test_each_side_of_synapses_has_its_own_dimension() -> None:
    program = compile_program("program_users:left_out", Sized("ahsm"))
    data = program(seed=1, duration=0.002).dataset()
    assert data["synapses.N_incoming"].dims == ("synapses_post",)
    assert data["synapses.N_outgoing"].dims == ("synapses_pre",)
    assert data["synapses.N_outgoing"].values.tolist() == [2, 2, 2]
    assert data["synapses.N_incoming"].values.tolist() == [3, 3]


@WHOLE
def test_each_kind_of_object_equals_runtime_mode() -> None:
    import brian2 as b2
    import program_users

    arrays = compile_program("program_users:kinds", None)(seed=0, duration=0.02)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(b2.prefs, "codegen.target", "numpy")
        b2.set_device("runtime")
        network = program_users.kinds(None)
        network.run(20 * b2.ms)
    objects = {item.name: item for item in network.sorted_objects}
    compared = 0
    for path, array in arrays.items():
        name, variable = path.split(".")
        owner = objects[name]
        stored = owner.pre.variables[variable] if variable == "delay" else owner.variables[variable]
        expected = np.asarray(stored.get_value())
        if expected.ndim == 2 and expected.shape != array.shape:
            expected = expected.T
        np.testing.assert_allclose(array.ravel(), expected.ravel(), rtol=1e-6, atol=1e-12, err_msg=path)
        compared += 1
    assert compared > 60 and arrays["spikes.t"].size > 5 and arrays["events.t"].size > 5
