"""``/privacy``, ``/forms`` and ``/certificates`` in a browser (C27, product.md §7)."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from click.testing import Result
from flask import Flask

from app import clock, db
from app.changes.request_change import Wish, request_change
from app.changes.withdraw_change import withdraw_change
from app.config import Config
from app.documents.clean_scan import CleanScan
from app.documents.destroy_scan import destroy_scans
from app.documents.keep_scan import close_scans, keep_scan
from app.documents.model import Certificate, Scan
from app.documents.print_form import FORMS
from app.documents.seal import key_id
from app.web.parts import part
from tests.cancellations.test_pages import Browser, shown
from tests.documents.uploads import photo
from tests.people import hire, open_shop

PICTURE = CleanScan(b"picture", "image/jpeg", 1)
WISH = {
    "kind": "erasure",
    "asked_by": "the person, by letter",
    "identity_check": "card seen",
    "identifiers": "0532 999 88 77",
}


def words(pdf: bytes) -> str:
    return " ".join(pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text().split())


def kept(keys: tuple[bytes, ...]) -> str:
    with db.transaction() as session:
        name = keep_scan(session, PICTURE, kind="identity", about="C-7K3M-9Q2X-4", keys=keys, by="person:1", now=clock.now()).name
        close_scans(session, [name], now=clock.now())
    return name


@pytest.fixture
def operator(app: Flask) -> Browser:
    return Browser(app, hire("operator").phone)


@pytest.fixture
def approver(app: Flask) -> Browser:
    return Browser(app, hire("approver", name="Kemal Öz").phone)


def test_one_writes_down_and_another_erases(operator: Browser, approver: Browser) -> None:
    answer = operator.send("/privacy", **WISH)
    assert answer.status_code == 303, shown(answer)
    page = operator.reads(answer.location)
    assert "+905329998877" in page
    assert "Erase now" not in page
    assert "Erase now" in approver.reads(answer.location)
    assert approver.send(f"{answer.location}/decision", granted="yes").status_code == 303
    page = approver.reads(answer.location)
    assert "+905329998877" not in page
    assert "Kemal Öz" in page


def test_what_is_missing_is_named_beside_its_field(operator: Browser) -> None:
    answer = operator.send("/privacy", **WISH | {"identifiers": "nobody"})
    assert answer.status_code == 422
    assert "Write phones and mail addresses" in shown(answer)
    assert operator.send("/privacy", asked_by="x").status_code == 422


def test_a_granted_copy_is_downloaded_as_a_zip(operator: Browser, approver: Browser) -> None:
    """C11: attachment, sandbox; before it is granted there is none"""
    at = operator.send("/privacy", **WISH | {"kind": "copy"}).location
    assert operator.send(f"{at}/copy").status_code == 404
    approver.send(f"{at}/decision", granted="yes")
    answer = operator.send(f"{at}/copy")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert zipfile.ZipFile(io.BytesIO(answer.data)).namelist() == ["data.json"]


def test_a_certificate_is_a_numbered_paper(app: Flask, approver: Browser) -> None:
    """C-08: with the rule, and by which a copy would be recognised; the second print says so"""
    name = kept(part(Config, app=app).scan_keys)
    assert destroy_scans(clock.now() + timedelta(days=31)) == 1
    with db.reading() as session:
        certificate = session.query(Certificate).one()
    first, second = (words(approver.get(f"/certificates/{certificate.id}").data) for _ in range(2))
    for fact in (name, certificate.digest.hex(), "30 days after its matter was closed", "Z-", "C-7K3M-9Q2X-4"):
        assert fact in first
    assert "COPY 1" in second
    assert approver.get("/certificates/999").status_code == 404


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_every_blank_form_is_there_for_who_is_signed_in(app: Flask, kind: str) -> None:
    """In the language of the shop's market, and in the reader's own"""
    browser = Browser(app, open_shop(market="HU").owner.phone)
    address = f"/forms/{kind.replace('_', '-')}"
    assert f"{address}?language=hu" in browser.reads("/forms")
    assert words(browser.get(address).data) != words(browser.get(f"{address}?language=en").data)
    assert words(browser.get(f"{address}?language=../x").data) == words(browser.get(address).data)
    assert browser.get("/forms/no-such-form").status_code == 404


def test_the_keys_of_all_scans_are_changed_from_the_console(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """C26: the new key first; a key that is missing is named, and nothing is lost"""
    old, new, other = (bytes([number]) * 32 for number in range(3))
    kept((old,))
    run: Callable[[], Result] = lambda: app.test_cli_runner().invoke(args=["scans", "rewrap"])  # noqa: E731
    monkeypatch.setattr("app.cli.scans.config", lambda: type("Config", (), {"scan_keys": (other,)}))
    assert (run().exit_code, key_id(old) in run().stderr) == (1, True)
    monkeypatch.setattr("app.cli.scans.config", lambda: type("Config", (), {"scan_keys": (new, old)}))
    assert run().stdout.startswith("1 scans were wrapped anew")
    with db.reading() as session:
        assert session.query(Scan).one().key_id == key_id(new)


def test_a_destroyed_scan_leads_to_its_certificate(app: Flask, approver: Browser) -> None:
    """C-08: from the place where it was; who may not see certificates reads its number"""
    shop, operator = open_shop(), hire("operator")
    wanted, files = {"name": "Can Er", "phone": "05351112233", "role": "cashier"}, {"form": photo(), "identity": photo()}
    keys = part(Config, app=app).scan_keys
    wish = Wish(kind="person-add", by=f"person:{operator.id}", agent=shop.number, wanted=wanted, on_behalf_of=shop.owner.id, scans=files)
    change = request_change(wish, keys=keys, now=clock.now())
    with db.transaction() as session:
        withdraw_change(session, change.reference, by=f"person:{operator.id}", now=clock.now())
    assert destroy_scans(clock.now() + timedelta(days=31)) == 1
    with db.reading() as session:
        certificate = session.query(Certificate).one()
    link = f'href="/certificates/{certificate.id}"'
    assert link in approver.reads(f"/changes/{change.reference}")
    page = Browser(app, operator.phone).reads(f"/changes/{change.reference}")
    assert link not in page and f"certificate {certificate.id}" in page


def test_a_change_that_names_nobody_any_more_can_still_be_read(app: Flask, operator: Browser, approver: Browser) -> None:
    shop = open_shop()
    wanted = {"name": "Can Er", "phone": "05329998877", "role": "cashier"}
    change = request_change(Wish(kind="person-add", by=shop.by, agent=shop.number, wanted=wanted), keys=(b"k" * 32,), now=clock.now())
    with db.transaction() as session:
        withdraw_change(session, change.reference, by=shop.by, now=clock.now())
    address = f"/changes/{change.reference}"
    assert "Can Er" in approver.reads(address)
    approver.send(f"{operator.send('/privacy', **WISH).location}/decision", granted="yes")
    assert "Can Er" not in approver.reads(address) and "Can Er" not in Browser(app, shop.owner.phone).reads(address)
