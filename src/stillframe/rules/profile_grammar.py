"""Reading a release gate's profile from its document, and writing its canonical JSON; faults come with their path."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any, Final, cast

from stillframe.errors import Fault, InvalidInput, nearest
from stillframe.model.canonical import canonical_bytes
from stillframe.model.facts import SEVERITIES, Severity
from stillframe.model.gate import CHECK_SEVERITIES, CHECK_TYPES, ON_MISSING, Check, CheckSeverity, CheckType, OnMissing
from stillframe.model.payload import Number
from stillframe.model.scope import DIMENSIONS, HEALTH_PANEL
from stillframe.rules.grammar import member_path, parse_rule, rule_document, shown

MOST_CHECKS: Final = 200
LONGEST_TITLE: Final = 200
LONGEST_NAME: Final = 64
LARGEST_LIMIT: Final = 2**53 - 1
WITHIN: Final = ("audit", "sca")
"""Where a check of findings looks by default; for `info` in audit alone, since no vulnerability is that."""
FORMS: Final = ("findings", "metric", "forbid")
PROFILE_MEMBERS: Final = ("name", "title", "check")
CHECK_MEMBERS: Final = ("id", "type", "severity", "title", *FORMS, "within", "at_most", "at_least", "on_missing")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_METRIC = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,127}")


def read_profile(document: object, *, path: str = "$", taken: Collection[str] = ()) -> dict[str, Any]:
    """
    Return a profile's canonical document: every default filled in, rules in their canonical JSON, names in order.

    Shape   `taken`: names that another profile has already.
    Errors  InvalidInput with every fault found: its JSON path, and what is allowed there.
    """
    reader = _Reader(taken=taken)
    found = reader.profile(document, path)
    if reader.faults:
        raise InvalidInput(faults=reader.faults)
    return found


def check_document(check: Check) -> dict[str, Any]:
    """Return a check's canonical JSON, its defaults filled in; what does not go with its form is left out."""
    said = {
        "id": check.id,
        "type": check.type,
        "severity": check.severity,
        "title": check.title,
        "findings": check.findings,
        "within": list(check.within) or None,
        "metric": check.metric,
        "forbid": check.forbid,
        "at_most": check.at_most,
        "at_least": check.at_least,
        "on_missing": check.on_missing,
    }
    return {name: value for name, value in said.items() if value is not None}


