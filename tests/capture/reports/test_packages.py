"""A package has one name, whoever names it, whatever its version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.reports.packages import Package, package_named, package_of_url


@pytest.mark.parametrize(
    ("url", "package", "version"),
    [
        ("pkg:pypi/Flask_SQLAlchemy@3.1.1", "pkg:pypi/flask-sqlalchemy", "3.1.1"),
        ("pkg:pypi/zope.interface@6.1?checksum=sha256:00#src/zope", "pkg:pypi/zope-interface", "6.1"),
        ("pkg:npm/%40babel/core@7.0.0", "pkg:npm/%40babel/core", "7.0.0"),
        ("pkg:deb/debian/openssl@3.0.15-1?arch=amd64&distro=debian-12", "pkg:deb/debian/openssl", "3.0.15-1"),
        ("pkg:golang/github.com/gorilla/mux@v1.8.0#api", "pkg:golang/github.com/gorilla/mux", "v1.8.0"),
        ("pkg:maven/org.apache.logging.log4j/log4j-core", "pkg:maven/org.apache.logging.log4j/log4j-core", None),
        ("pkg:swift/github.com/Alamofire/Alamofire@5.4.3", "pkg:swift/github.com/Alamofire/Alamofire", "5.4.3"),
    ],
)
def test_a_package_url_is_told_from_its_version(url: str, package: str, version: str | None) -> None:
    """Version, qualifiers and subpath change from build to build; what is known by them would always be new."""
    assert package_of_url(url) == Package(package, version)


@pytest.mark.parametrize("url", ["", "pkg:", "pkg:pypi", "pypi/flask", "http://[", "pkg:pypi/", "\x00"])
def test_what_is_no_package_url_names_no_package(url: str) -> None:
    """The caller then goes by the name."""
    assert package_of_url(url) is None


@pytest.mark.parametrize(
    ("ecosystem", "name", "package"),
    [
        ("PyPI", "Zope.Interface", "pkg:pypi/zope-interface"),
        ("npm", "@babel/core", "pkg:npm/%40babel/core"),
        ("Maven", "org.apache.commons:commons-text", "pkg:maven/org.apache.commons/commons-text"),
        ("Go", "github.com/gorilla/mux", "pkg:golang/github.com/gorilla/mux"),
        ("crates.io", "serde", "pkg:cargo/serde"),
        ("RubyGems", "rack", "pkg:gem/rack"),
        ("NuGet", "Newtonsoft.Json", "pkg:nuget/Newtonsoft.Json"),
        ("Packagist", "symfony/http-kernel", "pkg:composer/symfony/http-kernel"),
        ("Debian:12", "openssl", "pkg:deb/debian/openssl"),
        ("Ubuntu:22.04:LTS", "openssl", "pkg:deb/ubuntu/openssl"),
        ("Alpine:v3.19", "busybox", "pkg:apk/alpine/busybox"),
        ("", "libfoo", "pkg:generic/libfoo"),
        ("never heard of", "a b", "pkg:generic/a%20b"),
    ],
)
def test_a_name_within_an_ecosystem_is_spelt_as_its_package_url(ecosystem: str, name: str, package: str) -> None:
    """So that scanners which give package URLs and those which do not speak of the same package."""
    assert package_named(ecosystem, name) == package


@given(st.sampled_from(["PyPI", "Maven", "npm", "Go", "SwiftURL", "Debian:12", ""]), st.text(min_size=1, max_size=40))
def test_every_name_is_spelt_somehow(ecosystem: str, name: str) -> None:
    """Names come from files that anybody wrote."""
    assert package_named(ecosystem, name).startswith("pkg:")


@given(st.text(max_size=60).map("pkg:pypi/".__add__))
def test_every_text_is_a_package_url_or_none(url: str) -> None:
    """Nothing that stands in a report raises."""
    found = package_of_url(url)
    assert found is None or found.package.startswith("pkg:")
