"""The HTML of a mail: styled in place, light and dark, readable on a telephone, and asking nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final, assert_never

from stillframe.report.mail.document import (
    Block,
    Bullets,
    Button,
    Frames,
    Grid,
    Mail,
    Paragraph,
    Picture,
    Said,
    Tone,
)

_FONT: Final = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_MONO: Final = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
_COLOURS: Final[Mapping[Tone, str]] = {
    "plain": "#1f2328",
    "strong": "#1f2328",
    "muted": "#5b6470",
    "up": "#0b7a75",
    "down": "#b4540a",
    "bad": "#b3261e",
}
_PADDING: Final = "6px 8px"
_SHORT: Final = 16
"""A figure of so many letters is not cut; a name gives way to it."""
_DARK: Final = """
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.back{background:#0e1013!important}.paper{background:#15181c!important;border-color:#30363d!important}
.plain,.strong{color:#e6e9ed!important}.muted{color:#a4adb8!important}.up{color:#54c4bd!important}
.down{color:#f0a35e!important}.bad{color:#f2887f!important}.line{border-color:#30363d!important}
.mark{color:#e6e9ed!important;border-color:#5b6470!important}a{color:#8ab4f8!important}
.button{background:#8ab4f8!important;color:#0e1013!important}}
@media (max-width:480px){.inside{padding:16px 12px!important}.cell{padding:5px 4px!important;font-size:12px!important}}
"""


def mail_html(mail: Mail) -> str:
    """
    Return a mail as HTML: the same for the same mail, every text escaped.

    Style stands on each element, because many readers drop a style sheet; the sheet that is there adds dark colours and
    narrow margins for those that keep it.
    """
    blocks = "\n".join(map(_block, mail.blocks))
    foot = "".join(f'<p style="margin:0 0 4px">{escape(line)}</p>' for line in mail.foot)
    stop = f'<p style="margin:0 0 4px">{_link("Unsubscribe", mail.stop_url)}</p>' if mail.stop_url else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(mail.subject)}</title>\n<style>{_DARK}</style>\n</head>\n"
        f'<body class="back" style="margin:0;padding:0;background:#f4f6f8;font-family:{_FONT};font-size:15px;'
        'line-height:1.45">\n'
        '<table role="presentation" class="back" width="100%" cellpadding="0" cellspacing="0" '
        'style="background:#f4f6f8"><tr><td align="center" style="padding:16px 8px">\n'
        '<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" '
        'style="max-width:640px;background:#ffffff;border:1px solid #d5dae0;border-radius:6px;'
        'border-collapse:separate"><tr><td class="inside" style="padding:24px;text-align:left">\n'
        f"{_head(mail)}\n{blocks}\n"
        f'<div class="line muted" style="border-top:1px solid #d5dae0;margin-top:24px;padding-top:12px;font-size:12px;'
        f'color:{_COLOURS["muted"]};overflow-wrap:anywhere">{foot}{stop}</div>\n'
        "</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n"
    )


def _head(mail: Mail) -> str:
    marks = "".join(
        f'<span class="mark" style="border:1px solid #98a1ab;border-radius:6px;padding:1px 6px;margin-right:6px;'
        f'font-size:12px;color:{_COLOURS["plain"]}">{escape(mark)}</span>'
        for mark in mail.marks
    )
    return (
        f'<p class="muted" style="margin:0 0 4px;font-size:13px;color:{_COLOURS["muted"]};overflow-wrap:anywhere">'
        f"{marks}{escape(mail.dashboard)}</p>\n"
        f'<h1 class="strong" style="margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600;'
        f'color:{_COLOURS["strong"]};overflow-wrap:anywhere">{escape(mail.headline)}</h1>'
    )


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f'<p class="{block.tone}" style="margin:0 0 12px;{_look(block.tone)}">{escape(block.text)}</p>'
        case Grid():
            return _grid(block)
        case Bullets():
            items = "".join(
                f'<li class="plain" style="{_look("plain")};overflow-wrap:anywhere">{escape(item)}</li>'
                for item in block.items
            )
            listed = f'<ul style="margin:0 0 12px;padding-left:20px">{items}</ul>'
            return f"{_caption(block.title)}\n{listed}{_more(block.more)}"
        case Picture():
            return _picture(block)
        case Frames():
            compare = f'<p style="margin:0 0 8px;font-size:13px">{_link("Compare both", block.compare_url)}</p>'
            return f"{_caption('Evidence')}\n{''.join(_frame_lines(block))}{compare if block.compare_url else ''}"
        case Button():
            return (
                f'<p style="margin:16px 0"><a class="button" href="{escape(block.url)}" style="display:inline-block;'
                "background:#1f5fbf;color:#ffffff;text-decoration:none;border-radius:6px;padding:10px 16px;"
                f'font-weight:600">{escape(block.label)}</a></p>'
            )
        case _:
            assert_never(block)


def _grid(grid: Grid) -> str:
    heads = "".join(
        f'<th scope="col" class="cell muted line" style="padding:{_PADDING};text-align:{_side(column.right)};'
        f'font-size:12px;font-weight:600;color:{_COLOURS["muted"]};border-bottom:1px solid #d5dae0">'
        f"{escape(column.title)}</th>"
        for column in grid.columns
    )
    sides = [column.right for column in grid.columns]
    rows = "\n".join(f"<tr>{''.join(_cells(row, sides))}</tr>" for row in grid.rows)
    return (
        f"{_caption(grid.title)}\n"
        '<table width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 12px;'
        f'font-size:14px;font-variant-numeric:tabular-nums"><tr>{heads}</tr>\n{rows}</table>{_more(grid.more)}'
    )


def _cells(row: Sequence[Said], sides: Sequence[bool]) -> Iterator[str]:
    for place, (said, right) in enumerate(zip(row, sides, strict=True)):
        note = ""
        if said.note:
            look = f"font-size:12px;font-weight:400;{_look('muted')}"
            note = f'<br><span class="muted" style="{look}">{escape(said.note)}</span>'
        is_short = place > 0 and max(len(said.text), len(said.note)) <= _SHORT
        wraps = "white-space:nowrap" if is_short else "overflow-wrap:anywhere;word-break:break-word"
        yield (
            f'<td class="cell {said.tone} line" style="padding:{_PADDING};text-align:{_side(right)};'
            f'vertical-align:top;border-bottom:1px solid #d5dae0;{_look(said.tone)};{wraps}">'
            f"{escape(said.text)}{note}</td>"
        )


def _frame_lines(block: Frames) -> Iterator[str]:
    for frame in block.frames:
        named = _link(frame.name, frame.url) if frame.url else escape(frame.name)
        yield (
            f'<p class="plain" style="margin:0 0 8px;font-size:13px;{_look("plain")};overflow-wrap:anywhere">'
            f"{escape(frame.label)}: {named} of {escape(frame.at)}<br>"
            f'<span class="muted" style="font-family:{_MONO};font-size:11px;{_look("muted")}">SHA-256 '
            f"{escape(frame.content_hash)}</span></p>\n"
        )


def _picture(picture: Picture) -> str:
    return (
        f'<p style="margin:0 0 16px"><img src="cid:{escape(picture.content_id)}" alt="{escape(picture.alt)}" '
        f'width="{picture.width}" style="display:block;width:100%;max-width:{picture.width}px;height:auto;border:0;'
        f'border-radius:6px;background:#ffffff;{_look("plain")}"></p>'
    )


def _caption(title: str) -> str:
    return (
        f'<h2 class="strong" style="margin:20px 0 6px;font-size:14px;font-weight:600;{_look("strong")}">'
        f"{escape(title)}</h2>"
    )


def _more(text: str) -> str:
    return (
        f'<p class="muted" style="margin:0 0 12px;font-size:13px;{_look("muted")}">{escape(text)}</p>' if text else ""
    )


def _look(tone: Tone) -> str:
    weight = ";font-weight:600" if tone == "strong" else ""
    return f"color:{_COLOURS[tone]}{weight}"


def _side(right: bool) -> str:
    return "right" if right else "left"


def _link(text: str, url: str | None) -> str:
    return f'<a href="{escape(url or "")}" style="color:#1f5fbf">{escape(text)}</a>'
