"""Claims over seeds: the experiments of a figure run at each, and how often each claim holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hedon import figures
from hedon.__main__ import main
from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.foundation.registry import Registry
from hedon.figures import over_seeds, report
from hedon.figures.claims import Claim
from hedon.models import experiments

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(TINY)
    monkeypatch.setattr(experiments, "EXPERIMENTS", Registry("experiment", "", {"tiny": "tiny_experiment"}))
    for module in (figures, report, over_seeds):
        monkeypatch.setattr(module, "FIGURES", Registry("figure", "", {"tiny": "tiny_figure"}))
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path))


@pytest.mark.parametrize(("text", "seeds"), [("0..2", (0, 1, 2)), ("4,1", (4, 1)), ("7", (7,))])
def test_seeds(text: str, seeds: tuple[int, ...]) -> None:
    assert over_seeds.parse(text) == seeds


@pytest.mark.parametrize("text", ["", "3..1", "a", "1,1", "0..", "-1"])
def test_no_seeds(text: str) -> None:
    with pytest.raises(Mistake, match="seeds"):
        over_seeds.parse(text)


def test_each_seed_is_an_experiment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def claims(data: dict) -> list[Claim]:
        seed = data["tiny"].attrs["seed"]
        return [Claim("always", seed, 1, 5, "chosen"), Claim.at_least("rarely", seed, 2, "chosen", null=0)]

    monkeypatch.setattr(figures.load("tiny"), "check", claims)
    assert main(["figures", "--seeds", "0..2", "--workers", "1"]) == 1
    out, err = capsys.readouterr()
    assert "| 3 of 3 | always | validation | 1 (1) | 1 ± 5 |" in out
    assert "| 1 of 3 **too rarely** | rarely | finding | 1 (1) | ≥ 2 | null 0 |" in out
    assert "1 claim holds at fewer than nine of ten seeds" in err
    assert (tmp_path / "figures" / "what_holds.md").read_text() == out.removesuffix("\n")
    (always, rarely) = json.loads((tmp_path / "figures" / "tiny" / "seeds.json").read_text())
    assert always["seeds"] == [0, 1, 2] and always["held"] == 3 and rarely["held"] == 1
    assert len(list((tmp_path / "experiments").iterdir())) == 3


def test_standing_results_alone_are_counted_and_nothing_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["figures", "--seeds", "1,2", "--workers", "1"]) == 0
    made = sorted((tmp_path / "experiments").iterdir())
    assert main(["figures", "--seeds", "0..9", "--standing"]) == 0
    out = capsys.readouterr().out
    assert "Seeds 1 2." in out and "| 2 of 2 |" in out
    assert sorted((tmp_path / "experiments").iterdir()) == made
    assert main(["figures", "--seeds", "7", "--standing"]) == 0
    assert "No result of these seeds stands." in capsys.readouterr().out
