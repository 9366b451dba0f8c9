"""Ask what today's cleanup asks, and nothing else: `replay.py API_URL ORGANIZATION`.

scientific-python/upload-nightly-action's remove-wheels.yml (at 1a97ddf) asks for the list, then for each package and
for each of its versions, in turn, with a new process and connection for each. Here they share one of both.
"""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit


def main(api_url: str, organization: str) -> None:
    connection = HTTPConnection(urlsplit(api_url).netloc)
    for package in json.loads(_ask(connection, "packages", organization)):
        for release in json.loads(_ask(connection, "package", organization, package["name"]))["releases"]:
            _ask(connection, "release", organization, package["name"], release["version"])


def _ask(connection: HTTPConnection, *path: str) -> bytes:
    connection.request("GET", "/" + "/".join(quote(part, safe="") for part in path))
    return connection.getresponse().read()


if __name__ == "__main__":
    main(*sys.argv[1:])
