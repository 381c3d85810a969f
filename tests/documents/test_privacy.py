"""What is held about persons, who may have it erased, and what is forgotten by itself (C27)."""

import io
import json
import zipfile
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import JSON, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock, db
from app.bank.desk_model import TopUpNotice
from app.changes.decide_change import decide_change
from app.changes.model import Change
from app.changes.request_change import Wish, request_change
from app.db import Base
from app.documents.clean_scan import CleanScan
from app.documents.forget_data import forget_data
from app.documents.keep_scan import Destroyed, close_scans, keep_scan, read_scan
from app.documents.personal_copy import personal_copy
from app.documents.personal_data import HELD, ROWS
from app.documents.privacy_model import PrivacyRequest
from app.errors import Invalid, NotFound, OwnRequest
from app.notifications.write_message import write_sms
from app.people import sessions
from app.people.model import Person
from app.people.privacy_request import DecidedAlready, ScansNeeded, StillNeeded, decide_request, record_request
from app.people.second_person import FirstCountsNoMore
from launch.installation import HOME
from tests.conftest import Database
from tests.people import Shop, book_is_right, hire, journal, leaves, open_biller, open_shop, read_payment

KEYS = (b"k" * 32,)
PHONE, MAIL = "+905329998877", "ayse.planted@example.com"
PICTURE = CleanScan(b"\xff\xd8\xff picture", "image/jpeg", 1)

# Columns that hold nothing about a person whatever table they stand in: codes, states, references, who acted, our own words.
NOT_PERSONAL = """
    about account added_by agent agent_group aliases amount_rule answer answers asked_by attachment_name bank bank_reference bill
    bill_order biller biller_reference body_hash by came_by category channel code consent_by currency day_class decided_by
    decision_reason deposit desk destroyed_by digest done door doubt downloaded_by ended_by error event export fee fingerprint form
    format gathered_by group_name hints how iban id identity issued_by kept_by key key_id kind label language last_bill_mailed
    last_error last_word market media_type note notes number off_by outcome overdue own_iban payment period place proposed_by
    receipt_code recorded_by reference reference_key refuse released_by removed_by report returned_by reversal_state role row_checks
    runner scan seal second_by secret seen_by series set_by settled_by sha256 share side sms_code sms_price source state status
    subscriber_example subscriber_label subscriber_pattern suggested target thread token_hash unreadable url verdict version void_note
    voided_by way what withdrawn_by word wrapped_key confirmed covers after options must_confirm ibans seen
    roles published_by digests previous moments device_notice on_behalf_of opened_by complete_by granted_by denied_by denial_reason
    applied_by concerns seconded_by stop_hash stopped_by browser_hash code_hash say which
    change filed_by
    codes problem doubt filed_to filed_as brought_by
    purpose payout release_note
"""
# Names that elsewhere do hold such data.
NOT_PERSONAL_HERE = """
    limited_account.address biller.name job_run.name statement_file.name scan.name biller.phone bank_statement.reason scan_view.reason
    inquiry.recipient privacy_request.matters
    announcement_file.name announcement_file.content announcement_text.title announcement_text.body
    ready_reason.sentence ready_reason.words
"""


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop()
    shop.topped_up("500.00")
    return shop


def ask(kind: str = "erasure", *, by: str, identifiers: str = f"{PHONE}\n{MAIL}", matters: str = "", forms_too: bool = False) -> int:
    with db.transaction() as session:
        return record_request(
            session, kind, asked_by="the person, by letter", identity_check="card seen", identifiers=identifiers, matters=matters,
            forms_too=forms_too, market="TR", by=by, now=clock.now(),
        ).id  # fmt: skip


def decide(number: int, *, by: str, granted: bool = True, reason: str = "") -> PrivacyRequest:
    with db.transaction() as session:
        return decide_request(session, number, granted=granted, reason=reason, by=by, now=clock.now())


@pytest.fixture
def operator(database: Database) -> str:
    return f"person:{hire('operator').id}"


@pytest.fixture
def approver(database: Database) -> str:
    return f"person:{hire('approver', name='Kemal Öz').id}"


