"""The manifest of a run of `hedon figures`: which figures, of which results, in what time, in which files.

    {"scale", "seed", "versions", "commit", "finished", "seconds" of all experiments,
     "figures": {NAME: {"claims": {"held", "failed", "waiting"},
                        "experiments": {NAME: {"result", "seconds", "finished"}},
                        "files": {FILE: SHA-256}}}}

It is written anew after each figure, whole or not at all: a run that was killed leaves that of what it made,
and a later one of the same scale and seed goes on with it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..analysis.foundation import results
from .claims import Claim

NAME = "manifest.json"


def begun(folder: Path, scale: str, seed: int) -> dict[str, Any]:
    """The manifest that stands in ``folder``, without figures whose files were changed since; a new one where
    none stands, or one of another scale or seed."""
    new = {"scale": scale, "seed": seed, "figures": {}}
    try:
        found = json.loads((folder / NAME).read_text("utf-8"))
        if not (found["scale"] == scale and found["seed"] == seed):
            return new
        figures = {
            name: entry for name, entry in found["figures"].items() if _files(folder / name) == entry["files"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return new
    return {**new, "figures": figures}


def with_figure(kept: Mapping[str, Any], folder: Path, checked: Sequence[Claim]) -> dict[str, Any]:
    """The manifest with the figure in ``folder``, a folder that `report.make` has written."""
    made_from = json.loads((folder / "made_from.json").read_text("utf-8"))["experiments"]
    experiments = {}
    for experiment, result in made_from.items():
        run = json.loads((folder.parents[1] / "experiments" / result / results.RUN).read_text("utf-8"))
        seconds, finished = run.get("wall_time"), run.get("finished")
        experiments[experiment] = {"result": result, "seconds": seconds, "finished": finished}
    counted = {
        "held": sum(claim.passed for claim in checked),
        "failed": sum(claim.failed for claim in checked),
        "waiting": sum(claim.waits for claim in checked),
    }
    entry = {"claims": counted, "experiments": experiments, "files": _files(folder)}
    figures = {**kept["figures"], folder.name: entry}
    every = {
        one["result"]: one["seconds"] or 0.0
        for each in figures.values()
        for one in each["experiments"].values()
    }
    git = results.git_state()
    return {
        **kept,
        "versions": results.versions(),
        "commit": git and git.get("commit"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(sum(every.values()), 1),
        "figures": figures,
    }


def times(kept: Mapping[str, Any], name: str) -> str:
    """How long the experiments of a figure took, whenever they were run."""
    experiments = kept["figures"][name]["experiments"]
    return ", ".join(f"{experiment} {one['seconds'] or 0:.0f} s" for experiment, one in experiments.items())


def text(kept: Mapping[str, Any]) -> bytes:
    """As it is written."""
    return (json.dumps(kept, indent=1) + "\n").encode()


def _files(folder: Path) -> dict[str, str]:
    """Digests of what `report.make` wrote; what other commands put beside it is not of this run."""
    kinds = (".png", ".pdf", ".svg")
    names = [f"{folder.name}{kind}" for kind in kinds] + ["made_from.json", "claims.json"]
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}
