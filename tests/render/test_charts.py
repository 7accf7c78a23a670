"""Chart jobs: a specification of ours becomes a picture, and reaches for nothing outside itself."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from stillframe.render.charts import png, svg, warm_up
from tests.render.specifications import small


def part(spec: dict[str, Any]) -> list[bytes]:
    return [json.dumps(spec).encode()]


def test_the_same_specification_gives_the_same_bytes() -> None:
    """A document with pictures can be compared with its copy of last year."""
    assert svg(part(small())) == svg(part(small()))
    assert png([*part(small()), b"2"]) == png([*part(small()), b"2"])


def test_text_from_outside_stays_text() -> None:
    """Markup in a name is shown, not acted upon."""
    nasty = '<script>alert(1)</script> & ]]> " 日本 😀'
    root = ET.fromstring(svg(part(small(nasty))))
    texts = ["".join(found.itertext()) for found in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [nasty]
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_a_picture_of_twice_the_scale_has_twice_the_pixels() -> None:
    """For mail, where screens have two pixels for one."""

    def width(made: bytes) -> int:
        return int.from_bytes(made[16:20], "big")

    assert width(png([*part(small()), b"2"])) == 2 * width(png([*part(small()), b"1"]))


def test_a_specification_that_reaches_outside_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    """Neither a server nor a file is read, wherever in the specification the address stands."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    (tmp_path / "rows.json").write_text('[{"text": "secret"}]', encoding="utf8")
    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for address in (f"http://127.0.0.1:{server.server_port}/rows.json", (tmp_path / "rows.json").as_uri()):
            for spec in (
                small() | {"data": {"url": address}},
                {"layer": [small(), small() | {"data": {"url": address}}]},
                small() | {"mark": {"type": "image", "url": address}},
                small() | {"mark": {"type": "text", "href": address}},
            ):
                with pytest.raises(ValueError, match="carries its data inside"):
                    svg(part(spec))
        server.shutdown()
    assert asked == []


def test_what_is_no_specification_is_refused() -> None:
    """A defect of ours is an error with words, and no empty picture."""
    with pytest.raises(ValueError, match="Invalid specification"):
        svg(part({"width": 3}))


def test_warming_up_needs_nothing() -> None:
    """It is called before there is anything to draw."""
    warm_up()
