"""Spikes that reach all-to-all synapses in the step in which they are fired: without a queue.

Brian2 puts the number of every synapse that a spike reaches into a queue, copies them out of it, and reads
the two neurons of each from index arrays. Where a builder says that synapses are ``blocks`` (dense.py) and
all delays of a pathway are 0, the synapses of a spike follow from the number of the neuron that fired: those
of its block with every neuron on the other side, in the same order. The queue is left alone then. Delays are
looked at in every call before the run, for they can be arguments: where one is not 0, all goes through the
queue. A sum of three terms or more in one statement may be associated differently, to its last bit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .dense import Block
from .generated_text import closing_brace
from .patches import Found


@dataclass(frozen=True)
class Pathway:
    """A pathway of all-to-all synapses, by its name in Brian2's text."""

    name: str
    synapses: str
    side: str
    """pre or post: the side whose spikes it carries"""
    block: Block
    delays: str
    """array of its delays"""
    spikes: str
    """array of the neurons that fired, with their number at the end"""

    @property
    def neurons(self) -> int:
        """How many can fire."""
        count, before, after = self.block
        return count * (before if self.side == "pre" else after)

    @property
    def flag(self) -> str:
        return f"hedon_immediate_{self.name}"


def pathways(texts: Mapping[str, str], blocks: Mapping[str, Block], found: Found) -> list[Pathway]:
    """The pathways of synapses that are ``blocks``; those whose text is not as known are missed."""
    made = re.compile(r"SynapticPathway (\w+)\(\s*_dynamic_array_(\w+)__synaptic_(pre|post),\s*0, (\d+)\);")
    known = []
    for name, synapses, side, size in made.findall(texts["objects.cpp"]):
        queue = texts.get(f"code_objects/{name}_push_spikes.cpp", "")
        if synapses not in blocks or not queue:
            continue
        delays = re.search(r"const size_t _numdelay = (_dynamic_array_\w+)\.size\(\);", queue)
        pushed = re.search(rf"\b{name}\.push\(_ptr(_array_\w+), ", queue)
        code = texts.get(f"code_objects/{name}_codeobject.cpp", "")
        right = bool(delays and pushed and LOOP.search(code) and f"= {name}.peek();" in code)
        found.note("immediate spikes", int(right), 1)
        if right:
            assert delays and pushed
            pathway = Pathway(name, synapses, side, blocks[synapses], delays[1], pushed[1])
            if pathway.neurons == int(size):
                known.append(pathway)
    return known


LOOP = re.compile(
    r"for\(int _spiking_synapse_idx=0;\s*_spiking_synapse_idx<_num_spiking_synapses;\s*"
    r"_spiking_synapse_idx\+\+\)\s*\{\s*const size_t _idx = \(\*_spiking_synapses\)\[_spiking_synapse_idx\];"
)


def arriving(text: str, pathway: Pathway) -> str:
    """The code object of the pathway with a loop over neurons that fired before that over the queue."""
    loop = LOOP.search(text)
    assert loop is not None
    body = text[loop.end() : closing_brace(text, text.index("{", loop.start()))]
    for side in ("pre", "post"):
        body = body.replace(f"_ptr_array_{pathway.synapses}__synaptic_{side}[_idx]", f"_{side}")
    _, before, after = pathway.block
    if pathway.side == "pre":
        inner = (
            f"const int _pre = _neuron, _first = _neuron/{before}*{after};\n"
            f"            for (int _place = 0; _place < {after}; _place++) {{\n"
            f"            const int _post = _first + _place; const size_t _idx = _pre*{after} + _place;"
        )
    else:
        inner = (
            f"const int _post = _neuron, _place = _neuron%{after}, _first = _neuron/{after}*{before};\n"
            f"            for (int _pre = _first; _pre < _first + {before}; _pre++) {{\n"
            f"            const size_t _idx = _pre*{after} + _place;"
        )
    direct = (
        f"    if ({pathway.flag})\n"
        f"        for (int _spike = 0; _spike < {pathway.spikes}[{pathway.neurons}]; _spike++) {{\n"
        f"            const int _neuron = {pathway.spikes}[_spike];\n"
        f"            {inner}{body}}}\n        }}\n"
    )
    asked = re.search(r"[ \t]*std::vector<int> \*_spiking_synapses = ", text)
    assert asked is not None
    queue = text[asked.start() :].replace(
        f"= {pathway.name}.peek();", f"= {pathway.flag} ? &hedon_nothing : {pathway.name}.peek();"
    )
    return text[: asked.start()] + direct + queue


def waiting(text: str, pathway: Pathway) -> str:
    """The code that fills the queue of the pathway, only where it is needed."""
    advance = f"{pathway.name}.advance();"
    return text.replace(advance, f"if ({pathway.flag}) return;\n        {advance}")


def declared(known: list[Pathway]) -> str:
    """C++ that finds out, before the run, of which pathways all delays are 0."""
    lines = ["static std::vector<int> hedon_nothing;"]
    lines += [f"static bool {pathway.flag} = false;" for pathway in known]
    lines += [
        "template <class Delays> HEDON_COLD bool hedon_no_delay(const Delays& delays) {",
        "    for (size_t n = 0; n < delays.size(); n++) if (delays[n] != 0) return false;",
        "    return true;",
        "}",
        "HEDON_COLD static void hedon_see_delays() {",
        *(f"    {pathway.flag} = hedon_no_delay(brian::{pathway.delays});" for pathway in known),
        "}",
        "",
    ]
    return "\n".join(lines)
