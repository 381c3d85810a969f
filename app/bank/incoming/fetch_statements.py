"""Every half minute: what has the bank booked since? Within five minutes the agent's balance is up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import audit, clock, db
from app.bank.incoming.import_file import import_file
from app.bank.incoming.keep_file import BankFile
from app.bank.model import BankAccount, BankBooking, BankFeed
from app.bank.queries import SILENT_AFTER
from app.bank.statement.statement import Side, Unreadable
from app.config import Config
from app.errors import TryAgain
from app.markets import MARKETS
from app.outside import NoAnswer, NothingSent, Peer

log = structlog.get_logger()

BY = "job:fetch-statements"
AT_ONCE = 4
OVERLAP = timedelta(minutes=15)  # nothing that the bank entered late falls between two questions
DAYS_EVERY = timedelta(hours=1)


class NoStatement(Exception):
    """Why the bank gave none; never an account number."""


class Bank:
    """The bank of the configuration."""

    def __init__(self, config: Config) -> None:
        self.peer = Peer(config.bank_url, places=AT_ONCE)

    def statement(self, iban: str, *, format: str, since: datetime) -> bytes:
        """:raises NoStatement: …"""
        try:
            with self.peer.place():
                reply = self.peer.call("GET", f"/accounts/{iban}/statement?" + urlencode({"format": format, "since": since.isoformat()}))
        except (NothingSent, NoAnswer) as error:
            raise NoStatement("the bank does not answer") from error
        if reply.status != 200:
            raise NoStatement(f"the bank answered {reply.status}")
        return reply.body


def fetch_statements(bank: Bank, *, now: datetime) -> None:
    """Each account by itself: one that hangs keeps no other waiting. A silence of three minutes raises an alarm (E22)."""
    with db.reading() as session:
        accounts = session.scalars(select(BankAccount).where(BankAccount.closed_at.is_(None)).order_by(BankAccount.iban)).all()
    if accounts:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda account: fetch_account(bank, account, now=now), accounts))
    with db.transaction() as session:
        alarm(session, now=clock.now())


def fetch_account(bank: Bank, account: BankAccount, *, now: datetime) -> None:
    """What was booked since; and every hour the last two days with their balances, which prove it and have the last word."""
    with db.reading() as session:
        feed = session.get_one(BankFeed, account.iban)
        questions = [("camt054", since(session, account, feed))]
    if feed.days_at is None or now - feed.days_at >= DAYS_EVERY:
        questions.append(("camt053", max(midnight(account, now - timedelta(days=1)), midnight(account, account.added_at))))
    for format, start in questions:
        try:
            raw = bank.statement(account.iban, format=format, since=start)
            import_file(BankFile(raw, f"{format}-{account.iban[-6:]}", "feed", BY), now=clock.now())
        except (NoStatement, Unreadable, TryAgain) as error:
            log.warning("bank.no-news", bank=account.bank, format=format, reason=type(error).__name__)
            note(account, now=now, error=str(error))
            return
        note(account, now=now, format=format)


def since(session: Session, account: BankAccount, feed: BankFeed) -> datetime:
    """
    First of all the day on which the account was added: what came before is not ours to credit. A bank that gives no
    references is asked for its whole day again: there twins are told apart only by counting them in one file (E13).
    """
    if feed.news_at is None:
        return midnight(account, account.added_at)
    start = feed.news_at - OVERLAP
    today = (BankBooking.account == account.iban, BankBooking.day >= start.astimezone(MARKETS[account.market].zone).date())
    unnamed = select(BankBooking.id).where(*today, BankBooking.reference_key == "", BankBooking.side == Side.CREDIT).limit(1)
    return midnight(account, start) if session.scalars(unnamed).first() else start


def midnight(account: BankAccount, moment: datetime) -> datetime:
    zone = MARKETS[account.market].zone
    return datetime.combine(moment.astimezone(zone).date(), time(), zone)


def note(account: BankAccount, *, now: datetime, format: str = "", error: str = "") -> None:
    """The state of the feed, in a transaction of its own: after good news nothing is wrong any more."""
    with db.transaction() as session:
        feed = session.scalars(select(BankFeed).filter_by(iban=account.iban).with_for_update()).one()
        feed.asked_at, feed.error = now, error[:500]
        if error:
            return
        if format == "camt054":
            feed.news_at = max(now, feed.news_at or now)
        else:
            feed.days_at = now
        if feed.alarmed_at is not None:
            feed.alarmed_at = None
            audit.record(session, "bank-feed.heard-again", about=account.iban, by=BY, at=now)


def alarm(session: Session, *, now: datetime) -> None:
    """E22: people are told once of each silence; the pages say so for as long as it lasts."""
    silent = (
        select(BankFeed, BankAccount)
        .join(BankAccount, BankAccount.iban == BankFeed.iban)
        .where(BankAccount.closed_at.is_(None), BankFeed.alarmed_at.is_(None))
        .where(func.coalesce(BankFeed.news_at, BankAccount.added_at) < now - SILENT_AFTER)
        .with_for_update(of=BankFeed, skip_locked=True)
    )
    for feed, account in session.execute(silent):
        feed.alarmed_at = now
        log.error("bank.silent", bank=account.bank, since=str(feed.news_at))
        audit.record(session, "bank-feed.silent", about=account.iban, by=BY, at=now, since=feed.news_at, error=feed.error)
