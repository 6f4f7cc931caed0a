"""Progress and time left of a long command, on stderr.

An experiment reports `progress(fraction, what)`, the fraction done (0 to 1) and a few words on what
it does now. On a terminal this moves a bar; in a notebook too, one that has its own place below the cell and
is gone at the end; elsewhere (a log) it writes a line every ten seconds.
Nothing is shown of what takes less than two seconds. `within` and `by_steps` report a part of longer work.
"""

from __future__ import annotations

import html
import itertools
import shutil
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, TextIO

QUIET = 2.0
"""Seconds before anything is shown."""
BETWEEN = 10.0
"""Seconds between two lines of a log."""
REDRAW = 0.1
"""Seconds between two states of a bar."""
BAR = 24
"""Characters."""


class Progress:
    """A bar or lines for the work named ``title``; a context manager, called with the progress."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._cell = _Cell.of_notebook() if stream is None else None
        self._is_bar = self._cell is not None or self._stream.isatty()

    def __enter__(self) -> Progress:
        self._began = time.monotonic()
        self._shown = 0.0
        self._first: tuple[float, float] | None = None
        return self

    def __call__(self, fraction: float, what: str = "") -> None:
        """Report that ``fraction`` (0 to 1) is done and ``what`` is under way."""
        now = time.monotonic()
        fraction = min(max(float(fraction), 0.0), 1.0)
        if self._first is None:
            self._first = (now, fraction)
        since = now - (self._shown or self._began)
        if since < (QUIET if not self._shown else REDRAW if self._is_bar else BETWEEN):
            return
        self._shown = now
        details = ", ".join(word for word in (self._left(now, fraction), what) if word)
        if self._cell is not None:
            self._cell.show(self._title, fraction, details)
            return
        if self._is_bar:
            bar = "█" * round(BAR * fraction) + "·" * (BAR - round(BAR * fraction))
            line = f"{self._title} {bar} {fraction:.0%}  {details}"
            print(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=self._stream)
        else:
            print(f"{self._title}: {fraction:.0%}  {details}", file=self._stream)
        self._stream.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._cell is not None:
            self._cell.clear()
        elif self._is_bar and self._shown:
            print("\r\x1b[K", end="", file=self._stream, flush=True)

    def _left(self, now: float, fraction: float) -> str:
        """Time left at the mean speed since the first report (a resumed run begins above 0)."""
        began, from_fraction = self._first or (now, fraction)
        if fraction <= from_fraction:
            return ""
        seconds = round((now - began) * (1 - fraction) / (fraction - from_fraction))
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes} min {seconds} s left" if minutes else f"{seconds} s left"


class _Cell:
    """A bar below the running cell of a notebook, drawn over and over in one output."""

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display = display
        self._place: Any = None

    @classmethod
    def of_notebook(cls) -> _Cell | None:
        """None where this is no notebook."""
        ipython = sys.modules.get("IPython")
        shell = None if ipython is None else ipython.get_ipython()
        return cls(ipython.display.display) if ipython is not None and hasattr(shell, "kernel") else None

    def show(self, title: str, fraction: float, details: str) -> None:
        text = f"{title}: {fraction:.0%}  {details}"
        bar = f'<progress value="{fraction:.4f}" max="1"></progress> {html.escape(text)}'
        self._put({"text/plain": text, "text/html": bar})

    def clear(self) -> None:
        if self._place is not None:
            self._put({"text/plain": "", "text/html": ""})

    def _put(self, shown: dict[str, str]) -> None:
        if self._place is None:
            self._place = self._display(shown, raw=True, display_id=True)
        else:
            self._place.update(shown, raw=True)


Reporter = Callable[[float, str], None] | None
"""What is called with the finished fraction of some work and a few words; None: nobody asks."""


class Report(Protocol):
    """What is called with the finished fraction of some work and a few words."""

    def __call__(self, fraction: float, what: str = "", /) -> None: ...


def tell(progress: Reporter, fraction: float, what: str) -> None:
    """Report, if anybody asks."""
    if progress is not None:
        progress(fraction, what)


def within(progress: Reporter, begin: float, end: float, title: str = "") -> Report:
    """Reports work that takes from ``begin`` to ``end`` (0 to 1) of the whole, its words after ``title``."""

    def report(fraction: float, what: str = "", /) -> None:
        tell(progress, begin + (end - begin) * fraction, ": ".join(filter(None, (title, what))))

    return report


def by_steps(progress: Reporter, number: int) -> Callable[[str], None]:
    """Reports, when called, that one more of ``number`` equal steps is done."""
    done, report = itertools.count(1), within(progress, 0, 1 / number)
    return lambda what: report(next(done), what)
