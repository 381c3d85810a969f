"""One ``./gise run`` for the journeys of a newcomer; they share its demo shops, each uses its own bills."""

from collections.abc import Iterator

import pytest

from tests.journeys.running import Gise, running_gise


@pytest.fixture(scope="session")
def gise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gise]:
    with running_gise(tmp_path_factory.mktemp("gise") / "var") as running:
        yield running
