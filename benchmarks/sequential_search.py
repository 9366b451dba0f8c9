"""How many runs, one after the other, a search takes that goes from package to package.

That is how jax-toolbox-triage looks for the one of several packages that broke a test, where each has two versions:
both ends are shown first, each repeated; then one package after the other goes back for good until the test passes;
then the last two runs are repeated. What was run before isn't run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence


def sequential_runs(packages: Sequence[str], breaks: Callable[[frozenset[str]], bool], repetitions: int = 1) -> int:
    """The number of runs; `breaks` says whether the test fails with just these at their new versions.

    It has to fail with all of them and to pass with none, else the search ends before it begins.
    """
    runs = Counter[frozenset[str]]()
    bad, good = frozenset(packages), frozenset[str]()
    runs[good] = runs[bad] = 1 + repetitions
    for package in packages:
        candidate = bad - {package}
        runs[candidate] = max(runs[candidate], 1)
        if not breaks(candidate):
            good = candidate
            break
        bad = candidate
    for each in (bad, good):
        runs[each] = max(runs[each], 1 + repetitions)
    return runs.total()
