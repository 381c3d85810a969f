"""Ready reasons as a form offers them."""

from app import clock, db
from app.markets import INSTITUTION
from app.reasons.queries import sentences
from app.web.actor import actor_or_none
from app.web.forms import ANOTHER_REASON, CHOOSE, SelectChoice
from app.web.language import _, language


def ready_reasons(purpose: str) -> list[SelectChoice]:
    """
    Each sentence in the reader's language; the form sends it as it was read, for so it is kept. One that was ended while the
    page was open is refused.
    """
    person = actor_or_none()
    today = clock.today((person.market if person else INSTITUTION).zone)
    with db.reading() as session:
        found = sentences(session, purpose, language=language(), on=today)
    return [
        SelectChoice("", _(CHOOSE)),
        *(SelectChoice(sentence, sentence) for sentence in found),
        SelectChoice(ANOTHER_REASON, _(ANOTHER_REASON)),
    ]
