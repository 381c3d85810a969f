"""What every form of an agent begins and ends with."""

from app.documents.form_kinds.parts import Field, Fields
from app.errors import N_

AGENT = Fields(
    N_("1. The agent"),
    (
        (Field("agent", N_("Agent number"), "agent"), Field("agent-name", N_("Name of the shop"))),
        (Field("owner", N_("Owner or authorised person")), Field("owner-phone", N_("Phone"), "phone")),
    ),
)

OWNER_SIGNS = (N_("Agent (owner or authorised person)"), N_("Place, date, name, stamp, signature"))

IDENTITY_CARD = N_("Scan of the identity card of whoever signs, both sides")
SIGNATURE_CIRCULAR = N_("Signature circular or signature declaration")

HOW_TO_SEND = N_("Photograph or scan the signed page and its enclosures; upload them where you are signed in, or send them by mail.")
