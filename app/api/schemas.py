"""What goes in and out, as the OpenAPI document shows it."""

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Regexp

from app.api.parsing import MinorUnits, StrictSchema, Text, YesOrNo
from app.billing.bill import FLAGS
from app.cancellations.model import State as CancellationState

DAY = Regexp(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$")

ONE_DAY = Regexp(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


class TokenRequest(StrictSchema):
    phone = Text(required=True, validate=Length(1, 30))
    password = fields.String(required=True, validate=Length(1, 200), load_only=True)
    code = Text(validate=Length(max=20), metadata={"description": "Six digits of the authenticator, or a recovery code"})


class PersonOut(StrictSchema):
    name = fields.String()
    role = fields.String()
    agent = fields.String(allow_none=True)


class TokenOut(StrictSchema):
    token = fields.String()
    expires_at = fields.String()
    person = fields.Nested(PersonOut)


class BalanceOut(StrictSchema):
    agent = fields.String()
    currency = fields.String()
    balance = fields.Integer()
    pending = fields.Integer()
    credit_limit = fields.Integer()
    available = fields.Integer()
    blocked = fields.Boolean()


class InquiryRequest(StrictSchema):
    biller = Text(required=True, validate=Length(1, 40))
    subscriber = Text(required=True, validate=Length(1, 40))
    period = Text(validate=Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])$"))


class DisputeRequest(StrictSchema):
    reason = Text(required=True, validate=Length(1, 300), metadata={"description": "What is wrong with it, in the customer's words"})


class DisputeOut(StrictSchema):
    id = fields.Integer()
    state = fields.String(validate=OneOf(["asked", "told"]))
    biller = fields.String()
    subscriber = fields.String()
    bill = fields.String()
    asked_at = fields.String()
    told_at = fields.String(allow_none=True)
    biller_reference = fields.String()


class PaymentRequest(StrictSchema):
    biller = Text(required=True, validate=Length(1, 40))
    subscriber = Text(required=True, validate=Length(1, 40))
    bill = Text(required=True, validate=Length(1, 100))
    amount = MinorUnits(required=True)
    version = Text(required=True, validate=Length(1, 100))
    confirmed = fields.List(fields.String(validate=OneOf(FLAGS)), load_default=list, validate=Length(max=len(FLAGS)))
    customer_phone = Text(load_default="", validate=Length(max=30))


class PaymentOut(StrictSchema):
    reference = fields.String()
    key = fields.String()
    state = fields.String(validate=OneOf(["pending", "paid", "refused", "cancelled"]))
    biller = fields.String()
    subscriber = fields.String()
    bill = fields.String()
    amount = fields.Integer()
    fee = fields.Integer()
    currency = fields.String()
    biller_reference = fields.String()
    balance_after = fields.Integer()
    asked_at = fields.String()
    settled_at = fields.String(allow_none=True)
    agent = fields.String()
    person = fields.String()
    receipt_code = fields.String()


class PaymentList(StrictSchema):
    items = fields.List(fields.Nested(PaymentOut))
    next = fields.String(allow_none=True)


class Window(StrictSchema):
    """A list's window: days of the market or moments; ``to`` is included when it is a day."""

    since = Text(data_key="from", validate=DAY)
    until = Text(data_key="to", validate=DAY)
    cursor = Text(validate=Length(max=100))


class PaymentQuery(Window):
    state = Text(validate=OneOf(["pending", "paid", "refused", "cancelled"]))
    biller = Text(validate=Length(max=40))
    key = Text(validate=Length(max=255))


class ExportFilters(StrictSchema):
    agent = Text(validate=Length(max=40))
    biller = Text(validate=Length(max=40))
    state = Text(validate=Length(max=40))
    person = Text(validate=Length(max=100))
    thing = Text(validate=Length(max=100))


class ExportRequest(StrictSchema):
    report = Text(required=True, validate=Length(1, 40))
    first_day = Text(data_key="from", required=True, validate=ONE_DAY)
    last_day = Text(data_key="to", required=True, validate=ONE_DAY, metadata={"description": "This day is included"})
    format = Text(required=True, validate=OneOf(["xlsx", "csv"]))
    filters = fields.Nested(ExportFilters, load_default=dict)


class ExportAsked(StrictSchema):
    id = fields.String()


class ExportOut(StrictSchema):
    id = fields.String()
    state = fields.String(validate=OneOf(["queued", "running", "ready", "failed"]))
    done = fields.Integer()
    total = fields.Integer(allow_none=True)
    report = fields.String()
    format = fields.String(validate=OneOf(["xlsx", "csv"]))
    filters = fields.Dict(keys=fields.String(), values=fields.String())
    asked_at = fields.String()
    expires_at = fields.String(allow_none=True)
    seal = fields.String(allow_none=True)
    error = fields.String(allow_none=True)


class ExceptionOut(StrictSchema):
    kind = fields.String()
    ref = fields.String()
    since = fields.String()
    sentence = fields.String()
    link = fields.String()


class ExceptionList(StrictSchema):
    items = fields.List(fields.Nested(ExceptionOut))
    next = fields.String(allow_none=True)


class AtQuery(StrictSchema):
    at = Text(validate=DAY)


class CancellationOut(StrictSchema):
    id = fields.Integer()
    state = fields.String(validate=OneOf([state.value for state in CancellationState]))
    payment = fields.String()
    agent = fields.String()
    biller = fields.String()
    reason = fields.String()
    asked_at = fields.String()
    asked_by = fields.String()
    cut_off_at = fields.String()
    report_until = fields.String()
    withdrawn_at = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decision_reason = fields.String()
    reported_at = fields.String(allow_none=True)
    reported_in_time = fields.Boolean(allow_none=True)
    answered_at = fields.String(allow_none=True)
    biller_word = fields.String()


class CancellationList(StrictSchema):
    items = fields.List(fields.Nested(CancellationOut))
    next = fields.String(allow_none=True)


class CancellationQuery(StrictSchema):
    state = Text(validate=OneOf([state.value for state in CancellationState]))
    cursor = Text(validate=Length(max=18))


class DecisionRequest(StrictSchema):
    granted = YesOrNo(required=True)
    reason = Text(load_default="", validate=Length(max=300))
