"""Making figures: run or reuse the experiments, check the claims, draw, write.

A made figure is a folder `figures/NAME` under the results: NAME.png, NAME.pdf and NAME.svg with the claims
below the panels, claims.json, and made_from.json (scale, seed, result folders). The command also writes
manifest.json (`figures/manifest.py`), all claims as claims.md, and the page.
"""

import io
import itertools
import json
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..analysis.foundation import ending, results, whole_files
from ..analysis.foundation.mistakes import Mistake
from ..analysis.foundation.progress import Progress
from ..models import experiments
from ..models.tasks import TASKS
from ..plasticity import RULES
from ..plasticity.outer_loop.execution import cores
from . import FIGURES, caption, claims, comparisons, load, manifest, page
from .look import Dataset, Figure, styled
from .side_by_side import SideBySide

MOST = 3
"""Claims named under a picture; the report's table has all."""


@dataclass(frozen=True)
class Made:
    """A figure that was made."""

    name: str
    folder: Path
    claims: tuple[claims.Claim, ...]

    @property
    def passed(self) -> bool:
        return not any(claim.failed for claim in self.claims)


def make(
    names: Sequence[str] = (),
    scale: str = "quick",
    seed: int = 0,
    root: Path | str | None = None,
) -> tuple[Made, ...]:
    """Make the figures of these names (all of them when there are none).

    Results that stand under ``root`` are reused. Raises Mistake for an unknown name, for a figure
    that makes no claim, and where a result or a figure cannot be written or read.
    """
    chosen = {name: load(name) for name in names or FIGURES}
    made = []
    for name, module in chosen.items():
        data, origin, checked = check(name, scale, seed, root)
        made_from = {"scale": scale, "seed": seed, "experiments": origin}
        files = {
            **_pictures(name, module, data, checked, f"{scale} scale, seed {seed}"),
            "made_from.json": (json.dumps(made_from, indent=2) + "\n").encode(),
            "claims.json": claims.to_json(checked).encode(),
        }
        folder = results.root(root) / "figures" / name
        put(folder, files)
        made.append(Made(name, folder, checked))
    return tuple(made)


def check(
    name: str, scale: str = "quick", seed: int = 0, root: Path | str | None = None
) -> tuple[dict[str, Dataset], dict[str, str], tuple[claims.Claim, ...]]:
    """What the experiments of a figure found, the folders of these results, and the figure's claims.

    Results that stand under ``root`` are reused. Raises Mistake where the figure makes no claim.
    """
    module = load(name)
    data, origin = {}, {}
    for experiment in module.EXPERIMENTS:
        result = _result(experiment, scale, seed, root)
        data[experiment], origin[experiment] = result.dataset, result.folder.name
    checked = tuple(module.check(data))
    if not checked:
        raise Mistake(f"figure '{name}' makes no claim")
    return data, origin, checked


def figure(name: str, scale: str = "quick", seed: int = 0, root: Path | str | None = None) -> Figure:
    """A figure as matplotlib has it, without the claims below; results that stand under ``root`` are reused.

    Raises:
        Mistake: an unknown name, or a result that cannot be read or written.
    """
    module = load(name)
    data = {one: _result(one, scale, seed, root).dataset for one in module.EXPERIMENTS}
    with styled():
        return module.draw(data)  # type: ignore[no-any-return]


def claims_of(
    name: str, scale: str = "quick", seed: int = 0, root: Path | str | None = None
) -> tuple[claims.Claim, ...]:
    """The claims of a figure; results that stand under ``root`` are reused. Raises as `check`."""
    return check(name, scale, seed, root)[2]


def _result(experiment: str, scale: str, seed: int, root: Path | str | None) -> results.Result:
    def waiting() -> None:
        ending.say(f"waiting for another process that is making {experiment}")

    with Progress(experiment) as progress:
        return experiments.run(experiment, scale, seed, root=root, progress=progress, waiting=waiting)


