"""
The one family of errors that people see. Everything else is a bug and is loud.

A refusal is a sentence a cashier can read aloud: what, why, what next. It is defined
beside the verb that raises it and handled in one place (:mod:`app.web.refusals`).
"""

import re
from typing import ClassVar


def N_(text: str) -> str:
    """Marks a sentence for translation; it is translated where it is shown."""
    return text


class Refusal(Exception):
    """
    :cvar say: the sentence, with the facts as ``{names}``; marked with ``N_``
    :cvar status: HTTP status by which the doors answer
    :cvar known_as: its name outside, where that is not its own: machines are told fewer kinds than people
    :cvar retry_after: seconds after which the same request makes sense again
    """

    say: ClassVar[str]
    status: ClassVar[int] = 409
    known_as: ClassVar[str] = ""
    retry_after: int | None = None

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.say.format_map(facts))

    @classmethod
    def name(cls) -> str:
        """``AlreadyPaid`` is ``already-paid`` outside."""
        return cls.known_as or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()


class Invalid(Refusal):
    """:ivar errors: field -> sentence (marked with ``N_``, facts already in it)"""

    say = N_("Please check: {fields}.")
    status = 422

    def __init__(self, /, **errors: str) -> None:  # a client may call a field ``self``
        self.errors = errors
        super().__init__(fields=", ".join(errors))


class NotFound(Refusal):
    say = N_("There is no such page or record. Check the number, or go back to the counter.")
    status = 404


class NotAllowed(Refusal):
    say = N_("Your role may not do this. Ask your shop's owner or call support.")
    status = 403


class NotSignedIn(Refusal):
    say = N_("Please sign in first.")
    status = 401


class OwnRequest(Refusal):
    say = N_("You asked for this yourself; another person has to decide it.")
    status = 403


class TooMany(Refusal):
    say = N_("That was too often. Wait {seconds} seconds and try again.")
    status = 429

    def __init__(self, *, seconds: int) -> None:
        self.retry_after = seconds
        super().__init__(seconds=seconds)


class TooManyForNow(TooMany):
    """The same where the wait may be long."""

    say = N_("That was too often. Try again in {minutes} minutes.")

    def __init__(self, *, seconds: int) -> None:
        self.retry_after = seconds
        Refusal.__init__(self, seconds=seconds, minutes=-(-seconds // 60))

    known_as = "too-many"


class TryAgain(Refusal):
    say = N_("The system is busy or restarting; nothing was lost. Please try again in a few seconds.")
    status = 503
    retry_after = 3
