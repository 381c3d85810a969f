"""The certificate of a destroyed scan as a numbered paper (C-08): what it was, by which rule it went, and how to recognise a copy."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import languages
from app.documents.model import Certificate
from app.documents.number_paper import issue_paper, print_numbered
from app.errors import N_, NotFound
from app.markets import INSTITUTION
from app.web import display

KIND = "destruction_certificate"
KINDS = {"identity": N_("identity card"), "form": N_("signed form"), "intake": N_("paper that belonged to no request")}
BY_RULE, ON_REQUEST = N_("{days} days after its matter was closed"), N_("on request of the person, after its matter was closed")


def print_certificate(session: Session, number: int, *, language: str, by: str, now: datetime) -> bytes:
    """
    In the language in which it was first asked for.

    :raises NotFound: if there is no such certificate
    """
    certificate = session.get(Certificate, number)
    if certificate is None:
        raise NotFound
    paper = issue_paper(
        session, KIND, about=f"scan:{certificate.scan}", facts=facts_of(certificate, language), language=language, by=by, now=now
    )
    return print_numbered(session, paper, also={}, by=by, now=now)


def facts_of(certificate: Certificate, language: str) -> dict[str, object]:
    def say(sentence: str, **facts: object) -> str:
        return languages.say(sentence, language, **facts)

    def moment(at: datetime) -> str:
        return display.moment(at, language, INSTITUTION.zone)

    rule = say(BY_RULE, days=certificate.days) if certificate.days else say(ON_REQUEST)
    return {
        "language": language,
        "institution": "Gişe",
        "title": say(N_("Certificate of destruction")),
        "number-label": say(N_("Certificate number")),
        "statement": say(
            N_("The scan below was destroyed: its picture and its own key were removed. Backups made before hold both until they expire.")
        ),
        "rows": [
            [say(N_("Scan")), certificate.scan],
            [say(N_("What it showed")), say(KINDS.get(certificate.kind, certificate.kind))],
            [say(N_("Matter")), certificate.about],
            [say(N_("Kept since")), moment(certificate.kept_at)],
            [say(N_("Matter closed")), moment(certificate.closed_at)],
            [say(N_("Destroyed")), moment(certificate.destroyed_at)],
            [say(N_("Rule")), rule],
            [say(N_("How often it was looked at")), str(certificate.views)],
        ],
        "digest-label": say(N_("SHA-256 of the sealed bytes, by which a copy can be recognised")),
        "digest": certificate.digest.hex(),
        "signature": say(N_("Date, name, signature")),
        "foot": say(N_("Destroyed by {who}"), who=certificate.destroyed_by),
        "code": "",
    }
