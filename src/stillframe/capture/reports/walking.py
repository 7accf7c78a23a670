"""Walks the long lists of a JSON report item by item, and counts what is kept of them, so that both are bounded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec

from stillframe.capture.reports.documents import MOST_FINDINGS, decoded, too_many
from stillframe.capture.reports.interface import Report
from stillframe.errors import CaptureRefused

NOTHING: Final = msgspec.Raw(b"null")
"""What a part is that the report does not have."""
MOST_ITEM_BYTES: Final = 1024 * 1024
"""Of one item without the lists inside it."""
MOST_KEPT_BYTES: Final = 64 * 1024 * 1024
"""Of all names and titles of one report, as they lie in memory."""
ITEM_BYTES: Final = 250
"""What one fact costs beside its texts."""

Item = TypeVar("Item")
RAW: Final = msgspec.json.Decoder(msgspec.Raw)
Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Version: TypeAlias = Annotated[str, msgspec.Meta(max_length=200)]
Address: TypeAlias = Annotated[str, msgspec.Meta(max_length=2000)]


class _Anything(msgspec.Struct, gc=False):
    """A JSON object whatever is in it."""


_OBJECTS: Final = msgspec.json.Decoder(list[_Anything])
_ITEMS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def is_there(raw: msgspec.Raw) -> bool:
    """Say whether a report has a part, be it empty."""
    return len(memoryview(raw)) != len(b"null") or bytes(raw) != b"null"


class Walk:
    """
    One reading of one report.

    The parts of the document stay raw until they are walked; of what is not asked for nothing is built. Every item is
    decoded alone, its texts are bounded by their types, and `keep` counts those that outlive it.
    """

    __slots__ = ("_kept_bytes", "_of", "report")

    def __init__(self, report: Report, *, of: str) -> None:
        self.report = report
        self._of = of
        self._kept_bytes = 0

    def top(self, decoder: msgspec.json.Decoder[Item]) -> Item:
        """
        Return the document's own members; a long one is to be `msgspec.Raw`.

        Errors  CaptureRefused with the byte or the JSON path at which it is not what the format says.
        """
        return decoded(self.report, decoder, of=self._of)

    def part(
        self, raw: msgspec.Raw, decoder: msgspec.json.Decoder[Item], *, path: str, most_bytes: int = MOST_ITEM_BYTES
    ) -> Item | None:
        """
        Return one part of the document; None where the report has none.

        Errors  CaptureRefused at `path`, or at the place below it that is wrong.
        """
        size = len(memoryview(raw))
        if not is_there(raw):
            return None
        if size > most_bytes:
            raise self.refused(path, f"{size:,} bytes are too many for one entry; at most {most_bytes:,} are read")
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError as error:
            message, _, below = str(error).partition(" - at `")
            raise self.refused(path + below.rstrip("`").removeprefix("$"), message) from None
        except UnicodeDecodeError as error:
            raise self.refused(path, f"this is not UTF-8 ({error.reason})") from None
        except msgspec.DecodeError as error:  # the syntax was sound when the whole was decoded
            message = str(error).partition(" (byte ")[0]
            raise self.refused(path, "a lone surrogate is no text" if "truncated" in message else message) from None
        except RecursionError:
            raise self.refused(path, "this is nested too deep for any report") from None

    def items(
        self,
        raw: msgspec.Raw,
        decoder: msgspec.json.Decoder[Item],
        *,
        path: str,
        most: int = MOST_FINDINGS,
        most_bytes: int = MOST_ITEM_BYTES,
    ) -> Iterator[tuple[str, Item]]:
        """
        Give the items of a list of objects, each with its path.

        Shape   `most_bytes` is of one item; one whose long lists are raw members may have as many as the report.
        Errors  CaptureRefused for more than `most` items, and as `part` does.
        """
        counted = self.part(raw, _OBJECTS, path=path, most_bytes=len(self.report.data))
        if counted is None:
            return
        many = len(counted)
        del counted
        if many > most:
            raise self.refused(path, f"{many:,} entries are too many; at most {most:,} are read")
        for index, item in enumerate(_ITEMS.decode(raw)):
            found = self.part(item, decoder, path=f"{path}[{index}]", most_bytes=most_bytes)
            if found is not None:
                yield f"{path}[{index}]", found

    def keep(self, *texts: str | None) -> None:
        """
        Count a fact with its texts among what is kept.

        Errors  CaptureRefused once the report's facts need more memory than one report may have.
        """
        self._kept_bytes += ITEM_BYTES + sum(map(sys.getsizeof, texts))
        if self._kept_bytes > MOST_KEPT_BYTES:
            raise self.refused("", "its names and titles need more memory than one report may have; split the report")

    def too_many(self, what: str) -> Exception:
        """Return the error for more of something than a picture can hold."""
        return too_many(self.report, of=self._of, what=what)

    def refused(self, path: str, message: str) -> CaptureRefused:
        """Return the error for what is wrong at one place."""
        return self.report.refused(path, message, of=self._of)
