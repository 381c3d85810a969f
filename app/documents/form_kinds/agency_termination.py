"""An agent's contract ends."""

from app.documents.form_kinds.agent import AGENT, HOW_TO_SEND, IDENTITY_CARD, OWNER_SIGNS, SIGNATURE_CIRCULAR
from app.documents.form_kinds.parts import Choices, Field, Fields, Form
from app.errors import N_

AGENCY_TERMINATION = Form(
    kind="agency_termination",
    title=N_("Termination of an agency"),
    explanation=N_("The contract ends on the day below. Nothing can be paid from that day on; reports stay open to the agent."),
    sections={
        "agent": AGENT,
        "reason": Choices(
            N_("2. Why the agency ends"),
            "reason",
            (
                ("closing", N_("The shop closes")),
                ("sold", N_("The shop is sold or handed over")),
                ("business", N_("Too little business")),
                ("other", N_("Another reason")),
            ),
            Field("words", N_("In the agent's own words"), longest=300),
        ),
        "rest": Fields(
            N_("3. The last day and the rest of the balance"),
            (
                (Field("effective", N_("Last day of work"), "date"), Field("holder", N_("Holder of the account"))),
                (Field("iban", N_("IBAN to which the rest is paid"), "iban"),),
            ),
        ),
    },
    declaration=N_(
        "I ask for the agency contract to be ended. Open payments and cancellations are finished first; then the final statement is "
        "made and the rest of the balance is paid to this account, which belongs to the agent. A negative rest is paid by the agent."
    ),
    enclosures=(IDENTITY_CARD, SIGNATURE_CIRCULAR, N_("Statement of the bank with name and IBAN")),
    signatures=(OWNER_SIGNS,),
    note=HOW_TO_SEND,
)
