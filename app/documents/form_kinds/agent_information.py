"""An agent's name, address, phone, mail or account changes."""

from app.documents.form_kinds.agent import AGENT, HOW_TO_SEND, IDENTITY_CARD, OWNER_SIGNS, SIGNATURE_CIRCULAR
from app.documents.form_kinds.parts import Changes, Field, Fields, Form
from app.errors import N_

AGENT_INFORMATION = Form(
    kind="agent_information",
    title=N_("Change of an agent's information"),
    explanation=N_("Tick what changes and write the new value. What is not ticked stays as it is."),
    sections={
        "agent": AGENT,
        "changes": Changes(
            N_("2. What changes"),
            (
                Field("name", N_("Name of the shop")),
                Field("legal_name", N_("Legal name")),
                Field("tax_number", N_("Tax number"), "tax"),
                Field("address", N_("Address"), longest=240),
                Field("phone", N_("Phone"), "phone"),
                Field("email", N_("E-mail")),
                Field("iban", N_("IBAN for payments to the agent"), "iban"),
            ),
        ),
        "from": Fields(
            N_("3. From when"),
            ((Field("effective", N_("Valid from (empty: at once)"), "date"), Field("remark", N_("Remark"))),),
        ),
    },
    declaration=N_(
        "I declare that these statements are true and that I may make them for the agent. A new account belongs to the agent. "
        "I know that the change counts only after another person has checked and granted it."
    ),
    enclosures=(
        IDENTITY_CARD,
        SIGNATURE_CIRCULAR,
        N_("Tax certificate, for another name or tax number"),
        N_("Statement of the bank with name and IBAN, for another account"),
        N_("Proof of the address, for another address"),
    ),
    signatures=(OWNER_SIGNS,),
    note=HOW_TO_SEND,
)
