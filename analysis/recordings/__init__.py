"""Recordings and behaviour, in and out: NWB, NPZ and CSV files, their checks, and where they lie."""
