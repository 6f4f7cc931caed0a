"""An experiment's configuration: a frozen dataclass, a TOML table, and `name=value` on a line.

All settings of an experiment stand in one frozen dataclass of plain values (bool, int, float, str,
a Literal, tuples of these, or one of them `| None`), each field followed by a string that says
what it means and in which unit:

    @dataclass(frozen=True)
    class Config:
        trials: int = 2000
        "Trials of learning."
        sigma: float = 1e-3
        "Standard deviation of the perturbation (1)."

`replace` is the only way in: it checks every value against the field's type before the dataclass
sees it, and says in one line what would be right. A whole number counts something, so it is 1 or more,
and a list whose default is not empty has an entry; fields that may do without are named in the class,
``may_be_none = ("trials",)`` (not annotated). TOML has no null: None is written "none".
"""

import ast
import dataclasses
import inspect
import math
import textwrap
import tomllib
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .mistakes import Mistake, nearest

Config = TypeVar("Config")

NONE = "none"


def field_docs(config: type) -> dict[str, str]:
    """What each field means: the string literal that follows it in the class, as one line.

    A field that is given another default in a derived class keeps its meaning unless that class says one.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(config)))
    body = tree.body[0].body  # type: ignore[attr-defined]
    docs = {}
    for field, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            text = after.value.value if said else ""  # type: ignore[union-attr]
            docs[field.target.id] = " ".join(str(text).split())
    inherited = [field_docs(base) for base in config.__bases__ if dataclasses.is_dataclass(base)]
    found: dict[str, str] = {}
    for known in [*inherited, docs]:
        found |= {name: doc or found.get(name, "") for name, doc in known.items()}
    return found


def to_table(config: Any) -> dict[str, Any]:
    """The complete configuration as TOML values: tuples as lists, None as "none"."""
    return {field.name: _plain(getattr(config, field.name)) for field in dataclasses.fields(config)}


def replace(config: Config, changes: Mapping[str, Any], *, where: str = "") -> Config:
    """``config`` with ``changes`` (TOML values), each checked against its field's type.

    Raises:
        Mistake: an unknown field, a value of another type, one that is not finite, a count below 1 or an
            empty list (see above), or one that the dataclass itself refuses. ``where`` (a file's name) begins
            the message.
    """
    kinds = get_type_hints(type(config))
    known = {field.name: field.default for field in dataclasses.fields(config)}  # type: ignore[arg-type]
    may_be_none = getattr(config, "may_be_none", ())
    values = {}
    for name, value in changes.items():
        if name not in known:
            raise Mistake(f"{where}unknown setting '{name}'{nearest(name, known)}")
        try:
            values[name] = _convert(value, kinds[name])
            if name not in may_be_none:
                _check_count(values[name], known[name])
        except _Unfit as unfit:
            raise Mistake(f"{where}{name} must be {unfit}, not {_shown(value)}") from None
    try:
        return dataclasses.replace(config, **values)  # type: ignore[type-var]
    except ValueError as refusal:
        raise Mistake(f"{where}{refusal}") from refusal


def parse_settings(settings: Iterable[str], config: type) -> dict[str, Any]:
    """`name=value` strings as TOML values; a list needs no brackets, a string no quotes."""
    kinds = get_type_hints(config)
    parsed = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name, text = name.strip(), text.strip()
        if not (name and equals and text):
            raise Mistake(f"a setting is written name=value, not '{setting}'")
        parsed[name] = _value(text, kinds.get(name, str))
    return parsed


def read_file(path: Path | str) -> dict[str, Any]:
    """A configuration file: a result's config.toml, or just some settings under [config].

    Returns a table with `config` (a table, perhaps empty) and, where the file says them,
    `experiment`, `scale` and `seed`.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "config.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise Mistake(f"cannot read {path}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{path} is not TOML: {error}") from error
    kinds = {"experiment": str, "scale": str, "seed": int, "config": dict}
    for name, value in table.items():
        if name not in kinds:
            raise Mistake(
                f"{path}: unknown entry '{name}'; settings stand under [config],"
                f" beside {', '.join(entry for entry in kinds if entry != 'config')}"
            )
        if not isinstance(value, kinds[name]) or isinstance(value, bool):
            raise Mistake(f"{path}: {name} must be {_NAMES[kinds[name]]}, not {_shown(value)}")
    return {"config": {}, **table}


class _Unfit(Exception):
    """What a value should have been."""


_NAMES = {
    bool: "true or false",
    int: "a whole number",
    float: "a finite number",
    str: "a word",
    dict: "a table",
}


def _convert(value: Any, kind: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        choices = get_args(kind)
        if value is None or value == NONE and type(None) in choices:
            return None
        expected = []
        for choice in choices:
            if choice is type(None):
                continue
            try:
                return _convert(value, choice)
            except _Unfit as unfit:
                expected.append(str(unfit))
        raise _Unfit(" or ".join([*expected, *([NONE] if type(None) in choices else [])]))
    if origin is Literal:
        if value in get_args(kind) and not isinstance(value, bool):
            return value
        raise _Unfit("one of " + ", ".join(str(choice) for choice in get_args(kind)))
    if origin is tuple:
        return _convert_tuple(value, get_args(kind))
    if kind is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    is_kind = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not is_kind or (kind is float and not math.isfinite(value)):
        raise _Unfit(_NAMES[kind])
    return value


def _check_count(value: Any, default: Any) -> None:
    if value == () and default not in ((), None):
        raise _Unfit("a list of one entry or more")
    if any(isinstance(one, int) and not isinstance(one, bool) and one < 1 for one in _entries(value)):
        raise _Unfit("1 or more" if isinstance(value, int) else "a list, each entry 1 or more")


def _entries(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _convert_tuple(value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _Unfit("a list")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise _Unfit(f"a list of {len(kinds)}")
    try:
        return tuple(_convert(entry, kind) for entry, kind in zip(value, kinds, strict=True))
    except _Unfit as unfit:
        raise _Unfit(f"a list, each entry {unfit}") from None


def _value(text: str, kind: Any) -> Any:
    """The TOML value of ``text``, a list where the field is one, else the text itself."""
    kinds = [kind, *get_args(kind)] if get_origin(kind) in (Union, types.UnionType) else [kind]
    if str in kinds:
        return text.strip("\"'")
    is_list = any(get_origin(choice) is tuple for choice in kinds)
    candidates = [text, text.lower()]
    if is_list and not text.startswith("[") and text != NONE:
        words = ", ".join(f'"{word.strip()}"' for word in text.strip(",").split(","))
        candidates = [f"[{text}]", f"[{text.lower()}]", f"[{words}]"]
    for candidate in candidates:
        try:
            return tomllib.loads(f"value = {candidate}")["value"]
        except (tomllib.TOMLDecodeError, KeyError):
            pass
        try:
            return ast.literal_eval(candidate)  # '.5', which TOML refuses
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    return text


def _plain(value: Any) -> Any:
    if value is None:
        return NONE
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}'" if isinstance(value, str) else str(value)
