"""Invented people: common given names and surnames of a country, put together by chance."""

from random import Random

GIVEN = {
    "TR": "Ayşe Mehmet Zeynep Mustafa Elif Emre Fatma Hasan Derya Çağlar İrem Oğuz Şule Umut Gülşen Ömer Ilgın Burak Nazlı Serkan",
    "AZ": "Rəşad Aygün Elçin Günel Orxan Nigar Kamran Sevda Vüqar Leyla Anar Xədicə Ramin Fidan İlqar Aysel Cavid Ülviyyə Tural Səbinə",
    "ES": "Lucía Iker Carmen Javier Ainhoa Álvaro Begoña Íñigo Nuria Pablo Amaia Sergio Rocío Unai Pilar Andrés Nerea Martín Inés Jon",
    "HU": "Ilona Gábor Zsófia László Ágnes Péter Kinga Balázs Éva Tamás Réka Ákos Judit Zoltán Dóra Ferenc Írisz Márton Petra Győző",
}
SURNAMES = {
    "TR": "Yılmaz Kaya Demir Şahin Çelik Aydın Öztürk Arslan Doğan Kılıç Aslan Çetin Kara Koç Kurt Özdemir Şimşek Işık Güneş Tunç",
    "AZ": "Məmməd Əli Həsən Quliy İsmayıl Hüseyn Rzay Cəfər Abdullay Vəli Nəsib Kərim Babay Ağay Səfər Mustafay Süleyman Qasım",
    "ES": "García Etxebarria Martínez López Agirre Sánchez Pérez Zubiri Gómez Núñez Ortiz Ibarra Ruiz Muñoz Castro Otxoa Peña Vidal",
    "HU": "Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Lakatos Takács Juhász Szűcs Győri Fehér",
}
AZ_WOMEN = "Aygün Günel Nigar Sevda Leyla Xədicə Fidan Aysel Ülviyyə Səbinə"


def invent(country: str, luck: Random) -> str:
    """A whole name in the order the country writes it."""
    given, surname = luck.choice(GIVEN[country].split()), luck.choice(SURNAMES[country].split())
    if country == "AZ":
        ending = "ev" if surname[-1] in "iyə" else "ov"
        return f"{given} {surname}{ending}{'a' if given in AZ_WOMEN.split() else ''}"
    if country == "ES":
        return f"{given} {surname} {luck.choice(SURNAMES[country].split())}"
    return f"{surname} {given}" if country == "HU" else f"{given} {surname}"


def mask(name: str) -> str:
    """``Ayşe Yılmaz`` is ``A*** Y*****`` to everybody but the biller."""
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())
