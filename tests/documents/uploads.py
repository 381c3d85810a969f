"""What people upload: photos, scanned papers, and files that want to do harm."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

import pikepdf
import pillow_heif
import segno
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw

MARKER = "MARKER-7F3A"  # planted where it must not survive
COLOURS = {"red": (220, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 220)}


def photo(*, size: tuple[int, int] = (600, 400), colour: str = "red", kind: str = "JPEG", turned: int = 1) -> bytes:
    """A card of one colour on a white table, with a marker in everything that is not a pixel, and a place on the globe."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1]), fill=COLOURS[colour])
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = MARKER, turned
    exif.get_ifd(0x8825)[1] = "N"
    file = BytesIO()
    image.save(file, kind, exif=exif, comment=MARKER.encode(), icc_profile=MARKER.encode() * 40)
    return file.getvalue()


def heic_photo() -> bytes:
    """As a telephone makes it."""
    file = BytesIO()
    whole = Image.open(BytesIO(photo()))
    pillow_heif.from_pillow(whole).save(file, exif=whole.getexif().tobytes())
    return file.getvalue()


def photo_with_codes(*texts: str) -> bytes:
    """Several QR on one table."""
    table = Image.new("RGB", (400 * len(texts), 400), "white")
    for number, text in enumerate(texts):
        code = BytesIO()
        segno.make(text, micro=False).save(code, kind="png", scale=8, border=4)
        table.paste(Image.open(code), (400 * number + 20, 20))
    file = BytesIO()
    table.save(file, "JPEG")
    return file.getvalue()


def sheet_bomb() -> bytes:
    """A workbook whose sheet unpacks to a gigabyte."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _ in range(1000):
            sheet.write(bytes(1_000_000))
    return file.getvalue()


def nested_zip() -> bytes:
    content = b"x"
    for depth in range(3):
        file = BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(f"{depth}.zip", content)
        content = file.getvalue()
    return content


def paper_of_photos(photos: Sequence[bytes]) -> bytes:
    """A PDF as scanners make it: one picture on each page."""
    pages = [Image.open(BytesIO(one)) for one in photos]
    file = BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], title=MARKER, author=MARKER)
    return file.getvalue()


def written_paper(pdf: pikepdf.Pdf | None = None) -> pikepdf.Pdf:
    """A PDF with a page that has to be drawn: a blue bar over its lower half."""
    pdf = pdf or pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Contents = pikepdf.Stream(pdf, b"0.1 0.2 0.9 rg 0 0 595 421 re f")
    return pdf


def saved(pdf: pikepdf.Pdf, *, encryption: pikepdf.Encryption | None = None) -> bytes:
    file = BytesIO()
    pdf.save(file, encryption=encryption)
    return file.getvalue()


def paper_that_acts() -> bytes:
    """JavaScript on opening, a program to launch, a link, an attachment, and a ZIP archive behind its end."""
    pdf = written_paper()
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{MARKER}')"))
    pdf.Root.AA = Dictionary(WC=Dictionary(S=Name.Launch, F=String(MARKER)))
    pdf.attachments["x.exe"] = MARKER.encode()
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 200, 200]), A=Dictionary(S=Name.URI, URI=String(MARKER)))
    pdf.pages[0].Annots = Array([pdf.make_indirect(link)])
    return saved(pdf) + b"PK\x03\x04" + MARKER.encode()


def filled_form() -> bytes:
    """A value typed into a form, which a viewer would draw."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(300, 100))
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding))
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("HHHHHHHH"), Rect=Array([10, 20, 290, 80]),
            DA=String("/Helv 40 Tf 0 g"), F=4,
        )
    )  # fmt: skip
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(
        Fields=Array([field]), NeedAppearances=True, DA=String("/Helv 40 Tf 0 g"), DR=Dictionary(Font=Dictionary(Helv=font))
    )
    return saved(pdf)


def picture_bomb_in_paper(*, says: int = 20_000) -> bytes:
    """400 megapixels in 400 kB; it may lie about their number."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(600, 800))
    image = pikepdf.Stream(pdf, zeros(400_000_000))
    image.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=says,
        Height=says,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
        Filter=Name.FlateDecode,
    )
    page.Resources = Dictionary(XObject=Dictionary(I=image))
    page.Contents = pikepdf.Stream(pdf, b"q 600 0 0 800 0 0 cm /I Do Q")
    return saved(pdf)


def endless_paper() -> bytes:
    """Every form draws the next one three times, forty deep."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(600, 800))
    inner = None
    for _ in range(40):
        form = pikepdf.Stream(pdf, b"/X Do /X Do /X Do" if inner is not None else b"0 0 1 1 re f")
        form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 600, 800]))
        if inner is not None:
            form.stream_dict.Resources = Dictionary(XObject=Dictionary(X=inner))
        inner = pdf.make_indirect(form)
    page.Resources = Dictionary(XObject=Dictionary(X=inner))
    page.Contents = pikepdf.Stream(pdf, b"/X Do")
    return saved(pdf)


def pixel_bomb() -> bytes:
    """20,000 × 20,000 pixels of one bit in a PNG of 50 kB."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zeros(20_000 * 2_501)) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def zeros(number: int) -> bytes:
    """Deflated, a piece at a time."""
    press = zlib.compressobj(9)
    piece = bytes(1_000_000)
    return b"".join(press.compress(piece[: number - start]) for start in range(0, number, len(piece))) + press.flush()
