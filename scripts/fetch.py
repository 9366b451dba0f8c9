"""Fetch the files of one version from an index, a channel or a run: all of them, each with the right bytes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from nightly import markdown
from nightly.actions import Runner
from nightly.auth import Basic
from nightly.errors import UserError
from nightly.fetching.choosing import Wanted
from nightly.fetching.downloading import Failed, fetch_all
from nightly.fetching.expected import Expected, read_expected
from nightly.fetching.files import Fetched, IndexFile, Source
from nightly.fetching.options import Options
from nightly.fetching.parts import clear_parts, parts_folder, write_whole
from nightly.fetching.run_artifacts import RunOptions, refuse_strangers
from nightly.fetching.sources import opened
from nightly.fetching.table import RELEASE_FILES, fetched_line, listed_lines, release_files, some
from nightly.fetching.transferring import Download
from nightly.fetching.uploading import upload
from nightly.fetching.waiting import Look, Rhythm, Waiting
from nightly.http import Http
from nightly.lock import unwritable
from nightly.patience import Patience
from nightly.progress import Bar
from nightly.summary import size
from nightly.sums import SHA256SUMS, sums_text

_LOOKS_IN_A_LAG = 6
"""How often an index is looked at in the time that it mostly lags."""

_SHOWN = 20
"""Failures named in an error; the log has all of them."""


class Fetch:
    """One run."""

    def __init__(self, options: Options, runner: Runner, patience: Patience) -> None:
        self.options = options
        self.runner = runner
        self.http = Http(patience, options.parallel)
        self.wanted = Wanted(options.project, options.version, options.filters)

    def run(self, environ: Mapping[str, str]) -> tuple[Fetched, ...]:
        """Look, wait, fetch, and write what was fetched. Returns the files, or none where they are only listed.

        Raises:
            UserError: not all of it is there.
        """
        expected = read_expected(self.options.wait_for, self.wanted)
        with opened(self.options.where, self.http, environ, self.runner.line) as source:
            self._mask(source)
            waiting = self._waiting(source, expected)
            look = waiting.until_there()
            self._tell(look)
            if self.options.only_list:
                self._list(look)
                return ()
            with parts_folder(self.options.wheelhouse, self.options.patience, self.runner.line):
                self._forget()
                fetched = self._fetched(source, waiting, look)
                self._write(fetched, source.name)
                return fetched

    def _waiting(self, source: Source, expected: Expected) -> Waiting:
        patience = self.options.patience if self.options.wait_for else 0.0
        rhythm = Rhythm(patience, self.http.patience.index_lag / _LOOKS_IN_A_LAG)
        return Waiting(source, self.wanted, expected, rhythm, self.runner.line)

    def _fetched(self, source: Source, waiting: Waiting, look: Look) -> tuple[Fetched, ...]:
        """All files; where one that is listed can't be had yet, the source is looked at again while patience lasts."""
        done: dict[IndexFile, Fetched] = {}
        while failed := self._bring(source, [file for file in look.files if file not in done], done):
            if waiting.is_over or not all(each.may_come for each in failed):
                raise _incomplete(failed, len(look.files), self.options.wheelhouse)
            waiting.pause(f"{failed[0].filename}: {failed[0].reason}")
            look = waiting.until_there()
        return tuple(done[file] for file in look.files)

    def _bring(self, source: Source, files: Sequence[IndexFile], done: dict[IndexFile, Fetched]) -> tuple[Failed, ...]:
        """Fetch files, entering those that are there then into `done`."""
        bar = Bar(sys.stderr, sum(file.size or 0 for file in files)) if self.runner.is_terminal else None
        came = bar.sent if bar else _unwatched
        download = Download(self.http, source.auth, self.options.wheelhouse, self.options.clobber, came)
        failed = []
        for file, end in fetch_all(files, download, self.options.parallel):
            if bar:
                bar.clear()
            if isinstance(end, Failed):
                failed.append(end)
                self.runner.line(f"failed {end.filename}: {end.reason}")
            else:
                done[file] = end
                self.runner.line(fetched_line(len(done), len(done.keys() | set(files)), end))
        return tuple(failed)

    def _tell(self, look: Look) -> None:
        """Say what isn't fetched, and why, and what may surprise."""
        yanked = [file for file in look.files if file.yanked is not None]
        if yanked:
            why = {file.yanked for file in yanked if file.yanked}
            said = f": {some(sorted(why), 3)}" if why else ""
            self.runner.warning(f"This version was yanked{said}.", title="Yanked")
        if look.choice.yanked:
            names = some([file.filename for file in look.choice.yanked])
            self.runner.warning(f"Not fetched, because they were yanked: {names}.", title="Yanked")
        if look.unnamed:
            self.runner.warning(f"Not fetched, as nothing expects them: {some(look.unnamed)}.", title="Not expected")
        if any(not (file.sha256 or file.md5) for file in look.files):
            self.runner.notice(
                "The source tells no hash of some files, so that they are believed as they come.", title="No hash"
            )

    def _list(self, look: Look) -> None:
        for line in listed_lines(look.files):
            self.runner.line(line)

    def _forget(self) -> None:
        """Remove what an earlier run wrote of its files: it's there only while all files are."""
        try:
            for name in (SHA256SUMS, RELEASE_FILES):
                (self.options.wheelhouse / name).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.options.wheelhouse, error) from error

    def _write(self, fetched: Sequence[Fetched], source: str) -> None:
        """Write what was fetched for `sha256sum --check`, and for release notes.

        Raises:
            UserError: it can't be written.
        """
        folder = self.options.wheelhouse
        table = release_files(fetched, f"Files of {self.options.project} {self.options.version}")
        sums = sums_text({file.path.name: file.sha256 for file in fetched})
        try:
            for name, text in ((SHA256SUMS, sums), (RELEASE_FILES, table)):
                write_whole(folder, name, text)
            clear_parts(folder)
        except OSError as error:
            raise unwritable(folder, error) from error
        self.runner.summary(f"{table}\nFetched from {markdown.code(source)}.\n")
        kept = sum(file.kept for file in fetched)
        total = size(sum(file.size for file in fetched))
        self.runner.line(
            f"{len(fetched)} file{'s' * (len(fetched) != 1)} ({total}) of {self.options.project} "
            f"{self.options.version} in {folder}, {kept} of them kept, with {SHA256SUMS} and {RELEASE_FILES}."
        )

    def _mask(self, source: Source) -> None:
        login = source.auth(source.name)
        if isinstance(login, Basic):
            self.runner.mask(login.password)


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    runner = Runner.from_environ(os.environ, sys.stdout)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return fetch(argv, os.environ, runner, Patience())
    except UserError as error:
        runner.fail(error)
        return error.exit_code
    except KeyboardInterrupt:
        runner.error("Somebody stopped this run. A rerun goes on where it stopped.", title="Stopped")
        return 1


