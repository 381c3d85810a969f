"""Which of our languages somebody writes in: pure, by their most telling words. Wrong is not bad: the numbers are right in all."""

import re

from app.inquiries.periods import LANGUAGES
from app.text import search_key

# Folded as by search_key. Words that two of the languages share stand in neither.
WORDS = {
    "tr": """
        fatura faturami faturam faturasini faturasi faturanin abone numaram numarasi numarali merhaba selam lutfen istiyorum
        ister icin tesekkurler tesekkur sayin yetkili borcum gonderin gonderir misiniz ayi donem donemi tarihli saygilarimla ile
        posta faks mayis haziran temmuz agustos eylul ekim kasim aralik ocak subat nisan
    """,
    "az": """
        salam zehmet olmasa hesab hesabi fakturami qebz qebzi nomre nomrem nomremi nomresi abunecinin gonderin ucun isteyirem
        xahis edirem borcum ne qeder ilin ci cu tesekkur hormetle poct yanvar fevral aprel iyun iyul avqust sentyabr oktyabr
        noyabr dekabr
    """,
    "en": """
        hello hi dear please bill invoice the my for number send me thanks thank you regards want need would like subscriber of
        month january february march june july august october
    """,
    "hu": """
        szamla szamlat szamlam szamlamat kerem kerek koszonom koszonettel udvozlettel tisztelt jo napot elofizetoi elofizeto
        szam szamom szamu havi honapra kuldjek szeretnem szeretnek nem kuldje telefonszam januari februari marciusi aprilisi
        majus majusi juniusi juliusi augusztusi szeptember szeptemberi oktoberi novemberi decemberi
    """,
    "es": """
        hola buenos buenas dias tardes factura facturas gracias por favor numero de la el mi del quiero quisiera necesito enviar
        envien envieme linea mes saludos correo postal enero febrero marzo abril mayo junio julio agosto septiembre octubre
        noviembre diciembre
    """,
    "eu": """
        kaixo egun on mesedez eskerrik asko faktura fakturaren hileko hilabeteko zenbakia nire nahi dut behar bidali iezadazue
        lerroa eko ko agur urtarrila otsaila martxoa apirila maiatza maiatzeko ekaina uztaila abuztua iraila urria azaroa
        abendua
    """,
}
LETTERS = {"az": "əƏ", "hu": "őűŐŰ", "es": "ñ¿¡Ñ", "tr": "ğĞ"}  # Azeri has ğ too, and more often ə


def guess_language(text: str) -> str | None:
    """``None`` when nothing tells: a bare number and a month in figures."""
    words = re.findall(r"[a-z]+", search_key(text))[:2000]
    points = dict.fromkeys(LANGUAGES, 0)
    for language in LANGUAGES:
        telling = frozenset(WORDS[language].split())
        points[language] = sum(2 for word in words if word in telling) + sum(1 for letter in text if letter in LETTERS.get(language, ""))
    best = max(points, key=lambda language: points[language])
    return best if points[best] else None
