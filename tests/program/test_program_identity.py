"""A program gives the very bits of Brian2's own build of the same network."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hedon.models.program import Program

pytestmark = pytest.mark.whole

SEED, SECONDS = 7, 0.2
STORED = {"i": "_synaptic_pre", "j": "_synaptic_post", "delay": "(_pre_)?delay"}  # delay: since Brian2 2.11


def test_bit_identical_to_brians_own_build(
    spiking: Program, own_build: tuple[subprocess.Popen[str], Path]
) -> None:
    """Every array that Brian2's own binary (16 files compiled one by one) writes, bit for bit."""
    process, folder = own_build
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-2000:]
    arrays = spiking(seed=SEED, duration=SECONDS)
    assert arrays["spikes.t"].size > 10 and arrays["synapses.w"].size > 100
    for name, array in arrays.items():
        item, variable = name.split(".")
        stored = STORED if item == "synapses" else {}
        pattern = re.compile(rf"(_dynamic)?_array_{item}_{stored.get(variable, variable)}_\d+")
        (file,) = (path for path in (folder / "results").iterdir() if pattern.fullmatch(path.name))
        assert file.read_bytes() == np.ascontiguousarray(array).tobytes(), name
    assert len(arrays) > 12
