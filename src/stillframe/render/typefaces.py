"""The fonts that documents are set in: where their files are, and which characters each has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from stillframe.render import mono_coverage
from stillframe.render.coverage import characters_of

_TEXT_PACKAGE, TEXT_FAMILY = "fontpkg_inter", "Inter"
_CJK_PACKAGE, _CJK_FAMILY = "cvttf_NotoSansCJK_Regular", "Noto Sans CJK TC"
"""Comes with the extra `pdf-cjk`."""
_ENDINGS = (".ttf", ".otf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typefaces:
    """
    The fonts of a document.

    Shape   `families`: in the order in which a character is looked for; the typesetter carries the second itself.
            `characters`: of each family, those with a glyph.
    """

    families: tuple[str, ...]
    folders: tuple[Path, ...]
    characters: tuple[frozenset[int], ...]


@cache
def typefaces(*, cjk: bool = True) -> Typefaces:
    """
    Return the fonts that are installed.

    Shape   `cjk`: also the one for Chinese, Japanese and Korean, where it is installed.
    Errors  FileNotFoundError if the package of the text's font is incomplete.
    """
    families, folders = [TEXT_FAMILY, mono_coverage.FAMILY], []
    text = _files(_TEXT_PACKAGE)
    if not text:
        raise FileNotFoundError(f"the package {_TEXT_PACKAGE} brings no font")
    folders.append(text[0].parent)
    # A style that lacks what another has would leave a gap: only what every style has counts.
    characters = [frozenset.intersection(*map(characters_of, text)), mono_coverage.characters()]
    more = _files(_CJK_PACKAGE) if cjk else []
    if more:
        families.append(_CJK_FAMILY)
        folders.append(more[0].parent)
        characters.append(characters_of(more[0]))
    return Typefaces(families=tuple(families), folders=tuple(folders), characters=tuple(characters))


def _files(package: str) -> list[Path]:
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    return sorted(file for place in places or () for file in Path(place).rglob("*") if file.suffix in _ENDINGS)
