"""Every claim of every figure holds at quick scale, on the results that the figures already made.

Results lie in $HEDON_RESULTS, else in `results`; what is missing there is made.
"""

from __future__ import annotations

import pytest

from hedon.figures import FIGURES, report
from hedon.figures.claims import Claim


@pytest.mark.figure
@pytest.mark.parametrize("name", FIGURES)
def test_claims(name: str) -> None:
    (made,) = report.make([name], scale="quick")
    failed: list[Claim] = [claim for claim in made.claims if claim.failed]
    assert not failed, "\n".join(
        f"{claim.name}: {claim.measured}, expected {claim.bound} ({claim.reason})" for claim in failed
    )
