"""The agents' questions and their answers; every page can link to one of them by its anchor."""

from dataclasses import dataclass

from app.errors import N_


@dataclass(frozen=True)
class Answer:
    """
    :ivar anchor: ``/help#anchor``; never changed, pages link to it
    :ivar question: and :ivar sentences: marked with ``N_``; each sentence is a paragraph
    """

    anchor: str
    question: str
    sentences: tuple[str, ...]


ANSWERS = (
    Answer(
        "pending",
        N_("A payment says: waiting for the outcome"),
        (
            N_(
                "The biller has not answered clearly. The money is held, the bill is not paid twice. Do not pay again: the page turns to "
                "paid or not paid by itself. Give the customer the waiting slip."
            ),
            N_("If it still waits after half an hour, our people are on it already; you need not call."),
        ),
    ),
    Answer(
        "refused",
        N_("Not paid, money given back"),
        (N_("The biller refused. The money is on your balance again. Give the customer the cash back and press the button that says so."),),
    ),
    Answer(
        "top-up",
        N_("Topping up"),
        (
            N_(
                "Make a bank transfer to one of our accounts and write your login phone number into the description. It is on your balance "
                "within five minutes; nobody needs to be told."
            ),
        ),
    ),
    Answer(
        "not-credited",
        N_("Why is my transfer not on my balance?"),
        (
            N_(
                "Open Balance: each transfer shows whether the bank has booked it, whether we have seen it, whose it is and when it was "
                "credited."
            ),
            N_(
                "Most often the phone number was missing in the description, had a digit wrong, or belongs to a person who was removed. "
                "Then it waits for a person of ours, who finds you by the sender. The next one is credited by itself if your login phone "
                "stands in the description, alone."
            ),
        ),
    ),
    Answer(
        "cancel",
        N_("Cancelling a payment"),
        (
            N_(
                "On the same day before 17:00, with the signed form and a copy of the customer's identity card. Later, print the dekont "
                "and send the customer to the biller."
            ),
            N_(
                "Open the payment and press Cancel: print the form, have it signed, photograph it and the identity card, and send both. "
                "Half days may end earlier; the first page says so beforehand."
            ),
        ),
    ),
    Answer(
        "dekont",
        N_("The customer wants a dekont"),
        (N_("Open the payment and press Dekont. It is printed for every paid bill, free of charge, as often as it is wanted."),),
    ),
    Answer(
        "fee",
        N_("What does the fee consist of?"),
        (
            N_(
                "The service fee is a line of its own on the receipt. A part of it is your commission; your statement shows it for each "
                "payment. The bill itself is passed on to the biller whole."
            ),
        ),
    ),
    Answer(
        "persons",
        N_("How do I add or remove a person?"),
        (
            N_(
                "The owner asks for it with the form for persons, signed, with a copy of the identity card. Each person signs in with the "
                "own mobile number; never share one login, for each act carries its person's name."
            ),
        ),
    ),
    Answer(
        "phone",
        N_("My phone number changes"),
        (
            N_(
                "Ask for the change before you give the old number away. Transfers with the old number still reach you for some time; from "
                "then on write the new one."
            ),
        ),
    ),
    Answer(
        "password",
        N_("I have forgotten my password"),
        (
            N_("Ask for a code on the sign-in page: it comes by SMS to your registered phone and holds for five minutes."),
            N_("Without that phone call us. Our people never ask for a password or a code, neither by phone nor by mail."),
        ),
    ),
    Answer(
        "printer",
        N_("Which paper does the printer need?"),
        (
            N_(
                "Receipts print on rolls of 58 or 80 mm or on A5, dekonts and forms on A4. In the browser's print window choose the "
                "printer's own paper, no margins, and no headers or footers."
            ),
        ),
    ),
    Answer(
        "e-bill",
        N_("E-bill instead of paper"),
        (
            N_(
                "Open the customer's bill and write the e-mail address down; the customer agrees to it. It is free and can be switched off "
                "in the same place."
            ),
        ),
    ),
    Answer(
        "sms",
        N_("What is owed, by SMS"),
        (
            N_(
                "Anybody can send the biller's word and the subscriber number to the short code 650 and is told what is owed. The carrier "
                "charges its own price for the message."
            ),
        ),
    ),
    Answer(
        "number",
        N_("The subscriber is not found"),
        (
            N_(
                "Compare the number with the bill, digit by digit. If several billers have numbers of that shape, choose the biller first. "
                "Nothing owed, no such subscriber, a closed account and a biller that does not answer are four different pages."
            ),
        ),
    ),
)
