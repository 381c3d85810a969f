"""What people read about papers that came in: why one waits, and what became of it."""

from app.errors import N_
from app.intake.model import Doubt, Outcome

DOUBTS = {
    Doubt.STRANGER: N_("Whoever sent it is not known to belong to this request. Confirm that it is theirs before it is filed."),
    Doubt.NO_REFERENCE: N_("No reference was found, and the sender is not known. Say what it is about."),
    Doubt.REGISTERED: N_("A shop wrote without a reference. Open a draft of what it asks for, or attach it to a request."),
    Doubt.SEVERAL: N_("It names more than one request. Attach each paper to its own."),
    Doubt.WHICH_PAPER: N_("Which paper is which cannot be told for certain. Name those that are left."),
    Doubt.TAKES_NONE: N_("The request takes no papers any more, or has them already. Look at it, and answer."),
    Doubt.CANCELLATION: N_("The cancellation is not asked for yet. It counts when it is complete, and from then on."),
    Doubt.NO_PAPER: N_("It names a request and brings no paper that can be read."),
    Doubt.TOO_LARGE: N_("The mail is too large; only its head was read. It is still in the mailbox."),
    Doubt.UNREADABLE: N_("The mail cannot be taken apart. It is still in the mailbox."),
}
OUTCOMES = {
    Outcome.FILED: N_("Filed"),
    Outcome.DRAFT: N_("Draft opened"),
    Outcome.ANSWERED: N_("Answered"),
    Outcome.NOT_OURS: N_("Not ours"),
    Outcome.TOO_MANY: N_("Too many at once"),
}
