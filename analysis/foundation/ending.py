"""How a command ends: its exit status, and the one line that an error gets.

0 done; 1 a claim failed; 2 a mistake, an unwritable place or an unforeseen error; 130 interrupted.
"""

import os
import sys
from collections.abc import Callable

from .mistakes import Mistake

INTERRUPTED = "interrupted; run the same command again to resume"


def status(command: Callable[[], int], *, debug: bool = False) -> int:
    """Run ``command`` and return its exit status; errors become one line on stderr.

    With ``debug`` errors are raised instead, with their traceback. A stream that the caller has closed gets
    what is said there as if it were thrown away.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        if debug:
            raise
        say(INTERRUPTED)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if debug:
            raise
        say(_line(error))
        return 2


def say(line: str) -> None:
    """One line to the user, on stderr."""
    print(f"hedon: {' '.join(line.split())}", file=sys.stderr, flush=True)


def _line(error: Exception) -> str:
    if isinstance(error, Mistake):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f" {error.filename}" if error.filename else ""
        return f"{error.strerror}{where and ':'}{where}"
    if isinstance(error, MemoryError):
        return "out of memory; choose a smaller configuration"
    kind = type(error).__name__
    return f"unforeseen error, {kind}: {error} (add --debug to see where)"
