"""Where the source and the repository that calls the workflow are checked out, and what of the latter is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightly.actions import Runner
from nightly.building.cibuildwheel import Cibuildwheel, find_cibuildwheel
from nightly.downstream.running.step_files import without_ours
from nightly.errors import UserError, bad_input
from nightly.options import Input

SOURCE = Input("source", "source", "The directory of the source's checkout.")
DRIVER = Input("driver", "driver", "The directory of the checkout of the repository that calls the workflow.")
DRIVER_CONFIG = Input("driver_config", "", "The file of cibuildwheel's settings in the calling repository.")
SOURCE_PATCH = Input("source_patch", "", "A bash script in the calling repository that changes the source.")

VERSION_HOOK = Input("version_hook", "", "A bash command that writes $STAMP_VERSION where the source has its version.")


@dataclass(frozen=True)
class Places:
    """Two checkouts side by side."""

    source: Path
    driver: Path

    def of_driver(self, name: str, value: str) -> Path | None:
        """The file of the calling repository that an input names, None where it names none.

        Raises:
            UserError: it isn't there, or isn't in that repository.
        """
        if not value:
            return None
        path = (self.driver / value).resolve()
        if not path.is_relative_to(self.driver) or not path.is_file():
            raise UserError(
                f"The calling repository has no file {value!r}, which the input {name!r} names.",
                title="Bad input",
                do="Name a file by its path from that repository's root, at the commit that the run is for.",
                exit_code=2,
            )
        return path

    def cibuildwheel(self, config: Path | None, environ: Mapping[str, str], runner: Runner) -> Cibuildwheel:
        """What `{project}` means to cibuildwheel: the source, or with a driver's settings what both checkouts are in.

        Raises:
            UserError: cibuildwheel can't be installed.
        """
        command = find_cibuildwheel(environ, runner)
        project = self.source.parent if config else self.source
        return Cibuildwheel(command, self.source, project, config, without_ours(environ))


def places_asked(given: Mapping[str, str]) -> Places:
    """The places that the inputs name.

    Raises:
        UserError: the source isn't there.
    """
    source = Path(given[SOURCE.name]).resolve()
    if not source.is_dir():
        raise bad_input(SOURCE.name, given[SOURCE.name], "a directory that is there")
    return Places(source, Path(given[DRIVER.name]).resolve())