class _Reader:
    """One pass over one profile, gathering faults so that all of them are told at once."""

    def __init__(self, *, taken: Collection[str]) -> None:
        self.faults: list[Fault] = []
        self._taken = taken

    # Each reader of a member answers a valid value also after a fault: the profile is thrown away with its faults.

    def profile(self, document: object, path: str) -> dict[str, Any]:
        if not isinstance(document, Mapping):
            self._fault(path, f"a profile is an object with a name and checks, not {shown(document)}")
            return {}
        self._only(document, PROFILE_MEMBERS, path)
        name = self._name(document, "name", path)
        if name.casefold() in self._taken:
            self._fault(f"{path}.name", f"{name!r} is built in; give your own profile another name")
        checks = self._checks(document.get("check"), f"{path}.check")
        return {"name": name, "title": self._title(document, path), "check": list(map(check_document, checks))}

    def _checks(self, given: object, path: str) -> tuple[Check, ...]:
        if not isinstance(given, list | tuple) or not given:
            self._fault(path, f"a profile needs at least one check, [[check]] in TOML, not {shown(given)}")
            return ()
        if len(given) > MOST_CHECKS:
            self._fault(path, f"{len(given)} checks, and a profile has at most {MOST_CHECKS}")
            return ()
        checks = tuple(self._check(one, f"{path}[{place}]") for place, one in enumerate(given))
        seen: set[str] = set()
        for place, check in enumerate(checks):
            if check.id and check.id in seen:
                self._fault(f"{path}[{place}].id", f"the check {check.id!r} is there twice")
            seen.add(check.id)
        return checks

    def _check(self, document: object, path: str) -> Check:
        if not isinstance(document, Mapping):
            self._fault(path, f"a check is an object, not {shown(document)}")
            return Check(id="", type="custom", severity="info")
        self._only(document, CHECK_MEMBERS, path)
        form = self._form(document, path)
        findings = self._findings(document, path) if form == "findings" else None
        check = Check(
            id=self._name(document, "id", path),
            type=cast(CheckType, self._choice(document, "type", CHECK_TYPES, path=path)),
            severity=cast(CheckSeverity, self._choice(document, "severity", CHECK_SEVERITIES, path=path)),
            title=self._title(document, path),
            findings=findings,
            within=self._within(document, path, findings=findings),
            metric=self._metric(document["metric"], f"{path}.metric") if form == "metric" else None,
            forbid=self._forbid(document["forbid"], f"{path}.forbid") if form == "forbid" else None,
            at_most=self._limit(document, "at_most", path),
            at_least=self._limit(document, "at_least", path),
            on_missing=self._on_missing(document, path),
        )
        limits = [name for name in ("at_most", "at_least") if name in document]
        if form == "forbid":
            self._no_limits(limits, path)
        elif form is not None:
            self._limits_fit(check, limits, path)
        return check

    def _findings(self, document: Mapping[Any, Any], path: str) -> Severity:
        return cast(Severity, self._choice(document, "findings", SEVERITIES, path=path))

    def _on_missing(self, document: Mapping[Any, Any], path: str) -> OnMissing:
        if "on_missing" not in document:
            return ON_MISSING[0]
        return cast(OnMissing, self._choice(document, "on_missing", ON_MISSING, path=path))

    def _form(self, document: Mapping[Any, Any], path: str) -> str | None:
        said = [name for name in FORMS if name in document]
        if len(said) != 1:
            held = " and ".join(said) or "none of them"
            self._fault(path, f"a check holds exactly one of {', '.join(FORMS)}, not {held}")
            return None
        if said[0] != "findings" and "within" in document:
            self._fault(f"{path}.within", f"goes with findings, not with {said[0]}")
        return said[0]

    def _limits_fit(self, check: Check, limits: list[str], path: str) -> None:
        if not limits:
            self._fault(path, "findings and metric need a limit: at_most, at_least or both")
        elif check.at_most is not None and check.at_least is not None and check.at_least > check.at_most:
            self._fault(f"{path}.at_least", f"{check.at_least} is more than at_most, {check.at_most}: nothing can pass")

    def _no_limits(self, limits: list[str], path: str) -> None:
        for name in limits:
            self._fault(f"{path}.{name}", "goes with findings and metric; the rule of a forbid has limits of its own")

    def _limit(self, document: Mapping[Any, Any], name: str, path: str) -> Number | None:
        if name not in document:
            return None
        given = document[name]
        if type(given) is int and 0 <= given <= LARGEST_LIMIT:
            return given
        if type(given) is float and given >= 0 and isfinite(given):
            return int(given) if given.is_integer() and given <= LARGEST_LIMIT else given
        self._fault(f"{path}.{name}", f"must be a number of 0 or more, not {shown(given)}")
        return None

    def _within(self, document: Mapping[Any, Any], path: str, *, findings: Severity | None) -> tuple[str, ...]:
        if findings is None:
            return ()
        if "within" not in document:
            return WITHIN if findings != "info" else WITHIN[:1]
        given, path = document["within"], f"{path}.within"
        if not isinstance(given, list | tuple) or not given:
            self._fault(path, f"must be a list of one dimension or more, not {shown(given)}")
            return ()
        for place, name in enumerate(given):
            if not isinstance(name, str) or name not in DIMENSIONS:
                near = nearest(name if isinstance(name, str) else "", DIMENSIONS)
                self._fault(f"{path}[{place}]", f"{shown(name)} is no dimension{near}")
        return tuple(name for name in DIMENSIONS if name in given)

    def _metric(self, given: object, path: str) -> str:
        if not isinstance(given, str) or not _METRIC.fullmatch(given):
            self._fault(path, f"must be the name of a metric, such as compliance.score, not {shown(given)}")
            return ""
        dimension, dot, measure = given.partition(".")
        if given == HEALTH_PANEL or (dimension in DIMENSIONS and measure):
            return given
        if dimension in DIMENSIONS:
            self._fault(path, f"{given!r} is a dimension and no metric; did you mean '{dimension}.score'?")
        elif dot:
            self._fault(path, f"{dimension!r} is no dimension{nearest(dimension, DIMENSIONS)}")
        else:
            advice = f"name it DIMENSION.MEASURE, such as compliance.score, or {HEALTH_PANEL}"
            self._fault(path, f"{given!r} is no metric: {advice}")
        return given

    def _forbid(self, given: object, path: str) -> Mapping[str, Any]:
        try:
            document = rule_document(parse_rule(given, path=path))
            canonical_bytes(document)
        except InvalidInput as error:
            self.faults.extend(error.faults)
        except (TypeError, ValueError):
            self._fault(path, "holds text or a number that JSON cannot say")
        else:
            return document
        return {}

    def _name(self, document: Mapping[Any, Any], member: str, path: str) -> str:
        given = document.get(member)
        if isinstance(given, str) and len(given) <= LONGEST_NAME and _NAME.fullmatch(given):
            return given
        allowed = f"1 to {LONGEST_NAME} of a-z, A-Z, 0-9, . _ and -, with a letter or digit at its ends"
        self._fault(f"{path}.{member}", f"must be {allowed}, not {shown(given)}")
        return ""

    def _title(self, document: Mapping[Any, Any], path: str) -> str:
        given = document.get("title", "")
        if isinstance(given, str) and len(given) <= LONGEST_TITLE and given.isprintable():
            return given
        self._fault(f"{path}.title", f"must be one line of at most {LONGEST_TITLE} characters, not {shown(given)}")
        return ""

    def _choice(self, document: Mapping[Any, Any], name: str, allowed: tuple[str, ...], *, path: str) -> str:
        given = document.get(name)
        if isinstance(given, str) and given in allowed:
            return given
        near = nearest(given, allowed) if isinstance(given, str) else ""
        said = f"must be one of {', '.join(allowed)}, not {shown(given)}"
        self._fault(f"{path}.{name}", said + (near if "mean" in near else ""))
        return allowed[0]

    def _only(self, document: Mapping[Any, Any], known: tuple[str, ...], path: str) -> None:
        for name in document:
            if name not in known:
                self._fault(member_path(path, name), f"unknown member{nearest(str(name), known)}")

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(path=path, message=message))
