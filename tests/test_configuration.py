"""A configuration survives the way through TOML, and what does not fit gets one clear line."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import pytest
import tomli_w

from hedon.analysis.foundation import configuration
from hedon.analysis.foundation.mistakes import Mistake


@dataclass(frozen=True)
class Config:
    trials: int = 100
    "Trials of learning."
    sigma: float = 1e-3
    """Standard deviation of the perturbation,
    in units of the activity."""
    rule: str = "NodePerturbation"
    "Name of the rule."
    perturbation: Literal["normal", "signs"] = "normal"
    "Its distribution."
    widths: tuple[int, ...] = (100, 10)
    "Neurons of each layer."
    span: tuple[float, float] = (0.0, 1.0)
    rates: tuple[float, ...] | None = None
    "Learning rates; none: the theory's."
    clip: float | None = 2.0
    "Largest weight."
    antithetic: bool = False
    "Use each perturbation twice."
    layers: tuple[tuple[int, ...], ...] = ((1, 2), (3,))
    "A list of lists."
    blocks: tuple[int, ...] = (4, 2)
    "Trials of each block."

    may_be_none = ("widths", "layers")

    def __post_init__(self) -> None:
        if self.sigma <= 0:
            raise Mistake(f"sigma must be above 0, not {self.sigma}")


OTHER = Config(7, 1e-300, "a 'word'", "signs", (), (-1.5, 3.0), (0.1, 2e-7), None, True, (), (1,))


@pytest.mark.parametrize("config", [Config(), OTHER])
def test_round_trip(config: Config) -> None:
    text = tomli_w.dumps(configuration.to_table(config))
    back = configuration.replace(Config(), tomllib.loads(text))
    assert back == config
    for field in fields(Config):
        assert type(getattr(back, field.name)) is type(getattr(config, field.name))


def test_docs_are_the_strings_after_the_fields() -> None:
    docs = configuration.field_docs(Config)
    assert list(docs) == [field.name for field in fields(Config)]
    assert docs["trials"] == "Trials of learning."
    assert docs["sigma"] == "Standard deviation of the perturbation, in units of the activity."
    assert docs["span"] == ""


def test_docs_of_an_inherited_field() -> None:
    @dataclass(frozen=True)
    class Longer(Config):
        blocks: int = 3
        "Blocks of trials."

    docs = configuration.field_docs(Longer)
    assert docs["trials"] == "Trials of learning." and docs["blocks"] == "Blocks of trials."


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("trials=5", 5),
        ("trials=1e4", 10_000),
        ("trials = 5 ", 5),
        ("sigma=2", 2.0),
        ("sigma=1e-4", 1e-4),
        ("rule=WeightPerturbation", "WeightPerturbation"),
        ("rule=3", "3"),
        ("rule='two words'", "two words"),
        ("perturbation=signs", "signs"),
        ("widths=50", (50,)),
        ("widths=50,20,10", (50, 20, 10)),
        ("widths=[50, 20]", (50, 20)),
        ("widths=[]", ()),
        ("widths=0", (0,)),
        ("rates=none", None),
        ("rates=.1,2", (0.1, 2.0)),
        ("sigma=.5", 0.5),
        ("clip=none", None),
        ("clip=3", 3.0),
        ("antithetic=true", True),
        ("antithetic=True", True),
        ("layers=[[1], [2, 3]]", ((1,), (2, 3))),
    ],
)
def test_setting(setting: str, expected: Any) -> None:
    changed = configuration.replace(Config(), configuration.parse_settings([setting], Config))
    value = getattr(changed, setting.partition("=")[0].strip())
    assert value == expected and type(value) is type(expected)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("trials=2.5", "trials must be a whole number, not 2.5"),
        ("trials=many", "trials must be a whole number, not 'many'"),
        ("trials=true", "trials must be a whole number, not true"),
        ("trials=0", "trials must be 1 or more, not 0"),
        ("trials=-1e4", "trials must be 1 or more, not -10000"),
        ("blocks=3,0", "blocks must be a list, each entry 1 or more, not [3, 0]"),
        ("blocks=[]", "blocks must be a list of one entry or more, not []"),
        ("sigma=nan", "sigma must be a finite number, not nan"),
        ("sigma=inf", "sigma must be a finite number, not inf"),
        ("sigma=0", "sigma must be above 0"),
        ("sigma=true", "sigma must be a finite number, not true"),
        ("perturbation=sign", "perturbation must be one of normal, signs, not 'sign'"),
        ("rates=.1,x", "rates must be a list, each entry a finite number or none"),
        ("widths=50,x", "widths must be a list, each entry a whole number"),
        ("widths=50.5,1", "widths must be a list, each entry a whole number"),
        ("span=1", "span must be a list of 2"),
        ("clip=much", "clip must be a finite number or none, not 'much'"),
        ("antithetic=1", "antithetic must be true or false, not 1"),
        ("antithetic=yes", "antithetic must be true or false, not 'yes'"),
        ("sigam=1", "unknown setting 'sigam'; did you mean 'sigma'?"),
        ("sigma", "written name=value, not 'sigma'"),
        ("sigma=", "written name=value"),
        ("=3", "written name=value"),
    ],
)
def test_setting_that_does_not_fit(setting: str, said: str) -> None:
    with pytest.raises(Mistake) as told:
        configuration.replace(Config(), configuration.parse_settings([setting], Config))
    assert said in str(told.value) and "\n" not in str(told.value)


def test_changes_are_taken_together() -> None:
    """What the dataclass checks is the whole, not each step on the way."""
    parsed = configuration.parse_settings(["sigma=0", "sigma=3", "trials=4"], Config)
    assert configuration.replace(Config(), parsed) == Config(trials=4, sigma=3.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[config]\nsigma = 'x'", None),
        ("sigma = 1", "unknown entry 'sigma'; settings stand under [config]"),
        ("[config", "is not TOML"),
        ("seed = 'x'", "seed must be a whole number, not 'x'"),
        ("seed = true", "seed must be a whole number, not true"),
        ("config = 3", "config must be a table, not 3"),
        ("\xff", "is not TOML"),
    ],
)
def test_file(tmp_path: Path, text: str, said: str | None) -> None:
    path = tmp_path / "my.toml"
    path.write_text(text)
    if said is None:
        table = configuration.read_file(path)["config"]
        with pytest.raises(Mistake, match="my.toml: sigma must be a finite number, not 'x'"):
            configuration.replace(Config(), table, where=f"{path}: ")
        return
    with pytest.raises(Mistake) as told:
        configuration.read_file(path)
    assert said in str(told.value) and str(path) in str(told.value)


def test_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="cannot read .*No such file"):
        configuration.read_file(tmp_path / "none.toml")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Mistake, match="not a text file"):
        configuration.read_file(tmp_path / "binary")
    with pytest.raises(Mistake, match="cannot read .*config.toml"):
        configuration.read_file(tmp_path)
