"""Claims over seeds: the whole of a figure's experiments anew at each seed, and how often each claim holds.

`hedon figures --seeds 0..9` writes, beside the pictures, `figures/NAME/seeds.json` and a table of all
figures, `figures/what_holds.md`: for each claim its kind, what is expected, the mean of its value and its
standard deviation over seeds, the null and the rival, and at how many seeds it holds. A claim that holds at
fewer than nine of ten seeds should not be made, or be made weaker. A claim is known by its name; one whose
name holds numbers that change with the seed is counted apart at each. With ``--standing`` nothing is run:
each figure is counted over those of the seeds whose results stand, which the table names.
"""

import json
import re
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from ..analysis.foundation import ending, results
from ..analysis.foundation.mistakes import Mistake
from ..models import experiments
from ..plasticity.outer_loop.execution import cores
from . import FIGURES, load, report
from .claims import Claim
from .side_by_side import SideBySide

OFTEN = 0.9
"""Share of the seeds at which a claim must hold to be made."""


@dataclass(frozen=True)
class OverSeeds:
    """One claim at several seeds."""

    seeds: tuple[int, ...]
    claims: tuple[Claim, ...]
    """one for each seed"""

    @property
    def held(self) -> int:
        """At how many seeds the claim holds."""
        return sum(claim.passed for claim in self.claims)

    @property
    def checked(self) -> int:
        """At how many seeds it could be checked (one that waits for data cannot)."""
        return sum(not claim.waits for claim in self.claims)

    @property
    def too_rarely(self) -> bool:
        return self.held < OFTEN * self.checked

    @property
    def values(self) -> np.ndarray:
        """The value at each seed (seed,), NaN where there is none."""
        return np.array([np.nan if claim.value is None else claim.value for claim in self.claims])


def parse(text: str) -> tuple[int, ...]:
    """Seeds from '0..9' or '0,3,5'.

    Raises:
        Mistake: neither of the two, a range that is empty, a seed that is named twice.
    """
    span = re.fullmatch(r"(\d+)\.\.(\d+)", text)
    if span:
        seeds = tuple(range(int(span[1]), int(span[2]) + 1))
    elif re.fullmatch(r"\d+(,\d+)*", text):
        seeds = tuple(map(int, text.split(",")))
    else:
        raise Mistake(f"seeds are written 0..9 or 0,3,5, not '{text}'")
    if not seeds or len(set(seeds)) < len(seeds):
        raise Mistake(f"seeds '{text}' name {'none' if not seeds else 'one twice'}")
    return seeds


def gather(found: Iterable[tuple[int, Sequence[Claim]]]) -> list[OverSeeds]:
    """Claims of the same name together, in the order in which they first appear."""
    together: dict[str, list[tuple[int, Claim]]] = {}
    for seed, claims in found:
        for claim in claims:
            together.setdefault(claim.name, []).append((seed, claim))
    return [OverSeeds(*map(tuple, zip(*pairs, strict=True))) for pairs in together.values()]


def table(figures: dict[str, list[OverSeeds]], seeds: Sequence[int], scale: str) -> str:
    """What holds, as markdown."""
    every = [row for rows in figures.values() for row in rows if row.checked]
    rarely = sum(row.too_rarely for row in every)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results.versions().items()))
    lines = [
        "# What holds",
        "",
        f"{len(every)} claims, {scale} scale, seeds {' '.join(map(str, seeds))}; {date.today()}; {versions}.",
        f"{len(every) - rarely} hold at nine tenths of these seeds or more, {rarely} do not.",
    ]
    for name, rows in figures.items():
        lines += ["", f"## {name}", ""]
        own = sorted({seed for row in rows for seed in row.seeds})
        if own != sorted(seeds):
            lines += [f"Seeds {' '.join(map(str, own))}." if own else "No result of these seeds stands.", ""]
        lines += [
            "| holds | claim | kind | value (sd over seeds) | expected | null, rival |",
            "|---|---|---|---|---|---|",
        ]
        for row in rows:
            first, values = row.claims[0], row.values[np.isfinite(row.values)]
            spread = f" ({values.std(ddof=1):.2g})" if len(values) > 1 else ""
            value = f"{values.mean():.4g}{spread}" if len(values) else "—"
            held = f"{row.held} of {row.checked}" if row.checked else "waits for data"
            mark = " **too rarely**" if row.checked and row.too_rarely else ""
            lines.append(
                f"| {held}{mark} | {first.name} | {first.kind} | {value} | {first.bound} | {first.beside} |"
            )
    return "\n".join(lines) + "\n"


def over_seeds(
    names: Sequence[str] = (),
    seeds: str | Sequence[int] = "0..9",
    scale: str = "quick",
    root: Path | str | None = None,
    workers: int | None = None,
    standing: bool = False,
) -> dict[str, list[OverSeeds]]:
    """The claims of figures at each seed, from results that stand or are made, side by side by ``workers``;
    if ``standing``, at those of the seeds alone whose results stand.

    Writes seeds.json beside each figure and what_holds.md. Raises Mistake for an unknown name or scale, and
    for ``seeds`` that are none ('0..9', '0,3,5' or whole numbers).
    """
    chosen = parse(seeds) if isinstance(seeds, str) else parse(",".join(map(str, seeds)))
    needed = {name: load(name).EXPERIMENTS for name in names or FIGURES}
    many = cores() if workers is None else workers
    folder = results.root(root) / "figures"
    found: dict[str, list[OverSeeds]] = {}
    options = Namespace(scale=scale, results=root)
    to_run = {} if standing else report.missing(needed, options, chosen, many)
    with SideBySide(to_run, many) as work:
        for name, made_from in needed.items():
            at_seeds = []
            for seed in chosen:
                if standing and not all(experiments.stands(one, scale, seed, root) for one in made_from):
                    continue
                for experiment in made_from:
                    work.wait(experiment if len(chosen) == 1 else f"{experiment} at seed {seed}")
                at_seeds.append((seed, report.check(name, scale, seed, root)[2]))
            found[name] = gather(at_seeds)
            entries = [
                {"seeds": row.seeds, "held": row.held, "claims": [claim.to_dict() for claim in row.claims]}
                for row in found[name]
            ]
            report.put(folder / name, {"seeds.json": (json.dumps(entries, indent=1) + "\n").encode()})
    report.put(folder, {"what_holds.md": table(found, chosen, scale).encode()})
    return found


def command(names: Sequence[str], options: Namespace) -> int:
    """`over_seeds`, printed; returns 1 if a claim holds too rarely."""
    found = over_seeds(
        names, options.seeds, options.scale, options.results, options.workers, options.standing
    )
    print(table(found, parse(options.seeds), options.scale))
    rarely = sum(row.too_rarely for rows in found.values() for row in rows if row.checked)
    if rarely:
        ending.say(f"{rarely} claim{'s hold' if rarely > 1 else ' holds'} at fewer than nine of ten seeds")
    return 1 if rarely else 0
