"""A person of an agent is added or removed."""

from app.documents.form_kinds.agent import AGENT, HOW_TO_SEND, OWNER_SIGNS
from app.documents.form_kinds.parts import Choices, Field, Fields, Form
from app.errors import N_

PERSON_CHANGE = Form(
    kind="person_change",
    title=N_("Adding or removing a person"),
    explanation=N_("One form for each person. Whoever is added signs in with the own mobile phone; nobody shares a login."),
    sections={
        "agent": AGENT,
        "change": Choices(
            N_("2. What is asked for"),
            "change",
            (("add", N_("Add this person")), ("remove", N_("Remove this person"))),
        ),
        "person": Fields(
            N_("3. The person"),
            (
                (Field("name", N_("First and last name")), Field("identity", N_("Identity number"), "identity")),
                (Field("phone", N_("Mobile phone (the login)"), "phone"), Field("email", N_("E-mail"))),
                (Field("effective", N_("Valid from (empty: at once)"), "date"), Field("remark", N_("Reason, or a remark"))),
            ),
        ),
        "role": Choices(
            N_("4. What the person does"),
            "role",
            (("cashier", N_("Cashier: takes payments")), ("owner", N_("Owner: sees balance, statement and commission too"))),
        ),
    },
    declaration=N_(
        "The agent answers for everything that is done with this login, and reports at once when the person leaves or the phone is "
        "lost. A person that is removed can no longer pay from that moment on; what was paid before stays as it is."
    ),
    enclosures=(
        N_("Scan of the person's identity card, both sides (only for adding)"),
        N_("Scan of the owner's identity card, both sides"),
    ),
    signatures=(OWNER_SIGNS, (N_("The person (only for adding)"), N_("Place, date, name, signature"))),
    note=HOW_TO_SEND,
)
