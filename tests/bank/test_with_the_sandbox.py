"""Money in from end to end: the sandbox's bank books, the timetable's jobs credit, once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app import clock, jobs
from app.bank.incoming.fetch_statements import Bank
from app.config import Config
from app.timetable import timetable
from tests.bank.bank import CUSTOMER_IBAN, IBAN, all_is_right, comes, deposit, deposits, lira, phone
from tests.conftest import Database
from tests.people import Shop, journal
from tests.sandbox_process import Sandbox, running_sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path, subscribers=12) as sandbox:
        yield sandbox


@pytest.fixture
def config(database: Database, sandbox: Sandbox, tmp_path: Path) -> Config:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return replace(database.config, bank_url=sandbox.bank_url, bank_inbox=inbox)


def run(config: Config, *names: str) -> None:
    for job in timetable(config):
        if job.name in names:
            jobs.run(job)


def test_the_timetable_looks_often_enough(config: Config) -> None:
    """Within five minutes of the bank's booking the balance is up: in the demo well within one"""
    pace = {job.name: job.every for job in timetable(config)}
    assert pace["fetch-statements"] == 30
    assert pace["credit-deposits"] <= 5
    assert pace["watch-inbox"] <= 5
    assert "watch-inbox" not in {job.name for job in timetable(replace(config, bank_inbox=None))}


def test_a_transfer_is_credited_once_in_whatever_format_it_comes_again(shop: Shop, sandbox: Sandbox, config: Config) -> None:
    """E11"""
    reference = sandbox.control.transfer(IBAN, 50000, f"BAKIYE YUKLEME {phone(shop)} AHMET", sender_iban=CUSTOMER_IBAN)
    run(config, "fetch-statements", "credit-deposits")
    assert shop.balance == lira("500.00")
    assert deposit().bank_reference == reference

    bank, since = Bank(config), clock.now() - timedelta(hours=1)
    for format in ("camt054", "camt053", "mt940", "mt942"):
        (*_, report) = comes(bank.statement(IBAN, format=format, since=since), way="upload")
        assert (report.format, report.new, report.credited) == (format, 0, 0)
    for _ in range(2):
        run(config, "fetch-statements", "credit-deposits", "watch-inbox")
    assert shop.balance == lira("500.00")
    assert journal() == [f"deposit.credited   bank:{IBAN} -> agent:{shop.number} 500.00"]
    assert all_is_right()


def test_two_equal_transfers_are_two(shop: Shop, sandbox: Sandbox, config: Config) -> None:
    """E12"""
    for _ in range(2):
        sandbox.control.transfer(IBAN, 50000, phone(shop), sender_iban=CUSTOMER_IBAN)
    run(config, "fetch-statements")
    assert len(deposits()) == 2
    assert shop.balance == lira("1000.00")


def test_what_the_bank_takes_back_is_taken_back(shop: Shop, sandbox: Sandbox, config: Config) -> None:
    """E14"""
    reference = sandbox.control.transfer(IBAN, 50000, phone(shop), sender_iban=CUSTOMER_IBAN)
    run(config, "fetch-statements")
    sandbox.control.transfer(IBAN, 50000, "IADE", sender_iban=CUSTOMER_IBAN, reversal_of=reference)
    run(config, "fetch-statements")
    assert deposit().state == "taken-back"
    assert shop.balance == lira("0.00")
    assert all_is_right()
