"""Security headers on every answer, errors included; scripts only by this request's nonce."""

import secrets

from flask import Flask, Response, g, request

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


def install(app: Flask, *, production: bool) -> None:
    @app.before_request
    def choose_nonce() -> None:
        g.nonce = secrets.token_urlsafe(16)
        g.reference = "R-" + secrets.token_hex(4).upper()

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        for name, value in FIXED.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", POLICY.format(nonce=g.get("nonce", "none")))
        headers["X-Request-Id"] = g.get("reference", "")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        if production:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        headers.pop("Server", None)
        return response
