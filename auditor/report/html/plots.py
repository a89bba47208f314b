"""Pictures by matplotlib as markup within the page: its colours are the page's, in light and dark,
its text is text, and the policy of the page holds for it.

matplotlib writes styles into attributes, which that policy forbids, and colours as numbers. So a
picture is drawn in ``INKS``, numbers that stand for words, and each becomes a class of that name.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from markupsafe import Markup

from auditor.report.html.inert import shown
from auditor.report.pictures.sheet import LIGHT, Picture

#: What stands for each colour while a picture is drawn.
INKS: Mapping[str, str] = {name: f"#0102{place:02x}" for place, name in enumerate(LIGHT)}
_WORDS = {colour: word for word, colour in INKS.items()}
_SPACE = re.compile(r"\{[^}]*\}")
_DROPPED = frozenset({"metadata", "style", "defs"})
_SIZE = re.compile(r"font: (?:[a-z0-9]+ )?([\d.]+)px")


def inline(picture: Picture | None) -> Markup:
    """Return a picture as an element for a page; empty: there is none. Raises ImportError or
    OSError where matplotlib cannot work."""
    if picture is None:
        return Markup("")
    root = ET.fromstring(_drawn(picture))  # our own text, not foreign
    body = "".join(map(_written, root))
    box = root.attrib["viewBox"]
    head = Markup('<svg class="plot" viewBox="{}" role="img" aria-label="{}">').format(
        box, shown(picture.label)
    )
    return head + Markup(body) + Markup("</svg>")


def _drawn(picture: Picture) -> str:
    """Return a picture as matplotlib writes it: one pair of axes fills the figure."""
    import matplotlib
    from matplotlib.figure import Figure

    written = io.StringIO()
    with (
        matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "bareos-audit"}),
        warnings.catch_warnings(),
    ):
        # A name may have letters that the font lacks in which matplotlib measures: browsers have.
        warnings.filterwarnings("ignore", message="Glyph")
        figure = Figure(figsize=(picture.width / 72, picture.height / 72))
        figure.patch.set_visible(False)
        picture.on(figure.add_axes((0, 0, 1, 1)), INKS)
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return written.getvalue()


def _written(element: ET.Element) -> str:
    """Return an element without what the page's policy forbids, and without what nobody needs."""
    tag = _SPACE.sub("", element.tag)
    if tag in _DROPPED:
        return ""
    inside = "".join(map(_written, element))
    if element.text and element.text.strip():
        inside = f"{Markup.escape(element.text)}{inside}"
    if not inside and tag == "g":
        return ""
    attributes = Markup("").join(
        Markup(' {}="{}"').format(name, value) for name, value in _attributes(element).items()
    )
    return inside if tag == "g" and not attributes else f"<{tag}{attributes}>{inside}</{tag}>"


def _attributes(element: ET.Element) -> dict[str, str]:
    kept, classes = {}, []
    for name, value in element.attrib.items():
        if name == "style":
            for part in value.split(";"):
                key, _, said = (piece.strip() for piece in part.partition(":"))
                if key in ("fill", "stroke") and said in _WORDS:
                    classes.append(f"{key[0]}-{_WORDS[said]}")
                elif key == "font" and (size := _SIZE.match(part.strip())):
                    kept["font-size"] = size[1]
                elif key and key not in ("font", "font-family"):
                    kept[key] = said
        elif name == "id" and value.startswith("numbers-"):
            kept["data-numbers"] = value.removeprefix("numbers-").partition("-")[0] or "–"
        elif name in ("d", "x", "y", "transform"):
            kept[name] = value.strip()
    if classes:
        kept["class"] = " ".join(classes)
    return kept
