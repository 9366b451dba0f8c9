"""The door of every command: `python3 -I -X utf8 scripts COMMAND`, and on a laptop `python3 scripts COMMAND`.

A directory given as the program stays importable under -I, which keeps the working directory, PYTHONPATH and the
user's site out: in a job all three belong to someone else.
"""

import os
import sys

# Read by any Python, as this file alone has to say that an old one won't do: so its syntax is that of 2.7.
if sys.version_info < (3, 10):  # noqa: UP036 - that's what it is for
    message = (
        "Python 3.10 or newer is needed, and this is {}.{}.{}. In a workflow, add a step that uses "
        "actions/setup-python (with python-version 3.13, say) before this one; elsewhere, call a newer Python."
    ).format(*sys.version_info[:3])
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    print("::error title=Python is too old::" + message if on_github else "error: Python is too old: " + message)
    sys.exit(1)

from nightly.launcher import main

sys.exit(main(sys.argv[1:]))
