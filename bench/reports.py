"""Measures reading a report: 20 MB of SARIF as a large analyser writes it, in a process of its own."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.rounds import markdown

SARIF_BYTES = 20_000_000
ROUNDS = 5
REACH = "3 s, 300 MB"
WORDS = (
    "value", "buffer", "request", "session", "user", "path", "index", "result", "query", "token", "cache", "record",
)  # fmt: skip
CHILD = """
import sys, time
from stillframe.capture.reports import read_report

with open(sys.argv[1], "rb") as file:
    data = file.read()
began, worked = time.perf_counter(), time.process_time()
facts = read_report("scan.sarif", data)
worked, taken = time.process_time() - worked, time.perf_counter() - began
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))
print(len(facts.findings), taken, worked, peak)
"""


def sarif(least_bytes: int) -> bytes:
    """Return a log of one run whose results quote their line, name a fingerprint, and in part follow a value."""
    chance = random.Random(2026)
    rules = [_rule(index) for index in range(400)]
    results: list[str] = []
    size = 0
    while size < least_bytes:
        results.append(json.dumps(_result(chance, len(results))))
        size += len(results[-1]) + 1
    driver = {"name": "CodeQL", "semanticVersion": "2.20.1", "rules": rules}
    head = json.dumps({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0"})[:-1]
    run = f'"tool": {json.dumps({"driver": driver})}, "invocations": [{{"executionSuccessful": true}}]'
    return f'{head}, "runs": [{{{run}, "results": [{",".join(results)}]}}]}}'.encode()


def _rule(index: int) -> dict[str, Any]:
    return {
        "id": f"py/rule-{index}",
        "shortDescription": {"text": f"What rule {index} is about"},
        "fullDescription": {"text": "Why it matters, at length. " * 8},
        "defaultConfiguration": {"level": ("error", "warning", "note")[index % 3]},
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{index:03}"] if index % 2 else ["maintainability"],
            "kind": "path-problem" if index % 4 == 1 else "problem",
            **({"security-severity": f"{index % 10}.{index % 7}"} if index % 2 else {}),
        },
    }


def _result(chance: random.Random, number: int) -> dict[str, Any]:
    rule = chance.randrange(400)
    first, second = chance.choices(WORDS, k=2)
    found: dict[str, Any] = {
        "ruleId": f"py/rule-{rule}",
        "ruleIndex": rule,
        "message": {"text": f"This {first} depends on a [user-provided {second}](1), and is used without a check."},
        "locations": [_location(chance, f"    return {first}.{second}({number % 97})")],
    }
    if number % 3:
        found["partialFingerprints"] = {"primaryLocationLineHash": f"{chance.getrandbits(64):016x}:1"}
    if rule % 4 == 1:
        steps = [{"location": _location(chance, f"    {word} = {first}")} for word in chance.choices(WORDS, k=6)]
        found["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return found


def _location(chance: random.Random, line: str) -> dict[str, Any]:
    folder, name = chance.choices(WORDS, k=2)
    row = chance.randrange(1, 900)
    region = {"startLine": row, "startColumn": 5, "endColumn": 5 + len(line), "snippet": {"text": line}}
    artifact = {"uri": f"src/{folder}/{name}_{chance.randrange(300)}.py", "uriBaseId": "%SRCROOT%", "index": row % 300}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def measure(path: Path, *, rounds: int) -> tuple[int, float, float, float]:
    """Return how many findings there are, the middle of the seconds and of the processor's, and the largest peak."""
    seconds, worked, peaks, findings = [], [], [], 0
    for _ in range(rounds):
        words = [sys.executable, "-c", CHILD, str(path)]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        findings = int(said[0])
        seconds.append(float(said[1]))
        worked.append(float(said[2]))
        peaks.append(float(said[3]))
    return findings, sorted(seconds)[rounds // 2], sorted(worked)[rounds // 2], max(peaks)


def main() -> None:
    """Run and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round")
    rounds = 1 if parser.parse_args().quick else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scan.sarif")
        data = sarif(SARIF_BYTES)
        path.write_bytes(data)
        findings, seconds, worked, peak = measure(path, rounds=rounds)
    name = f"SARIF of {len(data) / 1e6:.1f} MB, {findings:,} findings"
    row = [name, f"{seconds:.2f}", f"{worked:.2f}", f"{peak:.0f}", REACH]
    print(markdown(["read into facts", "seconds", "processor's", "peak MB, the program included", "reach"], [row]))


if __name__ == "__main__":
    main()
