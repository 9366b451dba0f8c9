"""Download a project's files one after the other: `one_by_one.py INDEX_URL PROJECT VERSION DIRECTORY`.

That is how numpy's and scipy's tools/download-wheels.py fetch a release: they read the project's page of HTML, and
take what begins with the name and the version, without looking at a hash. One connection is kept for all.
"""

from __future__ import annotations

import re
import shutil
import sys
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit


def main(index_url: str, project: str, version: str, directory: str) -> None:
    page = f"{index_url}/{project}/"
    connection = HTTPConnection(urlsplit(index_url).netloc)
    connection.request("GET", urlsplit(page).path)
    html = connection.getresponse().read().decode()
    for href in re.findall(r'href="([^"]+)"', html):
        path = urlsplit(urljoin(page, unescape(href))).path
        name = unquote(path.rpartition("/")[2])
        if name.startswith(f"{project.replace('-', '_')}-{version}-"):
            connection.request("GET", path)
            with Path(directory, name).open("wb") as file:
                shutil.copyfileobj(connection.getresponse(), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
