"""What spreadsheets leave in a text file: their character set and their quotes."""

_MAC = frozenset(
    b"\x80\x83\x85\x86\x87\x88\x8a\x8d\x8e\x8f\x90\x98\x9a\x9d\x9f\xa1\xa5\xa8\xc9\xca\xd0\xd1\xd2\xd3\xd4\xd5"
)
_CP1252 = frozenset(b"\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xb0\xd7\xdf") | frozenset(range(0xE0, 0xFD))
"""Bytes that are letters or punctuation of running text in one character set and odd in the other."""


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and the name of its character set; no character is lost.

    Examples
    --------
    >>> decode("37 °C".encode("mac_roman")), decode("37 °C".encode("cp1252"))
    (('37 °C', 'mac_roman'), ('37 °C', 'cp1252'))
    """
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16"), "utf-16"
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        mac, windows = (sum(byte in table for byte in data) for table in (_MAC, _CP1252))
    if windows >= mac:
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            pass  # five bytes mean nothing in cp1252; every byte means something in MacRoman
    return data.decode("mac_roman"), "mac_roman"


def is_blank(cell: str) -> bool:
    """Say whether a raw cell holds nothing but white space and quotes."""
    return not cell.replace('"', "").strip()


def unquote(text: str) -> str:
    """Return a cell without white space around it and without the quotes of a spreadsheet.

    Examples
    --------
    >>> unquote(' "a ""b"" c" ')
    'a "b" c'
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip().replace('""', '"')
    return "" if is_blank(text) else text
