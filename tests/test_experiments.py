"""A result is made once, found again by all that can change it, and resumed where it broke off."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.models import experiments

TINY = Path(__file__).parent / "tiny"


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(TINY)
    monkeypatch.setitem(experiments.EXPERIMENTS, "tiny", "tiny_experiment")
    monkeypatch.setenv("HEDON_RESULTS", str(tmp_path))


def test_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = experiments.run("tiny")
    monkeypatch.setattr(experiments.load("tiny"), "simulate", None)
    again = experiments.run("tiny")
    assert again.folder == first.folder and again.run == first.run
    assert again.dataset.identical(first.dataset)


def test_folder_tells_what_it_is(tmp_path: Path) -> None:
    folder = experiments.run("tiny", "paper", 5).folder
    assert folder.parent == tmp_path / "experiments"
    assert folder.name.startswith("tiny-paper-seed5-")
    assert len(folder.name.rpartition("-")[2]) == 8


def test_whatever_changes_a_result_makes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {
        experiments.run("tiny").folder,
        experiments.run("tiny", seed=1).folder,
        experiments.run("tiny", overrides=["sigma=2"]).folder,
        experiments.run("tiny", overrides={"shifts": [1.0]}).folder,
    }
    monkeypatch.setattr(experiments.results, "versions", lambda: {"numpy": "0"})
    folders.add(experiments.run("tiny").folder)
    monkeypatch.setattr(experiments, "source_digest", lambda name: "other sources")
    folders.add(experiments.run("tiny").folder)
    assert len(folders) == 6


def test_result_reproduces_itself() -> None:
    first = experiments.run("tiny", "paper", 4, overrides=["sigma=2", "limit=7", "draws=30"])
    again = experiments.run("tiny", config_file=first.folder)
    assert again.folder == first.folder
    other = experiments.run("tiny", seed=5, config_file=first.folder / "config.toml")
    assert other.description.config == first.description.config
    assert not other.dataset.equals(first.dataset)


def test_order_of_precedence(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[config]\nsigma = 2\ndraws = 7\n")
    config = experiments.configure("tiny", "paper", ["draws=3"], tmp_path / "my.toml")
    assert (config.draws, config.sigma, config.kind) == (3, 2.0, "normal")


def test_force_sets_the_old_one_aside() -> None:
    first = experiments.run("tiny")
    again = experiments.run("tiny", force=True)
    assert again.folder == first.folder
    assert first.folder.with_name(first.folder.name + ".replaced-1").is_dir()


def test_resumed_where_it_broke_off(monkeypatch: pytest.MonkeyPatch) -> None:
    module = experiments.load("tiny")
    settings = {"shifts": [1, 2, 3], "pause": 0.0123}
    done: list[float] = []

    def interrupt(fraction: float, what: str) -> None:
        done.append(fraction)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiments.run("tiny", overrides=settings, progress=interrupt)
    sleeps: list[float] = []
    monkeypatch.setattr(module.time, "sleep", sleeps.append)
    resumed = experiments.run("tiny", overrides=settings)
    assert len(done) == 1 and sleeps.count(0.0123) == 2
    assert not resumed.folder.with_name(resumed.folder.name + ".part").exists()
    log = (resumed.folder / "run.log").read_text()
    assert log.count("tiny at scale quick, seed 0") == 2
    assert "ERROR ended by KeyboardInterrupt" in log and "INFO done in" in log.splitlines()[-1]
    shutil.rmtree(resumed.folder)
    assert experiments.run("tiny", overrides=settings).dataset.equals(resumed.dataset)


def test_mistake_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def diverge(*arguments: object) -> None:
        raise Mistake("NaN in the weights of individual 3")

    monkeypatch.setattr(experiments.load("tiny"), "simulate", diverge)
    with pytest.raises(Mistake, match="individual 3"):
        experiments.run("tiny")
    assert not list((tmp_path / "experiments").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "tyny"}, "unknown experiment 'tyny'; did you mean 'tiny'"),
        ({"name": "tiny", "scale": "quik"}, "unknown scale 'quik'; did you mean 'quick'"),
        ({"name": "tiny", "seed": -1}, "the seed must be a whole number"),
        ({"name": "tiny", "seed": 2**63}, r"0 or more and below 2\*\*63"),
        ({"name": "tiny", "overrides": ["sigma=-1"]}, "sigma must be above 0"),
        ({"name": "tiny", "config_file": "none.toml"}, "cannot read none.toml"),
    ],
)
def test_mistakes(arguments: dict, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        experiments.run(**arguments)


def test_configuration_of_another_experiment(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('experiment = "digits"\n')
    with pytest.raises(Mistake, match="is of the experiment 'digits', not 'tiny'"):
        experiments.run("tiny", config_file=tmp_path / "other.toml")


def test_describe_shows_every_setting() -> None:
    text = experiments.describe("tiny")
    assert "sigma" in text and "Standard deviation of the numbers (mV)." in text
    assert "40000" in text and text.startswith("The mean of normal numbers")


@pytest.mark.parametrize("name", experiments.EXPERIMENTS)
def test_registered_experiment(name: str) -> None:
    module = experiments.load(name)
    assert experiments.summary(name) == (module.__doc__ or "").partition("\n")[0] != ""
    assert set(experiments.SCALES) <= set(module.PRESETS)
    assert module.PRESETS["quick"] == module.Config()
    assert all(experiments.configuration.field_docs(module.Config).values())
    assert experiments.configure(name) == module.PRESETS["quick"]


@pytest.mark.parametrize("name", experiments.EXPERIMENTS)
def test_counts_that_count_nothing_are_refused_before_anything_runs(name: str) -> None:
    module = experiments.load(name)
    config = module.PRESETS["quick"]
    for field in fields(config):
        value = getattr(config, field.name)
        if isinstance(value, int) and not isinstance(value, bool):
            with pytest.raises(Mistake):
                experiments.configure(name, overrides={field.name: -1})
            if field.name not in getattr(config, "may_be_none", ()):
                with pytest.raises(Mistake, match=f"{field.name} must be 1 or more"):
                    experiments.configure(name, overrides={field.name: 0})


def test_one_value_stands_for_a_list_of_one() -> None:
    """As on the command line; of a list of given length it does not."""
    assert experiments.configure("train", overrides={"eta": 1e-3}).eta == (1e-3,)
    assert experiments.configure("train", overrides={"activations": "tanh"}).activations == ("tanh",)
    with pytest.raises(Mistake, match="eta must be a list, each entry a finite number"):
        experiments.configure("train", overrides={"eta": "fast"})
