"""Patches of Brian2's text: how many are found, and that none can vanish without a word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hedon.models.program import cache
from hedon.models.program.build import flags_of
from hedon.models.program.generated_text import UnknownSource
from hedon.models.program.patches import PATCHES, Found
from hedon.models.program.translation_unit import merge, open_generator, prepared_apart
from hedon.models.rate.network import RateNetwork
from hedon.models.spiking.network import SpikingNetwork
from hedon.models.stochastic_neurons import EscapeNeuron
from hedon.models.tasks import LinearTeacher
from hedon.models.tasks.spike_patterns import SpikePatterns
from hedon.plasticity import EscapeNoise, NodePerturbation

RATES = RateNetwork(
    LinearTeacher(7, 3),
    NodePerturbation(sigma=0.05),
    hidden=(5,),
    activations=("tanh", "linear"),
    individuals=4,
)

SPIKES = SpikingNetwork(SpikePatterns.balanced(2), EscapeNoise(), EscapeNeuron())

GENERATE = """
import sys
import brian2 as b2
b2.set_device("cpp_standalone", build_on_run=False)
from hedon.models.rate.circuit import build as rates
from hedon.models.spiking.circuit import build as spikes
from test_program_patches import RATES, SPIKES
model = rates(RATES) if sys.argv[2] == "rates" else spikes(SPIKES)
model.network.run(0 * b2.second, report="")
b2.get_device().build(directory=sys.argv[1], compile=False, run=False)
"""


def brians_text(folder: Path, network: str) -> Path:
    """Brian2's own text of a network."""
    path = {"PYTHONPATH": ":".join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", GENERATE, str(folder), network]
    subprocess.run(command, check=True, capture_output=True, env=path | {"PATH": "/usr/bin:/bin"})
    return folder


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return brians_text(tmp_path_factory.mktemp("brian") / "generated", "rates")


@pytest.fixture(scope="module")
def generated_spikes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return brians_text(tmp_path_factory.mktemp("brian") / "spikes", "spikes")


def patched(folder: Path, replaced: tuple[str, str] = ("", "")) -> Found:
    """What all patches find in the text, in which one pattern is written otherwise."""
    found = Found()
    blocks = {
        "weights1": (4, 7, 5),
        "weights2": (4, 5, 3),
        "losses": (4, 3, 1),
        "teacher": (4, 7, 3),
        "volume_transmission1": (4, 1, 5),
        "volume_transmission2": (4, 1, 3),
        "synapses": (1, SPIKES.task.inputs, SPIKES.neurons),
    }

    class Text:
        """A file of the folder."""

        def __init__(self, path: Path) -> None:
            self.path = path

        def __truediv__(self, name: str) -> Text:
            return Text(self.path / name)

        def read_text(self) -> str:
            text = self.path.read_text()
            return text.replace(*replaced) if replaced[0] else text

    where = Text(folder)
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.cpp")]
    names = [name for name in names if not name.startswith("brianlib")]
    open_generator((where / "objects.h").read_text(), found)
    for header in ("synapses_classes.h", "brianlib/spikequeue.h"):
        prepared_apart((where / header).read_text(), found)
    flags_of((where / "makefile").read_text())
    merge(where, names, "", "", blocks, found)  # type: ignore[arg-type]
    return found


def test_counts(generated: Path) -> None:
    found = patched(generated)
    assert found.counts["nested loops"] == [11, 11]
    assert found.counts["queues"] == [2, 2]
    for name, (count, expected) in found.counts.items():
        assert count == expected and (count or name == "debug messages"), name
    assert set(found.counts) | {"flags", "immediate spikes"} == set(PATCHES) and found.missed == []


def test_spikes_past_the_queue(generated_spikes: Path) -> None:
    assert patched(generated_spikes).counts["immediate spikes"] == [1, 1]
    for replaced in (
        ("_spiking_synapse_idx++", "++_spiking_synapse_idx"),
        ("_numdelay", "_numdelays"),
        (".peek()", ".look()"),
        (".push(", ".add("),
    ):
        assert patched(generated_spikes, replaced).counts["immediate spikes"] == [0, 1], replaced


NEEDED = [
    ("namespaces", ("namespace {", "namespace brian_own {")),
    ("namespaces", ("using namespace brian;", "using brian::all;")),
    ("run", (".run(0.0, ", ".run(0., ")),
    ("load arrays", ("void _load_arrays()", "void _load_all_arrays()")),
    ("write arrays", ("void _write_arrays()", "void _write_all_arrays()")),
    ("clocks", ("Clock_epsilon", "Clock_eps")),
    ("generator", ("class RandomGenerator", "class Generator")),
    ("flags", ("OPTIMISATIONS = ", "OPTIMIZATIONS = ")),
    ("flags", ("LFLAGS = ", "LINKER = ")),
]
FASTER = [
    ("nested loops", ("int _idx", "size_t _idx")),
    ("nested loops", ("_ptr_array_", "_pointer_array_")),
    ("local sums", ("_synaptic_var", "_synaptic_variable")),
    ("set by name", ("std::string s_value)", "const std::string& s_value)")),
    ("command line", ("const std::vector<std::string> args)", "std::vector<std::string> args)")),
    ("shared support", ("#define _brian_pow(x, y) (pow((x), (y)))", "#define _brian_pow(a, b) (pow(a, b))")),
    ("drawn ahead", ("const long a = gen() >> 5;", "const uint32_t a = gen() >> 5;")),
    ("drawn ahead", ("std::mt19937 gen;", "std::mt19937_64 gen;")),
    ("queues", ("template <typename scalar> void prepare(", "template<typename scalar> void prepare(")),
]


@pytest.mark.parametrize(("name", "replaced"), NEEDED, ids=str)
def test_a_needed_patch_that_finds_nothing_raises(
    name: str, replaced: tuple[str, str], generated: Path
) -> None:
    assert PATCHES[name].needed
    with pytest.raises(UnknownSource, match=rf"Brian2 \d.*\(2.9 to 2.11 were tried\): '{name}'"):
        patched(generated, replaced)


@pytest.mark.parametrize(("name", "replaced"), FASTER, ids=str)
def test_a_patch_that_is_only_faster_is_missed_and_said(
    name: str, replaced: tuple[str, str], generated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = patched(generated, replaced)
    assert not PATCHES[name].needed and found.missed == [name]
    found.say()
    (line,) = capsys.readouterr().err.splitlines()
    assert "a slower program" in line and PATCHES[name].meaning in line


@pytest.mark.whole
@pytest.mark.parametrize(
    "network",
    [RATES, SPIKES],
    ids=["rates", "spikes"],
)
def test_the_manifest_tells(network: RateNetwork | SpikingNetwork) -> None:
    manifest = cache.load(Path(network.program().entry))
    assert manifest is not None
    for name, (found, expected) in manifest["patches"].items():
        assert found == expected, name
    assert manifest["patches"]["nested loops"][0] > 0
