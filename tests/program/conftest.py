"""The networks of these tests, importable by name here and in building processes; compiled once each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hedon.models.program import Program, compile_program

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


@pytest.fixture(scope="session")
def tiny(program_cache: Path) -> Program:
    from program_settings import Tiny

    return compile_program("program_networks:tiny", Tiny())


@pytest.fixture(scope="session")
def layers(program_cache: Path) -> Program:
    from program_settings import Layers

    return compile_program("program_networks:layers", Layers())


@pytest.fixture(scope="session")
def spiking(program_cache: Path) -> Program:
    from program_settings import Spiking

    return compile_program("program_networks:spiking", Spiking())


@pytest.fixture(scope="session")
def quirks(program_cache: Path) -> Program:
    from program_settings import LEVELS, Quirks

    return compile_program("program_networks:quirks", Quirks(), arrays={"level": LEVELS}, precision="float32")
