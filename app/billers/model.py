"""Billers, their tariffs, what they last quoted, which of their bills are disputed, and the copies that left the house."""

from datetime import date, datetime, time

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.markets import MARKETS
from app.money import Money

DOORS = ("direct", "bank")
AMOUNT_RULES = ("exact", "up", "down", "any", "range", "multiple", "options")  # P-20
BILL_ORDERS = ("any", "oldest-first", "all", "single")  # P-21
OVERDUE_RULES = ("accept", "accept-with-fee", "refuse")  # P-24
PRINTED, MAILED, ASKED_BY_MAIL, E_BILL = "printed", "mailed", "asked-by-mail", "e-bill"
WAYS_OUT = (PRINTED, MAILED, ASKED_BY_MAIL, E_BILL)


class Biller(Base):
    """
    A company whose bills are paid here.

    :ivar door: how it is asked; ``url`` and ``secret`` are its own address, else the configured default
    :ivar subscriber_pattern: a regular expression; the counter guesses the biller from it
    :ivar smallest: of ``range``, in minor units; :ivar step: of ``multiple``; :ivar options: of ``options``
    :ivar opens_at: in the market's time; ``None`` means open day and night (P-30)
    :ivar desk: where a customer goes when a cancellation is refused or late (C-06)
    :ivar ibans: from which it refunds us (E21)
    :ivar sms_code: the short number its customers write to, empty for none; :ivar sms_price: of one answered message, in major
        units with four decimals, ``0`` when it is free; goes onto the line's bill
    :ivar paper_ended_on: since when it delivers no bill by post or fax; ``None`` where it never did through us
    """

    __tablename__ = "biller"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9-]{2,40}$'", name="biller_code_shape"),
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="biller_market_known"),
        CheckConstraint(f"door IN ({', '.join(map(repr, DOORS))})", name="biller_door_known"),
        CheckConstraint(f"amount_rule IN ({', '.join(map(repr, AMOUNT_RULES))})", name="biller_amount_rule_known"),
        CheckConstraint(f"bill_order IN ({', '.join(map(repr, BILL_ORDERS))})", name="biller_bill_order_known"),
        CheckConstraint(f"overdue IN ({', '.join(map(repr, OVERDUE_RULES))})", name="biller_overdue_known"),
        CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL)", name="biller_hours_whole"),
        CheckConstraint("sms_code ~ '^[0-9]{0,6}$'", name="biller_sms_code_shape"),
        CheckConstraint(r"sms_price ~ '^(0|[0-9]{1,7}\.[0-9]{4})$'", name="biller_sms_price_shape"),
        CheckConstraint("sms_code <> '' OR sms_price = '0'", name="biller_sms_price_of_a_code"),
        CheckConstraint("smallest >= 1 AND largest >= smallest AND step >= 1", name="biller_amounts_sensible"),
        Index("biller_sms_code", "sms_code", unique=True, postgresql_where=text("sms_code <> ''")),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    market: Mapped[str]
    name: Mapped[str]
    category: Mapped[str]
    phone: Mapped[str]
    door: Mapped[str]
    url: Mapped[str] = mapped_column(server_default="")
    secret: Mapped[str]
    subscriber_label: Mapped[str]
    subscriber_pattern: Mapped[str]
    subscriber_example: Mapped[str]
    amount_rule: Mapped[str] = mapped_column(server_default="exact")
    smallest: Mapped[int] = mapped_column(server_default="1")
    largest: Mapped[int] = mapped_column(server_default="1000000000")
    step: Mapped[int] = mapped_column(server_default="1")
    options: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    bill_order: Mapped[str] = mapped_column(server_default="any")
    overdue: Mapped[str] = mapped_column(server_default="accept")
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    desk: Mapped[str] = mapped_column(server_default="")
    ibans: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    sms_code: Mapped[str] = mapped_column(server_default="")
    sms_price: Mapped[str] = mapped_column(server_default="0")
    paper_ended_on: Mapped[date | None]

    @property
    def typed_pattern(self) -> str:
        """For Python and browsers alike: the number itself is the first group, a country code or trunk prefix may stand before it."""
        market = MARKETS[self.market]
        country = rf"(?:\+|00)?{market.calling_code}{market.trunk and f'(?:{market.trunk})?'}"
        prefixes = "|".join(filter(None, (country, market.trunk)))
        return f"(?:{prefixes})??({self.subscriber_pattern})"


