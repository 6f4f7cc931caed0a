"""The precompiled standard headers: taken by the compiler, made anew when old, never in a program's key."""

import os
import subprocess

import pytest

from hedon.models.program import description, standard_headers

pytestmark = pytest.mark.whole

OPTIONS = ["-O1", "-std=c++11", "-Ianywhere"]
TEXT = "int main() { std::set<int> some; std::cout << std::exp(some.size()); }"

compiler = description.compiler()
gcc = pytest.mark.skipif(
    "clang" in description.compiler_version(compiler), reason="precompiled headers are made with GCC alone"
)


def opened(arguments, options=OPTIONS):
    """What -H says of the headers that the compiler opens: ! and the name of a precompiled one that fits."""
    command = [*compiler, *options, *arguments, "-H", "-fsyntax-only", "-x", "c++", "-"]
    return subprocess.run(command, input=TEXT, text=True, capture_output=True, check=True).stderr


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("headers")


@gcc
def test_the_compiler_takes_them_and_they_are_made_once(root):
    arguments = standard_headers.included(root, compiler, OPTIONS)
    (made,) = root.glob("*/standard.h.gch")
    assert opened(arguments).startswith(f"! {made}")
    before = made.stat().st_mtime_ns
    assert standard_headers.included(root, compiler, OPTIONS) == arguments
    assert made.stat().st_mtime_ns == before
    assert not any(path.is_dir() for path in made.parent.iterdir())


@gcc
def test_older_than_a_header_they_are_made_anew(root):
    arguments = standard_headers.included(root, compiler, OPTIONS)
    (made,) = root.glob("*/standard.h.gch")
    os.utime(made, (1, 1))
    assert standard_headers.included(root, compiler, OPTIONS) == arguments
    assert made.stat().st_mtime > 1


@gcc
def test_other_options_do_not_take_these_but_their_own(root):
    arguments = standard_headers.included(root, compiler, OPTIONS)
    other = [*OPTIONS, "-ffast-math"]
    assert not opened(arguments, other).startswith("!")
    made = standard_headers.included(root, compiler, other)
    assert made != arguments and opened(made, other).startswith("! ")


def test_another_compiler_reads_them_as_text(tmp_path, monkeypatch):
    monkeypatch.setattr(standard_headers, "compiler_version", lambda compiler: "Apple clang version 16.0.0")
    assert standard_headers.included(tmp_path, compiler, OPTIONS) == []


def test_where_they_cannot_be_made_a_program_is_compiled_without(tmp_path):
    taken = tmp_path / "headers"
    taken.write_text("a file")
    assert standard_headers.included(taken, compiler, OPTIONS) == []
