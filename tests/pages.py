"""
Every page that any test fetches is looked at: HTML5 without errors, one H1, a title, labelled fields, no id twice,
no inline script or style, form actions that exist, and the language that was asked for.
"""

import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.languages import NAMES

# html5lib knows HTML of 2016: what came later is no error.
KNOWN_LATER = {"unknown-start-tag", "unexpected-end-tag-implies-table-voodoo"}


class LookingClient(FlaskClient):
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303):
            look_at(response.get_data(as_text=True), self.application)
        assert "nosniff" in response.headers.get("X-Content-Type-Options", ""), "every answer carries the security headers"
        assert response.headers.get("Content-Security-Policy")
        return response


def look_at(html: str, app: Flask) -> None:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    page = parser.parse(html)
    errors = [error for error in parser.errors if error[1] not in KNOWN_LATER]
    assert not errors, f"HTML errors: {errors[:3]} near {html.splitlines()[errors[0][0][0] - 1][:200]}"
    assert page.get("lang") in NAMES, "the page says its language"
    assert len(page.findall(".//h1")) == 1, "one H1"
    assert (page.findtext(".//title") or "").strip(), "a title"
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted({name for name in ids if ids.count(name) > 1})}"
    for element in page.iter():
        look_at_element(element, page, app)


def look_at_element(element: Element, page: Element, app: Flask) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    handlers = [name for name in element.attrib if name.startswith("on") or name == "style"]
    assert not handlers, f"inline {handlers} on <{tag}>"
    if tag == "script":
        assert element.get("src"), "no inline script"
        assert element.get("nonce")
    if tag == "style":
        raise AssertionError("no inline style")
    if tag in ("input", "select", "textarea") and element.get("type") not in ("hidden", "submit"):
        assert is_labelled(element, page), f"a field without a label: {element.attrib}"
    if tag == "form":
        assert element.get("method", "get").lower() in ("get", "post")
        if element.get("method", "get").lower() == "post":
            assert any(field.get("name") == "csrf_token" for field in element.iter("input")), f"a form without its token: {element.attrib}"
        if action := element.get("action"):
            path = re.sub(r"\?.*", "", action)
            app.url_map.bind("localhost").match(path, method=element.get("method", "get").upper())
    if tag == "img":
        assert element.get("alt") is not None, "a picture without words"


def is_labelled(field: Element, page: Element) -> bool:
    if field.get("aria-label") or field.get("aria-labelledby"):
        return True
    labels = page.findall(".//label")
    return any(label.get("for") == field.get("id") and field.get("id") for label in labels) or any(
        field in list(label.iter()) for label in labels
    )