def _pictures(
    name: str, module: object, data: object, checked: Sequence[claims.Claim], note: str
) -> dict[str, bytes]:
    with styled():
        figure = module.draw(data)  # type: ignore[attr-defined]
        below = _write_verdict(figure, checked, note)
        pictures = {}
        for kind, metadata in (("png", {}), ("pdf", {"CreationDate": None}), ("svg", {"Date": None})):
            file = io.BytesIO()
            figure.savefig(file, format=kind, bbox_inches=below, metadata=metadata)
            figure.set_layout_engine("none")  # laid out once: each layout costs as much as a picture
            pictures[f"{name}.{kind}"] = file.getvalue()
        if "matplotlib.pyplot" in sys.modules:
            # a figure from outside this package may have been made with pyplot, which keeps it
            sys.modules["matplotlib.pyplot"].close(figure)
    return pictures


def carrying(checked: Sequence[claims.Claim]) -> list[claims.Claim]:
    """The claims that carry a figure: what failed, then what is marked ``headline``, then findings that
    state their null, then the rest; three at most, more only where more failed."""

    def weight(claim: claims.Claim) -> tuple[bool, ...]:
        stated = claim.kind == "finding" and claim.null is not None
        return not claim.failed, not claim.headline, not stated, claim.waits

    failed = sum(claim.failed for claim in checked)
    marked = sum(claim.headline for claim in checked) or MOST
    return sorted(checked, key=weight)[: max(failed, min(marked, MOST))]


def _write_verdict(figure: Figure, checked: Sequence[claims.Claim], note: str) -> object:
    """Write below the figure how many claims hold, and those that carry it; returns the box (inches) of both.

    The text stands at negative heights, outside the figure proper, so that neither the panels nor
    their layout know of it.
    """
    from matplotlib.transforms import Bbox

    width, height = figure.get_size_inches()
    size, line, y = 6.5, 0.125, -0.1
    rows = [(f"{claims.counted(checked)}; {note}", "0.5")]
    for claim in carrying(checked):
        colour = "#B00020" if claim.failed else "0.25"
        rows += [(text, colour) for text in textwrap.wrap(claim.verdict, int(width / (0.0079 * size)))]
    for text, colour in rows:
        y -= line
        figure.text(0.08 / width, y / height, text, color=colour, size=size, va="baseline")
    return Bbox([[0, y - 0.1], [width, height]])


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write a figure's files, each whole or not at all; the claims come last."""
    try:
        for name, content in files.items():
            whole_files.write(folder / name, content)
    except OSError as error:
        raise results.unwritable(folder, error) from error


def collect(folder: Path | str) -> tuple[str, bool]:
    """The claims of all figures below ``folder`` as markdown, and whether all of them passed."""
    folder = Path(folder)
    found = sorted(folder.rglob("claims.json"))
    if not found:
        raise Mistake(f"no figure with claims below {folder}; `hedon figures` makes them")
    parts: list[str] = []
    every: list[claims.Claim] = []
    for path in found:
        name, checked = path.parent.name, claims.read(path)
        every += checked
        picture = path.with_name(f"{name}.png").relative_to(folder).as_posix()
        rows = [
            f"| {claim.mark} | {claim.name} | {claim.kind} | {claim.measured} | {claim.bound} "
            f"| {claim.beside} | {claim.reason} |"
            for claim in checked
        ]
        head = ["|   | claim | kind | value | expected | beside | reason |", "|---|---|---|---|---|---|---|"]
        text = caption(name).strip() if name in FIGURES else ""
        lines = [f"## {name}", "", text, "", f"![{name}]({picture})", "", *head, *rows]
        parts.append("\n".join(lines))
    title = f"# {claims.headline(every)}\n\n{claims.counted(every)}"
    return "\n\n".join([title, *parts]), not any(claim.failed for claim in every)