class Tariff(Base):
    """
    The customer's fee and the agent's share, from a day on (product.md §8).

    ``fee`` and ``share`` are slabs, see :mod:`app.billers.tariff`; ``tax`` is BSMV in hundredths of a percent
    of what the institution keeps.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        PrimaryKeyConstraint("biller", "agent_group", "valid_from"),
        CheckConstraint("tax BETWEEN 0 AND 10000", name="tariff_tax_is_a_rate"),
    )

    biller: Mapped[str] = mapped_column(ForeignKey("biller.code"))
    agent_group: Mapped[str]
    valid_from: Mapped[date]
    fee: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    share: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    tax: Mapped[int]


class QuotedBill(Base):
    """
    A bill as the biller last showed it: what a payment is checked against before the hold (P-20, P-22).

    :ivar smallest: least payable amount now, minor units; :ivar largest: most; :ivar step: in steps of
    :ivar options: if not empty, exactly one of them
    :ivar must_confirm: what the customer has to be asked first (P-26, P-29)
    :ivar refuse: why it cannot be paid now, or empty: ``closed``, ``overdue``, ``newest-only``
    :ivar covers: refs of older bills whose debt it contains (P-25)
    :ivar after: refs of bills that have to be paid before it (P-21)
    :ivar facts: what its receipt says: number, period, due date, masked name, and what was open
    """

    __tablename__ = "quoted_bill"
    __table_args__ = (PrimaryKeyConstraint("biller", "subscriber", "bill"), {"postgresql_with": {"fillfactor": "70"}})

    biller: Mapped[str]
    subscriber: Mapped[str]
    bill: Mapped[str]
    version: Mapped[str]
    currency: Mapped[str]
    smallest: Mapped[int]
    largest: Mapped[int]
    step: Mapped[int]
    options: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    must_confirm: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    refuse: Mapped[str] = mapped_column(server_default="")
    covers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    after: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    quoted_at: Mapped[datetime]

    @property
    def open(self) -> Money:
        """What was payable when it was shown."""
        return Money(int(self.facts["open"]), self.currency)


class Dispute(Base):
    """
    A customer says that a bill is wrong (P-29). Until it is over, the bill is paid only by who confirms it.

    It is over when the biller refuses it, or shows the bill without its flag again after having shown it with one.

    :ivar agent: whose person wrote it down; ``None`` for the institution's own
    :ivar next_tell_at: when the biller is told next; ``None`` once it knows, or when we gave up telling it
    :ivar told_at: when the biller took it; :ivar biller_reference: under which name
    :ivar seen_at: when the biller first showed the bill as disputed
    :ivar word: the biller's own, with a refusal
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="disputed_with_a_reason"),
        CheckConstraint("told_at IS NULL OR times_told > 0", name="dispute_told_at_least_once"),
        CheckConstraint("told_at IS NULL OR refused_at IS NULL", name="dispute_told_or_refused"),
        CheckConstraint("(refused_at IS NULL) = (word = '')", name="dispute_refused_with_a_word"),
        CheckConstraint("over_at IS NULL OR seen_at IS NOT NULL", name="dispute_over_once_seen"),
        CheckConstraint("next_tell_at IS NULL OR (told_at IS NULL AND refused_at IS NULL)", name="dispute_told_until_the_end"),
        Index(
            "one_live_dispute",
            "biller",
            "subscriber",
            "bill",
            unique=True,
            postgresql_where=text("refused_at IS NULL AND over_at IS NULL"),
        ),
        Index("dispute_to_tell", "next_tell_at", postgresql_where=text("next_tell_at IS NOT NULL")),
    )
    __mapper_args__ = {"eager_defaults": True}  # ``state`` comes back with every change

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    biller: Mapped[str] = mapped_column(ForeignKey("biller.code"))
    subscriber: Mapped[str]
    bill: Mapped[str]
    agent: Mapped[str | None]
    asked_by: Mapped[str]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    next_tell_at: Mapped[datetime | None]
    times_told: Mapped[int] = mapped_column(server_default="0")
    told_at: Mapped[datetime | None]
    biller_reference: Mapped[str] = mapped_column(server_default="")
    seen_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    word: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(
        Computed(
            "CASE WHEN refused_at IS NOT NULL THEN 'refused' WHEN over_at IS NOT NULL THEN 'over' WHEN told_at IS NOT NULL THEN 'told'"
            " ELSE 'asked' END",
            persisted=True,
        )
    )


