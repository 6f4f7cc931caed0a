"""Figures are made of results, with their claims below the panels and beside them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hedon import figures
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.foundation.registry import Registry
from hedon.figures import page, report
from hedon.figures.claims import Claim
from hedon.models import experiments

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(TINY)
    monkeypatch.setattr(experiments, "EXPERIMENTS", Registry("experiment", "", {"tiny": "tiny_experiment"}))
    for module in (figures, report, page):
        monkeypatch.setattr(module, "FIGURES", Registry("figure", "", {"tiny": "tiny_figure"}))
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path))


def test_files_of_a_figure(tmp_path: Path) -> None:
    (made,) = report.make()
    assert made.passed and made.folder == tmp_path / "figures" / "tiny"
    assert {path.name for path in made.folder.iterdir()} == {
        "tiny.png",
        "tiny.pdf",
        "tiny.svg",
        "claims.json",
        "made_from.json",
    }
    assert (made.folder / "tiny.png").read_bytes().startswith(b"\x89PNG")
    assert (made.folder / "tiny.pdf").read_bytes().startswith(b"%PDF")
    entries = json.loads((made.folder / "claims.json").read_text())
    assert [entry["name"] for entry in entries] == [claim.name for claim in made.claims]
    made_from = json.loads((made.folder / "made_from.json").read_text())
    assert (tmp_path / "experiments" / made_from["experiments"]["tiny"]).is_dir()


def test_verdict_below_the_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is named under the picture, else two or three claims; the picture grows, not the panels."""
    from matplotlib import image

    module = figures.load("tiny")
    few = [Claim("one", 1, 1, 0, "counted")] * 9
    many = [Claim(f"a claim with a long name, so long that it wraps {'on ' * 50}", 1, 2, 0, "!")] * 9
    heights = []
    for claims in (few, many):
        monkeypatch.setattr(module, "check", lambda data, claims=claims: claims)
        (made,) = report.make()
        heights.append(image.imread(made.folder / "tiny.png").shape)
    (low, width, _), (high, same_width, _) = heights
    assert width == same_width == 7 * 150
    assert 5.3 * 150 < low < 5.8 * 150
    assert high - low > (9 * 2 - 3 - 1) * 0.12 * 150
    assert not made.passed


def test_claims_that_carry_a_figure() -> None:
    """Marked ones, else findings with a null; what failed is never left out."""
    plain = [Claim(f"{number}", 1, 1, 0, "counted") for number in range(4)]
    finding = Claim.at_least("finding", 1, 0.5, "chosen", null=0)
    marked, failed = Claim("marked", 1, 1, 0, "counted", headline=True), Claim("failed", 2, 1, 0, "counted")
    assert [claim.name for claim in report.carrying([*plain, finding])] == ["finding", "0", "1"]
    assert report.carrying([*plain, finding, marked]) == [marked]
    assert report.carrying([*plain, failed, marked])[0] is failed
    assert report.carrying([failed] * 5) == [failed] * 5
    assert finding.verdict == "✓ finding: 1 (≥ 0.5; null 0)"


def test_the_backend_of_a_notebook() -> None:
    """MPLBACKEND names a module that is not here: figures are drawn all the same; it is left as it was."""
    program = (
        "import io, os\nfrom hedon.figures import look\n"
        "with look.styled():\n    figure, axes = look.panels(1, 2)\n    figure.savefig(io.BytesIO())\n"
        "print(os.environ['MPLBACKEND'])"
    )
    for asked in ("module://no_such_module.backend", "no_such_backend"):
        found = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "MPLBACKEND": asked},
            capture_output=True,
            text=True,
        )
        assert (found.returncode, found.stdout.strip()) == (0, asked), found.stderr


def test_results_are_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    report.make()
    monkeypatch.setattr(experiments.load("tiny"), "simulate", None)
    assert report.make(["tiny"])[0].passed


def test_made_again_over_the_old(tmp_path: Path) -> None:
    (first,) = report.make()
    (second,) = report.make(seed=2)
    assert first.claims != second.claims
    made_from = json.loads((second.folder / "made_from.json").read_text())
    assert made_from["seed"] == 2 and len(list(second.folder.iterdir())) == 5


