"""A build of the project `demo`, as it lies in a directory after build-wheels.yml, and what is known of it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nightly.building.records import BuildInfo, BuildPlan, BuiltFile
from nightly.data import save
from nightly.releasing.evidence import Evidence, Indexed, Looked, SeenRun, Tagged
from nightly.sums import sums_text
from sample_wheels import make_wheel

REPOSITORY = "someone/project"
SHA, OTHER_SHA = "a" * 40, "b" * 40
LINUX = "cp312-cp312-manylinux_2_28_x86_64"
NAMES = (f"demo-1.2.3-{LINUX}.whl", "demo-1.2.3-cp312-cp312-win_amd64.whl", "demo-1.2.3.tar.gz")


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def built(*names: str) -> tuple[BuiltFile, ...]:
    """Files whose bytes are their names."""
    return tuple(BuiltFile(name, len(name), digest(name)) for name in names)


def build_info(
    files: Sequence[BuiltFile], sha: str = SHA, version: str = "1.2.3", repository: str = REPOSITORY
) -> BuildInfo:
    plan = BuildPlan(
        project="Demo",
        source_repository=repository,
        source_sha=sha,
        describe="v1.2.3",
        epoch=1_700_000_000,
        version="",
        targets=(),
        identifiers=("cp312-manylinux_x86_64", "cp312-win_amd64"),
        sdist=True,
        driver_repository=repository,
        driver_sha=sha,
    )
    return BuildInfo(plan, version, tuple(files), (), f"https://github.com/{repository}/actions/runs/7", {})


def evidence(*names: str, tag: str = "v1.2.3") -> Evidence:
    """Of a release that nothing speaks against, of files with these names."""
    files = built(*(names or NAMES))
    return Evidence(
        tag=tag,
        info=build_info(files),
        sums={file.filename: file.sha256 for file in files},
        files=files,
        tagged=Tagged(REPOSITORY, {tag: SHA, "v1.2.2": OTHER_SHA}),
        index=Looked("https://index.example/simple", (Indexed("demo-1.2.2.tar.gz", digest("old")),)),
    )


def full_evidence() -> Evidence:
    """Of one whose files come from staging and from another run."""
    files = evidence()
    staged = Looked("https://staging.example/simple", tuple(Indexed(name, digest(name)) for name in NAMES[:2]))
    return replace(files, staging=staged, run=SeenRun(7, REPOSITORY, REPOSITORY, "push", "success"))


def make_sdist(directory: Path, name: str = "demo", version: str = "1.2.3") -> Path:
    stem = f"{name}-{version}"
    path = directory / f"{stem}.tar.gz"
    content = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(f"{stem}/PKG-INFO")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return path


def make_build(directory: Path, sha: str, repository: str = REPOSITORY, version: str = "1.2.3") -> None:
    """Write what the job Gather of build-wheels.yml leaves behind: real files, and the two that speak of them."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = [make_wheel(directory, "demo", version, tag) for tag in (LINUX, "cp312-cp312-win_amd64")]
    paths.append(make_sdist(directory, "demo", version))
    files = [BuiltFile(path.name, path.stat().st_size, digest_of(path)) for path in paths]
    save(directory / "BUILD-INFO.json", build_info(files, sha, version, repository))
    sums = sums_text({file.filename: file.sha256 for file in files})
    (directory / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
