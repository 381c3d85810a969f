"""
Every column that holds data about a person: what, why, for how long, and how it ends (C27).

``docs/privacy.md`` shows this list, :mod:`app.documents.forget_data` acts by it, and a test holds that no column is missing.
Tables of the slices above are named here as text: this is about what lies in them, not about their rules.
"""

from dataclasses import dataclass, field

PSEUDONYM, EMPTIED, DESTROYED, STAYS = "pseudonym", "emptied", "destroyed", "stays"
CUSTOMER, STAFF, SENDER = "customer", "person of an agent or of ours", "sender of a transfer"
A_LOGIN = "former-person: whose a login was; what it says of the shop stays ten years by law"
THE_LAW = "books and their proofs are kept ten years by law; nothing else leads from here to the person"


@dataclass(frozen=True)
class Held:
    """
    :ivar kept: a kind of ``data_retention`` or ``scan_retention``, or in words
    :ivar ends: what becomes of it then, or when the person asks
    """

    table: str
    column: str
    whose: str
    what: str
    why: str
    seen_by: str
    kept: str
    ends: str


@dataclass(frozen=True)
class Rows:
    """
    Rows of a table that are somebody's by the phone or mail address in ``by``.

    :ivar key: the column that names a row
    :ivar also: what else of the row is emptied with it
    :ivar over: SQL that holds once nothing waits for the data any more; until then they stay
    :ivar since: the days of ``kept`` count from here
    """

    table: str
    key: str
    by: str
    over: str
    since: str
    kept: str
    also: dict[str, str | None] = field(default_factory=dict)


ROWS = (
    Rows("payment", "reference", "customer_phone", "state <> 'pending'", "asked_at", "customer-phone"),
    Rows(
        "inquiry", "id", "sender", "outcome IS NOT NULL AND next_charge_at IS NULL", "ended_at", "inquiry-sender",
        {"subject": "", "answers": "", "thread": ""},
    ),
    Rows(
        "intake", "id", "sender", "outcome IS NOT NULL", "ended_at", "intake-sender",
        {"subject": "", "body": "", "answers": "", "thread": ""},
    ),
    Rows("bill_copy", "id", "to", "how <> 'printed'", "at", "bill-copy-address"),
    Rows(
        "message", "id", "recipient", "next_try_at IS NULL", "created_at", "message-text",
        {"subject": "", "body": "", "attachment": None, "attachment_name": "", "answers": "", "thread": "", "last_error": ""},
    ),
    Rows("e_bill", "id", "email", "off_at IS NOT NULL AND next_tell_at IS NULL", "off_at", "e-bill-address"),
    Rows("former_phone", "id", "phone", "true", "until", "former-phone"),
    Rows("person", "id", "phone", "removed_at IS NOT NULL", "removed_at", "former-person", {"name": "-", "email": ""}),
    Rows(
        "session", "id", "address", "ended_at IS NOT NULL OR expires_at < now()", "seen_at", "session-address", {"user_agent": ""},
    ),
)  # fmt: skip

COUNTER = "the shop that took the payment, support, operators, approvers, auditors"
DESK = "operators, approvers, accountants, auditors"
SORTERS = "operators, approvers, auditors"
NOBODY = "nobody: only the program reads it"

