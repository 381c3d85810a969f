"""What the customer signs to have a payment cancelled (C-02)."""

from app.documents.form_kinds.parts import Choices, Field, Fields, Form
from app.errors import N_
from app.reasons.built_in import BUILT_IN

BILL_CANCELLATION = Form(
    kind="bill_cancellation",
    title=N_("Request to cancel a bill payment"),
    explanation=N_("Hand it in at the shop that took the payment, on the same day before {until}, with the identity card."),
    sections={
        "payment": Fields(
            N_("1. The payment"),
            (
                (Field("shop", N_("Shop")), Field("payment", N_("Payment (reference)"))),
                (Field("biller", N_("Biller")), Field("subscriber", N_("Subscriber number"))),
                (Field("bill", N_("Bill number")), Field("period", N_("Period"))),
                (Field("amount", N_("Paid amount with fee")), Field("paid-at", N_("Paid at (date, time)"))),
            ),
        ),
        "customer": Fields(
            N_("2. The customer"),
            (
                (Field("name", N_("First and last name")), Field("identity", N_("Number of the identity card"), "identity")),
                (Field("phone", N_("Phone"), "phone"), Field("relation", N_("Relation to the subscriber (self, family, other)"))),
            ),
        ),
        "reason": Choices(
            N_("3. Why the payment is to be cancelled"),
            "reason",
            tuple((reason, reason) for reason in (*BUILT_IN["cancellation-ask"], N_("Another reason"))),
            Field("words", N_("In the customer's own words"), longest=300),
        ),
    },
    declaration=N_(
        "I ask for this payment to be cancelled. I know that the money is given back by this shop only after the biller has "
        "agreed, and that the bill is open again then. If the biller refuses, I turn to it with the dekont."
    ),
    enclosures=(N_("Scan of the customer's identity card, both sides"),),
    signatures=(
        (N_("Customer"), N_("Date, name, signature")),
        (N_("Shop"), N_("Date, time, name, stamp, signature")),
    ),
    note=N_("The shop scans this form together with the identity card and uploads both on the payment's page."),
)
