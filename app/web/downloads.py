"""Files that a browser saves: by their own name, whole length told, kept by nobody on the way."""

from collections.abc import Iterator

from flask import Response


def download(pieces: Iterator[bytes], *, name: str, media_type: str, size: int) -> Response:
    """:param pieces: are read while they are sent; :param size: bytes"""
    response = Response(pieces, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.content_length = size
    return response
