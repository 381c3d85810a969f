"""The sentences that come with the program, as the migration put them into the table: here they are marked for translation."""

from app.errors import N_

BUILT_IN = {
    "cancellation-ask": (
        N_("Wrong subscriber or wrong bill"),
        N_("Wrong amount"),
        N_("Paid twice"),
        N_("Paid elsewhere already"),
        N_("The customer does not want to pay this bill now"),
    ),
    "cancellation-deny": (
        N_("The form is not signed"),
        N_("The form is about another payment"),
        N_("The identity card belongs to somebody else"),
        N_("The scans cannot be read"),
    ),
    "change-deny": (
        N_("The form is not signed by an owner"),
        N_("The signature is not the owner's"),
        N_("The papers say something else than the request"),
        N_("The scans cannot be read"),
        N_("The shop could not be reached to confirm it"),
    ),
    "suspend": (
        N_("The owner asked for it"),
        N_("Payments that look like misuse"),
        N_("The shop's papers are out of date"),
    ),
    "deposit-assign": (
        N_("The shop sent the bank's receipt"),
        N_("The owner confirmed it, called on the registered phone"),
        N_("The sender is known from earlier deposits of this shop"),
    ),
    "deposit-return": (
        N_("The sender asked for the money back"),
        N_("Nobody could say for which shop it is"),
        N_("The shop takes no money any more"),
    ),
    "deposit-dismiss": (
        N_("The bank named it so"),
        N_("The biller confirmed its refund"),
    ),
    "deposit-refuse": (
        N_("Nothing proves it"),
        N_("It belongs to another shop"),
    ),
    "statement-release": (
        N_("The bank confirmed its lines in writing"),
        N_("The bank's statement on paper shows the same lines"),
    ),
    "case": (
        N_("The biller confirmed it in writing"),
        N_("It stands in the biller's daily file"),
        N_("It is missing in two daily files of the biller"),
    ),
}  # fmt: skip
