"""The cache: built once, whole or not at all, repaired, listed, cleared."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from program_settings import Layers, Tiny

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models.program import Program, ProgramError, cache, compile_program, description
from hedon.models.program.description import Builder, describe, key_of

HERE = str(Path(__file__).parent)
COMPILE = f"""
import sys; sys.path.insert(0, {HERE!r})
from hedon.models.program import compile_program
from program_settings import Tiny
program = compile_program('program_networks:counted', Tiny(), folder=sys.argv[1])
print(program(seed=1, duration=3)['units.x'].tolist())
"""


def compiling(root: Path, count: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMPILE, str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HEDON_TEST_COUNT": str(count)},
    )


@pytest.mark.whole
def test_eight_processes_on_an_empty_cache_build_once(tmp_path: Path) -> None:
    root, count = tmp_path / "cache", tmp_path / "count"
    processes = [compiling(root, count) for _ in range(8)]
    for process in processes:
        said, errors = process.communicate(timeout=120)
        assert said.strip() == "[4.0, 4.0, 4.0]", errors
    assert count.read_text() == "built\n"
    assert not list((root / "building").iterdir())
    assert [entry.whole for entry in cache.entries(root)] == [True]


def first(root: Path, name: str) -> Callable[[], bool]:
    return lambda: any((root / "building").glob(f"*/{name}"))


@pytest.mark.whole
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere an orphaned build ends by itself")
def test_a_build_killed_at_any_moment_leaves_nothing_trusted(tmp_path: Path) -> None:
    """Killed when asked for, while the compiler runs, when the binary appears."""
    root, count = tmp_path / "cache", tmp_path / "count"
    for name in ("spec", "generated/program.cpp", "main"):
        process = compiling(root, count)
        end = time.monotonic() + 60
        while not first(root, name)() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert all(entry.whole for entry in cache.entries(root))
        if name != "main":
            assert not cache.entries(root) and list((root / "building").iterdir())
    said, errors = compiling(root, count).communicate(timeout=60)
    assert said.strip() == "[4.0, 4.0, 4.0]", errors
    assert not list((root / "building").iterdir())


@pytest.fixture
def copied(tiny: Program, tmp_path: Path) -> tuple[Path, Path]:
    """A cache of its own with a copy of one program: (root, entry)."""
    entry = tmp_path / "cache" / "programs" / tiny.key
    shutil.copytree(tiny.folder, entry)
    return tmp_path / "cache", entry


def damage(entry: Path, how: str) -> None:
    manifest = entry / "manifest.json"
    if how == "binary cut":
        with open(entry / "main", "r+b") as stream:
            stream.truncate(1000)
    if how == "binary changed":
        with open(entry / "main", "r+b") as stream:
            stream.seek(5000)
            stream.write(b"\x00\x01\x02\x03")
    if how == "binary gone":
        (entry / "main").unlink()
    if how == "manifest cut":
        manifest.write_bytes(manifest.read_bytes()[:-10])
    if how == "manifest changed":
        manifest.write_bytes(manifest.read_bytes().replace(b"float64", b"float32"))
    if how == "manifest empty":
        manifest.write_bytes(b"")
    if how == "manifest gone":
        manifest.unlink()


@pytest.mark.parametrize(
    "how",
    ["binary cut", "binary changed", "binary gone"]
    + ["manifest cut", "manifest changed", "manifest empty", "manifest gone"],
)
def test_a_damaged_entry_is_not_trusted(copied: tuple[Path, Path], how: str) -> None:
    _, entry = copied
    assert cache.load(entry) is not None
    damage(entry, how)
    assert cache.load(entry) is None
    with pytest.raises(ProgramError, match="gone or damaged; compile it again"):
        Program(str(entry))


def test_a_program_of_another_processor_is_not_started(
    copied: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedon.models.program.call.processor", lambda: "another")
    with pytest.raises(ProgramError, match="built for another processor; compile it on this machine"):
        Program(str(copied[1]))


def test_a_missing_static_array_is_damage(quirks: Program, tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    shutil.copytree(quirks.folder, entry)
    program = Program(str(entry))
    arrays = sorted((entry / "static_arrays").iterdir())
    assert arrays
    arrays[0].unlink()
    assert cache.load(entry) is None
    with pytest.raises(ProgramError, match="static_arrays/.* is gone or damaged"):
        program(seed=1, duration=2)


def test_a_damaged_entry_is_built_anew(copied: tuple[Path, Path]) -> None:
    root, entry = copied
    damage(entry, "binary cut")
    program = compile_program("program_networks:tiny", Tiny(), folder=root)
    assert program.folder == entry and cache.load(entry) is not None
    assert program(seed=1, duration=3)["units.x"].tolist() == [4, 4, 4]
    assert not list((root / "building").iterdir())
    os.utime(entry, (0, 0))
    compile_program("program_networks:tiny", Tiny(), folder=root)
    assert cache.entries(root)[0].used > 0


def test_a_program_whose_entry_goes_away_says_so(copied: tuple[Path, Path]) -> None:
    root, entry = copied
    program = Program(str(entry))
    assert program(seed=1, duration=3)["units.x"].tolist() == [4, 4, 4]
    assert cache.clear(root) == 1
    with pytest.raises(ProgramError, match="gone or damaged; compile the program again"):
        program(seed=1, duration=3)


def test_listing_size_and_clearing(copied: tuple[Path, Path]) -> None:
    root, _ = copied
    (entry,) = cache.entries(root)
    assert entry.builder == "program_networks:tiny" and entry.whole
    assert cache.size(root) == entry.bytes > 10_000
    assert cache.clear(root) == 1 and cache.entries(root) == []
    assert cache.clear(root / "nowhere") == 0 and cache.size(root / "nowhere") == 0


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEDON_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(Mistake, match=r"the cache '.*' cannot be written \(Not a directory\).*HEDON_CACHE"):
        compile_program("program_networks:tiny", Tiny())


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache.root_folder(tmp_path) == tmp_path
    monkeypatch.setenv("HEDON_CACHE", str(tmp_path / "a"))
    assert cache.root_folder() == tmp_path / "a"
    monkeypatch.delenv("HEDON_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    if sys.platform != "darwin":
        assert cache.root_folder() == tmp_path / "b" / "hedon"
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert cache.root_folder() == Path.home() / ".cache" / "hedon"


@dataclass(frozen=True)
class Nested:
    inner: Layers = Layers()
    pair: tuple[float, str] = (0.1, "a")
    table: object = None


def test_what_makes_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = Builder.of("program_networks:layers")
    extra = tmp_path / "extra.txt"
    extra.write_text("1")
    a, b = np.arange(3.0), np.arange(3)

    def key(
        config: object = Nested(), arrays: dict | None = None, precision: str = "float64", **k: str
    ) -> str:
        return key_of(describe(builder, config, arrays or {}, precision, k.values()))

    base = key()
    assert key(Nested(table={"x": 1, "y": 2})) == key(Nested(table={"y": 2, "x": 1}))
    different = [
        base,
        key(Nested(inner=Layers(block=11))),
        key(Nested(pair=(0.1 + 1e-16, "a"))) if 0.1 + 1e-16 != 0.1 else key(Nested(pair=(0.2, "a"))),
        key(Nested(pair=(0.1, "b"))),
        key(Nested(table={"x": 1})),
        key(Nested(table=(1,))),
        key(arrays={"a": a}),
        key(arrays={"a": b}),
        key(arrays={"a": a.reshape(1, 3)}),
        key(arrays={"b": a}),
        key(precision="float32"),
        key(source=str(extra)),
        key_of(describe(replace(builder, function="other"), Nested(), {}, "float64", ())),
    ]
    extra.write_text("2")
    different.append(key(source=str(extra)))
    for name in ("python", "brian2", "numpy"):
        other = {**description.versions(), name: "0.1"}
        with monkeypatch.context() as patched:
            patched.setattr(description, "versions", lambda other=other: other)
            different.append(key())
    assert len(set(different)) == len(different)


def test_own_sources_are_what_the_builder_imports() -> None:
    def sources(builder: str) -> set[str]:
        return set(describe(Builder.of(builder), Nested(), {}, "float64", ())["own_sources"])

    alone, rates = sources("program_networks:layers"), sources("hedon.models.rate.circuit:build")
    assert {"models/program/harness.h", "models/program/build.py", "models/program/keyed.h"} <= alone & rates
    assert {"models/circuit.py", "models/rate/network.py"} <= rates - alone
    for name in alone | rates:
        assert not name.startswith(
            ("figures/", "models/experiments", "models/actor_critic", "plasticity/outer")
        )


def test_a_quantity_counts_with_its_unit() -> None:
    import brian2 as b2

    def key(value: object) -> str:
        return key_of(describe(Builder.of("program_networks:layers"), {"x": value}, {}, "float64", ()))

    assert len({key(10 * b2.mV), key(10 * b2.ms), key(0.01), key(np.array(0.01)), key(20 * b2.mV)}) == 5
    assert key(10 * b2.mV) == key(0.01 * b2.volt)
