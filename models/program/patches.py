"""What hedon changes in the C++ text that Brian2 generates: one table, and a count of what was found.

Each patch is known by its name. A *needed* one that finds less (or more) than it should raises
`UnknownSource` with Brian2's version: without it a program would give wrong numbers, or none. One that only
makes programs *faster* leaves Brian2's text as it is, is said once in the log of the build and stands, with
all others, in the program's manifest under ``patches``: name -> [found, expected].
"""

import sys
from dataclasses import dataclass
from importlib import metadata

from .generated_text import UnknownSource

TRIED = "2.9 to 2.11"
"""Versions of Brian2 whose text was tried."""


@dataclass(frozen=True)
class Patch:
    """One change of generated text."""

    meaning: str
    needed: bool
    """False: programs are only faster with it"""


PATCHES = {
    "namespaces": Patch("code objects of equal names stay apart in one file", True),
    "run": Patch("the run takes its duration from the call", True),
    "load arrays": Patch("arrays are loaded with a look at their sizes", True),
    "write arrays": Patch("only the outputs that are asked for are written", True),
    "clocks": Patch("ticks of two clocks count as one up to relative rounding", True),
    "generator": Patch("64 bits seed the whole state of the random generator", True),
    "flags": Patch("Brian2's own compiler and linker flags", True),
    "set by name": Patch("arguments come from the call, not through Brian2's long chain of names", False),
    "command line": Patch("arguments come from the call, not from the command line", False),
    "shared support": Patch("what all code objects repeat is compiled once", False),
    "debug messages": Patch("messages that are never called are not compiled", False),
    "queues": Patch("the preparation of spike queues is compiled once", False),
    "local sums": Patch("sums over all-to-all synapses stay in registers", False),
    "immediate spikes": Patch("spikes reach all-to-all synapses without delay past the queue", False),
    "drawn ahead": Patch("uniform random numbers are made many at a time", False),
    "nested loops": Patch("loops over all-to-all synapses count their indices", False),
}


class Found:
    """How often each patch was found, beside how often it should be."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}

    def note(self, name: str, found: int, expected: int) -> None:
        """Count what patch ``name`` found in one file.

        Raises:
            UnknownSource: a needed patch that found another number than expected.
        """
        patch = PATCHES[name]
        if patch.needed and found != expected:
            raise UnknownSource(
                f"Brian2 {metadata.version('brian2')} writes its C++ otherwise than hedon knows it ({TRIED} "
                f"were tried): '{name}' ({patch.meaning}) was found {found} times instead of {expected}"
            )
        counts = self.counts.setdefault(name, [0, 0])
        counts[0] += found
        counts[1] += expected

    @property
    def missed(self) -> list[str]:
        """Patches that were found less often than expected."""
        return [name for name, (found, expected) in self.counts.items() if found < expected]

    def say(self) -> None:
        """One line on stderr (the log of the build) for what makes this program slower than it could be."""
        if self.missed:
            version = metadata.version("brian2")
            text = "; ".join(f"{name}: {PATCHES[name].meaning}" for name in self.missed)
            print(f"hedon: a slower program, for Brian2 {version} has other text: {text}", file=sys.stderr)