class BillCopy(Base):
    """
    A copy of a bill left the house (product.md §11): how, to whom, by whom. For ever.

    :ivar copy: which one it is of this bill, from 1, however each went out
    :ivar to: the mail address; empty for a print
    :ivar agent: the shop that handed it out, ``None`` for the institution
    """

    __tablename__ = "bill_copy"
    __table_args__ = (
        UniqueConstraint("biller", "subscriber", "bill", "copy"),
        CheckConstraint(f"how IN ({', '.join(map(repr, WAYS_OUT))})", name="bill_copy_way_known"),
        CheckConstraint("""(how = 'printed') = ("to" = '')""", name="bill_copy_mailed_to_somebody"),
        CheckConstraint("copy >= 1", name="bill_copy_counted_from_one"),
        CheckConstraint("agent ~ '^[0-9]{10}$'", name="bill_copy_agent_has_ten_digits"),
        CheckConstraint("""language <> '' AND "by" <> ''""", name="bill_copy_by_someone_in_a_language"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    biller: Mapped[str] = mapped_column(ForeignKey("biller.code"))
    subscriber: Mapped[str]
    bill: Mapped[str]
    copy: Mapped[int]
    how: Mapped[str]
    to: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str]
    agent: Mapped[str | None]
    at: Mapped[datetime]
    by: Mapped[str]


class WrongBill(Base):
    """
    A bill that did not add up when it was shown, until it is right again: the carrier has to hear of it.

    :ivar version: as it was when it was last seen wrong; :ivar period: month of its last day, by which an older one is found
    :ivar difference: minor units of ``currency``, see :attr:`app.billing.explain.Explanation.difference`
    :ivar place: what is wrong first: ``total``, ``section``, ``line`` or ``numbers``; :ivar what: the carrier's text there
    :ivar findings: how many things are wrong
    :ivar seen_by: who saw it last: an agent's number or ``person:7``
    :ivar righted_at: when it was first seen right again
    """

    __tablename__ = "wrong_bill"
    __table_args__ = (
        PrimaryKeyConstraint("biller", "subscriber", "bill"),
        CheckConstraint("last_seen_at >= first_seen_at AND righted_at >= last_seen_at", name="wrong_bill_in_order_of_time"),
        CheckConstraint("findings >= 1", name="wrong_bill_has_a_finding"),
        Index("wrong_bill_still_wrong", "last_seen_at", postgresql_where=text("righted_at IS NULL")),
    )

    biller: Mapped[str] = mapped_column(ForeignKey("biller.code"))
    subscriber: Mapped[str]
    bill: Mapped[str]
    number: Mapped[str]
    period: Mapped[str]
    version: Mapped[str]
    difference: Mapped[int]
    currency: Mapped[str]
    place: Mapped[str]
    what: Mapped[str]
    findings: Mapped[int]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    seen_by: Mapped[str]
    righted_at: Mapped[datetime | None]

    @property
    def money(self) -> Money:
        return Money(self.difference, self.currency)
