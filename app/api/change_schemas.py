"""Changes, as the OpenAPI document shows them."""

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range

from app.api.parsing import StrictSchema, Text, YesOrNo
from app.api.schemas import ONE_DAY
from app.changes.catalogue import KINDS
from app.changes.model import State

LARGEST_NUMBER = 2**53


class ChangeRequest(StrictSchema):
    kind = Text(required=True, validate=OneOf(list(KINDS)))
    agent = Text(validate=Length(max=10), metadata={"description": "The shop; a shop's person may leave it out"})
    person = fields.Integer(strict=True, validate=Range(1, LARGEST_NUMBER), metadata={"description": "Whom it concerns"})
    wanted = fields.Dict(
        keys=Text(validate=Length(1, 40)),
        values=fields.Raw(),
        load_default=dict,
        metadata={"description": "New values by field; amounts in minor units"},
    )
    reason = Text(load_default="", validate=Length(max=300))
    effective_on = Text(validate=ONE_DAY, metadata={"description": "A day in the shop's market; left out: at once"})
    on_behalf_of = fields.Integer(
        strict=True, validate=Range(1, LARGEST_NUMBER), metadata={"description": "Which owner signed the paper that is keyed in"}
    )
    version = Text(validate=Length(max=40))


class ChangeApproval(StrictSchema):
    by = fields.String()
    at = fields.String()


class ChangeOut(StrictSchema):
    id = fields.String()
    kind = fields.String(validate=OneOf(list(KINDS)))
    state = fields.String(validate=OneOf([state.value for state in State]))
    agent = fields.String(allow_none=True)
    person = fields.Integer(allow_none=True)
    source = fields.String()
    wanted = fields.Dict()
    before = fields.Dict()
    missing = fields.List(fields.String(), metadata={"description": "Papers that it still needs, see `POST /changes/{id}/papers`"})
    reason = fields.String()
    effective_on = fields.String(allow_none=True)
    persons_needed = fields.Integer()
    asked_at = fields.String(allow_none=True)
    asked_by = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    approvals = fields.List(fields.Nested(ChangeApproval))
    granted_at = fields.String(allow_none=True)
    denied_at = fields.String(allow_none=True)
    denied_by = fields.String(allow_none=True)
    denial_reason = fields.String()
    withdrawn_at = fields.String(allow_none=True)
    applied_at = fields.String(allow_none=True)
    outcome = fields.Dict()
    failed_at = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
    seen = fields.String(metadata={"description": "Names what was shown; sent back with a decision, it holds if that is what is decided"})


class ChangeList(StrictSchema):
    items = fields.List(fields.Nested(ChangeOut))
    next = fields.String(allow_none=True)


class ChangeQuery(StrictSchema):
    state = Text(validate=OneOf([state.value for state in State]))
    cursor = Text(validate=Length(max=18))


class ChangeRevocation(StrictSchema):
    reason = Text(required=True, validate=Length(1, 300))
    seen = Text(validate=Length(max=40))


class ChangeDecision(StrictSchema):
    granted = YesOrNo(required=True)
    reason = Text(load_default="", validate=Length(max=300))
    seen = Text(validate=Length(max=40))
