"""Summaries that a project brings itself: a `stillframe.summary/1` document, read and checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from stillframe.capture.columns import bad_number, becomes_integer
from stillframe.capture.json_text import parse_json
from stillframe.capture.refusals import refuse, refused
from stillframe.errors import Fault, nearest
from stillframe.model.payload import Row
from stillframe.model.scope import DIMENSIONS, Dimension

SCHEMA = "stillframe.summary/1"
MOST_MEASURES = 200
MOST_FINDINGS = 50_000

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$", max_length=128)]
FindingId: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Line: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$", max_length=1_000)]
Status: TypeAlias = Literal["measured", "not_measured", "stale", "error"]
Number: TypeAlias = int | float
_UNSAID = frozenset({"int", "float", "constrained-int", "constrained-float", "[key]"})
"""Steps of a fault's place that are pydantic's and not the document's."""
_POINTS = Field(ge=0, le=100)
Score: TypeAlias = Annotated[int, _POINTS] | Annotated[float, _POINTS]
"""Each kind of number says its own bounds: of a union they would not be in the published schema."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class MeasureSpec(_Part):
    """One value inside a dimension."""

    id: Id = Field(description="Its name inside the dimension; rules say DIMENSION.ID. `score` is the dimension's own.")
    value: Number | None = Field(default=None, description="Null where it was not measured.")
    unit: Line | None = None
    better: Literal["higher", "lower", "none"] = "none"
    tolerance: float = Field(default=0.0, ge=0, description="Absolute: values at most this far apart are equal.")
    score: Score | None = None
    status: Status = "measured"
    source: Line | None = Field(default=None, description="Where it comes from, for people.")


class DimensionSpec(_Part):
    """One of the six summaries."""

    score: Score | None = Field(default=None, description="0 to 100, 100 the best.")
    tolerance: float = Field(default=0.0, ge=0)
    measures: list[MeasureSpec] = Field(default_factory=list, max_length=MOST_MEASURES)


class FindingSpec(_Part):
    """One thing that was found."""

    id: FindingId = Field(description="The same for the same finding in every summary: not a line number.")
    dimension: Dimension
    severity: Literal["critical", "high", "medium", "low", "info"] = "info"
    title: Line = ""
    location: Line | None = None


class SummarySpec(_Part):
    """A `stillframe.summary/1` document."""

    schema_: Literal["stillframe.summary/1"] = Field(alias="schema")
    tool: Line | None = Field(default=None, description="What made it.")
    version: Line | None = Field(default=None, description="The version of what made it.")
    summaries: dict[Dimension, DimensionSpec]
    findings: list[FindingSpec] | None = Field(
        default=None, max_length=MOST_FINDINGS, description="Left out where nobody looked; an empty list found none."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """
    What a summary document says, ready for a payload.

    Shape   `summaries` by dimension, as payloads have them. `findings`: rows of a finding each, or None.
    """

    summaries: Mapping[str, Any]
    findings: Sequence[Row] | None = None
    tool: str | None = None
    version: str | None = None


def read_summary(given: bytes | str | Mapping[str, Any], *, path: str = "$.summaries") -> Summary:
    """
    Return the summaries that a document holds.

    Errors  CaptureRefused with the path of each fault and what is allowed there.
    Source  docs/reference/summary.schema.json.
    """
    document = parse_json(given, path=path) if isinstance(given, bytes | str) else given
    if not isinstance(document, Mapping):
        raise refused(path, f'an object is expected: {{"schema": "{SCHEMA}", "summaries": {{…}}}}')
    try:
        spec = SummarySpec.model_validate(document)
    except ValidationError as error:
        raise refuse(_faults_of(error, path)) from None
    faults = list(_doubles(spec, path))
    if faults:
        raise refuse(faults)
    return Summary(
        summaries={name: _summary(found) for name in DIMENSIONS if (found := spec.summaries.get(name))},
        findings=None if spec.findings is None else [finding.model_dump() for finding in spec.findings],
        tool=spec.tool,
        version=spec.version,
    )


def summary_schema() -> dict[str, Any]:
    """Return the JSON Schema of summary documents, draft 2020-12, as it is published."""
    found = SummarySpec.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _summary(found: DimensionSpec) -> dict[str, Any]:
    tolerance = {"tolerance": _whole(found.tolerance)} if found.tolerance else {}
    return {"score": _whole(found.score), **tolerance, "measures": [_measure(measure) for measure in found.measures]}


def _measure(found: MeasureSpec) -> dict[str, Any]:
    said = found.model_dump(exclude_none=True) | {"value": found.value}
    return {name: _whole(value) for name, value in said.items()}


def _whole(value: Any) -> Any:  # noqa: ANN401  # because a member is any cell
    return int(value) if isinstance(value, float) and becomes_integer(value) else value


def _doubles(spec: SummarySpec, path: str) -> Iterator[Fault]:
    for name, dimension in spec.summaries.items():
        where = f"{path}.summaries.{name}"
        seen: set[str] = {"score"}
        for index, measure in enumerate(dimension.measures):
            if measure.id in seen:
                message = f"the measure {measure.id!r} is there twice, or is the dimension's own score"
                yield Fault(path=f"{where}.measures[{index}].id", message=message)
            seen.add(measure.id)
            fault = None if measure.value is None else bad_number(measure.value)
            if fault:
                yield Fault(path=f"{where}.measures[{index}].value", message=fault)
    ids: set[str] = set()
    for index, finding in enumerate(spec.findings or ()):
        if finding.id in ids:
            yield Fault(path=f"{path}.findings[{index}].id", message=f"the finding {finding.id!r} is there twice")
        ids.add(finding.id)


def _faults_of(error: ValidationError, path: str) -> Iterator[Fault]:
    """Give one fault a place: a number that is neither kind of number is told of once."""
    told: set[str] = set()
    for fault in _every_fault(error, path):
        if fault.path not in told:
            told.add(fault.path)
            yield fault


def _every_fault(error: ValidationError, path: str) -> Iterator[Fault]:
    for fault in error.errors(include_url=False, include_input=False):
        place = [step for step in fault["loc"] if step not in _UNSAID]
        where = path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
        if fault["type"] == "extra_forbidden":
            yield Fault(path=where, message=f"unknown member{nearest(str(place[-1]), _members_at(place[:-1]))}")
        elif "[key]" in fault["loc"]:
            yield Fault(path=where, message=f"this is no dimension{nearest(str(place[-1]), DIMENSIONS)}")
        else:
            yield Fault(path=where, message=str(fault["msg"]))


def _members_at(place: Sequence[int | str]) -> list[str]:
    models: Mapping[int, type[BaseModel]] = {0: SummarySpec, 2: DimensionSpec, 4: MeasureSpec}
    model = FindingSpec if place[:1] == ["findings"] else models.get(len(place), SummarySpec)
    return [found.alias or name for name, found in model.model_fields.items()]
