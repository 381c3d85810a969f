"""What an upload becomes: pixels and a watermark, nothing else (C-08, C11)."""

import json
import os
import re
import signal
import subprocess
import sys
from io import BytesIO

import pikepdf
import pypdf
import pytest
from PIL import Image

from app.documents import clean_room, clean_scan
from app.documents.clean_scan import (
    CleanScan,
    EmptyFile,
    Locked,
    NothingToSee,
    TooManyBytes,
    TooManyPages,
    TooManyPixels,
    Unreadable,
    UnsuitableScan,
    WrongKind,
)
from app.errors import TryAgain
from tests.documents import uploads
from tests.documents.uploads import MARKER, paper_of_photos, photo, saved, written_paper

WATERMARK = "Only to cancel payment P261119-K3P17K3M9QXA · 19 Nov 2026 · Gişe"


def clean(content: bytes, *, watermark: str = WATERMARK) -> CleanScan:
    return clean_scan.clean_scan(content, field="identity", watermark=watermark)


def as_image(scan: CleanScan) -> Image.Image:
    assert scan.media_type == "image/jpeg"
    image = Image.open(BytesIO(scan.content), formats=["JPEG"])
    image.load()
    return image


def pages_of(scan: CleanScan) -> list[Image.Image]:
    assert scan.media_type == "application/pdf"
    pages = pypdf.PdfReader(BytesIO(scan.content)).pages
    return [Image.open(BytesIO(page.images[0].data)) for page in pages]


def is_light(pixel: object) -> bool:
    return isinstance(pixel, tuple) and min(pixel[:3]) > 180


