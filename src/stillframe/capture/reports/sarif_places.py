"""Where a SARIF result stands: its file as every machine would write it, its line, and what the code says there."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import msgspec

from stillframe.capture.reports.identity import line_in, relative_file
from stillframe.capture.reports.loose import loose_members
from stillframe.capture.reports.walking import NOTHING, Walk, is_there

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]")
_MOST_BASES: Final = 10
_MOST_ITEM_BYTES: Final = 4 * 1024 * 1024


class _Text(msgspec.Struct):
    text: str | None = None


class _Region(msgspec.Struct, rename="camel"):
    start_line: int | None = None
    snippet: _Text | None = None


class Artifact(msgspec.Struct, rename="camel"):
    """How SARIF names a file: its address, what that starts from, or which of the run's artifacts it is."""

    uri: str | None = None
    uri_base_id: str | None = None
    index: int = -1


class _Physical(msgspec.Struct, rename="camel"):
    artifact_location: Artifact | None = None
    region: _Region | None = None
    context_region: _Region | None = None


class _Logical(msgspec.Struct, rename="camel"):
    fully_qualified_name: str | None = None
    name: str | None = None


class _Location(msgspec.Struct, rename="camel"):
    physical_location: _Physical | None = None
    logical_locations: msgspec.Raw = NOTHING


class _Listed(msgspec.Struct):
    location: Artifact | None = None


_LOCATION: Final = msgspec.json.Decoder(_Location)
_LOGICAL: Final = msgspec.json.Decoder(_Logical)
_LISTED: Final = msgspec.json.Decoder(_Listed)


class Spot(msgspec.Struct, frozen=True):
    """
    One place in the code.

    Shape   `line` is 0 where nobody says. `code`: the line, as far as the report quotes it; for what has no file the
            name of what is there.
    """

    file: str = ""
    line: int = 0
    code: str | None = None


class Files:
    """How a run names files: its base addresses, its folder of work, and its list of artifacts."""

    def __init__(
        self, walk: Walk, *, bases: msgspec.Raw, artifacts: msgspec.Raw, folder: str | None, path: str
    ) -> None:
        self._walk = walk
        self._path = path
        self._bases = {name: _base(found) for name, found in loose_members(bases).items()}
        folders = [uri for uri, _ in self._bases.values()] + [folder or ""]
        self._folders = sorted({found for found in folders if _ABSOLUTE.match(found)}, key=len, reverse=True)
        self._artifacts = artifacts
        self._listed: list[Artifact | None] | None = None

    def spot(self, locations: msgspec.Raw, *, path: str) -> Spot:
        """Return the first place of a result; an empty one where it has none."""
        found = self._walk.items(locations, _LOCATION, path=f"{path}.locations", most_bytes=_MOST_ITEM_BYTES)
        _, location = next(found, ("", None))
        if location is None:
            return Spot()
        physical = location.physical_location
        if physical is None:
            return Spot(code=self._logical(location.logical_locations, path))
        region = physical.region or _Region()
        line = region.start_line or 0
        file = self._file(physical.artifact_location or Artifact())
        return Spot(file=file, line=line, code=_code(region, physical.context_region, line))

    def _logical(self, raw: msgspec.Raw, path: str) -> str | None:
        found = self._walk.items(raw, _LOGICAL, path=f"{path}.locations[0].logicalLocations")
        _, logical = next(found, ("", None))
        return (logical.fully_qualified_name or logical.name) if logical else None

    def _file(self, artifact: Artifact) -> str:
        if artifact.uri is None and artifact.index >= 0:
            artifact = self._of_index(artifact.index) or artifact
        uri = artifact.uri or ""
        if not _ABSOLUTE.match(uri) and artifact.uri_base_id is not None:
            uri = self._from_base(artifact.uri_base_id, uri)
        root = self._walk.report.root
        named = relative_file(_path(uri), root)
        for folder in self._folders:
            if _ABSOLUTE.match(named):
                named = relative_file(named, _path(folder))
        return named

    def _of_index(self, index: int) -> Artifact | None:
        if self._listed is None:
            found = self._walk.items(
                self._artifacts, _LISTED, path=f"{self._path}.artifacts", most_bytes=len(self._walk.report.data)
            )
            self._listed = [self._kept(one.location) for _, one in found]
        return self._listed[index] if index < len(self._listed) else None

    def _kept(self, location: Artifact | None) -> Artifact | None:
        if location is not None:
            self._walk.keep(location.uri, location.uri_base_id)
        return location

    def _from_base(self, name: str, uri: str) -> str:
        """Put a base in front of an address, and its own base in front of that, until it is absolute."""
        for _ in range(_MOST_BASES):
            base, above = self._bases.get(name, ("", None))
            uri = f"{base.rstrip('/')}/{uri}" if base else uri
            if above is None or _ABSOLUTE.match(uri):
                return uri
            name = above
        return uri


def folder_of(raw: msgspec.Raw) -> str | None:
    """Return the folder in which a run worked, where it says so."""
    uri = loose_members(raw).get("uri") if is_there(raw) else None
    return uri if isinstance(uri, str) else None


def _base(found: object) -> tuple[str, str | None]:
    members = found if isinstance(found, dict) else {}
    uri, above = members.get("uri"), members.get("uriBaseId")
    return uri if isinstance(uri, str) else "", above if isinstance(above, str) else None


def _path(uri: str) -> str:
    """Addresses are percent-encoded; `relative_file` decodes those of files itself."""
    return uri if uri[:5].lower() == "file:" else unquote(uri)


def _code(region: _Region, context: _Region | None, line: int) -> str | None:
    if region.snippet and region.snippet.text and region.snippet.text.strip():
        return region.snippet.text
    if context and context.snippet and context.snippet.text and context.start_line is not None:
        return line_in(context.snippet.text, starts_at=context.start_line, line=line)
    return None
