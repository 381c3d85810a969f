"""The product's mailbox: what people wrote, and what was marked of it."""

from imap_tools import AND, BaseMailBox, MailBoxUnencrypted

from tests.sandbox_process import Sandbox


def box(sandbox: Sandbox) -> BaseMailBox:
    return MailBoxUnencrypted("127.0.0.1", sandbox.imap_port, timeout=8).login("gise", "sandbox")


def test_what_arrived_is_read_and_marks_outlive_a_kill(sandbox_of_its_own: Sandbox) -> None:
    control = sandbox_of_its_own.control
    first, second, third = (control.mail("ayse@example.com", "gise@example.com", f"Konu {name}", f"Metin {name}") for name in "ğşı")
    with box(sandbox_of_its_own) as mails:
        (seen,) = mails.fetch(AND(uid=str(first)), mark_seen=False)
        assert (seen.uid, seen.subject, seen.text.strip(), seen.from_) == (str(first), "Konu ğ", "Metin ğ", "ayse@example.com")
        mails.flag([str(first)], "\\Seen", True)
        mails.delete([str(second)])
        assert mails.uids(AND(seen=False)) == [str(third)]
    sandbox_of_its_own.kill()
    sandbox_of_its_own.start()
    with box(sandbox_of_its_own) as mails:
        assert mails.uids() == [str(first), str(third)] and mails.uids(AND(seen=False)) == [str(third)]
        mails.delete([str(third)])
    assert sandbox_of_its_own.control.mail("b@example.com", "gise@example.com", "", "") > third, "a number is never given twice"


def test_only_mail_to_the_product_lies_there(sandbox_of_its_own: Sandbox) -> None:
    sandbox_of_its_own.control.sms("05321234567", "650", "5300001042")
    number = sandbox_of_its_own.control.mail(
        "a@example.com", "gise@example.com", "x", "", html="<p>Merhaba</p>", Auto_Submitted="auto-replied"
    )
    with box(sandbox_of_its_own) as mails:
        (mail,) = mails.fetch(mark_seen=False)
    assert (mail.uid, mail.text, mail.headers["auto-submitted"]) == (str(number), "", ("auto-replied",)) and "Merhaba" in mail.html
