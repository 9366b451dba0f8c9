"""Where a cell or an experiment keeps what it leaves behind, and the files that installers and tests are given."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from nightly.data import save
from nightly.downstream.planning.constraints import constraints_text, overrides_text
from nightly.downstream.records.plan import Plan


@dataclass(frozen=True)
class Place:
    """The directory `results`, which becomes an artifact, and `scratch`, which doesn't."""

    results: Path
    scratch: Path

    @classmethod
    def new(cls, temp: Path | None) -> Place:
        """Two new directories below `temp`, or where the system keeps such."""
        results, scratch = (Path(tempfile.mkdtemp(prefix=f"nightlies-{name}-", dir=temp)) for name in ("", "scratch"))
        return cls(results, scratch)

    @property
    def log(self) -> Path:
        return self.results / "log.txt"

    @property
    def report(self) -> Path:
        """The report log of the first run of the tests."""
        return self.results / "report.jsonl"

    @property
    def constraints(self) -> Path:
        return self.results / "constraints.txt"

    def keep_plan(self, plan: Plan) -> Path | None:
        """Write the plan and the constraints down. Returns the file of overrides, None where nothing is forced."""
        save(self.results / "plan.json", plan)
        _write(self.constraints, constraints_text(plan.planned))
        overrides = self.results / "overrides.txt"
        overrides.unlink(missing_ok=True)
        if text := overrides_text(plan.planned):
            _write(overrides, text)
            return overrides
        return None

    def file(self, name: str, text: str) -> Path:
        """Write a file that isn't kept."""
        _write(self.scratch / name, text)
        return self.scratch / name


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
