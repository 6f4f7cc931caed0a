"""Where recordings lie: the folder that HEDON_DATA names, or, in a checkout, ``../shared/data``.

They are never part of the package.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from ..foundation.mistakes import Mistake

VARIABLE = "HEDON_DATA"
"""Environment variable that names the folder of recordings."""


def data_folder(name: str) -> Path | None:
    """The folder ``name`` among the recordings, None where it is not to be found."""
    return next((place / name for place in _homes() if (place / name).is_dir()), None)


def data_file(name: str) -> Path | None:
    """The file ``name`` among the recordings, None where it is not to be found."""
    return next((place / name for place in _homes() if (place / name).is_file()), None)


def existing(path: str | Path) -> Path:
    """The path of a file that can be read; a Mistake says why another cannot."""
    path = Path(path)
    if path.is_dir():
        raise Mistake(f"{path} is a folder; name the files in it, such as {path}/*.nwb")
    try:
        with path.open("rb"):
            return path
    except FileNotFoundError:
        raise Mistake(f"there is no file {path}") from None
    except OSError as error:
        raise Mistake(f"cannot read {path}: {error.strerror}") from error


def unique_names(paths: Sequence[str | Path]) -> list[str]:
    """The name of each file, with as many of its folders as it takes to tell them apart."""
    whole = [Path(os.path.abspath(path)) for path in paths]
    for folders in range(max((len(path.parts) for path in whole), default=0)):
        names = ["/".join(path.parts[-1 - folders :]) for path in whole]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _homes() -> list[Path]:
    named = os.environ.get(VARIABLE)
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return [*([Path(named)] if named else []), beside]
