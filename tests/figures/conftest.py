"""The mark by which the unit tests alone are chosen: `-m "not figure"`."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "figure: makes a figure, or reuses what makes it (minutes)")
