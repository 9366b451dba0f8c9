"""Where the fixtures are that several tests share."""

pytest_plugins = ["anaconda_fixtures", "github_fixtures", "launching", "uploading", "cleaning", "jobs"]
