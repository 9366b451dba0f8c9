"""What went wrong with the cleanup of nightly channels, by id, and which test shows that it's right here.

H1 to H26 are of today's shell script for a channel on anaconda.org; the others are issues of projects and tools.
"""

from __future__ import annotations

DECISION = "test_retention_hazards.py"
"""What a decision of `retention.decide` shows; the scenarios have these ids."""

POLICY = "test_policy.py"
"""What reading a policy's file shows."""

HAZARDS: dict[str, tuple[str, str]] = {
    "H1": ("versions were ordered as the API listed them, so tonight's low version went", DECISION),
    "H1b": ("local versions were ordered by commit hash, so the newest went", DECISION),
    "H1c": ("a version made in January and refreshed every night counted as old", DECISION),
    "H1d": ("a version published by mistake held a place for ever", DECISION),
    "H2": ("the last wheel wasn't protected, and the package went with it", DECISION),
    "H3": ("whole versions were counted, so a platform that failed five nights lost its last wheel", DECISION),
    "H3b": ("five partial nights pushed out the last complete one", DECISION),
    "H4": ("a version was as young as its newest file, so leftovers in it stayed for ever", DECISION),
    "H5": ("versions without files took places", DECISION),
    "H6": ("with seven merges a day, this morning's wheels went tonight", DECISION),
    "H7": ("maintenance nightlies competed with main's", DECISION),
    "H8": ("a failed deletion left the job green", "the command"),
    "H9": ("an error answer of one package was skipped over, green", "the command"),
    "H9b": ("an unreadable answer made dates empty, and what is empty was older than everything", DECISION),
    "H9c": ("a date of another form switched the age rule off, green", DECISION),
    "H10": ("an exemption was a part of a name, so scipy exempted scipy-openblas64", DECISION),
    "H10b": ("a blank line in the list of exemptions exempted everything", POLICY),
    "H10c": ("an error page was taken for the list of exemptions, and the exempt package went", POLICY),
    "H10d": ("two programs read the list of exemptions in two ways", POLICY),
    "H10e": ("the list of exemptions was fetched, not of the commit that ran", "the workflow"),
    "H10f": ("a list that exempted everything was a failure", DECISION),
    "H11": ("the token was in the script's text and in argv", "the command"),
    "H12": ("what was to be deleted was named by version, and an empty version meant the package", "the command"),
    "H13": ("a file uploaded between listing and deletion went with its release", "the command"),
    "H14": ("an upload that replaces deletes first, while a cleanup runs", "the command"),
    "H15": ("a running cleanup was cut off, or ran twice at once", "the workflow"),
    "H16": ("nothing limited what one run might delete", "the command"),
    "H17": ("ages were whole days, so a file went a day later than said", DECISION),
    "H18": ("names were taken from text made for people", "the command"),
    "H19": ("conda files and files of other labels went with the release", DECISION),
    "H20": ("a file that was gone already and a misspelled one were told alike", "the command"),
    "H21": ("a request for every version, in turn, without patience", "the command"),
    "H22": ("a project that had vanished was seen by nobody", "freshness"),
    "H23": ("the environment was printed before the step that deletes", "the workflow"),
    "H24": ("N and M stood in three places, so the warning's date wasn't the deletion's", DECISION),
    "H25": ("nothing looked at bytes until the channel was full", DECISION),
    "H26": ("the tools that a deleting script parses with weren't pinned", POLICY),
    "numpy#25907": ("one unreadable answer deleted all of numpy", DECISION),
    "una#119": ("shapely went after 30 days of failing builds", DECISION),
    "una#65": ("a final version that others pin went by its age", DECISION),
    "una#155": ("the channel was full", DECISION),
    "arrow#40216": ("Windows wheels broken for 15 days, and none was left", DECISION),
    "arrow#45155": ("all Linux x86_64 wheels went", DECISION),
    "arrow#47381": ("all wheels went but the free-threaded ones", DECISION),
    "numpy#28410": ("wheels for dropped Pythons stayed in a version that is refreshed every night", DECISION),
    "astropy#15935": ("dev1234 sorted below dev98 as text, and went as it came", DECISION),
    "scipp#3558": ("without a new commit the one nightly was deleted as the old one", DECISION),
    "duckdb#15134": ("after ten failed nights nothing was left to install", DECISION),
    "duckdb#16634": ("the nightlies of two branches competed", DECISION),
    "habitat-sim#1262": ("with one version kept, nothing complete was there for hours", DECISION),
    "pytorch#70044": ("what nothing supersedes stayed for ever", DECISION),
    "gitlab#325429": ("a policy to keep ten wiped everything", DECISION),
    "gitlab#336593": ("a missing date was replaced by another", DECISION),
    "gitlab#466239": ("a pattern wasn't anchored as its author thought", DECISION),
    "harbor#8717": ("deleting one object broke others that shared its bytes", "the command"),
    "harbor#20996": ("a dry run deleted", "the command"),
    "delete-tag-and-release#13": ("a filter that was switched off selected everything", POLICY),
    "delete-package-versions#231": ("the last version can't be deleted, so the run failed", DECISION),
    "gitea#31961": ("only the first page was looked at", "the command"),
    "stale#536": ("a budget ran out, and the run was green", "the command"),
    "artifactory-cleanup#146": ("what was reviewed wasn't what was applied", "the command"),
    "nexus-public#998": ("the index told no upload times, so installers refused all", "test_directory_pages.py"),
}
"""What happened, and where it's shown that it doesn't here: a file of tests, or the part that has to."""
