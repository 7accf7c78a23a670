"""Pages hold data, never markup that came with the data."""

from __future__ import annotations

import base64
import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from stillframe.api.pages import POLICY, STYLE, facts, page, page_response, table

ALLOWED_TAGS = {"table", "tbody", "thead", "tr", "th", "td", "caption"}


@given(texts=st.lists(st.text(), min_size=3, max_size=3))
def test_whatever_a_text_holds_it_stays_a_text(texts: list[str]) -> None:
    """Every `<` of the result is one of ours."""
    html = table(caption=texts[0], columns=[texts[1]], rows=[[texts[2]]]) + facts({texts[1]: texts[2]})
    assert set(re.findall(r"</?\s*([^\s>]*)", html)) <= ALLOWED_TAGS
    assert html.count("<") == html.count(">")


def test_numbers_stand_to_the_right_and_truth_values_are_words() -> None:
    """A bool is no number, here either."""
    html = table(caption="c", columns=["a"], rows=[[1.5], [True], [None]])
    assert "<td class='number'>1.5</td>" in html
    assert "<td>true</td>" in html
    assert "<td>–</td>" in html


def test_the_policy_allows_the_style_sheet_by_its_digest_and_nothing_else() -> None:
    """A changed style sheet without a changed policy would be an unstyled page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in POLICY
    assert "script" not in POLICY
    answer = page_response(page(title="<t>", body=""))
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert b"<title>&lt;t&gt;</title>" in answer.body
