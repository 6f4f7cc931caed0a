"""Which files a module is made of, by a small package written for it: sources; and tables of names with
plug-ins: registry."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hedon.analysis.foundation import registry, sources
from hedon.analysis.foundation.mistakes import Mistake

FILES = {
    "__init__.py": "",
    "a/__init__.py": """
from .one import first, second as another
TABLE = {"two": ".two:Two", "plain": "no module", "number": 3}
LAZY = dict.fromkeys(("three", "four"), ".three")
OTHER = other.fromkeys(("five",), ".five", 1)
def lazily():
    from . import six
class Kept:
    from .seven import x
""",
    **{f"a/{name}.py": "" for name in ("one", "two", "three", "five", "six", "seven", "own", "__getattr__")},
    "a/one.py": "import numpy, hedon.b.deep",
    "a/one.h": "int one;",
    "b/__init__.py": "def __getattr__(name):\n    from .behind import x\n",
    "b/deep.py": "from ..a import own",
    "b/behind.py": "import hedon.b.deep",
    "b/builds.py": "BUILD = 'hedon.a.two:build'\nNOT = 'see hedon.a.three:build', 'hedon.a.three'",
    "analysis/foundation/progress.py": "from ...a import six",
    "tells.py": "from .analysis.foundation import progress",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "analysis/foundation/__init__.py").write_text("")
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    sources.reached.cache_clear()
    yield tmp_path
    sources.reached.cache_clear()


def reached(folder: Path, text: str) -> set[str]:
    """What a module of this text is made of, but itself."""
    (folder / "module.py").write_text(text)
    sources.forget_edited()
    sources.reached.cache_clear()
    found = {path.relative_to(folder).as_posix() for path in sources.reached("hedon.module")}
    assert "module.py" in found
    return found - {"module.py"}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", set()),
        ("import numpy", set()),
        ("from .a import own", {"a/own.py", "a/one.h"}),
        ("from hedon.a import own", {"a/own.py", "a/one.h"}),
        ("from .a.own import x", {"a/own.py", "a/one.h"}),
        ("from .a import first", {"a/one.py", "a/one.h", "b/deep.py", "a/own.py"}),
        ("from .a import another", {"a/one.py", "a/one.h", "b/deep.py", "a/own.py"}),
        ("from .a import second", set()),
        ("from .a import two, plain, number, nothing", {"a/two.py", "a/one.h"}),
        ("from .a import four", {"a/three.py", "a/one.h"}),
        ("from .a import five", {"a/five.py", "a/one.h"}),
        ("from .a import lazily", {"a/six.py", "a/one.h"}),
        ("def f():\n    from .a import Kept", {"a/seven.py", "a/one.h"}),
        ("from .b import anything", {"b/behind.py", "b/deep.py", "a/own.py", "a/one.h"}),
        ("from .b import builds", {"b/builds.py", "a/two.py", "a/one.h"}),
        ("from . import tells", {"tells.py", "a/six.py", "a/one.h"}),
        ("import hedon.a", set()),
    ],
)
def test_files_behind_an_import(package: Path, text: str, expected: set[str]) -> None:
    assert reached(package, text) == expected


def test_files_of_modules(package: Path) -> None:
    assert sources.file_of("hedon.a") == package / "a/__init__.py"
    assert sources.file_of("hedon.a.one") == package / "a/one.py"
    assert sources.file_of("hedon.none") is None and sources.file_of("numpy.a") is None
    assert sources.modules_of(package / "b/deep.py") == ("hedon.b.deep",)
    outside = package.parent / f"{package.name}.py"
    outside.write_text("import hedon.a.two\nfrom hedon.a import four, own")
    assert sources.modules_of(outside) == ("hedon.a.two", "hedon.a.three", "hedon.a.own")
    outside.write_text("import")
    with pytest.raises(Mistake, match=f"{outside.name}, line 1: "):
        sources.modules_of(outside)


def test_an_edit_is_read_anew_and_a_comment_changes_nothing(package: Path) -> None:
    file, clock = package / "b/deep.py", 10**18

    def digests(text: str) -> tuple[str, dict[str, str]]:
        nonlocal clock
        clock += 10**9
        file.write_text(text)
        os.utime(file, ns=(clock, clock))
        return sources.digest(["hedon.b.deep"]), sources.meanings(["hedon.b.deep", "hedon.a.own"])

    whole, each = digests("from ..a import own\nx = 1")
    assert list(each) == ["a/one.h", "a/own.py", "b/deep.py"]
    for text in ("'''Told.'''\nfrom ..a import own\nx = 1  # one", "from ..a import own\nx  =  (1)\n'a'"):
        assert digests(text) == (whole, each)
    for text in ("from ..a import own\nx = 2", "from ..a import own\nx = 1\n1", "x = 1"):
        assert digests(text)[0] != whole
    assert "a/own.py" not in sources.meanings(["hedon.b.deep"])
    file.unlink()
    sources.forget_edited()
    assert sources.reached("hedon.b.deep") == frozenset()


# registries


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a plug-in of two rules and an experiment; registries and variables stand afterwards."""
    tables = "RULES = {'Mine': 'rules_of_mine:Mine'}\nEXPERIMENTS = {'own': 'mine'}\n"
    (tmp_path / "mine.py").write_text(tables)
    (tmp_path / "rules_of_mine.py").write_text(
        "class Mine:\n    def later():\n        from beside_mine import x\n        import numpy.y.z_of_mine"
    )
    (tmp_path / "beside_mine.py").write_text("from a.b_of_mine import c")
    for name in ("b_of_mine", "z_of_mine", "other_of_mine"):
        (tmp_path / f"{name}.py").write_text("")
    monkeypatch.setenv(registry.VARIABLE, "")  # delenv alone puts nothing back where nothing was
    monkeypatch.delenv(registry.VARIABLE)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(registry, "_made", [])
    registry._installed.cache_clear()
    registry._tables.cache_clear()
    yield tmp_path
    for name in ("mine", "rules_of_mine", "beside_mine"):
        sys.modules.pop(name, None)
    registry._installed.cache_clear()
    registry._tables.cache_clear()


