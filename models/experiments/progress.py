"""Progress and time left of a long command, on stderr.

An experiment reports `progress(fraction, what)`, the fraction done (0 to 1) and a few words on what
it does now. On a terminal this moves a bar; elsewhere (a log) it writes a line every ten seconds.
Nothing is shown of what takes less than two seconds.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, TextIO

QUIET, BETWEEN = 2.0, 10.0
"""Seconds before anything is shown, and between two lines of a log."""

BAR = "{desc}: {percentage:3.0f} %|{bar}| {elapsed}, {remaining} left{postfix}"


class Progress:
    """A bar or lines for one task named ``title``; a context manager, called with the progress."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._bar: Any = None

    def __enter__(self) -> Progress:
        self._began = time.monotonic()
        self._spoke = self._began + QUIET - BETWEEN
        self._first: tuple[float, float] | None = None
        return self

    def __call__(self, fraction: float, what: str = "") -> None:
        """Report that ``fraction`` (0 to 1) is done and ``what`` is under way."""
        now = time.monotonic()
        fraction = min(max(float(fraction), 0.0), 1.0)
        if self._first is None:
            self._first = (now, fraction)
        if self._stream.isatty():
            self._move_bar(now, fraction, what)
        elif now - self._spoke >= BETWEEN:
            self._spoke = now
            left = self._left(now, fraction)
            details = ", ".join(word for word in (what, left) if word)
            print(f"{self._title}: {fraction:4.0%}, {details}", file=self._stream, flush=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def _move_bar(self, now: float, fraction: float, what: str) -> None:
        if now - self._began < QUIET:
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                total=1.0, desc=self._title, bar_format=BAR, file=self._stream, leave=False
            )
            self._bar.start_t -= now - self._began
        self._bar.set_postfix_str(what, refresh=False)
        self._bar.n = fraction
        self._bar.refresh()

    def _left(self, now: float, fraction: float) -> str:
        """Time left at the mean speed since the first report (a resumed run begins above 0)."""
        began, from_fraction = self._first or (now, fraction)
        if fraction <= from_fraction or now - began < QUIET:
            return ""
        seconds = round((now - began) * (1 - fraction) / (fraction - from_fraction))
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes} min {seconds} s left" if minutes else f"{seconds} s left"
