"""All sources that Brian2 generates for a network, as one translation unit.

Brian2 compiles some 26 files, each reading the same headers: 13-17 CPU s for a three-layer network; in
one file it is about 2 s.  Each code object's anonymous namespace becomes a named one around the anonymous
one, opened inside the code object's own functions: equal names in different code objects stay apart, and
linkage, hence inlining and rounding, is what it was.  What all code objects repeat is said once.

What is looked for here of Brian2's text is counted under the name of its patch (patches.py).
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from . import immediate
from .dense import Block, check, counted
from .generated_text import closing_brace
from .patches import Found

SHARED = "hedon_shared"
TWISTER = "std::mt19937 gen;"
DRAW = re.compile(
    r"double rand\(\) \{\s*(?:/\*[^*]*\*/)?\s*const long a = gen\(\) >> 5;\s*const long b = gen\(\) >> 6;\s*"
    r"return \(a \* 67108864\.0 \+ b\) / 9007199254740992\.0;\s*\}"
)


def set_apart(text: str, name: str, shared: str) -> str:
    """One code object's file with its anonymous namespace inside the namespace ``name``.

    ``shared`` is the support code that stands once for all, in the namespace ``hedon_shared``.
    """
    opening = re.search(r"^namespace \{", text, re.MULTILINE)
    if not opening:
        return text
    end = closing_brace(text, opening.end() - 1)
    body = text[opening.end() : end]
    if shared and shared in body:
        body = f"using namespace {SHARED};" + body.replace(shared, "")
    before, after = text[: opening.start()], text[end + 1 :]
    text = f"{before}namespace {name} {{ namespace {{{body}}} }}{after}"
    return text.replace("using namespace brian;", f"using namespace brian; using namespace {name};")


def shared_support(texts: Iterable[str]) -> str:
    """The block of templates (%, //, **) that Brian2 repeats, word for word, in its code objects."""
    block = re.compile(
        r"^[ \t]*template < typename T1, typename T2 > struct _higher_type;.*?"
        r"#define _brian_pow\(x, y\) \(pow\(\(x\), \(y\)\)\)\n[ \t]*#endif\n",
        re.DOTALL | re.MULTILINE,
    )
    found = {match[0] for text in texts if (match := block.search(text))}
    return found.pop() if len(found) == 1 else ""


def with_body(text: str, signature: str, patch: str, found: Found, body: str = "") -> str:
    """``text`` with another body for one function, if the function is there."""
    start = text.find(signature)
    found.note(patch, int(start >= 0), 1)
    if start < 0:
        return text
    brace = text.index("{", start)
    return text[: brace + 1] + body + text[closing_brace(text, brace) :]


def _code_object(text: str, name: str, shared: str, blocks: Mapping[str, Block], found: Found) -> str:
    """Its message for debugging, which is never called, goes."""
    apart = set_apart(text, name, shared)
    found.note("namespaces", int(f"using namespace {name};" in apart), 1)
    text = counted(apart, blocks, found)
    debug = re.search(r"^void _debugmsg_\w+\(\)$", text, re.MULTILINE)
    if debug:
        return with_body(text, debug[0], "debug messages", found)
    found.note("debug messages", 0, int("_debugmsg_" in text))
    return text


def _objects(text: str, found: Found) -> str:
    """Arrays are read and written by harness.h, with a look at their sizes and only if they matter."""
    by_name = "void set_variable_by_name(std::string name, std::string s_value)"
    text = with_body(text, by_name, "set by name", found)
    text = with_body(text, "void _write_arrays()", "write arrays", found)
    return with_body(text, "void _load_arrays()", "load arrays", found, "hedon_load();")


def _network(text: str, found: Found) -> str:
    """A cheaper clock for the progress report; and the ticks of two clocks count as one up to *relative*
    rounding, as in runtime mode: Brian2's absolute 1e-14 takes them apart after some 64 s."""
    text, clocks = re.subn(r"fabs\(s-t\) *<= *Clock_epsilon", "fabs(s-t)<=Clock_epsilon*(1+fabs(t))", text)
    found.note("clocks", clocks, 1)
    return text.replace("std::clock()", "hedon::ticks()")  # Brian2 2.11 has none


def _main(text: str, found: Found) -> str:
    text, runs = re.subn(
        r"(\w+)\.run\(0\.0, report_progress, ",
        r"hedon_check_blocks();\n        hedon_see_delays();\n"
        r"        \1.run(hedon::call.duration, report_progress, ",
        text,
    )
    found.note("run", runs, 1)
    signature = "void set_from_command_line(const std::vector<std::string> args)"
    return with_body(text, signature, "command line", found)


def run_once(files: Iterable[str]) -> str:
    """Declarations of what a program does once, before it runs: compiled for a small text, not for speed."""
    made = re.compile(r"code_objects/(\w+_synapses_create_generator_\w+)\.cpp")
    functions = [f"void _run_{match[1]}()" for name in files if (match := made.fullmatch(name))]
    functions += ["void _init_arrays()", "void brian_start()", "int main(int, char**)"]
    return "".join(f"HEDON_COLD {function};\n" for function in functions)


def prepared_apart(header: str, found: Found) -> str:
    """A header in which the long preparation of the spike queues is compiled once, not into each caller."""
    prepare = "template <typename scalar> void prepare("
    found.note("queues", header.count(prepare), 1)
    return header.replace(prepare, prepare.replace(" void", " __attribute__((noinline)) void"))


def open_generator(header: str, found: Found) -> str:
    """``objects.h`` with the state of the random generator open, so that 64 bits can seed all of it."""
    header, opened = re.subn(r"(class RandomGenerator \{\s*)private:", r"\1public:", header)
    found.note("generator", opened, 1)
    ahead = DRAW.sub("double rand() { return gen.unit(); }", header.replace(TWISTER, "HedonGenerator gen;"))
    right = (
        header.count(TWISTER) == 1 == len(DRAW.findall(header)) and len(re.findall(r"\bgen\(", header)) == 2
    )
    found.note("drawn ahead", int(right), 1)
    if not right:
        return header
    own = Path(__file__).with_name("generator.h").read_text()
    declared = ahead.replace("class RandomGenerator {", f"{own}class RandomGenerator {{", 1)
    return f"#include <cstdint>\n#include <iostream>\n{declared}"


def merge(
    folder: Path,
    files: Iterable[str],
    preamble: str,
    tables: str,
    blocks: Mapping[str, Block],
    found: Found,
) -> str:
    """The translation unit of the project in ``folder``.

    ``preamble`` comes first; ``tables`` after the declarations of the arrays; ``blocks`` are the synapses
    known to be all-to-all; ``found`` counts the patches.

    Raises UnknownSource where a needed patch finds nothing.
    """
    texts = {name: (folder / name).read_text() for name in sorted(files)}
    direct = immediate.pathways(texts, blocks, found)
    for pathway in direct:
        code, queue = (f"code_objects/{pathway.name}_{part}.cpp" for part in ("codeobject", "push_spikes"))
        texts[code] = immediate.arriving(texts[code], pathway)
        texts[queue] = immediate.waiting(texts[queue], pathway)
    shared = shared_support(texts.values())
    found.note(
        "shared support", int(bool(shared)), int(any("_higher_type" in text for text in texts.values()))
    )
    parts = [
        preamble,
        '#include "objects.h"\n#include "brianlib/common_math.h"\n#include<climits>\n',
        f"namespace {SHARED} {{ namespace {{\n{shared}}} }}\n",
        run_once(texts),
        tables,
        check(blocks),
        immediate.declared(direct),
    ]
    main = _main(texts.pop("main.cpp"), found)
    for number, (name, text) in enumerate(texts.items()):
        if name.startswith("code_objects/"):
            text = _code_object(text, f"hedon_part_{number}", shared, blocks, found)
        elif name == "objects.cpp":
            text = _objects(text, found)
        elif name == "network.cpp":
            text = _network(text, found)
        parts.append(f'#line 1 "{name}"\n{text}\n')
    parts.append(f'#line 1 "main.cpp"\n{main}\n')
    return "\n".join(parts)
