"""
The law of every report reader, and what tries to break it: damage of all kinds, and files that cost memory.

The law: whatever the bytes, a reader answers with facts that a picture can hold, or with a CaptureRefused that names
file, format and what is wrong; never with another exception, and never with more than 256 MiB of memory.

How a reader's tests use this:

    READER = MyReader()
    SAMPLES = [b'{"version": 1, ...}', ...]          # small valid reports, of every shape that the reader knows

    def test_damaged_reports_are_refused_or_read() -> None:
        '''Whatever was done to a report, ...'''
        assert_law(READER, SAMPLES)

    def test_no_report_costs_more_memory_than_there_is() -> None:
        '''...'''
        assert_bounded(READER, SAMPLES[:1])           # about 10 s a sample: one or two of them

`assert_law(reader, samples)` cuts each sample at every byte (of a long one at 400 places), flips bytes, and where it is
JSON or XML changes its structure: every value for one of another type, members left out, renamed, repeated, lists
emptied and doubled, elements nested, attributes changed. What comes out goes through `law(reader, data)`.

`assert_bounded(reader, samples)` blows each sample up to 64 MiB: the first element of each list repeated, one text as
long as the file with one emoji in it, millions of members, of numbers, of levels, of lines. A process of its own reads
them one after another and tells the peak of each.
"""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.interface import MOST_BYTES, Report, ReportReader
from stillframe.capture.reports.looking import look_at, without_mark
from stillframe.capture.reports.recognising import read_with
from stillframe.errors import CaptureRefused
from stillframe.model.facts import ReportFacts

NAME = "the report.file"
MOST_MEGABYTES = 256
MOST_CUTS = 400
MOST_LISTS = 2
ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 1.5, 1e308, "", "\x00", "a\nb", "é😀", "x" * 5_000, [], [[]], [None], [1], ["a"], {},
    [{}], {"": {}}, {"id": 1},
)  # fmt: skip


def law(reader: ReportReader, data: bytes) -> ReportFacts | None:
    """Hold one reader to the law; give the facts, or None where the report was refused."""
    try:
        facts = reader.read(Report(name=NAME, data=data, look=look_at(without_mark(data)), root=None))
    except CaptureRefused as refusal:
        _assert_clear(refusal, reader)
        return None
    assert (facts.format, facts.reader) == (reader.format, reader.version)
    _assert_holdable(facts)
    return facts


def assert_law(reader: ReportReader, samples: Sequence[bytes], *, examples: int = 150) -> None:
    """Read every sample, then whatever damage makes of it."""
    for sample in samples:
        assert read_with([reader], NAME, sample, root=None) == law(reader, sample), "a sample is valid"
        for cut in _cuts(sample):
            law(reader, cut)

    @settings(max_examples=examples * len(samples), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(samples), st.randoms(use_true_random=False))
    def damaged(sample: bytes, chance: Any) -> None:
        law(reader, _flipped(sample, chance))
        for _ in range(chance.randrange(1, 4)):
            sample = _changed(sample, chance)
        law(reader, sample)

    damaged()


def assert_bounded(reader: ReportReader, samples: Sequence[bytes], *, most_megabytes: int = MOST_MEGABYTES) -> None:
    """Read what costs memory in a process of its own; its peak, the file itself included, has a bound."""
    over = {}
    with tempfile.TemporaryDirectory() as folder, Reading(reader, Path(folder, "report")) as reading:
        for sample in samples:
            for name, data in blown_up(sample):
                peak = reading.peak_of(data)
                if peak > most_megabytes:
                    over[name] = round(peak)
    assert over == {}


