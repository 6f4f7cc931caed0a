"""Builds and runs one of program_networks.py the way Brian2 does it, every file on its own.

    python brian_own_build.py NETWORK FOLDER SEED SECONDS

The generated main() is left as it is; only the seed is set where a program sets it.
"""

from __future__ import annotations

import sys

import brian2 as b2
import program_networks
import program_settings

from hedon.models.program import Model


def main(name: str, folder: str, seed: str, seconds: str) -> None:
    b2.set_device("cpp_standalone", build_on_run=False)
    device = b2.get_device()
    device.insert_code("after_start", f"brian::_random_generators[0].seed({seed});")
    config = getattr(program_settings, name.capitalize())()
    made = getattr(program_networks, name)(config)
    network = made.network if isinstance(made, Model) else made
    network.run(float(seconds) * b2.second, namespace=program_networks.DRAWS)
    b2.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j1"]
    device.build(directory=folder, compile=True, run=True, with_output=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
