"""The networks of these tests, importable by name here and in building processes; compiled once each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hedon.models.program import Program, compile_program

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


@pytest.fixture(scope="session", autouse=True)
def own_build(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[subprocess.Popen[str], Path] | None]:
    """Brian2's own build and run of ``spiking``: some 15 CPU s, begun in the background at once."""
    if not any(item.path.name == "test_program_identity.py" for item in request.session.items):
        yield None
        return
    folder = tmp_path_factory.mktemp("own_build")
    command = [sys.executable, f"{HERE}/brian_own_build.py", "spiking", str(folder), "7", "0.2"]
    process = subprocess.Popen(
        command,
        cwd=HERE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process, folder
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


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
