"""The tables that tie harness.h to one network's arrays: settable variables and outputs by number."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Array:
    """A Brian2 array as C++ sees it."""

    name: str
    kind: str
    """``'static'`` (a pointer), ``'dynamic'`` (a vector) or ``'matrix'`` (a recording)."""

    @property
    def view(self) -> str:
        if self.kind == "static":
            return f"hedon::view(brian::{self.name}, brian::_num_{self.name})"
        return f"hedon::view(brian::{self.name})"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def tables(
    settable: Mapping[str, Array],
    outputs: Mapping[str, tuple[Array, Array | None]],
    static_arrays: Iterable[tuple[str, bool]],
) -> str:
    """C++ for ``hedon_find`` (a settable variable by name), ``hedon_write`` (an output by number) and
    ``hedon_load`` (the static arrays: name, and whether it is a vector)."""
    lines = [
        "HEDON_COLD static hedon::View hedon_find(const char* name) {",
        *(f'    if (!std::strcmp(name, "{name}")) return {array.view};' for name, array in settable.items()),
        "    return hedon::View();",
        "}",
        "HEDON_COLD static void hedon_write(int output) {",
        "    switch (output) {",
    ]
    for number, (name, (source, final)) in enumerate(outputs.items()):
        lines.append(f'    case {number}: hedon::write({_literal(name)}, "{number}", {source.view});')
        if final is not None:
            lines.append(f'        hedon::write({_literal(name)}, "{number}.final", {final.view});')
        lines.append("        break;")
    lines += [
        '    default: hedon::fail(hedon::BAD_CALL, "no such output");',
        "    }",
        "}",
        "HEDON_COLD static void hedon_load() {",
        *(
            f'    hedon::load("{name}", {Array(name, "dynamic" if vector else "static").view});'
            for name, vector in static_arrays
        ),
        "}",
    ]
    return "\n".join(lines) + "\n"


REPORT = "hedon::progress(completed);"
"""Body of Brian2's report function (elapsed, completed, start, duration)."""

SLOTS = {
    "before_start": "hedon::start(args);",
    "after_start": "hedon::seed(brian::_random_generators);",
    "before_end": "return hedon::finish(Network::_last_run_completed_fraction, hedon_write);",
}


def apply(last: bool) -> str:
    """The statement that writes the caller's arguments at this point of main()."""
    return f"hedon::apply(hedon_find, {'true' if last else 'false'});"
