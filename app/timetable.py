"""Every job with its pace, on one page. Each finds its work in the database and may run twice, late or not at all."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app import audit_chain, db, throttle
from app.bank.credit_deposits import credit_deposits
from app.bank.incoming.fetch_statements import Bank, fetch_statements
from app.bank.incoming.inbox import watch_inbox
from app.billers.gateways import Gateways
from app.cancellations.report_cancellations import report_cancellations
from app.changes.apply_change import apply_changes
from app.changes.close_shop import close_shops
from app.changes.remind_papers import remind_papers
from app.collections.settle_pending import settle_pending
from app.collections.tell_disputes import tell_disputes
from app.config import Config
from app.documents.destroy_scan import destroy_scans
from app.documents.forget_data import forget_data
from app.inquiries.mail_e_bills import mail_e_bills
from app.inquiries.read_mailbox import Mailbox, read_mailbox
from app.inquiries.read_sms_inbox import SmsInbox, read_sms_inbox
from app.intake.take_mail import PaperDesk
from app.jobs import Job
from app.ledger import self_check
from app.notifications.deliver_messages import Messenger, deliver_messages
from app.people.codes import Keys
from app.people.send_password_codes import forget_password_codes, send_password_codes
from app.reports.run_exports import run_exports
from app.reports.seal import seal_key


def timetable(config: Config) -> Sequence[Job]:
    """:returns: the jobs, each with what it needs of the outside; ``every`` is in seconds"""
    gateways, messenger, bank, inbox = Gateways(config), Messenger(config), Bank(config), config.bank_inbox
    sms_inbox, mailbox, rooms = SmsInbox(config), Mailbox(config), (PaperDesk(config.scan_keys, config.cut_off),)
    return (
        Job("fetch-statements", lambda now: fetch_statements(bank, now=now), every=30),
        Job("credit-deposits", lambda now: credit_deposits(now=now), every=5),
        *([Job("watch-inbox", lambda now: watch_inbox(inbox, now=now), every=5)] if inbox else []),
        Job("settle-pending", lambda now: settle_pending(gateways, now=now), every=5),
        Job("tell-disputes", lambda now: tell_disputes(gateways, now=now), every=30),
        Job("report-cancellations", lambda now: report_cancellations(gateways, now=now), every=2),
        Job("apply-changes", apply_changes, every=30),
        Job("close-shops", close_shops, every=30),
        Job("remind-papers", remind_papers, every=3600),
        Job(
            "deliver-messages",
            lambda now: deliver_messages(messenger, now=now, channel="mail"),
            every=5,
            by_hand=lambda now: deliver_messages(messenger, now=now),
        ),
        Job("deliver-sms", lambda now: deliver_messages(messenger, now=now, channel="sms"), every=2),
        Job("read-sms-inbox", lambda now: read_sms_inbox(sms_inbox, gateways, now=now), every=2),
        Job("read-mailbox", lambda now: read_mailbox(mailbox, gateways, rooms=rooms, now=now), every=15),
        Job(
            "mail-e-bills",
            lambda now: mail_e_bills(gateways, now=now),
            every=60,
            by_hand=lambda now: mail_e_bills(gateways, now=now, all_of_them=True),
        ),
        Job("make-exports", lambda now: run_exports(seal_key(config), now=now), every=2),
        Job("check-book", check_book, every=600),
        Job("seal-audit", lambda now: audit_chain.seal_audit(now=now, kept=config.audit_head), every=60),
        Job("check-audit", lambda _now: check_audit(config.audit_head), every=6 * 3600),
        Job("send-password-codes", lambda now: send_password_codes(Keys.of(config).codes, now=now), every=1),
        Job("destroy-scans", destroy_scans, every=3600),
        Job("forget-data", forget_data, every=3600),
        Job("forget-throttles", throttle.forget_ended, every=3600),
        Job("forget-password-codes", forget_password_codes, every=3600),
    )


def check_book(_now: datetime) -> None:
    """Loud when the book is wrong: the job's error names the rows."""
    with db.snapshot() as session:
        wrong = self_check.self_check(session)
    if wrong:
        raise self_check.BookIsWrong("; ".join(wrong[:20]))


def check_audit(kept: Path | None) -> None:
    """The whole trail is read, so it is done some times a day. Loud, too."""
    with db.snapshot() as session:
        wrong = list(audit_chain.verify(session, known=audit_chain.read_head(kept)))
    if wrong:
        raise self_check.BookIsWrong("; ".join(wrong[:20]))
