"""How results, programs, claims and recordings look in a notebook: short tables instead of all they hold.

Figures are shown as pictures, whether or not pyplot was imported. IPython is told what to call for which
class, by name: nothing is imported, and how a class looks is no part of the sources that make a result.
"""

import html
import io
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any


def _result(result: Any) -> dict[str, Any]:
    made, run, data = result.description, result.run, result.dataset
    return {
        "": f"Result of {made.experiment}, {made.scale} scale, seed {made.seed}",
        "folder": result.folder,
        "holds": "; ".join(f"{name} ({', '.join(map(str, one.dims))})" for name, one in data.items()),
        "sizes": ", ".join(f"{name} {size}" for name, size in data.sizes.items()),
        "settings": ", ".join(f"{name} {value}" for name, value in made.config.items()),
        "made": f"{run.get('finished', '?')}, in {run.get('wall_time', '?')} s",
    }


def _program(program: Any) -> dict[str, Any]:
    return {
        "": repr(program),
        "arguments": ", ".join(program.arguments),
        "outputs": ", ".join(program.outputs),
        "sizes": ", ".join(f"{name} {size}" for name, size in program.sizes.items()),
    }


def _claim(claim: Any) -> dict[str, Any]:
    return {
        "": f"{claim.mark} {claim.name}",
        "kind": claim.kind,
        "value": claim.measured,
        "expected": claim.bound,
        "beside": claim.beside,
        "reason": claim.reason,
    }


def _recording(recording: Any) -> dict[str, Any]:
    spikes, trials = recording.spike_times, recording.trials
    last = max((float(one[-1]) for one in spikes if len(one)), default=0.0)
    many = len(next(iter(trials.values()))) if trials else 0
    return {
        "": f"Recording of {len(spikes)} unit{'' if len(spikes) == 1 else 's'}, {many} trials",
        "spikes": f"{sum(map(len, spikes))}, the last at {last:.6g} s",
        "trials": ", ".join(trials),
        "units": ", ".join(recording.units),
        "series": ", ".join(recording.series),
        "events": ", ".join(recording.events),
        "about": "; ".join(f"{name}: {text}" for name, text in recording.about.items()),
        "notes": "; ".join(recording.notes),
    }


Told = Callable[[Any], Mapping[str, Any]]
SHOWN: Mapping[tuple[str, str], Told] = {
    ("analysis.foundation.results", "Result"): _result,
    ("models.program.call", "Program"): _program,
    ("figures.claims", "Claim"): _claim,
    ("analysis.recordings.recording", "Recording"): _recording,
}
"""(module, class) -> its title under '', then name -> text; what is empty is left out"""
LONGEST = 400
"""Characters of one line."""


def in_notebooks() -> None:
    """Tell the running IPython; does nothing where there is none."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is None:
        return
    package = __name__.partition(".")[0]
    kinds = ("text/plain", "text/html", "image/png")
    plain, rich, picture = (shell.display_formatter.formatters[kind] for kind in kinds)
    picture.for_type_by_name("matplotlib.figure", "Figure", _picture)
    for (module, name), told in SHOWN.items():
        rich.for_type_by_name(f"{package}.{module}", name, partial(_show_rich, told))
        plain.for_type_by_name(f"{package}.{module}", name, partial(_show_plain, told))


def _picture(figure: Any) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight")
    return file.getvalue()


def _show_rich(told: Told, one: Any) -> str:
    return as_html(told(one))


def _show_plain(told: Told, one: Any, printer: Any, cycle: bool) -> None:
    printer.text(as_text(told(one)))


def as_text(told: Mapping[str, Any]) -> str:
    """The title, and a line for each thing."""
    title, *rows = _lines(told)
    return "\n".join([title[1], *(f"  {name:<10}{text}" for name, text in rows)])


def as_html(told: Mapping[str, Any]) -> str:
    """The same as a table."""
    title, *rows = _lines(told)
    cells = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{html.escape(text)}</td></tr>'
        for name, text in rows
    )
    return f"<b>{html.escape(title[1])}</b><table>{cells}</table>"


def _lines(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    texts = [(name, " ".join(str(value).split())) for name, value in told.items()]
    kept = [(name, text) for name, text in texts if text or not name]
    return [(name, text if len(text) <= LONGEST else f"{text[:LONGEST]}…") for name, text in kept]
