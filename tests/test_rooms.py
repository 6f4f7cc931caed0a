"""The plan of the house (docs/how_it_is_built.md): rooms import only rooms below them, without circles."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("analysis", "plasticity", "models", "figures")
"""from the ground up"""
FLOORS = (
    ("program",),
    ("tasks",),
    ("neurons.py", "stochastic_neurons.py", "circuit.py", "levels.py"),
    ("rate", "spiking", "choice", "chain", "coagents", "dopamine", "team"),
    ("conditioning", "predictors", "recurrent", "values"),
    ("actor_critic",),
    ("experiments",),
)
"""of models/, from the ground up; rooms of one floor do not import each other"""
NAMES = ("rate_network.py", "training.py")
"""Files of models/ that only give their names to what users import."""


def files() -> dict[str, Path]:
    """Every module of the four rooms: 'models.rate.circuit' -> its file."""
    found = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(module: str, path: Path, known: dict[str, Path], *, whole: bool) -> Iterator[str]:
    """Modules of the house that a file imports, not for types only; ``whole``: also inside functions."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]

    def visit(node: ast.AST) -> Iterator[ast.ImportFrom]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not whole:
            return
        if isinstance(node, ast.ImportFrom):
            yield node
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    for node in visit(ast.parse(path.read_text("utf-8"))):
        if not node.level:
            continue
        base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
        start = ".".join(part for part in base if part)
        for alias in node.names:
            full = f"{start}.{alias.name}" if start else alias.name
            if full in known:
                yield full
            elif start in known:
                yield start


def graph(*, whole: bool) -> dict[str, set[str]]:
    known = files()
    return {
        module: set(imported(module, path, known, whole=whole)) - {module} for module, path in known.items()
    }


def test_no_room_imports_one_above_it() -> None:
    height = {room: place for place, room in enumerate(ROOMS)}
    up = [
        f"{module} imports {other}"
        for module, others in graph(whole=True).items()
        for other in others
        if height[other.split(".")[0]] > height[module.split(".")[0]]
    ]
    assert not up


def test_no_room_of_models_imports_one_above_it() -> None:
    floor = {room.removesuffix(".py"): place for place, rooms in enumerate(FLOORS) for room in rooms}
    rooms = {path.name for path in (ROOT / "models").iterdir() if path.name not in ("__init__.py", *NAMES)}
    assert rooms - {"__pycache__"} == {room for rooms in FLOORS for room in rooms}
    up = []
    for module, others in graph(whole=True).items():
        room = module.split(".")[1] if module.startswith("models.") else ""
        for other in others:
            there = other.split(".")[1] if other.startswith("models.") else ""
            if room in floor and there in floor and room != there and floor[there] >= floor[room]:
                up.append(f"{module} imports {other}")
    assert not up


def test_no_files_import_each_other_in_a_circle() -> None:
    known = files()
    edges = {
        module: {other for other in others if known[other].name != "__init__.py"}
        for module, others in graph(whole=False).items()
        if known[module].name != "__init__.py"
    }
    graphlib.TopologicalSorter(edges).prepare()  # raises CycleError


def test_comparisons_and_claims_know_no_figure() -> None:
    for module, others in graph(whole=True).items():
        if module.startswith("figures.comparisons."):
            inside = {other for other in others if other.startswith("figures.")}
            assert all(other.startswith(("figures.comparisons", "figures.look")) for other in inside), module
    assert not {other for other in graph(whole=True)["figures.claims"] if other.startswith("figures.")}
