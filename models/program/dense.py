"""All-to-all blocks: loops over synapses whose indices are counted instead of read.

Brian2 finds the two neurons of each synapse in index arrays. Where a builder says that a `Synapses` object is
``blocks`` of ``before`` x ``after`` synapses, ordered (block, presynaptic, postsynaptic), synapse
(b, k, l) has number (b*before + k)*after + l, presynaptic neuron b*before + k and postsynaptic neuron
b*after + l. The loops of its code objects become three nested ones, in the same order, whose inner one reads
and writes neighbours, so that the compiler can work on several synapses at once. What a block's neurons
receive is summed in a local array, which can stay in registers. Sums over what a neuron receives keep their
order and so their last bit; sums over what it sends may be associated differently.

That the index arrays are what the builder said is checked in every call before the run.
"""

import re
from collections.abc import Mapping

from .generated_text import closing_brace
from .patches import Found

Block = tuple[int, int, int]
"""Number of blocks, presynaptic and postsynaptic neurons in each."""


LARGEST = 1024
"""Neurons of a block whose sums are kept in a local array."""


def counted(text: str, blocks: Mapping[str, Block], found: Found) -> str:
    """A code object's text with the loop over one of the ``blocks`` nested; others as they are.

    A loop is expected wherever an index of the block's synapses is read, but not where they are created or
    only those run at which a spike has arrived.
    """
    for name, (count, before, after) in blocks.items():
        if f"{name}__synaptic_" not in text:
            continue
        read = re.search(rf"{name}__synaptic_(?:pre|post)\w*\[", text)
        looped = int(bool(read) and ".push_back(" not in text and "_spiking_synapse" not in text)
        pre, post = (f"_ptr_array_{name}__synaptic_{side}[_idx]" for side in ("pre", "post"))
        if pre not in text and post not in text:
            found.note("nested loops", 0, looped)
            continue
        limit = rf"(?:_ptr_array_{name}_N\[0\]|_N)"
        loop = re.compile(rf"for\s*\(int _idx=0; _idx<{limit}; _idx\+\+\)\s*\{{")
        if len(loop.findall(text)) != 1 or not re.search(rf"_array_{name}_N\b", text):
            found.note("nested loops", 0, looped)
            continue
        found.note("nested loops", 1, looped)
        received = re.search(r"(_ptr_array_\w+)" + re.escape(f"[{post}] += _synaptic_var;"), text)
        if after <= LARGEST:
            sums = re.search(re.escape(f"[{post}]") + r"\s*\+=", text)
            found.note("local sums", int(received is not None), int(sums is not None))
        nested = (
            f"    for (int _pre = _block*{before}; _pre < (_block + 1)*{before}; _pre++)\n"
            f"    for (int _place = 0; _place < {after}; _place++)\n"
            f"    {{\n        const int _post = _block*{after} + _place, _idx = _pre*{after} + _place;"
        )
        outer = f"for (int _block = 0; _block < {count}; _block++)\n    "
        if received and after <= LARGEST:
            text = _summed_locally(text, loop, outer, nested, received, after)
        else:
            text = loop.sub(outer + nested, text)
        text = text.replace(pre, "_pre").replace(post, "_post")
    return text


def _summed_locally(
    text: str, loop: re.Pattern[str], outer: str, nested: str, received: re.Match[str], after: int
) -> str:
    """The loops of a summed variable over one block, with its sums in a local array."""
    target = received[1]
    start = loop.search(text)
    assert start is not None
    end = closing_brace(text, start.end() - 1) + 1
    body = text[start.end() : end].replace(received[0], "_sum[_place] += _synaptic_var;")
    before = re.sub(
        r"^void (_run_\w+\(\))$",
        r'__attribute__((optimize("no-associative-math"))) void \1',  # else sums would be cut into parts
        text[: start.start()],
        flags=re.MULTILINE,
    )
    places = f"    for (int _place = 0; _place < {after}; _place++) "
    return (
        f"{before}{outer}{{\n    decltype(0 + *{target}) _sum[{after}];\n"
        f"{places}_sum[_place] = {target}[_block*{after} + _place];\n"
        f"{nested}{body}\n"
        f"{places}{target}[_block*{after} + _place] = _sum[_place];\n    }}{text[end:]}"
    )


def check(blocks: Mapping[str, Block]) -> str:
    """C++ that ends a call in which the synapses are not what the builder said."""
    lines = ["static void hedon_check_blocks() {", "    using namespace brian;"]
    for name, (count, before, after) in blocks.items():
        pre, post = (f"_dynamic_array_{name}__synaptic_{side}" for side in ("pre", "post"))
        lines += [
            "    {",
            f"        bool right = {pre}.size() == (size_t){count * before * after};",
            f"        for (size_t n = 0; right && n < {pre}.size(); n++)",
            f"            right = {pre}[n] == (int)(n / {after})",
            f"                && {post}[n] == (int)(n / {before * after} * {after} + n % {after});",
            "        if (!right) {",
            f'            std::fputs("synapses {name} are not {count} blocks of "',
            f'                "{before} x {after}\\n", stderr);',
            "            std::exit(4);",
            "        }",
            "    }",
        ]
    return "\n".join([*lines, "}", ""])
