"""Finding one's way in the C++ text that Brian2 generates."""

import re


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
