"""Benchmarks: each ``bench_*.py`` beside this file has ``main() -> dict[str, str]``, printed as a table.

Speeds are ratios of runs made in turn, in one process and on one core, because absolute times of a shared
machine mean little. ``python tests/bench/run.py [NAME ...]`` runs those whose file name holds a NAME.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main(wanted: list[str]) -> int:
    sys.path.insert(0, str(HERE))
    for path in sorted(HERE.glob("bench_*.py")):
        if wanted and not any(name in path.stem for name in wanted):
            continue
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        print(f"\n{path.stem.removeprefix('bench_')}: {(module.__doc__ or '').partition(chr(10))[0]}")
        start = time.monotonic()
        for name, value in module.main().items():
            print(f"  {name:<64} {value}", flush=True)
        print(f"  ({time.monotonic() - start:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
