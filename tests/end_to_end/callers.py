"""A project that uses the action, as one that follows README does."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from anaconda_server import AnacondaServer
from end_to_end.acting import Caller

WORKFLOW = """\
name: nightly
on: push
permissions: {}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1
        with:
          path: dist
      - id: upload
        uses: org/upload-nightly-action@main
        with:
          artifacts_path: dist
          anaconda_nightly_upload_token: ${{ secrets.ANACONDA_TOKEN }}
          anaconda_nightly_upload_organization: nightly-wheels
          anaconda_api_url: ${{ vars.API_URL }}
          anaconda_index_url: ${{ vars.INDEX_URL }}
"""
"""What a project writes, but for the two URLs, and for what a test adds: inputs first, then steps."""


def inputs(text: str) -> str:
    return indent(text, " " * 10) + "\n"


def steps(text: str) -> str:
    return indent(text.strip("\n"), " " * 6) + "\n"


def calling(anaconda: AnacondaServer, artifacts: Path, workflow: str = WORKFLOW) -> Caller:
    """A caller whose wheels are in folders of `artifacts`, as download-artifact nests them."""
    return Caller(
        workflow,
        artifacts=artifacts,
        secrets={"ANACONDA_TOKEN": anaconda.token},
        variables={"API_URL": anaconda.api_url, "INDEX_URL": anaconda.index_url},
    )
