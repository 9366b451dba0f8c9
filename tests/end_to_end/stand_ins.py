"""Stand-ins of other people's actions, which can't be fetched: what each does here, in a line of shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class StandIn:
    """Runs a line of bash, which has the inputs `name` and `path` as variables. Its outputs are the same always."""

    line: str
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """Its action.yml."""
        given = {"NAME": "${{ inputs.name }}", "WHERE": "${{ inputs.path }}"}
        step = {"shell": "bash", "run": self.line, "env": given}
        outputs = {name: {"value": value} for name, value in self.outputs.items()}
        runs = {"using": "composite", "steps": [step]}
        return json.dumps({"name": "stand-in", "inputs": {"name": {}, "path": {}}, "outputs": outputs, "runs": runs})


STAND_INS = {
    "actions/download-artifact": StandIn('mkdir -p "$WHERE" && cp -R "$ARTIFACTS/$NAME/." "$WHERE"'),
    "actions/upload-artifact": StandIn('mkdir -p "$ARTIFACTS/$NAME" && cp "$WHERE" "$ARTIFACTS/$NAME"'),
    # The Python of the tests is on PATH.
    "actions/setup-python": StandIn(":", {"python-path": "python3"}),
}


def make_stand_in(directory: Path, use: str) -> Path:
    """Write the stand-in of what a workflow uses (`OWNER/NAME@SHA`).

    Raises:
        LookupError: there is none yet.
    """
    name, _, _ = use.partition("@")
    if name not in STAND_INS:
        raise LookupError(f"{use} has no stand-in: say in {Path(__file__).name} what it does, in a line of shell")
    action = directory / name / "action.yml"
    action.parent.mkdir(parents=True)
    action.write_text(STAND_INS[name].action, encoding="utf-8")
    return action.parent
