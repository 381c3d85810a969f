"""Money in, as the OpenAPI document shows it."""

from flask_smorest.fields import Upload
from marshmallow import fields
from marshmallow.validate import Length, OneOf, Regexp

from app.api.parsing import StrictSchema, Text, YesOrNo
from app.api.schemas import DAY
from app.bank.forms import LONGEST_NOTE
from app.bank.model import DepositState, StatementState

STATES = [state.value for state in DepositState]


class BankAccountOut(StrictSchema):
    iban = fields.String()
    bank = fields.String()
    currency = fields.String()
    reference = fields.String()


class BankAccountList(StrictSchema):
    items = fields.List(fields.Nested(BankAccountOut))
    next = fields.String(allow_none=True)


class DepositQuery(StrictSchema):
    state = Text(validate=OneOf(STATES))
    since = Text(data_key="from", validate=DAY)
    cursor = Text(validate=Length(max=100))


class ProposalOut(StrictSchema):
    id = fields.Integer()
    kind = fields.String(validate=OneOf(["credit", "assign", "reassign", "return", "dismiss"]))
    agent = fields.String(allow_none=True)
    target = fields.String(allow_none=True)
    note = fields.String()
    proposed_at = fields.String()
    version = fields.String(metadata={"description": "Whoever decides sends it back: it names this very proposal"})


class DepositOut(StrictSchema):
    reference = fields.String()
    state = fields.String(validate=OneOf(STATES))
    account = fields.String()
    amount = fields.Integer()
    currency = fields.String()
    day = fields.Date()
    value_date = fields.Date()
    sender_name = fields.String()
    sender_iban = fields.String()
    text = fields.String()
    bank_reference = fields.String()
    agent = fields.String(allow_none=True)
    booked_at = fields.String(allow_none=True)
    seen_at = fields.String()
    matched_at = fields.String(allow_none=True)
    credited_at = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)
    late = fields.String(allow_none=True, validate=OneOf(["seen", "matched", "credited"]))
    suggested = fields.String(allow_none=True, metadata={"description": "Only for the institution"})
    why = fields.List(fields.String(), metadata={"description": "Only for the institution"})
    proposal = fields.Nested(ProposalOut, allow_none=True, metadata={"description": "Only for the institution"})


class DepositList(StrictSchema):
    items = fields.List(fields.Nested(DepositOut))
    next = fields.String(allow_none=True)


class NoteIn(StrictSchema):
    note = Text(required=True, validate=Length(1, LONGEST_NOTE))


class AssignmentIn(NoteIn):
    agent = Text(required=True, validate=Regexp(r"^[0-9]{10}$"))


class DismissalIn(NoteIn):
    target = Text(required=True, validate=Length(1, 80))


class DecisionIn(StrictSchema):
    granted = YesOrNo(required=True)
    reason = Text(validate=Length(max=LONGEST_NOTE))
    version = Text(required=True, validate=Length(1, 300))


class StatementFileIn(StrictSchema):
    """:ivar account: for an export that does not name it; a form field, not a file"""

    file = Upload(required=True)
    account = Text(validate=Length(0, 60))


class SideOut(StrictSchema):
    count = fields.Integer()
    sum = fields.String()


class StatementOut(StrictSchema):
    """Sums and balances are decimal strings: a bank may keep currencies that our book does not."""

    format = fields.String()
    account = fields.String()
    currency = fields.String()
    first_day = fields.String(data_key="from", allow_none=True)
    last_day = fields.String(data_key="to", allow_none=True)
    state = fields.String(validate=OneOf([state.value for state in StatementState]))
    reason = fields.String(allow_none=True)
    bookings = fields.Integer()
    credits = fields.Nested(SideOut)
    debits = fields.Nested(SideOut)
    opening = fields.String(allow_none=True)
    closing = fields.String(allow_none=True)
    new = fields.Integer()
    known = fields.Integer()
    credited = fields.Integer()
    suspense = fields.Integer()


class UnreadableOut(StrictSchema):
    file = fields.String()
    reason = fields.String()


class StatementList(StrictSchema):
    """``unreadable`` names the files of a zip in which there is no statement."""

    statements = fields.List(fields.Nested(StatementOut))
    unreadable = fields.List(fields.Nested(UnreadableOut))