HELD = (
    Held("payment", "customer_phone", CUSTOMER, "phone", "to tell the outcome of an unclear payment", COUNTER, "customer-phone", PSEUDONYM),
    Held("payment", "subscriber", CUSTOMER, "number at the biller", "what was paid for whom", COUNTER, THE_LAW, STAYS),
    Held("payment", "facts", CUSTOMER, "masked name, bill", "what the receipt says", COUNTER, THE_LAW, STAYS),
    Held("open_question", "subscriber", CUSTOMER, "number at the biller", "one payment in flight", NOBODY, "until answered", DESTROYED),
    Held("quoted_bill", "subscriber", CUSTOMER, "number at the biller", "what was shown last", COUNTER, THE_LAW, STAYS),
    Held("quoted_bill", "facts", CUSTOMER, "masked name, bill", "what is checked before paying", COUNTER, THE_LAW, STAYS),
    Held("dispute", "subscriber", CUSTOMER, "number at the biller", "which bill is wrong", COUNTER, THE_LAW, STAYS),
    Held("dispute", "reason", CUSTOMER, "own words", "the biller reads it", COUNTER, THE_LAW, STAYS),
    Held("wrong_bill", "subscriber", CUSTOMER, "number at the biller", "which bill does not add up", DESK, THE_LAW, STAYS),
    Held("bill_copy", "subscriber", CUSTOMER, "number at the biller", "who got a copy of the bill", COUNTER, THE_LAW, STAYS),
    Held("bill_copy", "to", CUSTOMER, "mail address", "to whom a copy of the bill went", COUNTER, "bill-copy-address", PSEUDONYM),
    Held("inquiry", "sender", CUSTOMER, "phone or mail address", "to answer", DESK, "inquiry-sender", PSEUDONYM),
    Held("inquiry", "subject", CUSTOMER, "subject of the mail", "to answer in its thread", NOBODY, "inquiry-sender", EMPTIED),
    Held("inquiry", "subscriber", CUSTOMER, "number at the biller", "what was asked about", DESK, THE_LAW, STAYS),
    Held("inquiry", "charged_to", CUSTOMER, "number at the biller", "who paid for the answer", DESK, THE_LAW, STAYS),
    Held("intake", "sender", STAFF, "mail address", "to answer, and to know whose papers they are", SORTERS, "intake-sender", PSEUDONYM),
    Held("intake", "subject", STAFF, "subject of the mail", "to sort it, to answer in its thread", SORTERS, "intake-sender", EMPTIED),
    Held("intake", "body", STAFF, "text of the mail", "to sort it", SORTERS, "intake-sender", EMPTIED),
    Held("e_bill", "email", CUSTOMER, "mail address", "where bills go, with consent", COUNTER, "e-bill-address", PSEUDONYM),
    Held("e_bill", "subscriber", CUSTOMER, "number at the biller", "whose bills go there", COUNTER, THE_LAW, STAYS),
    Held("message", "recipient", CUSTOMER, "phone or mail address", "where it went", NOBODY, "message-text", PSEUDONYM),
    Held("message", "subject", CUSTOMER, "text", "what it said", NOBODY, "message-text", EMPTIED),
    Held("message", "body", CUSTOMER, "text", "what it said", NOBODY, "message-text", EMPTIED),
    Held("message", "attachment", CUSTOMER, "bill as PDF", "what it said", NOBODY, "message-text", EMPTIED),
    Held("scan", "sealed", CUSTOMER, "identity card, signed form", "proof of the request", "who uploaded it and who decides, each "
         "view with a reason", "scan: identity, form, intake", DESTROYED),
    Held("paper", "facts", CUSTOMER, "masked name, bill", "what the paper says on every copy", COUNTER, THE_LAW, STAYS),
    Held("cancellation", "reason", CUSTOMER, "own words", "why it is asked for", COUNTER, THE_LAW, STAYS),
    Held("cancellation_report", "sent", CUSTOMER, "number at the biller", "proof of sending", DESK, THE_LAW, STAYS),
    Held("late_attempt", "reason", CUSTOMER, "own words", "stands on the dekont", COUNTER, THE_LAW, STAYS),
    Held("person", "name", STAFF, "name", "who did what", "everybody who sees the act", "former-person", PSEUDONYM),
    Held("person", "phone", STAFF, "phone", "signing in, top-ups", "owner, support, operators", "former-person", PSEUDONYM),
    Held("person", "email", STAFF, "mail address", "to reach the person", "owner, support, operators", "former-person", EMPTIED),
    Held("person", "password_hash", STAFF, "hash", "signing in", NOBODY, "while the login lasts", STAYS),
    Held("former_phone", "phone", STAFF, "phone", "transfers may still carry it", DESK, "former-phone", PSEUDONYM),
    Held("session", "address", STAFF, "network address", "who was signed in where", "the person, auditors", "session-address", PSEUDONYM),
    Held("top_up_notice", "mail", STAFF, "mail address", "to tell of top-ups", "the owner", "while it is wished for", EMPTIED),
    Held("agent", "legal_name", STAFF, "name", "the contract", DESK, THE_LAW, STAYS),
    Held("agent", "name", STAFF, "name of the shop", "the contract", "everybody", THE_LAW, STAYS),
    Held("agent", "search_name", STAFF, "name of the shop", "to find it", NOBODY, THE_LAW, STAYS),
    Held("agent", "tax_number", STAFF, "tax number", "the contract", DESK, THE_LAW, STAYS),
    Held("agent", "address", STAFF, "address", "stands on receipts", "everybody", THE_LAW, STAYS),
    Held("agent", "phone", STAFF, "phone", "stands on receipts", "everybody", THE_LAW, STAYS),
    Held("agent", "email", STAFF, "mail address", "the contract", DESK, THE_LAW, STAYS),
    Held("agent", "iban", STAFF, "account", "paying out", DESK, THE_LAW, STAYS),
    Held("statement_file", "raw", SENDER, "names, accounts", "the bank's own file", NOBODY, THE_LAW, STAYS),
    Held("bank_statement", "content", SENDER, "names, accounts", "the bank's own statement", NOBODY, THE_LAW, STAYS),
    Held("bank_booking", "text", SENDER, "text of the transfer", "whose top-up it is", DESK, THE_LAW, STAYS),
    Held("bank_booking", "text_key", SENDER, "text of the transfer", "to know it again", NOBODY, THE_LAW, STAYS),
    Held("bank_booking", "raw", SENDER, "text of the transfer", "as the file says it", DESK, THE_LAW, STAYS),
    Held("bank_booking", "party_name", SENDER, "name", "who sent it", DESK, THE_LAW, STAYS),
    Held("bank_booking", "party_iban", SENDER, "account", "where money goes back to", DESK, THE_LAW, STAYS),
    Held("deposit", "text", SENDER, "text of the transfer", "whose top-up it is", DESK, THE_LAW, STAYS),
    Held("deposit", "sender_name", SENDER, "name", "who sent it", DESK, THE_LAW, STAYS),
    Held("deposit", "sender_iban", SENDER, "account", "where money goes back to", DESK, THE_LAW, STAYS),
    Held("deposit", "trace", SENDER, "phone in the text", "why it was credited", DESK, THE_LAW, STAYS),
    Held("audit_line", "address", STAFF, "network address", "from where it was done", "approvers, auditors", THE_LAW, STAYS),
    Held("audit_line", "facts", STAFF, "names of who acted", "who did what", "approvers, auditors", THE_LAW, STAYS),
    Held("export_chunk", "piece", CUSTOMER, "a report", "to download it", "who asked for it", "one day", DESTROYED),
    Held("export", "filters", CUSTOMER, "number at the biller", "which data were taken out", "who asked for it, auditors", THE_LAW, STAYS),
    Held("export", "facts", CUSTOMER, "number at the biller", "what the file says of itself", "who asked, auditors", THE_LAW, STAYS),
    Held("session", "user_agent", STAFF, "browser", "who was signed in with what", "the person, auditors", "session-address", EMPTIED),
    Held("password_code", "numbers", STAFF, "phone", "whose code it is", NOBODY, "two days", DESTROYED),
    Held("password_code", "address", STAFF, "network address", "who asked for a code", NOBODY, "two days", DESTROYED),
    Held("login_reset", "checked", STAFF, "how it was checked", "proof of the check", "support, approvers, auditors", THE_LAW, STAYS),
    Held("second_factor", "sealed", STAFF, "sealed secret", "the second step of signing in", NOBODY, "while the login lasts", STAYS),
    Held("change", "wanted", STAFF, "new names, phones, accounts", "what is asked for", DESK, A_LOGIN, PSEUDONYM),
    Held("change", "before", STAFF, "old names, phones, accounts", "what it was", DESK, A_LOGIN, PSEUDONYM),
    Held("change", "matter", STAFF, "phone of a new login", "to know a second one like it", NOBODY, "former-person", PSEUDONYM),
    Held("change", "outcome", STAFF, "what became of it", "proof of the change", DESK, THE_LAW, STAYS),
    Held("change", "reason", STAFF, "own words", "why it is asked for", DESK, THE_LAW, STAYS),
    Held("agent_payout", "name", STAFF, "name", "to whom the rest is paid", DESK, THE_LAW, STAYS),
    Held("agent_payout", "to_iban", STAFF, "account", "where the rest is paid", DESK, THE_LAW, STAYS),
    Held("throttle", "key", STAFF, "phone or network address", "how often it was tried", NOBODY, "minutes to a day", DESTROYED),
    Held("privacy_request", "identifiers", CUSTOMER, "phones and mail addresses", "to find what we hold", "operators, approvers",
         "until it is erased", EMPTIED),
    Held("privacy_request", "asked_by", CUSTOMER, "role of who asked", "proof of the request", "operators, approvers", THE_LAW, STAYS),
    Held("privacy_request", "identity_check", CUSTOMER, "how it was checked", "proof of the check", "operators, approvers", THE_LAW, STAYS),
)  # fmt: skip
