"""Billers, their tariffs, and what they last quoted."""

from datetime import date, datetime, time

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.markets import MARKETS

DOORS = ("direct", "bank")
AMOUNT_RULES = ("exact", "up", "down", "any", "range", "multiple", "options")  # P-20
BILL_ORDERS = ("any", "oldest-first", "all", "single")  # P-21
OVERDUE_RULES = ("accept", "accept-with-fee", "refuse")  # P-24


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
    :ivar refuse: why it cannot be paid now, or empty: ``closed``, ``overdue``, ``older-first``
    :ivar facts: what its receipt says: number, period, due date, masked name
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
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    quoted_at: Mapped[datetime]
