"""Programs that answer what a test tells them: what experiments make of networks, without compiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from hedon.models.experiments.candidates import program_of

Answer = Callable[[Any, dict[str, Any], int, list[str]], Mapping[str, np.ndarray]]
"""(network, arguments, duration, outputs) -> outputs"""


class Told:
    """The calls that networks of a kind got, each answered by ``answer``."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, dict[str, Any], int, int]] = []
        """(network, arguments, seed, duration)"""

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
            if progress is not None:
                progress(0.5)
            found = self.answer(net, arguments, duration, list(outputs))
            if progress is not None:
                progress(1.0)
            return {name: np.asarray(found[name]) for name in outputs}

        return call


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Told]]:
    """``told(answer, Kind, ...)``: programs of networks of these kinds answer so."""

    def tell(answer: Answer, *kinds: type) -> Told:
        found = Told(answer)
        for kind in kinds:
            monkeypatch.setattr(kind, "program", lambda net: found.program(net))
        return found

    program_of.cache_clear()
    yield tell
    program_of.cache_clear()


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
