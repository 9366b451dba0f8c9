"""What other places really serve of a release."""

from __future__ import annotations

from pathlib import Path

from fetching_site import SLOW, WHEEL, Site, served, sha256
from nightly.building.records import BuiltFile
from nightly.fetching.addresses import parse_index
from nightly.fetching.simple_index import SimpleIndex
from nightly.http import Http
from nightly.releasing.evidence import Indexed
from nightly.releasing.looking import fetched

CONTENT = b"the wheel"


def test_what_an_index_behind_a_password_serves_is_seen(tmp_path: Path) -> None:
    with served(Site(files={WHEEL: CONTENT}, password="hunter2"), tmp_path) as fetching:
        http = Http(SLOW)
        index = SimpleIndex(parse_index(fetching.index.replace("//", "//me:hunter2@")), http)
        looked = fetched(index, "demo-pkg", [BuiltFile(WHEEL, len(CONTENT), sha256(CONTENT))], http)
    assert looked.files == (Indexed(WHEEL, sha256(CONTENT)),)
    assert looked.trouble == ""
