"""What the tests of the follower share."""

import pytest

from producer.rotation import rotations


@pytest.fixture
def unlimited_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search in each poll for what logs were rotated to, however long the search before took."""
    monkeypatch.setattr(rotations, "SEARCH_SHARE", float("inf"))