def test_pictures_are_reproducible() -> None:
    pictures = []
    for _ in range(2):
        (made,) = report.make()
        pictures.append([(made.folder / f"tiny.{kind}").read_bytes() for kind in ("png", "pdf")])
    assert pictures[0] == pictures[1]


def test_style_does_not_leak() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    report.make()
    assert dict(matplotlib.rcParams) | {"backend": 0} == before | {"backend": 0}


def test_figure_without_a_claim(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(figures.load("tiny"), "check", lambda data: [])
    with pytest.raises(Mistake, match="'tiny' makes no claim"):
        report.make()
    assert not (tmp_path / "figures").exists()


def test_unknown_figure_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="unknown figure 'tny'; did you mean 'tiny'"):
        report.make(["tiny", "tny"])
    assert not list(tmp_path.iterdir())


def test_damaged_result_is_refused(tmp_path: Path) -> None:
    report.make()
    (result,) = (tmp_path / "experiments").iterdir()
    (result / "result.nc").write_bytes(b"")
    with pytest.raises(Mistake, match="damaged result .*run with --force"):
        report.make()


def test_unwritable_figures(tmp_path: Path) -> None:
    (tmp_path / "figures").write_text("no folder")
    with pytest.raises(Mistake, match="cannot write"):
        report.make()


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it in one file: the picture as a vector, claims, configuration; text is never code."""
    report.make()
    text = page.write(tmp_path).read_text()
    assert "3 of 3 claims hold" in text and "Means of normal numbers" in text
    assert "data:image/svg+xml;base64," in text and "http" not in re.sub(r"base64,[A-Za-z0-9+/=]*", "", text)
    assert "[config]" in text and "numpy" in text
    bad = Claim("<script>alert(1)</script>", 1, 2, 0, "no")
    monkeypatch.setattr(figures.load("tiny"), "check", lambda data: [bad])
    monkeypatch.setattr(page, "ROOM", 10)
    report.make()
    text = page.write(tmp_path).read_text()
    assert "&lt;script&gt;alert(1)" in text and "<script>alert(1)" not in text
    assert "data:image/png;base64," in text and 'class="failed"' in text
    with pytest.raises(Mistake, match="no figure with claims"):
        page.write(tmp_path / "experiments")


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.whole
@pytest.mark.skipif(BROWSER is None, reason="no Chromium at hand")
@pytest.mark.parametrize("width", [1280, 390])
def test_page_in_a_browser(tmp_path: Path, width: int) -> None:
    """No error in the console, nothing wider than the window, and the filters work."""
    report.make()
    path = page.write(tmp_path)
    probe = """<script>
    filters.words.value = "no such words"; apply();
    const none = document.querySelectorAll("section:not([hidden])").length;
    filters.words.value = ""; apply();
    document.title = [none, document.querySelectorAll("section:not([hidden])").length,
      document.documentElement.scrollWidth <= window.innerWidth].join(" ");
    </script></body>"""
    path.write_text(path.read_text().replace("</body>", probe))
    options = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-sync".split()
    options += [f"--user-data-dir={tmp_path / 'browser'}", f"--window-size={width},900", "--dump-dom"]
    options += ["--enable-logging=stderr", "--v=0"]
    done = subprocess.run([BROWSER, *options, path.as_uri()], capture_output=True, text=True, timeout=120)
    assert "<title>0 1 true</title>" in done.stdout, done.stdout[:500]
    assert "CONSOLE" not in done.stderr, done.stderr


def test_collect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report.make()
    text, passed = report.collect(tmp_path)
    assert passed and text.startswith("# 3 of 3 claims hold")
    assert "![tiny](figures/tiny/tiny.png)" in text and "Means of normal numbers" in text
    monkeypatch.setattr(figures.load("tiny"), "check", lambda data: [Claim("c", 1, 2, 0, "no")])
    report.make()
    text, passed = report.collect(tmp_path)
    assert not passed and "| ✗ | c | validation | 1 | 2 ± 0 |  | no |" in text
    with pytest.raises(Mistake, match="no figure with claims"):
        report.collect(tmp_path / "experiments")


def test_listing() -> None:
    assert "tiny               The mean of normal numbers" in report.listing()
    assert "Figure tiny, from tiny" in report.listing("tiny")
    with pytest.raises(Mistake, match="unknown experiment 'nil'"):
        report.listing("nil")
