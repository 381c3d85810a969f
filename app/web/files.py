"""Files in and out: one upload for each field, and papers that open in the browser and stay nowhere."""

from flask import Response, request

from app import clock, throttle
from app.errors import N_, Invalid
from app.web.actor import actor

MOST_UPLOADS, AN_HOUR = 240, 3600  # of a person: each costs seconds of computing that others wait for (C10)

# A paper of our own making may be drawn by the browser's viewer; a stranger's picture gets no rights at all (C11).
SHOWN = "default-src 'none'; object-src 'self'; frame-ancestors 'none'"
LOCKED_UP = "sandbox; default-src 'none'; frame-ancestors 'none'"


def upload(name: str) -> bytes:
    """
    What was uploaded in this field; empty when nothing was.

    :raises Invalid: if there are two: nobody guesses which one is meant
    :raises app.errors.TooMany: …
    """
    files = request.files.getlist(name)
    if len(files) > 1:
        raise Invalid(**{name: N_("One file is expected in this field, and two came.")})
    content = files[0].read() if files else b""
    if content:
        throttle.hit(f"upload:{actor().by}", most=MOST_UPLOADS, seconds=AN_HOUR, now=clock.now())
    return content


def paper(pdf: bytes, name: str) -> Response:
    """:param name: of the file without its ending; letters, digits and dashes"""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Content-Security-Policy": SHOWN}
    return Response(pdf, mimetype="application/pdf", headers=headers)


def download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": LOCKED_UP}
    return Response(content, mimetype=media_type, headers=headers)
