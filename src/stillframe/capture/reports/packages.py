"""What a package is called whatever its version: a package URL without version, qualifiers and subpath."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote

from packageurl import PackageURL

_SEPARATORS: Final = re.compile(r"[-_.]+")
_KINDS: Final = {
    "pypi": "pypi",
    "npm": "npm",
    "maven": "maven",
    "go": "golang",
    "golang": "golang",
    "crates.io": "cargo",
    "cargo": "cargo",
    "rubygems": "gem",
    "gem": "gem",
    "nuget": "nuget",
    "packagist": "composer",
    "composer": "composer",
    "hex": "hex",
    "pub": "pub",
    "conancenter": "conan",
    "conan": "conan",
    "conda": "conda",
    "cran": "cran",
    "hackage": "hackage",
    "cocoapods": "cocoapods",
    "swifturl": "swift",
    "swift": "swift",
    "github actions": "githubactions",
    "bitnami": "bitnami",
    "debian": "deb/debian",
    "ubuntu": "deb/ubuntu",
    "alpine": "apk/alpine",
    "wolfi": "apk/wolfi",
    "chainguard": "apk/chainguard",
    "red hat": "rpm/redhat",
    "redhat": "rpm/redhat",
    "centos": "rpm/centos",
    "rocky linux": "rpm/rocky",
    "rocky": "rpm/rocky",
    "almalinux": "rpm/almalinux",
    "alma": "rpm/almalinux",
    "fedora": "rpm/fedora",
    "oracle": "rpm/oracle",
    "amazon": "rpm/amazon",
    "suse": "rpm/suse",
    "opensuse": "rpm/opensuse",
}
"""The type of a package URL, and the vendor of what a distribution packs, by the ecosystem's name in lower case."""


class Package(NamedTuple):
    """A package URL without its version, and the version."""

    package: str
    version: str | None


@lru_cache(maxsize=4096)
def package_of_url(url: str) -> Package | None:
    """
    Return the package that a package URL names; None where it is none.

    >>> package_of_url("pkg:pypi/Zope.Interface@6.1?file_name=zope.whl#src")
    Package(package='pkg:pypi/zope-interface', version='6.1')
    >>> package_of_url("zope.interface 6.1") is None
    True

    Source  https://github.com/package-url/purl-spec; PEP 503 for names on PyPI.
    """
    try:
        found = PackageURL.from_string(url)
    except ValueError:
        return None
    return Package(_spelt(found.type, found.namespace, found.name), found.version or None)


@lru_cache(maxsize=4096)
def package_named(ecosystem: str, name: str) -> str:
    """
    Return the package URL of a name within an ecosystem as OSV spells it (`Debian:12` is Debian).

    >>> package_named("Maven", "org.apache.commons:commons-text")
    'pkg:maven/org.apache.commons/commons-text'
    >>> package_named("npm", "@babel/core"), package_named("Debian:12", "openssl"), package_named("", "my tool")
    ('pkg:npm/%40babel/core', 'pkg:deb/debian/openssl', 'pkg:generic/my%20tool')
    """
    kind, _, vendor = _KINDS.get(ecosystem.partition(":")[0].strip().lower(), "generic").partition("/")
    namespace, own = vendor, name
    if not vendor and kind != "generic":
        namespace, _, own = name.rpartition(":" if kind == "maven" else "/")
    return _spelt(kind, namespace or None, own)


def _spelt(kind: str, namespace: str | None, name: str) -> str:
    if kind == "pypi":
        name = _SEPARATORS.sub("-", name).lower()
    try:
        spelt = PackageURL(type=kind, namespace=namespace, name=name)
    except ValueError:  # some types insist on a version or a namespace, which a name alone does not have
        spelt = None
    if spelt is None or not spelt.name:
        return "pkg:" + "/".join(quote(part, safe="") for part in (kind, *(namespace or "").split("/"), name) if part)
    return spelt.to_string()
