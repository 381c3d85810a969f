"""One sandbox for the folder; a test that restarts it, or moves its clock, starts its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.doors import BankDoor, DirectDoor, Door
from tests.sandbox_process import Controls, Sandbox, running_sandbox


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Controls:
    return sandbox.control


@pytest.fixture(params=["direct", "bank"])
def door(request: pytest.FixtureRequest, sandbox: Sandbox) -> Door:
    """Both doors, one after the other: what is true of one is true of the other."""
    return DirectDoor(sandbox) if request.param == "direct" else BankDoor(sandbox)


@pytest.fixture
def direct(sandbox: Sandbox) -> DirectDoor:
    return DirectDoor(sandbox)


@pytest.fixture
def bank(sandbox: Sandbox) -> BankDoor:
    return BankDoor(sandbox)


@pytest.fixture
def sandbox_of_its_own(tmp_path: Path) -> Iterator[Sandbox]:
    """A small one, to be restarted, killed or stopped."""
    with running_sandbox(tmp_path, subscribers=12) as running:
        yield running
