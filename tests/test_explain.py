"""What is said of the errors that anaconda.org was seen to answer, in its own words."""

from __future__ import annotations

import pytest

from nightly.anaconda.explain import STATUS_PAGE, TOKEN_PAGE, explain
from nightly.errors import README
from nightly.http_errors import Refused, Unavailable

REQUEST = "POST https://api.anaconda.org/stage/org/numpy/1.0/numpy.whl"
SCOPE = "Authentication token does not have the sufficient scope to perform this action expected: "
CREATE = 'User "<User: _login=dev>" has not enough permissions to create "<User: _login=org>/scipy_openblas64" package'
QUOTA = (
    "Storage requirements exceeded (3221225472 bytes). Payment is required to add a file. "
    "Please go to https://anaconda.org/binstar.settings/billing to update your plan"
)
LOST = "Invalid dist_id ObjectId('66f13602111ca7083a79d8d8') does not exist"

# What was recorded: status, text, and the gist of what has to be said of it.
RECORDED = {
    "expired": (401, "Authentication token has expired", ["token's time is over", TOKEN_PAGE], "token"),
    "no write scope": (401, f"{SCOPE}api:write", ["lacks the scope api:write", TOKEN_PAGE], "token"),
    "no read scope": (401, f"{SCOPE}api:read", ["lacks the scope api:read", "api:read, api:write"], "token"),
    "may not create": (401, CREATE, ["scipy_openblas64", "may not create", "ask the channel's admins"], "access"),
    "not authorized": (
        401,
        "User is not authorized to perform this operation",
        ["doesn't know the token", TOKEN_PAGE],
        "token",
    ),
    "full": (402, QUOTA, ["storage is full", "admins"], "storage-is-full"),
    "no package": (404, '"numpy" could not be found', ["no such project", "no right to it", "spelling"], "access"),
    "no release": (404, "release version='3.3rc0.dev0' does not exist", ["no right to it"], "access"),
    "stage lost": (404, LOST, ["before it was complete", "one job at a time"], "several-platforms"),
    "exists": (
        409,
        "file F already exists for package P version V",
        ["file of this name", "unfinished upload"],
        "troubleshooting",
    ),
}


@pytest.mark.parametrize(("status", "text", "said", "anchor"), RECORDED.values(), ids=RECORDED)
def test_a_known_refusal_is_explained(status: int, text: str, said: list[str], anchor: str) -> None:
    explanation = explain(Refused(REQUEST, text, status))
    assert text in explanation.what
    assert REQUEST in explanation.what
    assert all(gist in str(explanation) for gist in said), str(explanation)
    assert explanation.more == README + anchor


@pytest.mark.parametrize(("status", "text"), [(404, LOST), (409, "file F already exists for package P version V")])
def test_a_refusal_that_was_tried_again_is_explained_as_any_other(status: int, text: str) -> None:
    assert explain(Unavailable(REQUEST, text, status)) == explain(Refused(REQUEST, text, status))


UNAVAILABLE = {
    "internal error": (500, "Internal server error"),
    "gateway": (502, "Bad Gateway"),
    "incident of /commit": (405, "Method Not Allowed"),
    "origin timeout": (524, "Origin Time-out"),
    "too many": (429, "Too many requests"),
    "no answer": (None, "no answer in time"),
    "half an answer": (200, "what came isn't the file that is listed"),
}


@pytest.mark.parametrize(("status", "text"), UNAVAILABLE.values(), ids=UNAVAILABLE)
def test_an_outage_leads_to_the_status_page_and_to_a_rerun(status: int | None, text: str) -> None:
    explanation = explain(Unavailable(REQUEST, text, status))
    assert text in explanation.what
    assert "Run this job again later" in explanation.do
    assert explanation.more == STATUS_PAGE


@pytest.mark.parametrize("status", [400, 410, 418, 422, 302])
def test_an_unknown_refusal_is_passed_on(status: int) -> None:
    explanation = explain(Refused(REQUEST, "You can not create a private package.", status))
    assert "You can not create a private package." in explanation.what
    assert "report it" in explanation.do


@pytest.mark.parametrize(
    "text", ["{0} {name} {", "expected: {}", 'create "a/{0}" package', "not enough permissions to create"]
)
@pytest.mark.parametrize("status", [401, 404, 409])
def test_a_servers_text_is_no_template(status: int, text: str) -> None:
    assert text in explain(Refused(REQUEST, text, status)).what
