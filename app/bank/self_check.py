"""What the bank slice proves about its own records; ``create_app`` adds it to the book's checks."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ledger.self_check import Check

SUSPENSE = text("""
    SELECT currency, coalesce(sum(posted), 0) AS posted, coalesce(sum(waiting), 0) AS waiting FROM (
        SELECT currency, CASE WHEN target = 'suspense' THEN amount ELSE -amount END AS posted, 0 AS waiting FROM posting
        WHERE (event LIKE 'deposit.%' OR event = 'posting.manual' AND about LIKE 'D%') AND 'suspense' IN (source, target)
        UNION ALL
        SELECT currency, 0, amount - taken_back_sum FROM deposit WHERE state IN ('suspense', 'returning')
    ) sides
    GROUP BY currency HAVING sum(posted) <> sum(waiting) ORDER BY currency
""")

# What a deposit's postings left where, against where its state says that the money is.
PLACES = text("""
    WITH posted AS (
        SELECT split_part(about, '/', 1) AS reference, account, currency, sum(delta) AS amount FROM (
            SELECT about, target AS account, currency, amount AS delta FROM posting
            WHERE event LIKE 'deposit.%' OR event IN ('biller.refunded', 'bank.own-transfer')
                OR event = 'posting.manual' AND about LIKE 'D%'
            UNION ALL
            SELECT about, source, currency, -amount FROM posting
            WHERE event LIKE 'deposit.%' OR event IN ('biller.refunded', 'bank.own-transfer')
                OR event = 'posting.manual' AND about LIKE 'D%'
        ) sides
        GROUP BY 1, 2, 3 HAVING sum(delta) <> 0
    ), expected AS (
        SELECT reference, currency, CASE state
            WHEN 'credited' THEN 'agent:' || agent WHEN 'suspense' THEN 'suspense' WHEN 'returning' THEN 'suspense'
            WHEN 'not-top-up' THEN coalesce('biller:' || biller, 'bank:' || own_iban, 'cost:bank') END AS account,
            amount - taken_back_sum AS amount
        FROM deposit WHERE state IN ('credited', 'suspense', 'returning', 'not-top-up')
        UNION ALL
        SELECT reference, currency, 'bank:' || iban, taken_back_sum - amount FROM deposit
        WHERE state IN ('credited', 'suspense', 'returning', 'not-top-up')
    )
    SELECT reference, account, currency, coalesce(posted.amount, 0) AS posted, coalesce(expected.amount, 0) AS expected
    FROM posted FULL JOIN expected USING (reference, account, currency)
    WHERE coalesce(posted.amount, 0) <> coalesce(expected.amount, 0)
    ORDER BY reference, account
""")

BATCHES = text("""
    SELECT b.id, b.amount, sum(d.amount) AS deposits FROM bank_booking b JOIN deposit d ON d.booking_id = b.id
    GROUP BY b.id HAVING sum(d.amount) <> b.amount ORDER BY b.id
""")

TAKEN_BACK = text("""
    SELECT b.id, b.amount, sum(paid.amount) AS deposits FROM bank_booking b JOIN (
        SELECT taken_back_by AS booking, amount - taken_back_sum AS amount FROM deposit WHERE taken_back_by IS NOT NULL
        UNION ALL
        SELECT left_by, amount FROM agent_payout WHERE left_by IS NOT NULL
    ) paid ON paid.booking = b.id
    GROUP BY b.id HAVING sum(paid.amount) <> b.amount ORDER BY b.id
""")

PAYOUTS = text("""
    SELECT coalesce(p.reference, posted.about) AS reference, coalesce(p.amount, 0) AS amount, coalesce(posted.amount, 0) AS posted
    FROM (SELECT * FROM agent_payout WHERE paid_at IS NOT NULL) p
    FULL JOIN (
        SELECT about, sum(amount) AS amount FROM posting WHERE event = 'agent.paid-out' AND target LIKE 'bank:%' GROUP BY about
    ) posted ON posted.about = p.reference
    WHERE p.amount IS DISTINCT FROM posted.amount ORDER BY 1
""")


def suspense_is_the_waiting_deposits(session: Session) -> Iterator[str]:
    for row in session.execute(SUSPENSE):
        yield f"suspense holds {row.posted} {row.currency} of deposits, those that wait make {row.waiting} (minor units)"


def each_deposit_is_where_its_postings_say(session: Session) -> Iterator[str]:
    for row in session.execute(PLACES):
        yield (
            f"deposit {row.reference}: its postings left {row.posted} {row.currency} on {row.account}, "
            f"its state says {row.expected} (minor units)"
        )


def deposits_make_their_booking(session: Session) -> Iterator[str]:
    for row in session.execute(BATCHES):
        yield f"booking {row.id} is {row.amount}, its deposits make {row.deposits} (minor units)"


def a_debit_is_what_it_took_back(session: Session) -> Iterator[str]:
    """Of one deposit or payout, or of all those that one file paid."""
    for row in session.execute(TAKEN_BACK):
        yield f"booking {row.id} is {row.amount}, what it took back or paid makes {row.deposits} (minor units)"


def a_payout_is_in_the_book_once_paid(session: Session) -> Iterator[str]:
    for row in session.execute(PAYOUTS):
        yield f"payout {row.reference}: the bank has paid {row.amount}, its postings say {row.posted} (minor units)"


CHECKS: list[Check] = [
    suspense_is_the_waiting_deposits,
    each_deposit_is_where_its_postings_say,
    deposits_make_their_booking,
    a_debit_is_what_it_took_back,
    a_payout_is_in_the_book_once_paid,
]
