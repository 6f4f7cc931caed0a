"""One self-contained HTML page of all figures below a folder, with their claims: `hedon report`.

Each figure with its caption, its claims (value, interval, null, rival, at how many seeds it holds), the
configuration of its experiments, versions and times. The page needs no network: pictures are in it, as
vectors as far as the page stays below 10 MB, the largest as pixels beyond it.
"""

import base64
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..analysis.foundation import results, whole_files
from ..analysis.foundation.mistakes import Mistake
from . import FIGURES, caption
from .claims import KINDS, Claim, counted, headline, read

ROOM = 6_600_000
"""Bytes of all vector pictures, so that the page stays below 10 MB: the largest beyond it are shown as
pixels."""
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
    caption: tuple[str, ...]
    """paragraphs"""
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
    vectors = _vectors([path.parent for path in found])
    shown = [_shown(path.parent, path.parent in vectors) for path in found]
    every = [claim for one in shown for claim in one.claims]
    template = Path(__file__).with_name("page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = environment.from_string(template).render(
        figures=shown,
        headline=headline(every),
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


def _vectors(folders: Sequence[Path]) -> set[Path]:
    """Figures that are shown as vectors: from the smallest on, as many as there is room for."""
    sizes = {folder: vector.stat().st_size for folder in folders if (vector := _vector(folder)).is_file()}
    ordered = sorted(sizes, key=lambda folder: sizes[folder])
    ends = itertools.accumulate(sizes[folder] for folder in ordered)
    return {folder for folder, end in zip(ordered, ends, strict=True) if end <= ROOM}


def _vector(folder: Path) -> Path:
    return folder / f"{folder.name}.svg"


def _shown(folder: Path, vector: bool) -> Shown:
    name, made_from = folder.name, _json(folder / "made_from.json", {})
    seeds = _json(folder / "seeds.json", [])
    held = {entry["claims"][0]["name"]: f"{entry['held']} of {len(entry['seeds'])}" for entry in seeds}
    origins = (
        _origin(experiment, folder.parents[1] / "experiments" / result)
        for experiment, result in made_from.get("experiments", {}).items()
    )
    return Shown(
        name,
        _paragraphs(caption(name)) if name in FIGURES else (),
        _picture(_vector(folder), "svg+xml") if vector else _picture(folder / f"{name}.png", "png"),
        read(folder / "claims.json"),
        held,
        made_from,
        tuple(origins),
    )


def _origin(name: str, folder: Path) -> Origin:
    config = folder / results.CONFIGURATION
    text = config.read_text("utf-8") if config.is_file() else ""
    return Origin(name, text, _json(folder / results.RUN, {}))


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _picture(path: Path, kind: str) -> str:
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
