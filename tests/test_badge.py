"""The badge of how many dependencies are really nightlies."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from nightly.actions import Runner
from nightly.data import save, to_json
from nightly.downstream.modes import badge
from nightly.downstream.records.proof import Proof, ProofState, Proved
from nightly.errors import UserError
from nightly.json_types import Json
from nightly.patience import Patience


def proof(nightly: int, other: int, not_needed: int = 0) -> Proof:
    states = [ProofState.NIGHTLY] * nightly + [ProofState.NOT_NIGHTLY] * other + [ProofState.NOT_NEEDED] * not_needed
    return Proof(("env",), tuple(Proved(f"p{number}", state, "") for number, state in enumerate(states)))


def made(tmp_path: Path, report: str) -> dict[str, Json]:
    """What the mode writes for a report."""
    (tmp_path / "report.json").write_text(report, encoding="utf-8")
    options = ["--report", str(tmp_path / "report.json"), "--output", str(tmp_path / "badge.json")]
    assert badge.run(options, {}, Runner(log=io.StringIO()), Patience()) == 0
    written: dict[str, Json] = json.loads((tmp_path / "badge.json").read_text(encoding="utf-8"))
    return written


@pytest.mark.parametrize(
    ("given", "message", "color"),
    [
        (proof(5, 1, 4), "5 of 6 dependencies really nightly", "yellow"),
        (proof(6, 0), "6 of 6 dependencies really nightly", "brightgreen"),
        (proof(1, 0), "1 of 1 dependency really nightly", "brightgreen"),
        (proof(0, 3), "0 of 3 dependencies really nightly", "red"),
        (proof(0, 0, 2), "no dependency installed", "lightgrey"),
    ],
)
def test_a_badge_says_how_many_are_really_nightly(tmp_path: Path, given: Proof, message: str, color: str) -> None:
    expected = {"schemaVersion": 1, "label": "nightlies", "message": message, "color": color}
    assert made(tmp_path, json.dumps(to_json(given))) == expected


def test_a_report_and_its_proof_make_the_same_badge(tmp_path: Path) -> None:
    inner = to_json(proof(2, 1))
    assert made(tmp_path, json.dumps({"outcome": "green", "proof": inner})) == made(tmp_path, json.dumps(inner))


def test_a_report_of_a_run_that_proved_nothing_makes_a_badge_that_says_so(tmp_path: Path) -> None:
    assert made(tmp_path, '{"proof": null}')["message"] == "unknown"


def test_a_proof_that_verify_saved_is_read(tmp_path: Path) -> None:
    save(tmp_path / "proof.json", proof(1, 1))
    assert made(tmp_path, (tmp_path / "proof.json").read_text(encoding="utf-8"))["color"] == "yellow"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"proof": {"environments": []}}', '{"environments": 1}', "\0"])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"report\.json' can't be used") as refused:
        made(tmp_path, text)
    assert refused.value.exit_code == 2


def test_a_report_that_isnt_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        badge.run(["--report", str(tmp_path / "none.json")], {}, Runner(log=io.StringIO()), Patience())


def test_a_badge_that_cant_be_written_is_an_error(tmp_path: Path) -> None:
    save(tmp_path / "proof.json", proof(1, 1))
    options = ["--report", str(tmp_path / "proof.json"), "--output", str(tmp_path / "none" / "badge.json")]
    with pytest.raises(UserError, match="The badge"):
        badge.run(options, {}, Runner(log=io.StringIO()), Patience())