def plant(database: Database, shop: Shop, *, ended: bool = True) -> str:
    """Something of one person in every table that is looked through; :returns: reference of the payment"""
    biller = open_biller()
    payment = shop.pays(biller, biller.bill("120.50"), customer_phone=PHONE)
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "INSERT INTO message (key, channel, recipient, subject, body, created_at, next_try_at, sent_at) VALUES"
            " ('k1', 'sms', %(phone)s, '', 'Sayın Ayşe Planted', now(), %(waits)s, %(sent)s),"
            " ('k2', 'mail', %(mail)s, 'Planted', 'Planted', now(), NULL, now())",
            {"phone": PHONE, "mail": MAIL, "waits": None if ended else clock.now(), "sent": clock.now() if ended else None},
        )
        connection.execute(
            "INSERT INTO inquiry (id, channel, source, sender, subject, language, arrived_at, outcome, ended_at)"
            " VALUES ('Q1', 'mail', 's1', %s, 'Planted', 'tr', now(), 'unreadable', now())",
            [MAIL.upper()],
        )
        connection.execute(
            'INSERT INTO bill_copy (biller, subscriber, bill, copy, how, "to", language, at, by)'
            " VALUES ('millenicom', '5301234567', 'B1', 1, 'mailed', %s, 'tr', now(), 'person:1')",
            [MAIL],
        )
    return payment.reference


def whole_database(database: Database) -> bytes:
    """A dump: every row of every table."""
    dump = b""
    with psycopg.connect(database.url) as connection:
        tables = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
        for name in tables:
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as copy:
                dump += b"".join(bytes(piece) for piece in copy)
    return dump


