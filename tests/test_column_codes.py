"""Codes of columns are checked or named, never assumed; what is mapped is what is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hedon.analysis.foundation.mistakes import Mistake
from hedon.analysis.recordings.behaviour import of_table, read_behaviour
from hedon.analysis.recordings.nwb import read_nwb
from hedon.analysis.recordings.recording import Recording, Series
from hedon.analysis.responses.dopamine_responses import trace_responses
from hedon.figures import comparisons
from hedon.figures.compare import compare
from hedon.figures.comparisons.data import Data, _dopamine

NEEDS = ("action", "reward", "common")
HEAD = "subject,trial,action,common,win,reward\n"
ROWS = "a,0,1,1,1,0\na,1,0,0,0,1\na,2,1,1,1,0\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "b.csv"
    path.write_text(text)
    return path


def test_a_mapped_column_wins_over_one_of_our_name(tmp_path: Path) -> None:
    read = read_behaviour(written(tmp_path, HEAD + ROWS), NEEDS, {"reward": "win"})
    np.testing.assert_array_equal(read["reward"], [1, 0, 1])


def test_two_columns_of_one_name_are_refused_if_used(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD.replace("win", "reward") + ROWS)
    with pytest.raises(Mistake, match="two columns 'reward'"):
        read_behaviour(path, NEEDS)


@pytest.mark.parametrize("levels", [("1", "2"), ("0.3", "0.7"), ("rare", "common")])
@pytest.mark.parametrize("name", ["common", "reward"])
def test_other_codes_are_refused_or_named(tmp_path: Path, name: str, levels: tuple[str, str]) -> None:
    rows = [{"common": "1", "reward": "0"} | {name: levels[k]} for k in (0, 1, 1)]
    body = "".join(f"a,{k},{k % 2},{row['common']},{row['reward']}\n" for k, row in enumerate(rows))
    path = written(tmp_path, "subject,trial,action,common,reward\n" + body)
    with pytest.raises(Mistake, match=name) as told:
        read_behaviour(path, NEEDS)
    assert "\n" not in str(told.value)
    read = read_behaviour(path, NEEDS, {name: f"{name}:{levels[1]}"})
    np.testing.assert_array_equal(read[name], [0, 1, 1])
    with pytest.raises(Mistake, match="is never '5'"):
        read_behaviour(path, NEEDS, {name: f"{name}:5"})


def test_missed_trials_are_named_by_a_level_of_the_action(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + ROWS.replace("a,1,0", "a,1,-1").replace("a,2,1", "a,2,0"))
    with pytest.raises(Mistake, match="two options; name missed trials by their code.*missed=action:-1"):
        read_behaviour(path, NEEDS)
    read = read_behaviour(path, NEEDS, {"missed": "action:-1"})
    np.testing.assert_array_equal(read["missed"], [0, 1, 0])
    np.testing.assert_array_equal(read["action"], [1, np.nan, 0])


def test_the_rarest_code_is_named_as_that_of_missed_trials(tmp_path: Path) -> None:
    rows = "".join(f"a,{k},{999 if k in (3, 17) else k % 2},1,0,{k % 3 % 2}\n" for k in range(30))
    path = written(tmp_path, HEAD + rows)
    with pytest.raises(Mistake, match="action is 0, 1, 999.*missed=action:999$"):
        read_behaviour(path, NEEDS)


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999"])
@pytest.mark.parametrize(
    ("name", "needs"), [("reward", NEEDS), ("reward", ("action", "reward")), ("outcome", ("outcome",))]
)
def test_what_is_infinite_is_no_number(tmp_path: Path, name: str, needs: tuple[str, ...], value: str) -> None:
    head = "subject,trial,action,common,missed,reward,outcome\n"
    row, cells = "a,{},{},1,{},{},{}\n", {"reward": "1", "outcome": "1"}

    def written_with(value: str, action: str = "1", missed: str = "0") -> Path:
        odd = cells | {name: value}
        lines = [row.format(0, 0, 0, 1, 0), row.format(1, action, missed, odd["reward"], odd["outcome"])]
        return written(tmp_path, head + "".join([*lines, row.format(2, 1, 0, 0, 1)]))

    for good in (written_with("0"), written_with(value, missed="1")):
        assert len(read_behaviour(good, needs)) == 3
    if "action" in needs:
        assert np.isnan(read_behaviour(written_with(value, action=""), needs)["action"][1])
    shown = "-inf" if value[0] == "-" else "inf"
    with pytest.raises(Mistake, match=f"b.csv, line 3: {name} is {shown}, must be finite"):
        read_behaviour(written_with(value), needs)


def test_yes_and_no_are_not_infinite(tmp_path: Path) -> None:
    path = written(tmp_path, "subject,trial,action,reward,missed\na,0,1,0,0\na,1,0,1,inf\n")
    with pytest.raises(Mistake, match="missed is 0, inf, must be 1 or 0"):
        read_behaviour(path, ("action", "reward"))


@pytest.mark.parametrize(
    ("name", "rewards", "code", "refused"),
    [
        ("reward", (0, 1), -1, True),
        ("reward", (0, 1), 9, True),
        ("win", (0, 1), 99, True),
        ("reward", (0, 0.5, 1), -99, True),
        ("reward", tuple(range(101)), -1, True),
        ("reward", tuple(range(101)), 999, True),
        ("estimate", tuple(np.linspace(0.01, 0.99, 99)), -1, True),
        ("outcome", (0, 1), -1, True),
        ("reward", (-1, 0, 1), None, False),
        ("reward", tuple(range(101)), None, False),
        ("reward", (1, 2, 4), None, False),
        ("outcome", tuple(range(-50, 51)), None, False),
    ],
)
def test_amounts_of_missed_trials_are_no_amounts(
    tmp_path: Path, name: str, rewards: tuple[float, ...], code: float | None, refused: bool
) -> None:
    generator = np.random.default_rng(4)
    ours = "reward" if name == "win" else name
    needs = ("action" if ours == "reward" else "cue", ours)
    table = {needs[0]: generator.integers(0, 2, 600)}
    table[ours] = generator.permutation(np.resize(rewards, 600))
    away = np.arange(600) % 23 == 5
    if code is not None:
        table[ours] = np.where(away, code, table[ours])
    rows = "".join(f"a,{k},{a},{b}\n" for k, (a, b) in enumerate(zip(*table.values(), strict=True)))
    head = ",".join(name if column == ours else column for column in table)
    path, told = written(tmp_path, f"subject,trial,{head}\n" + rows), {ours: name}
    if not refused:
        assert len(np.unique(read_behaviour(path, needs, told)[ours])) == len(rewards)
        return
    assert code is not None
    with pytest.raises(Mistake, match=f"{ours} is {code} in {away.sum()} of 600 .*missed={name}:{code}"):
        read_behaviour(path, needs, told)
    read = read_behaviour(path, needs, told | {"missed": f"{name}:{code}"})
    np.testing.assert_array_equal(np.isnan(read[ours]), away)


def test_a_reward_is_above_0(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match="reward is -1, 0, must be 1 or 0"):
        read_behaviour(
            written(tmp_path, "subject,trial,action,common,reward\na,0,1,1,-1\na,1,0,0,0\n"), NEEDS
        )


@pytest.mark.parametrize("level", ["1", "yes"])
def test_an_empty_cell_is_not_the_other_level(tmp_path: Path, level: str) -> None:
    rows = "".join(f"a,{k},{k % 2},1,{level if k % 3 else ''}\n" for k in range(9))
    told = {"reward": "reward:yes"} if level == "yes" else {}
    with pytest.raises(Mistake, match="reward is .* empty.*: write both levels"):
        read_behaviour(written(tmp_path, "subject,trial,action,common,reward\n" + rows), NEEDS, told)


def test_an_empty_flag_is_no_missed_trial(tmp_path: Path) -> None:
    rows = "".join(f"a,{k},{k % 2},1,{k % 2},{1 if k == 4 else ''}\n" for k in range(9))
    read = read_behaviour(written(tmp_path, "subject,trial,action,common,reward,missed\n" + rows), NEEDS)
    np.testing.assert_array_equal(read["missed"], np.arange(9) == 4)
    np.testing.assert_array_equal(np.isnan(read["action"]), np.arange(9) == 4)


def test_sessions_without_a_name_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"a,{'' if k == 3 else 's'},{k},{k % 2},{k % 2}\n" for k in range(9))
    with pytest.raises(Mistake, match=r"1 of 9 trials have no session \(the first: line 5\)"):
        read_behaviour(written(tmp_path, "subject,session,trial,action,reward\n" + rows), ("action",))


def test_cells_that_python_alone_takes_for_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "subject,trial,action,reward\na,0,1_0,1\na,1,0_1,0\n")
    with pytest.raises(Mistake, match="line 2: action is '1_0', must be a number"):
        read_behaviour(path, ("action", "reward"))


@pytest.mark.parametrize("names", [("a\u2028b", "ab"), ("a\x0bb", "ab"), ("a\nb", "ab")])
def test_a_line_ends_where_it_ends(tmp_path: Path, names: tuple[str, str]) -> None:
    path = tmp_path / "b.csv"
    rows = "".join(f'"{name}",{k},1\n' for name in names for k in range(3))
    path.write_bytes(f"subject,trial,action\n{rows}".encode())
    assert len(dict(read_behaviour(path, ("action",)).subjects())) == 2


def test_the_separator_that_excel_names(tmp_path: Path) -> None:
    path = written(tmp_path, "sep=;\nsubject;trial;action\na;0;1,5\n")
    assert read_behaviour(path, ("action",))["action"].tolist() == [1.5]


def test_numbers_of_subjects_keep_their_digits() -> None:
    long = np.repeat([1234567.0, 1234568.0], 2)
    table = {"subject": long, "trial": np.tile([0.0, 1.0], 2), "action": np.arange(4.0)}
    read = of_table("a.parquet", table, ("action",), {})
    assert list(dict(read.subjects())) == ["1234567", "1234568"]


@pytest.mark.parametrize(
    ("types", "chosen"),
    [
        (["dopamine", "non-dopaminergic", "putative dopamine"], [1, 0, 0]),
        (["DA", "GABA", "dopaminergic neuron"], [1, 0, 1]),
        (["DAT+", "DAT-", "?"], [1, 1, 1]),
    ],
)
def test_dopamine_cells_are_known_by_whole_words(types: list[str], chosen: list[int]) -> None:
    recording = Recording((np.ones(1),) * 3, {}, {"cell_type": np.array(types)})
    np.testing.assert_array_equal(_dopamine(recording), chosen)


def test_times_from_the_trials_start_and_files_named_twice_are_refused(tmp_path: Path) -> None:
    start = 20.0 * np.arange(1, 13)
    table = {"start_time": start, "stop_time": start + 5, "t_outcome": np.full(12, 2.0)}
    path = tmp_path / "c.npz"
    arrays = {f"trials.{name}": values for name, values in table.items()}
    spikes = np.arange(0.0, 260, 0.1)
    np.savez(path, spike_times=spikes, spike_unit=np.zeros(len(spikes)), **arrays)
    with pytest.raises(Mistake, match="outside its trial .* in 12 of 12"):
        list(Data([path]).cells((), optional={"t_outcome": 0.0}))
    with pytest.raises(Mistake, match="named twice"):
        compare([path, tmp_path / "." / "c.npz"], "reward-response", out=tmp_path / "out")
    (tmp_path / "link.npz").symlink_to(path)
    with pytest.raises(Mistake, match="named twice"):
        Data([path, tmp_path / "link.npz"])


def test_a_trace_of_one_column_is_a_trace() -> None:
    times, values = np.arange(0, 20, 0.1), np.repeat([1.0, 3.0], 100)
    trials = {"t_outcome": np.array([9.8]), "t_cue": np.array([np.nan])}
    flat, column = (Series.of(times, part, "1") for part in (values, values[:, None]))
    np.testing.assert_array_equal(trace_responses(column, trials), trace_responses(flat, trials))


def test_a_file_that_another_program_writes_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.nwb"
    write = f"import h5py, sys; f=h5py.File({str(path)!r}, 'w'); print('open', flush=1); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", write], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(Mistake, match="open for writing in another program"):
            read_nwb(path)
        other.communicate("")


@pytest.mark.parametrize(
    ("levels", "missed", "refused"),
    [
        ((0, 1), -1, True),
        ((0, 1, 2), 99, True),
        ((1, 2), 0, True),
        ((1, 2, 3), 999, True),
        ((-1, 1), 99, True),
        ((0, 1, 2), None, False),
        ((-1, 1), None, False),
        ((10, 20), None, False),
    ],
)
def test_codes_of_missed_trials_are_no_options(
    tmp_path: Path, levels: tuple[int, ...], missed: int | None, refused: bool
) -> None:
    generator = np.random.default_rng(3)
    action, reward = generator.choice(levels, 300), generator.integers(0, 2, 300)
    if missed is not None:
        away = np.arange(300) % 29 == 5
        action[away], reward[away] = missed, 0
    rows = "".join(f"a,{k},{a},{r}\n" for k, (a, r) in enumerate(zip(action, reward, strict=True)))
    path = written(tmp_path, "subject,trial,action,reward\n" + rows)
    if not refused:
        assert len(np.unique(read_behaviour(path, ("action", "reward"))["action"])) == len(levels)
        return
    with pytest.raises(Mistake, match=f"if {missed} stands for missed trials say --column missed=action:"):
        read_behaviour(path, ("action", "reward"))
    read = read_behaviour(path, ("action", "reward"), {"missed": f"action:{missed}"})
    assert np.isnan(read["action"]).sum() == away.sum()


def test_fits_of_choices_check_the_transitions_too(tmp_path: Path) -> None:
    rows = "".join(f"a,{k},{k % 2},{1 + k % 3 % 2},{k % 5 % 2}\n" for k in range(60))
    path = written(tmp_path, "subject,trial,action,common,reward\n" + rows)
    with pytest.raises(Mistake, match="common is 1, 2, must be 1 or 0"):
        compare([path], "choice-fit", out=tmp_path)


def people(path: Path, subjects: list[str], same: bool = False) -> Path:
    g = np.random.default_rng(0)
    rows = ["subject,trial,action,reward,common"]
    for number, name in enumerate(subjects):
        g = np.random.default_rng(0) if same else g
        rows += [f"{name},{number * 40 + t},{','.join(map(str, g.integers(0, 2, 3)))}" for t in range(40)]
    path.write_text("\n".join(rows) + "\n")
    return path


def test_trials_without_a_subject_are_nobodys(tmp_path: Path) -> None:
    file = people(tmp_path / "a.csv", ["a", "b"])
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:2], *("," + line.partition(",")[2] for line in lines[2:])]))
    with pytest.raises(Mistake, match=r"79 of 80 trials have no subject \(the first: line 3\)"):
        comparisons.measure("stay-probabilities", Data([file]))


def test_people_who_are_perhaps_one_are_told(tmp_path: Path) -> None:
    def notes(*names: str, same: bool = False) -> str:
        file = people(tmp_path / "b.csv", list(names), same)
        return "; ".join(comparisons.measure("stay-probabilities", Data([file])).notes)

    assert "are they one" not in notes("a", "b", "c") and "very trials" not in notes("a", "b", "c")
    assert "2 of 3 subjects have the very trials of another" in notes("a", "b", "c", same=True)
    assert "Ann and ann count as 2 subjects; are they one?" in notes("Ann", "b", "ann")
    assert "01 and 1.0 count as 2 subjects" in notes("01", "1.0", "2")
    assert "count as 2 subjects" in notes("Zo\u00eb", "Zoe\u0308", "b")


def test_a_column_that_nothing_uses_may_hold_words_whatever_it_is_called(tmp_path: Path) -> None:
    """Rewards that are read from words in a column called as one of ours: the words are no mistake."""
    path = tmp_path / "b.csv"
    rows = [f"a,{k},{k % 2},{'hit' if k % 3 else 'miss'}" for k in range(9)]
    path.write_text("\n".join(["subject,trial,action,outcome", *rows]))
    found = read_behaviour(path, ("action", "reward"), {"reward": "outcome:hit"})
    assert found["reward"].tolist() == [0, 1, 1] * 3
    with pytest.raises(Mistake, match="outcome is 'miss', must be a number"):
        read_behaviour(path, ("action", "outcome"), {})
