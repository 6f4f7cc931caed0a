"""Programs that answer what a test tells them: what experiments make of networks, without compiling."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hedon.models.experiments.candidates import program_of

LISTED = Path(__file__).with_name("networks.txt")
Answer = Callable[[Any, dict[str, Any], int, list[str]], Mapping[str, np.ndarray]]
"""(network, arguments, duration, outputs) -> outputs"""


class Told:
    """The calls that networks of a kind got, each answered by ``answer``."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, dict[str, Any], int, int]] = []
        """(network, arguments, seed, duration)"""
        self.networks: dict[str, None] = {}
        """what was `chosen` of each"""

    def program(self, net: Any) -> Callable[..., Mapping[str, np.ndarray]]:
        def call(
            given: Mapping[str, Any] | None = None,
            *,
            seed: int = 0,
            duration: int,
            outputs: list[str],
            progress: Callable[[float], None] | None = None,
        ) -> Mapping[str, np.ndarray]:
            arguments = dict(given or {})
            self.calls.append((net, arguments, seed, duration))
            self.networks[chosen(net)] = None
            if progress is not None:
                progress(0.5)
            found = self.answer(net, arguments, duration, list(outputs))
            if progress is not None:
                progress(1.0)
            return {name: np.asarray(found[name]) for name in outputs}

        return call


def chosen(value: Any) -> str:
    """A value as it is written, without the settings that are at their defaults."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(chosen, value)) + ")"
    if isinstance(value, np.ndarray):
        return f"{value.dtype.kind}{value.shape}"
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return repr(value)
    parts = []
    for field in dataclasses.fields(value):
        usual = field.default_factory() if callable(field.default_factory) else field.default
        now = getattr(value, field.name)
        if field.init and repr(now) != repr(usual):
            parts.append(f"{field.name}={chosen(now)}")
    return f"{type(value).__name__}({', '.join(parts)})"


def as_listed(name: str, networks: list[str], always: bool = True) -> None:
    """These networks are the ones that ``networks.txt`` lists under the name of a test.

    A number of a network is a setting, and no law says that another one is wrong; what figures were made with
    is not changed by mistake.
    """
    sections = LISTED.read_text().split("\n\n")
    known = {first: rest for first, *rest in (section.strip().split("\n") for section in sections)}
    if always or name in known:
        assert networks == known.get(name), "\n".join([f"{LISTED.name} should have:", name, *networks])


@pytest.fixture
def listed(request: pytest.FixtureRequest) -> Callable[..., None]:
    """``listed(value, ...)``: these values are held against ``networks.txt``."""
    return lambda *values: as_listed(request.node.name, [chosen(value) for value in values])


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Callable[..., Told]]:
    """``told(answer, Kind, ...)``: programs of networks of these kinds answer so.

    The networks that were called are held against ``networks.txt``, if it lists this test.
    """
    all_told: list[Told] = []

    def tell(answer: Answer, *kinds: type) -> Told:
        found = Told(answer)
        all_told.append(found)
        for kind in kinds:
            monkeypatch.setattr(kind, "program", lambda net: found.program(net))
        return found

    program_of.cache_clear()
    yield tell
    program_of.cache_clear()
    networks = dict.fromkeys(net for one in all_told for net in one.networks)
    as_listed(request.node.name, list(networks), always=False)


class Watch:
    """A progress that must rise from 0 to 1 at most."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __call__(self, fraction: float, what: str = "") -> None:
        assert -1e-9 <= fraction <= 1 + 1e-9 and fraction >= (self.seen[-1] if self.seen else 0) - 1e-9, what
        self.seen.append(fraction)


@pytest.fixture
def watch() -> Watch:
    return Watch()
