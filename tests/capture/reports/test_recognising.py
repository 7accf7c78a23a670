"""Recognition: by what is in a file, by one reader alone, and in words where nobody knows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.reports import MOST_BYTES, OWN_READERS, READERS, read_own, read_report, reader_versions
from stillframe.capture.reports.looking import look_at
from stillframe.errors import CaptureRefused

HERE = Path(__file__).resolve().parent
MOVED = HERE / "moved" / "before"
SAMPLES = (
    *HERE.glob("moved/*/*"),
    *HERE.glob("samples/*/*"),
    *HERE.parents[2].glob("examples/release-gate/reports/*/*"),
)
BOMB = "".join(f'<!ENTITY {name} "{f"&{inner};" * 9}">' for inner, name in zip("abcdefgh", "bcdefghi", strict=True))
ATTACKS = {
    "bomb": f'<!DOCTYPE x [<!ENTITY a "ha">{BOMB}]><ROOT>&i;</ROOT>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><ROOT>&a;</ROOT>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;]><ROOT/>',
    "defaults": '<!DOCTYPE x [<!ATTLIST y z CDATA "zzz">]><ROOT><y/></ROOT>',
    "undefined": "<ROOT>&a;</ROOT>",
}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
GATE = {
    "schema": "stillframe.gate/1",
    "decision": "warn",
    "profile": {"name": "standard", "digest": "0" * 64, "document": {}},
    "checks": [],
    "evidence_incomplete": False,
    "counts": {"blockers_failed": 0, "warnings_failed": 1, "skipped": 0, "suppressed": 2},
    "suppressed": [],
}


def refusal(data: bytes) -> str:
    with pytest.raises(CaptureRefused) as caught:
        read_report("r", data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the report is empty"),
        (b"\xef\xbb\xbf \n", "the report is empty"),
        (PNG, "no text"),
        ('{"runs": []}'.encode("utf-16"), "this is UTF-16; write the report as UTF-8"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04\x14", "zip"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd"),
        (b'{"something": "else"}', "none of the formats that are read: stillframe.summary/1, SARIF 2.1.0, Bandit JSON"),
        (b"<html><body/></html>", "none of the formats"),
        (b"hello", "none of the formats"),
        (b"7", "none of the formats"),
    ],
)
def test_what_is_no_report_is_refused_in_words(data: bytes, words: str) -> None:
    """With what to do, where something can be done."""
    assert refusal(data).startswith("r: ")
    assert words in refusal(data)


def test_a_report_over_the_bound_is_not_looked_at() -> None:
    """Its size is said."""
    assert "67,108,865 bytes are too many" in refusal(b"x" * (MOST_BYTES + 1))


@pytest.mark.parametrize("path", sorted(MOVED.iterdir()), ids=lambda path: path.name)
def test_every_report_is_known_by_one_reader_alone(path: Path) -> None:
    """Also behind an editor's mark, and whatever the file is called."""
    data = path.read_bytes()
    assert len([reader for reader in (*READERS, *OWN_READERS) if reader.recognises(look_at(data))]) == 1
    assert read_report("x.txt", b"\xef\xbb\xbf" + data) == read_report("y", data)


def test_of_all_samples_each_is_known_by_one_reader_alone() -> None:
    """The order in which readers are asked decides nothing."""
    known = {path: [one.format for one in READERS if one.recognises(look_at(path.read_bytes()))] for path in SAMPLES}
    assert len(known) > 12
    assert {path: formats for path, formats in known.items() if len(formats) != 1} == {}


@pytest.mark.parametrize("root", ["testsuites", "testsuite", "coverage"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_xml_declares_is_followed(attack: str, root: str) -> None:
    """Neither a bomb nor a file nor an address; the error names the line."""
    assert refusal(ATTACKS[attack].replace("ROOT", root).encode()).startswith("r: ")


@given(st.sampled_from([b"", b"{", b"[", b"<", b'{"runs":', b'[{"code":', b"<coverage ", b"TN:", b"SF:"]), st.binary())
def test_whatever_the_bytes_are_they_are_read_or_refused(start: bytes, data: bytes) -> None:
    """With the name of the file, and never another exception."""
    try:
        read_report("r", start + data)
    except CaptureRefused as refused:
        told = [fault.path for fault in refused.faults]
    else:
        told = ["r"]
    assert {path[:1] for path in told} == {"r"}


def test_what_the_gate_decided_is_taken_from_ourselves_alone() -> None:
    """A pipeline that brought its own verdict would need no gate."""
    data = json.dumps(GATE).encode()
    assert refusal(data) == "r: only Stillframe itself writes this"
    assert read_own("release gate", data).gate == "warn"
    with pytest.raises(CaptureRefused):
        read_own("release gate", (MOVED / "bandit.json").read_bytes())


def test_the_versions_of_all_readers_are_told_by_format() -> None:
    """For the digest of the formula."""
    versions = reader_versions()
    assert versions["sarif"] >= 1
    assert len(versions) == len(READERS)
