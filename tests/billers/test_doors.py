"""Every door passes the contract (app/billers/contract.py), against the sandbox's own program."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app import clock
from app.billers import contract
from app.billers.doors.bank import BankDoor
from app.billers.doors.direct import DirectDoor
from tests.sandbox_process import Sandbox, running_sandbox

DOORS: dict[str, type[BankDoor] | type[DirectDoor]] = {"millenicom": BankDoor, "masmovil": DirectDoor}
_numbers = itertools.count(1)


@dataclass
class Desk:
    code: str
    sandbox: Sandbox

    def new_bill(self, minor: int) -> tuple[str, str]:
        subscriber = self.sandbox.control.plain_subscriber(self.code)
        return subscriber, self.sandbox.control.bill(self.code, subscriber, minor)

    def closed_subscriber(self) -> str:
        return next(str(one["number"]) for one in self.sandbox.control.subscribers(self.code) if one["state"] == "closed")

    def fault(self, operation: str, mode: str, *, subscriber: str) -> None:
        self.sandbox.control.fault(self.code, operation, mode, subscriber=subscriber)

    def booked(self, reference: str) -> list[tuple[int, str]]:
        return [(effect["amount"], effect["state"]) for effect in self.sandbox.control.effects(self.code, reference=reference)]

    def charged(self, reference: str) -> list[tuple[str, str]]:
        charges = self.sandbox.control.charges(self.code)
        return [(charge["subscriber"], charge["amount"]) for charge in charges if charge["reference"] == reference]

    def e_bill(self, subscriber: str) -> str:
        return next(str(one["e_bill"]) for one in self.sandbox.control.subscribers(self.code) if one["number"] == subscriber)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("code", DOORS)
def test_the_door_keeps_the_contract(sandbox: Sandbox, code: str, check: contract.Check) -> None:
    gateway = DOORS[code](code, code.capitalize(), "444 0 144", url=sandbox.url, secret="sandbox", places=4)
    desk = Desk(code, sandbox)
    order = contract.new_order(gateway, desk, reference=f"P261122-{next(_numbers):012d}", at=clock.now())
    check(gateway, desk, order)
