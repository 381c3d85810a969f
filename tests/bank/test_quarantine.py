"""A statement that does not add up is never credited; a person may release it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.bank.credit_deposits import credit_deposits
from app.bank.incoming.release_statement import NotInQuarantine, NotWhole, release_statement
from app.bank.incoming.statement_queries import quarantined_statements, unproven_days, unreadable_files
from app.bank.model import StatementFile
from app.bank.statement.statement import Unreadable
from app.errors import Invalid
from tests.bank.bank import Paper, all_is_right, books, comes, days, deposits, lira, phone, states, today, transfer
from tests.people import Shop, journal, open_shop

SAMPLES = Path(__file__).parent / "samples"


def broken(shop: Shop, *, opening: str = "1000.00") -> bytes:
    """Its closing balance is a digit off."""
    raw = Paper(opening=opening).mt940([transfer("500.00", phone(shop)), transfer("20.00", "x", side="debit")])
    return raw.replace(b"TRY1480,00", b"TRY1480,01")


def test_nothing_of_it_is_credited_and_the_reason_names_line_and_sum(shop: Shop) -> None:
    """B24"""
    (report,) = comes(broken(shop))
    assert (report.state, report.new, report.credited) == ("quarantined", 0, 0)
    assert str(report.reason) == "Line 10: opening 1000.00 and the bookings make 1480.00, but the closing is 1480.01: it is off by 0.01."
    assert (deposits(), journal()) == ([], [])
    with db.reading() as session:
        assert [each.id for each in quarantined_statements(session)] == [report.id]


def test_its_neighbours_in_the_file_are_imported(shop: Shop) -> None:
    """Only the one in trouble waits"""
    good = Paper(number=2).mt940([transfer("7.00", phone(shop))])
    assert [report.state for report in comes(good + broken(shop) + good.replace(b"//F", b"//G"))] == ["imported", "quarantined", "imported"]
    assert shop.balance == lira("14.00")
    assert all_is_right()


def test_the_sample_with_a_broken_statement_in_the_middle(shop: Shop) -> None:
    assert [report.state for report in comes((SAMPLES / "odd.sta").read_bytes())] == ["imported", "quarantined", "imported"]


def test_a_person_may_release_it(shop: Shop) -> None:
    (report,) = comes(broken(shop))
    with db.transaction() as session:
        row = release_statement(session, report.id, note="the bank confirmed by phone", by="person:9", now=clock.now())
        assert (row.state, row.new, row.balanced) == ("imported", 2, False)
    credit_deposits(now=clock.now())

    assert shop.balance == lira("500.00")
    with db.reading() as session:
        assert quarantined_statements(session) == []
        (line,) = session.scalars(select(AuditLine).filter_by(event="statement.released"))
        assert (line.by, line.facts["note"]) == ("person:9", "the bank confirmed by phone")
    with db.transaction() as session, pytest.raises(NotInQuarantine):
        release_statement(session, report.id, note="again", by="person:9", now=clock.now())
    assert all_is_right()


def test_what_was_released_is_known_when_the_right_file_comes(shop: Shop) -> None:
    """E11"""
    raw = broken(shop)
    (report,) = comes(raw)
    with db.transaction() as session:
        release_statement(session, report.id, note="…", by="person:9", now=clock.now())
    (right,) = comes(raw.replace(b"TRY1480,01", b"TRY1480,00"))
    assert right.state == "known"
    assert shop.balance == lira("500.00")


def test_why_is_needed(shop: Shop) -> None:
    (report,) = comes(broken(shop))
    with db.transaction() as session, pytest.raises(Invalid):
        release_statement(session, report.id, note="", by="person:9", now=clock.now())


def test_what_could_not_be_read_to_its_end_is_not_released(shop: Shop) -> None:
    """A cut file is never partly credited"""
    whole = Paper().mt940([transfer("500.00", phone(shop)), transfer("20.00", phone(shop))])
    (report,) = comes(whole[: whole.index(b":62F:")])
    assert report.state == "quarantined"
    with db.transaction() as session, pytest.raises(NotWhole):
        release_statement(session, report.id, note="please", by="person:9", now=clock.now())
    assert journal() == []


def test_the_same_file_again_is_still_in_quarantine(shop: Shop) -> None:
    raw = broken(shop)
    (first,), (again,) = comes(raw), comes(raw, name="again")
    assert (again.id, again.state) == (first.id, "quarantined")


def test_the_feed_repeats_what_is_broken_without_filling_the_quarantine(shop: Shop) -> None:
    raw = broken(shop)
    assert len(comes(raw, way="feed")) == 1
    assert comes(raw.replace(b":20:TRY", b":20:XXX"), way="feed") == []
    with pytest.raises(Unreadable):
        comes(b"<html>maintenance</html>", way="feed")
    with db.reading() as session:
        assert (len(quarantined_statements(session)), unreadable_files(session)) == (1, [])


def test_a_file_that_is_no_statement_is_kept_and_named(shop: Shop) -> None:
    with pytest.raises(Unreadable):
        comes(b"Dear customer, attached please find")
    with db.reading() as session:
        (kept,) = unreadable_files(session)
        assert kept.raw == b"Dear customer, attached please find"


def test_bytes_are_kept_for_ever(shop: Shop) -> None:
    raw = Paper().camt054([transfer("1.00", phone(shop))])
    comes(raw, name="a\nb.xml")
    with db.reading() as session:
        (kept,) = session.scalars(select(StatementFile))
    assert (kept.raw, kept.name, kept.way) == (raw, "a b.xml", "inbox")


def test_what_came_intraday_waits_for_its_proof(shop: Shop) -> None:
    """Files without balances are credited at once and proven by the day's statement"""
    yesterday = today() - days(1)
    one, two = (transfer(amount, phone(shop), day=yesterday) for amount in ("1.00", "2.00"))
    books(one, two)
    assert unproven() == 2
    books(one, format="mt940")
    assert unproven() == 1
    assert states() == ["credited", "credited"]
    assert open_shop().balance == lira("0.00")


def unproven() -> int:
    with db.reading() as session:
        return sum(count for _, _, count, _ in unproven_days(session, before=today()))
