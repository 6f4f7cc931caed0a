"""All sources that Brian2 generates for a network, as one translation unit.

Brian2 compiles some 26 files, each reading the same headers: 13-17 CPU s for a three-layer network.
In one file it is about 2 s.  Each code object's anonymous namespace becomes a named one around the
anonymous one, opened inside the code object's own functions, so that equal names in different code
objects stay apart and linkage (hence inlining and rounding) is what it was.

All that is known here of Brian2's text is guarded: a pattern that is needed and not found is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


class UnknownSource(Exception):
    """Brian2's generated text is not as this version of hedon knows it."""


def closing_brace(text: str, start: int) -> int:
    """Position of the brace that closes the one at ``start``; comments and literals are skipped."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[{}]', re.DOTALL)
    depth = 0
    for match in token.finditer(text, start):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return match.start()
    raise UnknownSource("a brace is not closed")


def set_apart(text: str, name: str) -> str:
    """One code object's file with its anonymous namespace inside the namespace ``name``."""
    opening = re.search(r"^namespace \{", text, re.MULTILINE)
    if not opening:
        return text
    end = closing_brace(text, opening.end() - 1)
    text = f"{text[:opening.start()]}namespace {name} {{ namespace {{{text[opening.end():end]}}} }}{text[end + 1:]}"
    return text.replace("using namespace brian;", f"using namespace brian; using namespace {name};")


def without_body(text: str, signature: str) -> str:
    """``text`` with the body of one function emptied, if the function is there."""
    start = text.find(signature)
    if start < 0:
        return text
    brace = text.index("{", start)
    return text[: brace + 1] + text[closing_brace(text, brace) :]


def _objects(text: str) -> str:
    """Reading and writing every array by name is hedon's own part (harness.h), for those that matter."""
    text = without_body(text, "void set_variable_by_name(std::string name, std::string s_value)")
    return without_body(text, "void _write_arrays()")


def _main(text: str) -> str:
    text, found = re.subn(
        r"\.run\(0\.0, report_progress, ", ".run(hedon::call.duration, report_progress, ", text
    )
    if found != 1:
        raise UnknownSource(f"expected one run of the network, found {found}")
    return text


def open_generator(header: str) -> str:
    """``objects.h`` with the state of the random generator open, so that 64 bits can seed all of it."""
    header, found = re.subn(r"(class RandomGenerator \{\s*)private:", r"\1public:", header)
    if found != 1:
        raise UnknownSource("no class RandomGenerator")
    return header


def merge(folder: Path, files: Iterable[str], preamble: str, tables: str) -> str:
    """The translation unit of the project in ``folder``.

    ``preamble`` comes first; ``tables`` after the declarations of the arrays.
    """
    parts = [preamble, '#include "objects.h"\n', tables]
    names = sorted(set(files) - {"main.cpp"})
    for number, name in enumerate([*names, "main.cpp"]):
        text = (folder / name).read_text()
        if name.startswith("code_objects/"):
            text = set_apart(text, f"hedon_part_{number}")
        elif name == "objects.cpp":
            text = _objects(text)
        elif name == "network.cpp":
            text = text.replace("std::clock()", "hedon::ticks()")
        elif name == "main.cpp":
            text = _main(text)
        parts.append(f'#line 1 "{name}"\n{text}\n')
    return "\n".join(parts)
