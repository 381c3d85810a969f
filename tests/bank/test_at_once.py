"""Several workers at once, and workers that die on the way: nothing lost, nothing doubled."""

import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest

from app import clock, db
from app.bank import credit_deposits as crediting
from app.bank import waiting
from app.bank.credit_deposits import credit_deposits
from app.bank.incoming import import_statement as importing
from app.bank.incoming.import_file import import_file
from app.bank.incoming.keep_file import BankFile
from app.ledger import book
from app.ledger.chart import agent_account
from tests.bank.bank import FORMATS, Paper, Transfer, all_is_right, comes, deposits, lira, phone, transfer
from tests.people import Shop, open_shop

WORKERS = 6


def all_at_once(*files: bytes) -> None:
    """Each file from a thread of its own, all starting together."""
    start = threading.Barrier(len(files))

    def work(raw: bytes) -> None:
        start.wait()
        import_file(BankFile(raw, "file", "inbox", "job:test"), now=clock.now())

    with ThreadPoolExecutor(len(files)) as pool:
        for done in [pool.submit(work, raw) for raw in files]:
            done.result()
    credit_deposits(now=clock.now())


def twenty(shop: Shop) -> list[Transfer]:
    return [transfer(f"{number}.00", phone(shop)) for number in range(1, 21)]


def test_the_same_file_by_many_workers_is_credited_once(shop: Shop) -> None:
    """E11"""
    all_at_once(*[Paper().mt940(twenty(shop))] * WORKERS)
    assert shop.balance == lira("210.00")
    assert len(deposits()) == 20
    assert all_is_right()


def test_the_same_bookings_in_every_format_at_once(shop: Shop) -> None:
    """E11, E13: without references"""
    transfers = [transfer(f"{1 + number % 3}.00", phone(shop), reference="") for number in range(20)]
    all_at_once(*[Paper().write(format, transfers) for format in FORMATS * 2])
    assert len(deposits()) == 20
    assert shop.balance == lira("39.00")
    assert all_is_right()


def test_many_workers_crediting_one_heap(shop: Shop) -> None:
    with patch.object(waiting, "AT_ONCE", 3), patch("app.bank.incoming.import_file.credit_deposits"):
        comes(Paper().camt054(twenty(shop)))
    with patch.object(waiting, "AT_ONCE", 3), ThreadPoolExecutor(WORKERS) as pool:
        judged = list(pool.map(lambda _: credit_deposits(now=clock.now()), range(WORKERS)))
    assert sum(judged) == 20
    assert shop.balance == lira("210.00")
    assert all_is_right()


def test_crediting_while_shops_are_paid_and_assigned(shop: Shop, other: Shop) -> None:
    """Every account is locked in one order: nobody waits in a circle"""
    files = [
        Paper().camt054([transfer("1.00", phone(first)), transfer("2.00", phone(second))])
        for first, second in [(shop, other), (other, shop)] * 3
    ]
    all_at_once(*files)
    assert (shop.balance + other.balance) == lira("18.00")
    assert all_is_right()


@pytest.mark.parametrize("where", ["keep_bookings", "keep_statement", "lock"])
def test_a_worker_that_dies_while_importing_leaves_nothing_half(shop: Shop, where: str) -> None:
    """Importing again goes on where it stopped"""
    raw = Paper(number=1).mt940(twenty(shop)[:2]) + Paper(number=9).mt940(twenty(shop)[:2])
    seen = threading.local()

    def dies_second(real: object) -> object:
        def call(*args: object, **kwargs: object) -> object:
            seen.times = getattr(seen, "times", 0) + 1
            if seen.times == 2:
                raise SystemExit
            return real(*args, **kwargs)  # type: ignore[operator]

        return call

    with patch.object(importing, where, dies_second(getattr(importing, where))), pytest.raises(SystemExit):
        comes(raw)
    assert len(deposits()) == 2
    comes(raw)
    assert len(deposits()) == 4
    assert shop.balance == lira("6.00")
    assert all_is_right()


def test_a_worker_that_dies_while_crediting_leaves_it_to_the_next(shop: Shop) -> None:
    with patch.object(crediting, "post_many", side_effect=SystemExit), pytest.raises(SystemExit):
        comes(Paper().camt054(twenty(shop)))
    assert {each.state for each in deposits()} == {"seen"}
    assert credit_deposits(now=clock.now()) == 20
    assert credit_deposits(now=clock.now()) == 0
    assert shop.balance == lira("210.00")
    assert all_is_right()


def test_a_thousand_transfers_in_batches(shop: Shop) -> None:
    shops = [shop, *(open_shop() for _ in range(4))]
    comes(Paper().mt940([transfer("1.00", phone(shops[number % 5])) for number in range(1200)]))
    with db.reading() as session:
        assert {book.balance(session, agent_account(each.number)).balance.minor for each in shops} == {24_000}
    assert all_is_right()
