"""One self-contained HTML page of all figures below a folder, with their claims: `hedon report`.

Each figure with its caption, its claims (value, interval, null, rival, at how many seeds it holds), the
configuration of its experiments, versions and times. The page needs no network: pictures are in it, as
vectors where they are small, as pixels where a vector picture would be too large.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..analysis.foundation import results, whole_files
from ..analysis.foundation.mistakes import Mistake
from . import FIGURES, caption
from .claims import KINDS, Claim, counted, read

LARGEST = 600_000
"""Bytes of a vector picture; beyond it the PNG is taken."""
NAME = "report.html"


@dataclass(frozen=True)
class Origin:
    """The result that a figure was drawn from."""

    name: str
    config: str
    run: Mapping[str, Any]

    @property
    def facts(self) -> str:
        """When it was made, how long it took, and with which versions."""
        versions = ", ".join(f"{name} {number}" for name, number in self.run.get("versions", {}).items())
        return (
            f"finished {self.run.get('finished', '?')} after {self.run.get('wall_time', '?')} s; {versions}"
        )


@dataclass(frozen=True)
class Shown:
    """One figure of the page."""

    name: str
    caption: str
    picture: str
    """as a data: address"""
    claims: tuple[Claim, ...]
    held: Mapping[str, str]
    """claim -> at how many seeds it holds, '9 of 10'"""
    made_from: Mapping[str, Any]
    origins: tuple[Origin, ...]


def write(folder: Path | str) -> Path:
    """Write the page of all figures below ``folder`` into it.

    Raises:
        Mistake: there are no figures, or the page cannot be written.
    """
    import jinja2

    folder = Path(folder)
    found = sorted(folder.rglob("claims.json"))
    if not found:
        raise Mistake(f"no figure with claims below {folder}; `hedon figures` makes them")
    shown = [_shown(path.parent) for path in found]
    every = [claim for one in shown for claim in one.claims]
    template = Path(__file__).with_name("page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = environment.from_string(template).render(
        figures=shown,
        held=sum(claim.passed for claim in every),
        many=len(every),
        counted=counted(every),
        kinds=KINDS,
        today=date.today().isoformat(),
    )
    path = folder / NAME
    try:
        whole_files.write(path, text.encode())
    except OSError as error:
        raise results.unwritable(path, error) from error
    return path


def _shown(folder: Path) -> Shown:
    name, made_from = folder.name, _json(folder / "made_from.json", {})
    seeds = _json(folder / "seeds.json", [])
    held = {entry["claims"][0]["name"]: f"{entry['held']} of {len(entry['seeds'])}" for entry in seeds}
    origins = (
        _origin(experiment, folder.parents[1] / "experiments" / result)
        for experiment, result in made_from.get("experiments", {}).items()
    )
    return Shown(
        name,
        caption(name).strip() if name in FIGURES else "",
        _picture(folder, name),
        read(folder / "claims.json"),
        held,
        made_from,
        tuple(origins),
    )


def _origin(name: str, folder: Path) -> Origin:
    config = folder / results.CONFIGURATION
    text = config.read_text("utf-8") if config.is_file() else ""
    return Origin(name, text, _json(folder / results.RUN, {}))


def _picture(folder: Path, name: str) -> str:
    vector, pixels = folder / f"{name}.svg", folder / f"{name}.png"
    small = vector.is_file() and os.path.getsize(vector) <= LARGEST
    path, kind = (vector, "svg+xml") if small else (pixels, "png")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Mistake(f"cannot read {path}: {error.strerror}") from error
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _json(path: Path, otherwise: Any) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return otherwise
    except (OSError, ValueError) as error:
        raise Mistake(f"{path} cannot be read") from error
