"""The page somebody came from and goes back to: a path of ours, or nothing (C5)."""

import re
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

# Plain segments: no second slash, no backslash, nothing encoded that a browser could read in another way.
PATH = re.compile(r"/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*/?)*")
QUERY = re.compile(r"[A-Za-z0-9._~=&+%-]*")
LONGEST = 500


def own_path(text: str) -> str:
    """The path itself if one of our pages answers to it, else nothing."""
    path, _, query = text.partition("?")
    if len(text) > LONGEST or not PATH.fullmatch(path) or not QUERY.fullmatch(query):
        return ""
    try:
        endpoint, _values = current_app.url_map.bind(request.host).match(path, method="GET")
    except HTTPException:
        return ""
    return "" if endpoint == "static" or path.startswith("/api/") else text


def came_from() -> str:
    """Where the reader stands: this page, or the one whose form was sent."""
    if request.method == "GET":
        return own_path(request.full_path.removesuffix("?"))
    parts = urlsplit(request.headers.get("Referer", ""))
    return own_path(parts.path + (f"?{parts.query}" if parts.query else "")) if parts.netloc == request.host else ""
