"""Every sentence has its Turkish, with the same facts in it."""

import re

import pytest
from babel.messages.catalog import Message

from app.languages import NAMES, SOURCE
from launch.translations import extracted, read

FACT = re.compile(r"%\([a-z_]+\)s|\{[a-z_]+\}")
LANGUAGES = [language for language in NAMES if language != SOURCE]


def sentences(message: Message) -> tuple[str, str]:
    identity, text = message.id, message.string
    return (str(identity), str(text or "")) if isinstance(identity, str) else (str(identity[-1]), str((text or ("",))[-1]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    there = {message.id: message for message in read(language) if message.id}
    wanted = [message.id for message in extracted() if message.id]
    assert [identity for identity in wanted if identity not in there or not sentences(there[identity])[1]] == []
    assert [identity for identity in there if identity not in set(wanted)] == [], "no sentence that nobody says"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_facts(language: str) -> None:
    for message in read(language):
        source, text = sentences(message)
        assert sorted(FACT.findall(source)) == sorted(FACT.findall(text)), source
