"""What is said to a user whose input cannot be right: one line, what is wrong and what would be right."""

from collections.abc import Iterable
from difflib import get_close_matches


class Mistake(ValueError):
    """A mistake in a name, a file, a value or the surroundings, in one line.

    The command line prints it and ends with exit status 2; nothing half-written is left behind.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown ``name``: the closest known names, else all of them."""
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return "; did you mean " + " or ".join(f"'{candidate}'" for candidate in close) + "?"
    return "; known: " + ", ".join(names)
