"""Concentrations in their many forms, to micromolar."""

import re
from decimal import Decimal, InvalidOperation

_UNITS = {
    "picomolar": Decimal("1e-6"),
    "pm": Decimal("1e-6"),
    "nanomolar": Decimal("1e-3"),
    "nm": Decimal("1e-3"),
    "micromolar": Decimal(1),
    "um": Decimal(1),
    "µm": Decimal(1),
    "μm": Decimal(1),
    "millimolar": Decimal("1e3"),
    "mm": Decimal("1e3"),
    "molar": Decimal("1e6"),
    "m": Decimal("1e6"),
}
_AMOUNT = re.compile(r"(?P<number>\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*(?P<unit>[^\s\d,.;]*)")


def micromolar(text: str, unit: str = "") -> str:
    """Return a concentration in micromolar as a plain decimal, or an empty text if it is not one.

    Parameters
    ----------
    text
        The cell: a number, or a number with its unit. A comma is read as a decimal point.
    unit
        Unit of the column, for cells that have none.

    Examples
    --------
    >>> [micromolar(text) for text in ("10 micromolar", "0.5mM", "20 ng/ml")], micromolar("6,3", "microMolar")
    (['10', '500', ''], '6.3')
    """
    match = _AMOUNT.fullmatch(text.strip())
    if not match:
        return ""
    factor = _UNITS.get((match["unit"] or unit).strip().lower())
    try:
        return _plain(Decimal(match["number"].replace(",", ".")) * factor) if factor else ""
    except InvalidOperation:
        return ""


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
