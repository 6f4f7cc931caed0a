"""The pages "write your own" are short, and do what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from page_code import ROOT, blocks, run

WRITE = ROOT / "docs" / "write"
LONGEST = 95
"""Lines, blocks of code included: a page."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One user's folder for all pages: a page goes on from the page before."""
    return tmp_path_factory.mktemp("user")


def losses(said: str, folder: Path) -> list[np.ndarray]:
    import xarray as xr

    found = []
    for line in said.split():
        if line.startswith("results/experiments/train"):
            with xr.open_dataset(folder / line / "result.nc", engine="h5netcdf") as data:
                found.append(data["loss"].values)
    return found


def test_each_page_is_one_page_with_code() -> None:
    pages = sorted(WRITE.glob("*.md"))
    assert [page.stem for page in pages] == ["analysis", "figure", "network", "rule", "task"]
    for page in pages:
        assert len(page.read_text("utf-8").splitlines()) <= LONGEST, page
        assert len(list(blocks(page))) >= 2, page


@pytest.mark.whole
def test_rule_and_figure(folder: Path) -> None:
    """The rule learns, by its broadcast; it is left with more loss than one that knows its noise."""
    said = run(WRITE / "rule.md", folder)
    assert "Covariance" in said and "Hebbian covariance" in said
    unknown, known = losses(said, folder)
    assert (unknown[:, -1] < 0.8 * unknown[:, 0]).all()
    assert unknown[-1, -1] > 3 * known[-1, -1]
    drawn = run(WRITE / "figure.md", folder)
    assert "✓ loss, covariance / node perturbation" in drawn
    assert (folder / "results/figures/who_knows/who_knows.pdf").is_file()
    assert "who_knows" in (folder / "results/figures/report.html").read_text("utf-8")


def left_by(limit: float, squared: np.ndarray) -> np.ndarray:
    """Half of the error that the best weights leave of teachers of these squared lengths."""
    from scipy.stats import norm

    edge = limit / np.sqrt(squared)
    share = 2 * norm.cdf(edge) - 1
    clipped = squared * (share - 2 * edge * norm.pdf(edge)) + limit**2 * (1 - share)
    return 0.5 * (clipped - share**2 * squared)


@pytest.mark.whole
def test_task(folder: Path) -> None:
    """What remains is the closed form of the page, the mean over teachers, at both limits."""
    teachers = np.random.default_rng(0).chisquare(5, 100_000)
    found = losses(run(WRITE / "task.md", folder), folder)
    for loss, limit in zip(found, (1.0, 0.1), strict=True):
        floor, expected = loss[:, -5:].mean(axis=1), left_by(limit, teachers)
        error = np.hypot(expected.std(), 0.1 * expected.mean()) / len(floor) ** 0.5
        # above it by what the learning rate leaves: eta N/2 of the floor, .03
        assert abs(floor.mean() / 1.03 - expected.mean()) < 4 * error


@pytest.mark.whole
def test_network(folder: Path) -> None:
    run(WRITE / "network.md", folder)


def test_analysis(folder: Path) -> None:
    said = run(WRITE / "analysis.md", folder)
    assert "8 subjects from 1 file" in said and "stay after reward" in said
