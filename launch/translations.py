"""
Keep the sentences' catalogues in step with the sources.

    .venv/bin/python -m launch.translations

New sentences appear in ``app/translations/<language>.po`` without a translation, unused ones disappear;
``tests/test_translations.py`` fails until every sentence has one.
"""

import sys

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.languages import FOLDER, NAMES, SOURCE
from launch.installation import HOME

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def main() -> int:
    for language in NAMES:
        if language != SOURCE:
            update(language)
    return 0


def update(language: str) -> None:
    file = FOLDER / f"{language}.po"
    catalog = read(language)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with file.open("wb") as output:
        write_po(output, catalog, width=160, omit_header=True, sort_output=True, no_location=True)


def read(language: str) -> Catalog:
    file = FOLDER / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=language, charset="utf-8")


def extracted() -> Catalog:
    """Every sentence of the product, as it stands in the sources."""
    template = Catalog(charset="utf-8", fuzzy=False)
    options = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true"}}
    for _, _, message, _, _ in extract_from_dir(HOME / "app", METHODS, options_map=options, keywords=KEYWORDS):
        template.add(message)
    return template


if __name__ == "__main__":
    sys.exit(main())