class Reading:
    """A process that reads files with one reader and tells what the largest of them cost."""

    def __init__(self, reader: ReportReader, path: Path) -> None:
        self._words = [sys.executable, "-c", _CHILD, type(reader).__module__, type(reader).__qualname__, str(path)]
        self._path = path

    def __enter__(self) -> Reading:
        self._child = subprocess.Popen(self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._child.communicate()

    def peak_of(self, data: bytes) -> float:
        """Return the peak memory in MiB of reading one file."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._path.write_bytes(data)
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        said = self._child.stdout.readline()
        assert said, "the process that reads has ended"
        return float(said)


_CHILD = """
import importlib, resource, sys
from stillframe.capture.reports.recognising import read_with
from stillframe.errors import CaptureRefused

def read():
    with open(path, "rb") as file:
        data = file.read()
    try:
        read_with([reader], "report", data, root=None)
    except CaptureRefused:
        pass

def forget():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass

def peak():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20

module, kind, path = sys.argv[1:]
reader = getattr(importlib.import_module(module), kind)()
for _ in sys.stdin:
    forget()
    read()
    print(peak(), flush=True)
"""


def blown_up(sample: bytes, *, places: int = 1) -> Iterator[tuple[str, bytes]]:
    """Give files of nearly 64 MiB that look like a sample and hold far too much at one place, the more on demand."""
    text = without_mark(sample)
    if text.lstrip()[:1] in (b"{", b"["):
        yield from _blown_up_json(text, places)
    elif text.lstrip()[:1] == b"<":
        yield from _blown_up_xml(text, places)
    else:
        yield from _blown_up_text(text, places)


MARK = "@HERE@"
FILLS: dict[str, Callable[[int], bytes]] = {
    "a long text": lambda size: b'"' + "😀".encode() + b"x" * (size - 8) + b'"',
    "many members": lambda size: b"{%s}" % b",".join(b'"k%d":0' % index for index in range(size // 13)),
    "many numbers": lambda size: b"[%s0]" % (b"0," * (size // 2 - 2)),
    "many texts": lambda size: b'[%s"ab"]' % (b'"ab",' * (size // 5 - 2)),
    "many objects": lambda size: b"[%s{}]" % (b"{}," * (size // 3 - 2)),
    "deep lists": lambda size: b"[" * size,
}


def _blown_up_json(sample: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    document = json.loads(sample)
    places = list(_places(document))
    lists = [place for place in places if isinstance(_at(document, place), list) and _at(document, place)]
    for place in lists[: MOST_LISTS * most]:
        first = _at(document, place)[0]
        members = dict.fromkeys(first, 0) if isinstance(first, dict) else first
        for piece in {json.dumps(first).encode(), json.dumps(members).encode()}:
            yield f"{place}: {piece[:40]!r} repeated", _filled(document, place, partial(_list_of, piece))
    if isinstance(document, dict):
        whole = json.dumps(document).encode()[:-1]
        yield "many members beside its own", whole + b"," + FILLS["many members"](MOST_BYTES - len(whole) - 16)[1:]
    else:
        yield "many numbers alone", FILLS["many numbers"](MOST_BYTES - 16)
    chance = random.Random(2026)
    for name, fill in FILLS.items():
        for place in chance.sample(places, min(most, len(places))):
            yield f"{place}: {name}", _filled(document, place, fill)


def _list_of(piece: bytes, size: int) -> bytes:
    return b"[%s]" % _repeated(piece, size, between=b",")


def _filled(document: Any, place: tuple[Any, ...], fill: Callable[[int], bytes]) -> bytes:
    marked = _replaced(document, place, MARK)
    before, _, after = json.dumps(marked).encode().partition(json.dumps(MARK).encode())
    return before + fill(MOST_BYTES - len(before) - len(after) - 16) + after


def _blown_up_xml(sample: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    tags = list(re.finditer(rb"<(\w[\w.:-]*)[^>]*>", sample))
    room = MOST_BYTES - len(sample) - 16
    step = max(1, len(tags) // (2 * most))
    for found in tags[::step]:
        before, after = sample[: found.end()], sample[found.end() :]
        whole = re.compile(rb"<%s\b[^>]*?(?:/>|>.*?</%s>)" % (found[1], found[1]), re.DOTALL).match(
            sample, found.start()
        )
        if whole and found.start() > 0:
            yield (
                f"{found[1]!r} repeated",
                sample[: found.start()] + _repeated(whole[0], room) + sample[found.start() :],
            )
        if not found[0].endswith(b"/>"):
            yield f"text in {found[1]!r}", before + "😀".encode() + b"x" * (room - 4) + after
            yield f"elements in {found[1]!r}", before + b"<a/>" * (room // 4) + after
            yield f"deep in {found[1]!r}", before + b"<a>" * (room // 3) + after
        name = sample[: found.start() + 1 + len(found[1])]
        yield f"an attribute of {found[1]!r}", name + b' zzz="' + b"x" * (room - 8) + b'"' + sample[len(name) :]
    yield "a comment", sample + b"<!--" + b"x" * room + b"-->"


def _blown_up_text(sample: bytes, most: int) -> Iterator[tuple[str, bytes]]:
    room = MOST_BYTES - len(sample) - 8
    yield "the whole repeated", _repeated(sample, MOST_BYTES)
    yield "one long line", sample + "😀".encode() + b"x" * room
    yield "empty lines", sample + b"\n" * room
    lines = sample.splitlines(keepends=True)
    for index in range(0, len(lines), max(1, len(lines) // (4 * most))):
        name = f"line {index + 1} repeated"
        yield name, b"".join(lines[:index]) + _repeated(lines[index], room) + b"".join(lines[index:])


def _repeated(piece: bytes, size: int, between: bytes = b"") -> bytes:
    return (piece + between) * (max(1, (size - len(piece)) // (len(piece) + len(between)))) + piece


def _assert_clear(refusal: CaptureRefused, reader: ReportReader) -> None:
    assert refusal.faults
    for fault in refusal.faults:
        assert fault.path.startswith(NAME), fault
        assert fault.message.startswith(f"{reader.format}: "), fault
        assert len(fault.message) < 1_000, fault.path
        str(fault).encode()


def _assert_holdable(facts: ReportFacts) -> None:
    """What a picture can hold: whole characters, bounded lists, ids that tell one finding from another."""
    _assert_text(facts)
    for found in (facts.findings, facts.unused):
        ids = [finding.id for finding in found or ()]
        assert len(ids) == len(set(ids)) <= MOST_FINDINGS
        assert all(0 < len(id_) <= 512 for id_ in ids)


def _assert_text(value: Any) -> None:
    if isinstance(value, str):
        value.encode()
    elif is_dataclass(value):
        for field in fields(value):
            _assert_text(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, member in value.items():
            _assert_text(key)
            _assert_text(member)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for member in value:
            _assert_text(member)


def _cuts(sample: bytes) -> Iterator[bytes]:
    step = max(1, len(sample) // MOST_CUTS)
    return (sample[:end] for end in range(0, len(sample), step))


def _flipped(sample: bytes, chance: Any) -> bytes:
    data = bytearray(sample)
    for _ in range(chance.choice([1, 1, 2, 8])):
        data[chance.randrange(len(data))] = chance.choice([0, 0x22, 0x5B, 0x5C, 0x7B, 0xFF, chance.randrange(256)])
    return bytes(data)


def _changed(sample: bytes, chance: Any) -> bytes:
    start = without_mark(sample).lstrip()[:1]
    try:
        if start in (b"{", b"["):
            return json.dumps(_changed_json(json.loads(sample), chance)).encode()
        if start == b"<":
            return _changed_xml(sample, chance)
    except (ValueError, ET.ParseError):
        pass
    return _changed_text(sample, chance)


def _changed_json(document: Any, chance: Any) -> Any:
    place = chance.choice(list(_places(document)))
    found = _at(document, place)
    if isinstance(found, dict) and found and chance.random() < 0.5:
        changed = dict(found)
        name = chance.choice(list(changed))
        member = changed.pop(name)
        if chance.random() < 0.5:
            changed[name + "x"] = member
    elif isinstance(found, list) and found and chance.random() < 0.5:
        changed = found * chance.choice([0, 2, 3])
    else:
        changed = copy.deepcopy(chance.choice(ODD_VALUES))
    return _replaced(document, place, changed)


def _changed_xml(sample: bytes, chance: Any) -> bytes:
    root = ET.fromstring(sample)
    element = chance.choice(list(root.iter()))
    match chance.randrange(5):
        case 0:
            for name in list(element.attrib)[: chance.randrange(3)]:
                del element.attrib[name]
        case 1:
            for name in element.attrib:
                element.set(name, chance.choice(["", "-1", "1e999", "nan", "x", "99999999999999999999", "0,5"]))
        case 2:
            element.extend([copy.deepcopy(child) for child in element])
        case 3:
            element.tag = chance.choice(["a", *(found.tag for found in root.iter())])
        case _:
            element.append(copy.deepcopy(chance.choice(list(root.iter()))))
    return ET.tostring(root)


def _changed_text(sample: bytes, chance: Any) -> bytes:
    lines = sample.splitlines(keepends=True) or [b""]
    index = chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[index]
        case 1:
            lines.insert(index, lines[chance.randrange(len(lines))])
        case 2:
            lines[index] = re.sub(rb"\d+", chance.choice([b"-1", b"x", b"9" * 400, b"", b"1e9"]), lines[index])
        case _:
            lines[index] = lines[index][: chance.randrange(len(lines[index]) + 1)]
    return b"".join(lines)


def _places(document: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    members = document.items() if isinstance(document, dict) else ()
    for key, member in enumerate(document) if isinstance(document, list) else members:
        yield from _places(member, (*place, key))


def _at(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


def _replaced(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = list(document) if isinstance(document, list) else dict(document)
    changed[place[0]] = _replaced(document[place[0]], place[1:], value)
    return changed