def fetch(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, patience: Patience) -> int:
    """Do what the flags and inputs ask for.

    Raises:
        UserError: an input is wrong, nothing is found, or not all of it could be fetched or uploaded.
    """
    options = Options.parse(argv, environ, str(__doc__))
    run = Fetch(options, runner, patience)
    if options.upload and isinstance(options.where, RunOptions):
        refuse_strangers(options.where, run.http)
    fetched = run.run(environ)
    if options.upload and fetched:
        upload(fetched, options.upload, environ, runner, run.http)
    return 0


def _incomplete(failed: Sequence[Failed], total: int, folder: Path) -> UserError:
    said = "\n".join(f"{each.filename}: {each.reason}" for each in failed[:_SHOWN])
    more = f"\nand {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    return UserError(
        f"{len(failed)} of {total} files couldn't be fetched:\n{said}{more}",
        title="Incomplete",
        means="Where bytes aren't those that the index tells of, usually its file was replaced a moment ago, or a "
        "cache on the way is behind; else the server, or the way to it, has trouble.",
        do=f"Run this again: what is in {folder} already, whole and right, isn't fetched again. If a hash is wrong "
        "again, don't use the file, and ask whoever keeps the index.",
    )


def _unwatched(_came: int) -> None:
    """Nobody watches the bytes of a run without a terminal."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
