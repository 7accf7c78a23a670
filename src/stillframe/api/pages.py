"""Pages without a script: their frame, their one style sheet, and the policy that a browser holds them to."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-bottom: 0; }
table { border-collapse: collapse; margin: .5rem 0 1rem; } caption { text-align: left; font-weight: 600; }
th, td { border: 1px solid #8886; padding: .25rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; } pre { overflow-x: auto; }
.note { color: #777; }
button { font: inherit; padding: .4rem 1rem; border-radius: 6px; border: 1px solid #1f5fbf; background: #1f5fbf;
  color: #fff; cursor: pointer; }
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FORM_POLICY = POLICY.replace("form-action 'none'", "form-action 'self'")


def page(*, title: str, body: str) -> str:
    """Return a whole page; `body` is HTML whose texts were escaped."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


def page_response(html: str, *, status: int = 200, has_form: bool = False) -> HTMLResponse:
    """Return the answer that carries a page, under a policy that allows its style sheet, its form if it has one, and
    nothing else."""
    policy = FORM_POLICY if has_form else POLICY
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, status_code=status, headers=headers)


def table(*, caption: str, columns: list[str], rows: list[list[object]]) -> str:
    """Return a table with every text escaped; numbers stand to the right."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in columns)
    lines = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>\n<tbody>{lines}</tbody></table>\n"
    )


def facts(pairs: dict[str, object]) -> str:
    """Return names and values as a table of two columns."""
    lines = "".join(f"<tr><th scope='row'>{escape(name)}</th>{_cell(value)}</tr>\n" for name, value in pairs.items())
    return f"<table><tbody>{lines}</tbody></table>\n"


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<td class='number'>{value}</td>"
    shown = (
        {None: "–", True: "true", False: "false"}.get(value) if value is None or isinstance(value, bool) else str(value)
    )
    return f"<td>{escape(str(shown))}</td>"
