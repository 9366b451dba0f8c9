"""Stand-ins of other people's actions, which can't be fetched: what each does here, in a few lines of shell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class StandIn:
    """Runs a few lines of bash, which have the inputs that are named here as variables. Its outputs never change."""

    lines: str
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """Its action.yml."""
        given = {name.upper(): f"${{{{ inputs.{name} }}}}" for name in _INPUTS}
        given["REPOSITORY"] = "${{ inputs.repository || github.repository }}"
        step = {"shell": "bash", "run": self.lines, "env": {**given, "WHERE": "${{ inputs.path }}"}}
        outputs = {name: {"value": value} for name, value in self.outputs.items()}
        runs = {"using": "composite", "steps": [step]}
        inputs: dict[str, object] = {name: {} for name in (*_INPUTS, "path")}
        return json.dumps({"name": "stand-in", "inputs": inputs, "outputs": outputs, "runs": runs})


_INPUTS = ("name", "pattern", "overwrite", "repository", "ref")

# From the repositories beside each other on this machine. What `then` says happens meanwhile, somewhere else.
_CHECKOUT = """\
git clone --quiet "$REPOSITORIES/$REPOSITORY" "$WHERE"
git -C "$WHERE" checkout --quiet --detach "${REF:-HEAD}"
[ ! -e "$REPOSITORIES/then" ] || . "$REPOSITORIES/then"
"""

_DOWNLOAD = """\
mkdir -p "$WHERE"
if [ -z "$PATTERN" ]; then cp -R "$ARTIFACTS/$NAME/." "$WHERE"; exit; fi
for found in "$ARTIFACTS"/$PATTERN; do [ ! -e "$found" ] || cp -R "$found" "$WHERE"; done
"""

_UPLOAD = """\
kept="$ARTIFACTS/$NAME"
[ "$OVERWRITE" = true ] && rm -rf "$kept"
[ ! -e "$kept" ] || { echo "an artifact of the name $NAME is there already"; exit 1; }
mkdir -p "$kept"
if [ -d "$WHERE" ]; then cp -R "$WHERE/." "$kept"; else cp "$WHERE" "$kept"; fi
"""

# A project's jobs install what they like, so each has a Python of its own, of the version that runs the tests. Where
# links will do they are made: an installer puts new files in the place of old ones, and changes none.
_PYTHON = """\
python="$RUNNER_TEMP/python"
cp -Rl "$BLANK" "$python" 2>/dev/null || { rm -rf "$python"; cp -R "$BLANK" "$python"; }
echo "$RUNNER_TEMP/python/bin" >> "$GITHUB_PATH"
"""

# Nothing is emulated here, and nobody signs.
_NOTHING = "true"

STAND_INS = {
    "actions/checkout": StandIn(_CHECKOUT),
    "actions/attest": StandIn(_NOTHING),
    "docker/setup-qemu-action": StandIn(_NOTHING),
    "actions/download-artifact": StandIn(_DOWNLOAD),
    "actions/upload-artifact": StandIn(_UPLOAD),
    "actions/setup-python": StandIn(_PYTHON, {"python-path": "python3"}),
}


def make_stand_in(directory: Path, use: str) -> Path:
    """Write the stand-in of what a workflow uses (`OWNER/NAME@SHA`).

    Raises:
        LookupError: there is none yet.
    """
    name, _, _ = use.partition("@")
    if name not in STAND_INS:
        raise LookupError(f"{use} has no stand-in: say in {Path(__file__).name} what it does, in a few lines of shell")
    action = directory / name / "action.yml"
    action.parent.mkdir(parents=True)
    action.write_text(STAND_INS[name].action, encoding="utf-8")
    return action.parent