def test_a_plug_in_adds_its_names_once(folder: Path) -> None:
    rules = registry.Registry("rule", "hedon.plasticity", {"Old": ".critic"})
    experiments = registry.Registry("experiment", "hedon.models", {})
    registry.use(folder / "mine.py")
    registry.use(str(folder / "mine.py"))
    assert os.environ[registry.VARIABLE] == str(folder / "mine.py")
    assert rules["Mine"] == "rules_of_mine:Mine" and experiments == {"own": "mine"}
    assert sys.path.count(str(folder)) == 1 == sys.path.index(str(folder)) - len(sys.path) + 2
    assert rules.load("Mine").__module__ == "rules_of_mine"
    assert rules.load("Old").__name__ == "hedon.plasticity.critic" and rules.file("Old").name == "critic.py"
    assert rules.file("Mine") == folder / "rules_of_mine.py"
    # a registry that is made later knows it too
    assert registry.Registry("rule", "hedon.plasticity", {})["Mine"] == "rules_of_mine:Mine"
    (folder / "second.py").write_text("RULES = {'Mine': 'other_of_mine'}")
    with pytest.raises(Mistake, match="second.py: 'Mine' is the name of another rule already"):
        registry.use(folder / "second.py")


def test_files_of_a_plug_in_are_those_it_imports_from_beside(folder: Path) -> None:
    registry.use(folder / "mine.py")
    nothing, mine = registry.sources({"other"}), registry.sources({"Mine", "other"})
    assert nothing == "" != mine
    for name in ("other_of_mine", "mine", "beside_mine", "b_of_mine", "z_of_mine", "rules_of_mine"):
        counts = name not in ("other_of_mine", "mine")
        with (folder / f"{name}.py").open("a") as file:
            file.write("\n# more")
        assert (registry.sources({"Mine"}) != mine) is counts, name
        mine = registry.sources({"Mine"})


def test_names_that_lead_nowhere(folder: Path) -> None:
    rules = registry.Registry("rule", "", {"gone": "gone_of_mine", "part": "other_of_mine:Part", "Old": "x"})
    sys.path.append(str(folder))
    for name, words in (("gone", "rule 'gone': there is no module 'gone_of_mine'"),
                        ("part", "rule 'part': there is no 'Part' in 'other_of_mine'"),
                        ("Odl", "unknown rule 'Odl'.*Old")):  # fmt: skip
        with pytest.raises(Mistake, match=words):
            rules.load(name)
    with pytest.raises(Mistake, match="there is no module 'gone_of_mine'"):
        rules.file("gone")
    (folder / "other_of_mine.py").write_text("'''First line.\n\nMore.'''")
    assert rules.summary("part") == "First line." and rules.docstring("part").endswith("More.")


@pytest.mark.parametrize(
    "text, words",
    [
        ("X = {}", "registers nothing"),
        ("RULES = {'a': f()}", "RULES must be a table"),
        ("RULES = 3", "RULES must be a table"),
        ("RULES = {", "cannot be read"),
    ],
)
def test_plug_ins_that_are_none(folder: Path, text: str, words: str) -> None:
    (folder / "bad.py").write_text(text)
    with pytest.raises(Mistake, match=words):
        registry.use(folder / "bad.py")
    assert registry.VARIABLE not in os.environ
    with pytest.raises(Mistake, match="cannot be read"):
        registry.use(folder / "none.py")


def test_plug_ins_of_installed_packages(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of a name on the path counts, the working folder does not, nor a package without one."""
    made = (("one", "1.0", "mine"), ("two", "2.0", "gone_of_mine"), ("work", "1", "none"))
    for place, version, module in made:
        info = folder / place / f"user-{version}.dist-info"
        info.mkdir(parents=True)
        name = "user" if place != "work" else "worker"
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\nx = {module}\n")
    plain = folder / "one" / "plain-1.0.dist-info"
    plain.mkdir()
    (plain / "METADATA").write_text("Metadata-Version: 2.1\nName: plain\nVersion: 1.0\n")
    monkeypatch.chdir(folder / "work")
    places = [str(folder), "", str(folder / "work"), str(folder / "one"), str(folder / "two")]
    monkeypatch.setattr(sys, "path", places)
    assert registry._installed() == (folder / "mine.py",)
    assert registry.Registry("rule", "", {}) == {"Mine": "rules_of_mine:Mine"}
    monkeypatch.setattr(sys, "path", [places[0], *places[:2:-1]])
    registry._installed.cache_clear()
    with pytest.raises(Mistake, match="plug-in 'x' names a module 'gone_of_mine' that is not there"):
        registry._installed()
    monkeypatch.setattr(sys, "path", places[:3])
    registry._installed.cache_clear()
    assert registry._installed() == ()