def listing(name: str | None = None) -> str:
    """Experiments and figures with their first lines; of one name, all there is to know."""
    if name is None:
        shown = [("Experiments (hedon run NAME)", experiments.EXPERIMENTS, experiments.summary)]
        shown.append(("Figures (hedon figures NAME)", FIGURES, _first_line))
        analyses = "Analyses (hedon compare DATA --analysis NAME)"
        shown.append((analyses, comparisons.ANALYSES, comparisons.summary))
        shown += [
            (f"{title} (hedon run train --set {kind}=NAME)", known, known.summary)
            for title, kind, known in (("Rules", "rule", RULES), ("Tasks", "task", TASKS))
        ]
        return "\n\n".join(
            "\n".join([title, *(f"  {name:<18} {line(name)}" for name in known)])
            for title, known, line in shown
        )
    parts = []
    if name in FIGURES:
        needed = ", ".join(load(name).EXPERIMENTS)
        parts.append(f"Figure {name}, from {needed}\n\n{caption(name).strip()}")
    if name in experiments.EXPERIMENTS or not parts:
        parts.append(f"Experiment {name}\n\n{experiments.describe(name)}")
    return "\n\n".join(parts)


def _first_line(name: str) -> str:
    return caption(name).partition("\n")[0]


def command(names: Sequence[str], options: Namespace) -> int:
    """Make figures and print their claims, the experiments side by side; 1 if a claim failed.

    After each figure `manifest.json` says what was made so far, of what and for how long. With
    ``options.keep_going`` a figure whose experiment cannot be run does not keep the others from being made;
    the status is 2 then.
    """
    failed, lost = 0, []
    needed = {name: load(name).EXPERIMENTS for name in names or FIGURES}
    workers = cores() if options.workers is None else options.workers
    folder = results.root(options.results) / "figures"
    kept = manifest.begun(folder, options.scale, options.seed)
    with SideBySide(missing(needed, options, [options.seed], workers), workers) as work:
        for place, (name, made_from) in enumerate(needed.items()):
            began = time.monotonic()
            try:
                for experiment in made_from:
                    work.wait(experiment)
                (made,) = make([name], options.scale, options.seed, options.results)
            except Mistake as mistake:
                if not options.keep_going:
                    raise
                ending.say(f"{name}: {mistake}")
                lost.append(name)
                continue
            kept = manifest.with_figure(kept, made.folder, made.claims)
            put(folder, {manifest.NAME: manifest.text(kept)})
            took = f"{place + 1} of {len(needed)}, {time.monotonic() - began:.0f} s"
            print(f"{name}: {made.folder / name}.png ({took}; {manifest.times(kept, name)})")
            for claim in made.claims:
                failed += claim.failed
                why = f"; {claim.reason}" if claim.waits else ""
                beside = f"; {claim.beside}" if claim.beside else ""
                print(f"  {claim.mark} {claim.name}: {claim.measured} (expected {claim.bound}{beside}{why})")
            sys.stdout.flush()
    if any(folder.rglob("claims.json")):
        put(folder, {"claims.md": f"{collect(folder)[0]}\n".encode()})
        print(page.write(folder))
    if lost:
        ending.say(f"not made: {', '.join(lost)}; the same command tries again")
    if failed:
        ending.say(f"{failed} claim{'s' if failed > 1 else ''} failed")
    return 2 if lost else 1 if failed else 0


def missing(
    needed: Mapping[str, Sequence[str]], options: Namespace, seeds: Sequence[int], workers: int
) -> dict[str, list[str]]:
    """The commands that make results which do not stand yet, under 'EXPERIMENT' (of one seed) or
    'EXPERIMENT at seed N'; none where nothing is gained by them."""
    wanted = [
        (name, seed)
        for seed in seeds
        for name in dict.fromkeys(itertools.chain.from_iterable(needed.values()))
        if not experiments.stands(name, options.scale, seed, options.results)
    ]
    if len(wanted) < 2 or workers < 2:
        return {}
    where = ["--results", str(options.results)] if options.results else []
    run = [sys.executable, "-m", "hedon", "run"]
    return {
        name if len(seeds) == 1 else f"{name} at seed {seed}": [
            *run,
            name,
            *("--scale", options.scale, "--seed", str(seed), "--wait"),
            *where,
        ]
        for name, seed in wanted
    }
