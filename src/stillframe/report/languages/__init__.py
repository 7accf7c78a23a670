"""The languages that reports are written in, one file each."""

from stillframe.errors import InvalidInput, nearest
from stillframe.report.languages.en import ENGLISH
from stillframe.report.languages.interface import Language
from stillframe.report.languages.ru import RUSSIAN

LANGUAGES = {language.code: language for language in (ENGLISH, RUSSIAN)}


def language(code: str, *, path: str = "$.language") -> Language:
    """
    Return the language of a code.

    Errors  InvalidInput at `path` for a language that nobody wrote, with those there are.

    >>> language("ru").own_name
    'русский'
    """
    found = LANGUAGES.get(code)
    if found is None:
        raise InvalidInput.at(path, f"there is no language {code[:40]!r}{nearest('', list(LANGUAGES))}")
    return found


__all__ = ["ENGLISH", "LANGUAGES", "RUSSIAN", "Language", "language"]