def looks(colour: str, pixel: object) -> bool:
    """By its strongest channel; the watermark and JPEG shift the rest."""
    assert isinstance(pixel, tuple)
    return pixel.index(max(pixel[:3])) == ("red", "green", "blue").index(colour) and max(pixel) - min(pixel) > 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_becomes_a_new_jpeg_without_anything_but_its_pixels(kind: str) -> None:
    """C-08, C11: EXIF, GPS, comments and colour profiles are gone"""
    uploaded = photo(kind=kind)
    assert MARKER.encode() in uploaded

    scan = clean(uploaded)

    image = as_image(scan)
    assert (scan.pages, image.size) == (1, (600, 400))
    assert looks("red", image.getpixel((100, 200)))
    assert MARKER.encode() not in scan.content
    assert dict(image.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & set(image.info)


def test_a_telephones_heic_becomes_a_jpeg() -> None:
    """C-08, C11: by content, upright, and without what the telephone wrote into it"""
    uploaded = uploads.heic_photo()
    assert MARKER.encode() in uploaded
    scan = clean(uploaded)
    assert as_image(scan).size == (600, 400)
    assert looks("red", as_image(scan).getpixel((100, 200)))
    assert MARKER.encode() not in scan.content


@pytest.mark.parametrize("bomb", [uploads.heic_photo, lambda: photo(size=(4800, 3200)), lambda: paper_of_photos([photo()] * 10)])
def test_even_what_is_taken_needs_little_memory_and_time(bomb: object) -> None:
    """C11: less than 300 MB and 5 s of computing, measured from outside"""
    assert callable(bomb)
    room = (
        "import sys; status = open('/proc/self/status'); from app.documents.clean_room import main; main(); sys.stderr.write(status.read())"
    )
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", room],
        input=json.dumps({"watermark": WATERMARK}).encode() + b"\n" + bomb(),
        cwd=clean_scan.ROOT,
        env=clean_scan.ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    after = os.times()
    assert done.stdout.startswith(b'{"media_type"')
    peak = re.search(rb"VmHWM:\s+(\d+) kB", done.stderr)
    assert peak is not None
    assert int(peak[1]) < 300 * 1024
    assert after.children_user + after.children_system - before.children_user - before.children_system < 5


def test_a_code_of_somebody_else_stays_in_the_room() -> None:
    """C-08: what an identity card's own code says is nobody's business"""
    assert clean(uploads.photo_with_codes("GISE:C-7K3M-9Q2X-4", "TC:10000000146:AYSE")).codes == ("GISE:C-7K3M-9Q2X-4",)


def test_a_photo_taken_sideways_stands_upright() -> None:
    """The note of its orientation goes, so the pixels are turned"""
    image = as_image(clean(photo(turned=6)))
    assert image.size == (400, 600)
    assert looks("red", image.getpixel((200, 100)))
    assert is_light(image.getpixel((200, 580)))


def test_the_watermark_is_drawn_into_the_picture() -> None:
    """C-08: purpose and date, on light and on dark"""
    with_words, without = as_image(clean(photo(size=(1200, 800)))), as_image(clean(photo(size=(1200, 800)), watermark=" "))
    difference = [abs(a - b) for a, b in zip(with_words.convert("L").tobytes(), without.convert("L").tobytes(), strict=True)]
    changed = sum(value > 12 for value in difference) / len(difference)
    assert 0.01 < changed < 0.25


def test_a_large_photo_is_made_smaller() -> None:
    assert as_image(clean(photo(size=(4800, 3200)))).size == (2400, 1600)


def test_a_picture_with_transparency_lies_on_white() -> None:
    file = BytesIO()
    Image.new("RGBA", (300, 300), (10, 20, 30, 0)).save(file, "PNG")
    assert as_image(clean(file.getvalue(), watermark=" ")).getpixel((150, 150)) == (255, 255, 255)


def test_a_grey_scan_of_sixteen_bits_keeps_its_greys() -> None:
    file = BytesIO()
    Image.new("I", (300, 300), 128 * 256).convert("I;16").save(file, "PNG")
    low, high = as_image(clean(file.getvalue(), watermark=" ")).convert("L").getextrema()
    assert (low, high) == (128, 128)


def test_a_scanned_pdf_becomes_a_pdf_of_new_pictures() -> None:
    """C-08: every page, its metadata gone"""
    scan = clean(paper_of_photos([photo(colour="red"), photo(colour="green")]))
    pages = pages_of(scan)
    assert scan.pages == len(pages) == 2
    assert looks("red", pages[0].getpixel((100, 200)))
    assert looks("green", pages[1].getpixel((100, 200)))
    assert MARKER.encode() not in scan.content


def test_a_written_pdf_is_drawn() -> None:
    """Text and lines become pixels; none of the original's objects is left"""
    scan = clean(saved(written_paper()), watermark=" ")
    page = pages_of(scan)[0]
    assert looks("blue", page.getpixel((page.width // 2, page.height - 200)))
    assert is_light(page.getpixel((page.width // 2, 100)))
    assert pypdf.PdfReader(BytesIO(scan.content)).pages[0].extract_text() == ""


def test_a_turned_page_is_turned() -> None:
    pdf = written_paper()
    pdf.pages[0].rotate(90, relative=True)
    page = pages_of(clean(saved(pdf)))[0]
    assert page.width > page.height
    assert looks("blue", page.getpixel((200, page.height // 2)))


def test_what_was_typed_into_a_form_is_kept() -> None:
    """A customer may fill the form in on a screen"""
    page = pages_of(clean(uploads.filled_form(), watermark=" "))[0].convert("L")
    assert sum(page.histogram()[:40]) > 1000


def test_nothing_of_a_pdf_can_act_any_more() -> None:
    """C11: JavaScript, launch actions, links, attachments, a ZIP archive behind the end"""
    uploaded = uploads.paper_that_acts()
    scan = clean(uploaded)
    new = pikepdf.open(BytesIO(scan.content))
    assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & set(new.Root.keys())
    assert "/Annots" not in new.pages[0]
    assert len(new.attachments) == 0
    assert MARKER.encode() not in scan.content


@pytest.mark.parametrize(
    ("uploaded", "refusal"),
    [
        pytest.param(b"", EmptyFile, id="0 bytes"),
        pytest.param(b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), TooManyBytes, id="more than 10 MB"),
        pytest.param(b"GIF89a/*" + bytes(20) + b"*/=alert(1)//", WrongKind, id="GIF and JavaScript in one"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", WrongKind, id="SVG with a script"),
        pytest.param(b"<html><script>alert(1)</script></html>", WrongKind, id="HTML named .jpg"),
        pytest.param(b"MZ" + bytes(200), WrongKind, id="a program named .pdf"),
        pytest.param(b"PK\x03\x04" + bytes(200), WrongKind, id="ZIP, and so xlsx"),
        pytest.param(b"\0\0\0\x18ftypheic" + bytes(200), Unreadable, id="HEIC in name only"),
        pytest.param(b"\0\0\0\x18ftypavif" + bytes(200), WrongKind, id="AVIF"),
        pytest.param(uploads.sheet_bomb(), WrongKind, id="xlsx with a sheet of a gigabyte"),
        pytest.param(uploads.nested_zip(), WrongKind, id="ZIP in a ZIP in a ZIP"),
        pytest.param(b"\n%PDF-1.7\n" + bytes(50), WrongKind, id="a PDF that begins with something else"),
        pytest.param(photo()[:600], Unreadable, id="half a JPEG"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"A" * 1000, Unreadable, id="a JPEG in name only"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"A" * 1000, Unreadable, id="a PNG in name only"),
        pytest.param(b"%PDF-1.7\n", Unreadable, id="a PDF in name only"),
        pytest.param(paper_of_photos([photo(size=(60, 40))] * 11), TooManyPages, id="eleven pages"),
        pytest.param(saved(written_paper(), encryption=pikepdf.Encryption(owner="a", user="b")), Locked, id="password"),
    ],
)
def test_everything_else_is_refused_with_its_reason(uploaded: bytes, refusal: type[UnsuitableScan]) -> None:
    """C11: a plain sentence, and the field it is about"""
    with pytest.raises(refusal) as raised:
        clean(uploaded)
    assert raised.value.errors == {"identity": refusal.say}
    assert str(raised.value) == refusal.say
    assert (raised.value.name(), raised.value.status) == ("invalid", 422)


def test_a_pdf_on_which_nothing_can_be_seen_is_no_proof() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(600, 800))
    with pytest.raises(NothingToSee):
        clean(saved(pdf))


@pytest.mark.parametrize(
    ("bomb", "refusal"),
    [
        pytest.param(uploads.pixel_bomb, TooManyPixels, id="400 megapixels in 50 kB"),
        pytest.param(uploads.picture_bomb_in_paper, TooManyPixels, id="the same inside a PDF"),
        pytest.param(lambda: uploads.picture_bomb_in_paper(says=100), Unreadable, id="the same, and lying about it"),
        pytest.param(uploads.endless_paper, Unreadable, id="a page that takes for ever to draw"),
    ],
)
def test_bombs_do_not_go_off(bomb: object, refusal: type[UnsuitableScan]) -> None:
    """C11: refused before they are decoded, or by the limits of the room they are opened in"""
    assert callable(bomb)
    with pytest.raises(refusal):
        clean(bomb())


@pytest.mark.parametrize("deed", ["bytearray(310 * 1024 * 1024)", "all(iter(lambda: 1, 0))"])
def test_whoever_needs_too_much_dies_in_the_room(deed: str) -> None:
    """C11: 300 MB and 5 s of computing, whatever the file does"""
    room = f"from app.documents.clean_room import stay_small; stay_small(); {deed}"
    done = subprocess.run([sys.executable, "-c", room], cwd=clean_scan.ROOT, env=clean_scan.ENVIRONMENT, capture_output=True)
    assert b"MemoryError" in done.stderr or done.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def test_forty_megapixels_fit_into_the_memory_there_is() -> None:
    """C11: the largest picture that is taken, in the mode that needs most"""
    file = BytesIO()
    Image.new("RGBA", (7_990, 5_000), (10, 20, 30, 128)).save(file, "PNG", compress_level=1)
    assert as_image(clean(file.getvalue())).size == (2400, 1502)


def test_whoever_writes_without_end_fills_nobody_s_memory() -> None:
    """C11: what comes out is bounded, too"""
    room = "import os; from app.documents.clean_room import stay_small; stay_small()\nwhile True: os.write(1, bytes(1 << 20))"
    with os.fdopen(os.memfd_create("clean"), "rb+") as made:
        done = subprocess.run(
            [sys.executable, "-c", room], cwd=clean_scan.ROOT, env=clean_scan.ENVIRONMENT, stdout=made, stderr=subprocess.DEVNULL
        )
        assert done.returncode != 0
        assert made.seek(0, os.SEEK_END) == clean_room.WRITTEN_BYTES


IN_THE_ROOM = """
import os, resource, signal, socket, sys, threading
from app.documents.clean_room import FONT, LIBRARIES, stand_behind_walls, stay_small
stay_small(), stand_behind_walls(readable=[FONT, *LIBRARIES])
parent = os.getppid()
try:
    {deed}
except (PermissionError, BlockingIOError):
    sys.exit(0)
sys.exit(7)
"""


@pytest.mark.parametrize(
    "deed",
    [
        pytest.param("open(f'/proc/{parent}/environ', 'rb').read()", id="the keys, from whoever started it"),
        pytest.param("open(f'/proc/{parent}/mem', 'rb')", id="its memory"),
        pytest.param("open('/etc/passwd')", id="a file of the machine"),
        pytest.param("open('/tmp/left-behind', 'w')", id="write a file"),
        pytest.param("os.listdir('/proc')", id="look who else is there"),
        pytest.param("socket.create_connection(('127.0.0.1', 5432))", id="the network"),
        pytest.param("socket.socket(socket.AF_UNIX)", id="the database's socket"),
        pytest.param("os.fork()", id="another process, with limits of its own"),
        pytest.param("os.execv(sys.executable, [sys.executable])", id="another program"),
        pytest.param("os.kill(parent, 0)", id="a signal"),
        pytest.param("resource.prlimit(parent, resource.RLIMIT_NOFILE, (1, 1))", id="somebody else's limits"),
    ],
)
def test_whoever_takes_the_room_over_is_alone_in_it(deed: str) -> None:
    """C-08, C11: a decoder may be broken; the room runs as the user who holds the keys"""
    done = subprocess.run([sys.executable, "-c", IN_THE_ROOM.format(deed=deed)], cwd=clean_scan.ROOT, env=clean_scan.ENVIRONMENT)
    assert done.returncode == 0


def test_the_room_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """C-08: neither keys nor addresses are handed to the program that opens a stranger's file"""
    monkeypatch.setenv("GISE_SCAN_KEY", MARKER)
    assert not any(MARKER in value for value in clean_scan.ENVIRONMENT.values())
    assert as_image(clean(photo())).size == (600, 400)


def test_a_flood_of_uploads_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """C33: bounded memory, no matter how many upload at once"""
    monkeypatch.setattr(clean_scan, "WAIT_FOR_PLACE_SECONDS", 0)
    for _ in range(clean_scan.PLACES):
        clean_scan._places.acquire()
    try:
        with pytest.raises(TryAgain):
            clean(photo())
    finally:
        for _ in range(clean_scan.PLACES):
            clean_scan._places.release()