def test_a_granted_erasure_leaves_the_books_and_nobody_in_them(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """C27: no marker in any table, the book is the same to the letter, and the request forgets too"""
    reference = plant(database, shop)
    with db.transaction() as session:
        for kind in ("identity", "form"):
            scan = keep_scan(session, PICTURE, kind=kind, about=reference, keys=KEYS, by=shop.by, now=clock.now())
            close_scans(session, [scan.name], now=clock.now())
    before = journal()
    assert PHONE.encode() in whole_database(database)

    request = decide(ask(by=operator), by=approver)

    assert request.done == {"payment": 1, "inquiry": 1, "bill_copy": 1, "message": 2, "scan": 1}
    dump = whole_database(database).lower()
    assert not any(marker.lower().encode() in dump for marker in (PHONE, PHONE[1:], MAIL, "Planted"))
    assert journal() == before
    assert book_is_right()
    assert read_payment(reference).customer_phone == f"+999{request.id:010d}"


def test_signed_forms_go_only_when_asked_for(database: Database, shop: Shop, operator: str, approver: str) -> None:
    with db.transaction() as session:
        scan = keep_scan(session, PICTURE, kind="form", about="C-7K3M-9Q2X-4", keys=KEYS, by=shop.by, now=clock.now())
        close_scans(session, [scan.name], now=clock.now())
        name = scan.name
    assert decide(ask(by=operator, matters="C-7K3M-9Q2X-4"), by=approver).done == {}
    assert decide(ask(by=operator, matters="C-7K3M-9Q2X-4", forms_too=True), by=approver).done == {"scan": 1}
    with pytest.raises(Destroyed), db.transaction() as session:
        read_scan(session, name, reason="x", keys=KEYS, by=shop.by, now=clock.now())


def test_who_wrote_it_down_does_not_decide(database: Database, operator: str, approver: str) -> None:
    """Two persons; once"""
    number = ask(by=operator)
    with pytest.raises(OwnRequest):
        decide(number, by=operator)
    decide(number, by=approver)
    with pytest.raises(DecidedAlready, match="Kemal"):
        decide(number, by=approver)
    with pytest.raises(DBAPIError, match="decided_by_another"), db.transaction() as session:
        session.execute(text("UPDATE privacy_request SET decided_by = recorded_by"))


def test_a_denial_says_why(database: Database, operator: str, approver: str) -> None:
    number = ask(by=operator)
    with pytest.raises(Invalid):
        decide(number, by=approver, granted=False)
    assert decide(number, by=approver, granted=False, reason="not that person").granted is False


def test_nothing_is_erased_while_something_waits_for_it(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """All or nothing: a message on its way, a login that works, a matter with a scan that is open"""
    plant(database, shop, ended=False)
    number = ask(by=operator)
    with pytest.raises(StillNeeded, match="message"):
        decide(number, by=approver)
    with pytest.raises(StillNeeded, match="login"):
        decide(ask(by=operator, identifiers=shop.owner.phone), by=approver)
    with db.transaction() as session:
        keep_scan(session, PICTURE, kind="identity", about="C-7K3M-9Q2X-4", keys=KEYS, by=shop.by, now=clock.now())
    with pytest.raises(ScansNeeded, match="C-7K3M"):
        decide(ask(by=operator, identifiers="x@example.com", matters="C-7K3M-9Q2X-4"), by=approver)
    assert PHONE.encode() in whole_database(database)


@pytest.mark.parametrize("identifiers", ["", "not a phone", "a@b", f"{PHONE}\nx y@example.com"])
def test_whom_it_is_about_must_be_clear(database: Database, operator: str, identifiers: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(by=operator, identifiers=identifiers)
    assert list(refusal.value.errors) == ["identifiers"]


def test_a_copy_holds_everything_of_the_person_and_nothing_of_others(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """C27: rows and pictures; each picture is a view with its reason"""
    reference = plant(database, shop)
    biller_of_another = open_biller("digiturk")
    shop.pays(biller_of_another, biller_of_another.bill("10.00"), customer_phone="+905320000001")
    with db.transaction() as session:
        keep_scan(session, PICTURE, kind="identity", about=reference, keys=KEYS, by=shop.by, now=clock.now())
    request = decide(ask("copy", by=operator), by=approver)
    with db.transaction() as session:
        packed = personal_copy(session, request, keys=KEYS, by=operator, now=clock.now())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        data = json.loads(archive.read("data.json"))
        pictures = [archive.read(name) for name in archive.namelist() if name.startswith("scans/")]
    assert [row["reference"] for row in data["tables"]["payment"]] == [reference]
    assert len(data["tables"]["message"]) == 2
    assert pictures == [PICTURE.content]
    assert "+905320000001" not in json.dumps(data)
    with db.reading() as session:
        assert session.execute(text("SELECT reason FROM scan_view")).scalars().all() == [f"copy for the person, privacy:{request.id}"]


def test_what_nobody_needs_is_forgotten_by_itself(database: Database, shop: Shop) -> None:
    """C27: by the days of its kind, as data; what still waits stays"""
    reference = plant(database, shop)
    assert forget_data(clock.now() + timedelta(days=89)) == 0
    assert forget_data(clock.now() + timedelta(days=91)) == 1  # the inquiry's sender
    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE data_retention SET days = 10 WHERE kind IN ('customer-phone', 'message-text')")
    assert forget_data(clock.now() + timedelta(days=91)) == 3
    assert read_payment(reference).customer_phone == "+9990000000000"
    assert forget_data(clock.now() + timedelta(days=91)) == 0


def test_a_code_on_its_way_is_not_in_the_copy(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """C8, C25: an operator with an old granted copy would read the code that resets the owner's password"""
    request = decide(ask("copy", by=operator, identifiers=shop.owner.phone), by=approver)
    with db.transaction() as session:
        write_sms(
            session, key="code", to=shop.owner.phone, body="Kod 831-402", now=clock.now(), secret_until=clock.now() + timedelta(minutes=5)
        )
    with db.transaction() as session:
        packed = personal_copy(session, request, keys=KEYS, by=operator, now=clock.now())
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert b"831-402" not in archive.read("data.json")
    with pytest.raises(NotFound), db.transaction() as session:
        personal_copy(session, request, keys=KEYS, by=operator, now=clock.now() + timedelta(days=31))


def mail_of(database: Database, sender: str, *, ended: bool) -> str:
    """A mail with an identity card in it. :returns: the scan's name"""
    with psycopg.connect(database.url) as connection:
        (number,) = connection.execute(
            "INSERT INTO intake (channel, source, sender, subject, body, language, arrived_at, kept_at, doubt, outcome, ended_at, ended_by)"
            " VALUES ('mail', 's9', %s, 'Planted', 'Planted', 'tr', now(), now(), 'no-reference', %s, %s, %s) RETURNING id",
            [sender, *(("not-ours", clock.now(), "person:1") if ended else (None, None, None))],
        ).fetchone() or (0,)  # fmt: skip
    with db.transaction() as session:
        scan = keep_scan(session, PICTURE, kind="intake", about=f"intake:{number}", keys=KEYS, by="job:x", now=clock.now())
        if ended:
            close_scans(session, [scan.name], now=clock.now())
        return scan.name


def test_papers_that_came_by_mail_are_the_sender_s_too(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """C27: in the copy, and destroyed with the erasure"""
    name = mail_of(database, MAIL.title(), ended=True)
    copy = decide(ask("copy", by=operator), by=approver)
    with db.transaction() as session:
        packed = personal_copy(session, copy, keys=KEYS, by=operator, now=clock.now())
    assert any(entry.startswith("scans/intake-") for entry in zipfile.ZipFile(io.BytesIO(packed)).namelist())
    assert decide(ask(by=operator), by=approver).done == {"intake": 1, "scan": 1}
    with pytest.raises(Destroyed), db.transaction() as session:
        read_scan(session, name, reason="x", keys=KEYS, by=shop.by, now=clock.now())


def test_a_mail_that_waits_to_be_sorted_is_not_forgotten_halfway(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """All or nothing: the request forgets the address, so nobody would come back for the rest"""
    mail_of(database, MAIL, ended=False)
    with pytest.raises(StillNeeded, match="waits to be sorted"):
        decide(ask(by=operator), by=approver)


def somebody_who_came_and_left(shop: Shop, operator: str, approver: str) -> tuple[Change, Change]:
    """By changes, as persons do."""
    wanted = {"name": "Ayşe Planted", "phone": "05329998877", "role": "cashier"}
    added = request_change(Wish(kind="person-add", by=shop.by, agent=shop.number, wanted=wanted), keys=KEYS, now=clock.now())
    added = decide_change(added.reference, granted=True, by=approver, now=clock.now())
    with db.transaction() as session:
        person = session.get_one(Person, added.outcome["person"])
        person.email = MAIL.title()
        session.add(TopUpNotice(person_id=person.id, sms=False, mail=MAIL, changed_at=clock.now()))
        sessions.begin(session, person, kind="browser", address="192.0.2.77", now=clock.now())
    removed = request_change(
        Wish(kind="person-remove", by=shop.by, agent=shop.number, wanted={}, person=person.id), keys=KEYS, now=clock.now()
    )
    return added, decide_change(removed.reference, granted=True, by=approver, now=clock.now())


def values_of(change: Change) -> str:
    with db.reading() as session:
        found = session.get_one(Change, change.id)
        return json.dumps([found.wanted, found.before, found.matter], ensure_ascii=False)


def test_the_changes_of_an_erased_login_name_nobody(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """C27: found by any of the own addresses, in whatever case; who asked and who decided stays"""
    changes = somebody_who_came_and_left(shop, operator, approver)
    assert all("Planted" in values_of(change) and PHONE in values_of(change) for change in changes)
    with db.transaction() as session:
        deliver_nothing(session)
    done = decide(ask(by=operator, identifiers=MAIL), by=approver).done
    assert {name: done[name] for name in ("change", "person", "session", "top_up_notice")} == {
        "change": 2, "person": 1, "session": 1, "top_up_notice": 1
    }  # fmt: skip
    with db.reading() as session:
        assert session.execute(text("SELECT address, user_agent FROM session WHERE person_id <> 1")).all() == [("", "")]
    for change in changes:
        assert "Planted" not in values_of(change) and PHONE not in values_of(change)
        with db.reading() as session:
            found = session.get_one(Change, change.id)
        assert (found.asked_by, found.granted_by, found.state) == (shop.by, approver, "applied")
    assert PHONE.encode() not in whole_database(database)


def deliver_nothing(session: Session) -> None:
    session.execute(text("UPDATE message SET next_try_at = NULL, sent_at = now()"))


def test_nor_do_those_that_are_older_than_their_time(database: Database, shop: Shop, operator: str, approver: str) -> None:
    """As for a person without a login; whose login is still there is not forgotten"""
    added, _removed = somebody_who_came_and_left(shop, operator, approver)
    wanted = {"name": "Can Stays", "phone": "05351112233", "role": "cashier"}
    stays = request_change(Wish(kind="person-add", by=shop.by, agent=shop.number, wanted=wanted), keys=KEYS, now=clock.now())
    decide_change(stays.reference, granted=True, by=approver, now=clock.now())
    forget_data(clock.now() + timedelta(days=3649))
    assert "Planted" in values_of(added)
    forget_data(clock.now() + timedelta(days=3651))
    assert "Planted" not in values_of(added) and "Can Stays" in values_of(stays)


@pytest.mark.parametrize(
    "alteration",
    [
        """wanted = wanted || '{"phone": "+905320000009"}'""",
        """wanted = wanted || '{"name": "-"}'""",
        """wanted = change_of_nobody(kind, wanted), before = change_of_nobody(kind, before), matter = 'x'""",
        """wanted = change_of_nobody(kind, wanted), before = change_of_nobody(kind, before),
           matter = change_matter_of_nobody(kind, matter), granted_by = 'person:1'""",
    ],
)
def test_forgetting_is_the_only_alteration(database: Database, shop: Shop, operator: str, approver: str, alteration: str) -> None:
    """Held by the database, against its owner too"""
    somebody_who_came_and_left(shop, operator, approver)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(database.url) as connection:
        connection.execute(f"UPDATE change SET {alteration} WHERE kind = 'person-add'")


def test_what_is_not_decided_yet_keeps_whom_it_is_about(database: Database, shop: Shop, operator: str, approver: str) -> None:
    wanted = {"name": "Ayşe Planted", "phone": PHONE, "role": "cashier"}
    request_change(Wish(kind="person-add", by=shop.by, agent=shop.number, wanted=wanted), keys=KEYS, now=clock.now())
    with pytest.raises(StillNeeded, match="not decided"):
        decide(ask(by=operator), by=approver)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(database.url) as connection:
        connection.execute("UPDATE change SET wanted = change_of_nobody(kind, wanted), matter = change_matter_of_nobody(kind, matter)")


@pytest.mark.parametrize("change", ["\"to\" = 'other@example.com'", "copy = 9", "bill = 'B2'"])
def test_a_copy_of_a_bill_stays_for_ever_but_for_its_address(database: Database, shop: Shop, change: str) -> None:
    plant(database, shop)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(database.url) as connection:
        connection.execute(f"UPDATE bill_copy SET {change}")


def holds_words(column: object) -> bool:
    return isinstance(column, Text | JSON | JSONB | ARRAY | LargeBinary)


def test_every_column_about_a_person_is_in_the_catalogue(app: object) -> None:
    """A new column is either in the catalogue or of a name that says nothing about anybody"""
    named = {(held.table, held.column) for held in HELD}
    there = {(table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns}
    assert named <= there
    missing = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if holds_words(column.type)
        and (table.name, column.name) not in named
        and column.name not in NOT_PERSONAL.split()
        and f"{table.name}.{column.name}" not in NOT_PERSONAL_HERE.split()
    ]
    assert missing == []


def test_what_is_erased_is_in_the_catalogue() -> None:
    """The list that acts and the list that is read are of the same columns"""
    ends = {(held.table, held.column): held for held in HELD}
    for rows in ROWS:
        held = ends[(rows.table, rows.by)]
        assert (held.kept, held.ends) == (rows.kept, "pseudonym")


def test_the_document_shows_the_catalogue() -> None:
    """docs/privacy.md is true to the code, line by line"""
    document = (HOME / "docs" / "privacy.md").read_text()
    for held in HELD:
        line = f"| `{held.table}.{held.column}` | {held.what} | {held.whose} | {held.why} | {held.seen_by} | {held.kept} | {held.ends} |"
        assert line in document, line


def test_who_has_left_is_no_first_of_two(operator: str, approver: str) -> None:
    """C2, C18, C27: rights count when it is decided; denied it can be, and written down anew"""
    number = ask(by=operator)
    leaves(operator)
    with pytest.raises(FirstCountsNoMore):
        decide(number, by=approver)
    decide(number, by=approver, granted=False, reason="written down anew")
    assert decide(ask(by=f"person:{hire('operator').id}"), by=approver).granted
