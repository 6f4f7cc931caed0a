"""The log of a result, run.log in its folder: what was done when, kept also by work that was interrupted.

Python's `logging`, logger "hedon" and those below it: ``2026-01-31T12:00:00+0000 hedon INFO words``.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..foundation.progress import Reporter

NAME = "run.log"
BETWEEN = 10.0
"""Seconds between two reports of progress."""

logger = logging.getLogger("hedon")


class _File(logging.FileHandler):
    """A file whose loss (a full disk) stops nothing: what cannot do without the disk says so itself."""

    def handleError(self, record: logging.LogRecord) -> None:
        pass


@contextmanager
def kept(file: Path) -> Iterator[None]:
    """Add what is logged meanwhile to ``file``, and how it ended where that was an error or an interruption.

    Raises:
        OSError: the file cannot be opened.
    """
    handler = _File(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s", "%FT%T%z"))
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield
    except BaseException as error:
        logger.error("ended by %s", type(error).__name__)
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


def with_progress(progress: Reporter) -> Callable[..., Any]:
    """Reports to ``progress``, and into the log at most every BETWEEN seconds."""
    said = time.monotonic()

    def report(fraction: float, what: str = "", /) -> None:
        nonlocal said
        if progress is not None:
            progress(fraction, what)
        if time.monotonic() - said >= BETWEEN:
            said = time.monotonic()
            logger.info("%.0f %% %s", 100 * fraction, what)

    return report
