"""Which channel the event is for, and what publishing there takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightly import markdown
from nightly.actions import Runner
from nightly.channels import label_names, organization_name
from nightly.errors import UserError, bad_input
from nightly.github.event import Event, read_event
from nightly.options import Input, one_of, parse_inputs
from nightly.patience import Patience
from nightly.releasing.channel_choice import Asked, Choice, Destination, Trigger, choose

INPUTS = (
    Input("channel", "none", "Where a dispatched run publishes: none, nightly or staging. Other runs don't ask."),
    Input("marker", "", "What the message of a pushed commit must hold, such as [wheel build]. If empty, nothing."),
    Input("nightly_organization", "scientific-python-nightly-wheels", "The organization of nightlies. If empty, none."),
    Input("nightly_labels", "main", "The labels that nightlies get, by comma or line."),
    Input("staging_organization", "", "The organization of what is merged. If empty, it's published nowhere."),
    Input("staging_labels", "main", "The labels that it gets, by comma or line."),
)


@dataclass(frozen=True)
class Place:
    """A channel on anaconda.org. Where `organization` is empty, there is none."""

    organization: str
    labels: tuple[str, ...]

    @property
    def label(self) -> str:
        """The one whose index installers are given: the plain index has the label main alone."""
        return "main" if "main" in self.labels else self.labels[0]


@dataclass(frozen=True)
class Rules:
    """How a channel is published to, as the action that uploads takes it; the same bytes are always skipped."""

    on_existing: str
    version_policy: str


RULES = {
    Destination.NIGHTLY: Rules(on_existing="keep", version_policy="error"),
    Destination.STAGING: Rules(on_existing="replace", version_policy="warn"),
}
"""A nightly's file is never another one: in a night without a commit, the last one's is built again, and stays.

What is staged may be built again until it's right (scipy-wheels#112).
"""


@dataclass(frozen=True)
class Options:
    """What is asked for, checked."""

    asked: Asked
    places: Mapping[Destination, Place]

    @classmethod
    def parse(cls, argv: Sequence[str], environ: Mapping[str, str]) -> Options:
        """Read flags and inputs.

        Raises:
            UserError: an input's value isn't allowed.
        """
        given = parse_inputs("build channel", str(__doc__), INPUTS, argv, environ)
        destination = one_of("channel", given["channel"] or "none", [each.value for each in Destination])
        places = {each: _place(each.value, given) for each in RULES}
        _check_apart(*places.values())
        return cls(Asked(Destination(destination), given["marker"].strip()), places)


def run(argv: Sequence[str], environ: Mapping[str, str], runner: Runner, _patience: Patience) -> int:
    """Choose, and set the outputs. Returns 0, also where nothing is to be published.

    Raises:
        UserError: an input's value isn't allowed, or somebody asks for a channel that isn't there.
    """
    options = Options.parse(argv, environ)
    event = read_event(environ)
    if event.trouble:
        runner.line(f"The event's file tells nothing: {event.trouble}.")
    choice = decide(event, options)
    for name, value in outputs(choice, options.places, event).items():
        runner.output(name, value)
    runner.line(f"Channel: {choice.destination.value}, for {choice.reason}.")
    runner.summary(f"## Channel: {choice.destination.value}\n\nWhy: {markdown.text(choice.reason)}.\n")
    return 0


def decide(event: Event, options: Options) -> Choice:
    """The choice for the event, which is none where the channel has no organization.

    Raises:
        UserError: there's none, although somebody asks for it.
    """
    commit, repository = event.payload.head_commit, event.payload.repository
    trigger = Trigger(event.name, event.ref, repository.default_branch, commit.message if commit else "")
    choice = choose(trigger, options.asked)
    name = f"{choice.destination.value}_organization"
    if choice.destination is Destination.NONE or options.places[choice.destination].organization:
        return choice
    if trigger.is_dispatch:
        raise bad_input(name, "", f"the organization on anaconda.org to publish to, as {choice.reason}")
    return Choice(Destination.NONE, f"{name} isn't set, so there is nowhere to publish to, although {choice.reason}")


def outputs(choice: Choice, places: Mapping[Destination, Place], event: Event) -> dict[str, str]:
    """What the job that publishes has to know. In a fork it's normal that there's no token."""
    chosen = {"channel": choice.destination.value, "reason": choice.reason}
    if choice.destination is Destination.NONE:
        return chosen
    place, rules = places[choice.destination], RULES[choice.destination]
    return {
        **chosen,
        "organization": place.organization,
        "labels": ", ".join(place.labels),
        "label": place.label,
        "on_existing": rules.on_existing,
        "version_policy": rules.version_policy,
        "missing_token": "skip" if event.payload.repository.fork else "error",
    }


def _place(channel: str, given: Mapping[str, str]) -> Place:
    name, labels = f"{channel}_organization", f"{channel}_labels"
    organization = organization_name(name, given[name]) if given[name] else ""
    return Place(organization, label_names(labels, given[labels]))


def _check_apart(nightly: Place, staging: Place) -> None:
    """What is staged replaces files, and would do so with nightlies."""
    same = nightly.organization and nightly.organization == staging.organization
    if same and set(nightly.labels) & set(staging.labels):
        raise UserError(
            f"Nightlies and what is staged would both be in {nightly.organization}, with the same label.",
            title="Bad input",
            means="Files that are staged may be replaced, and nightlies never are.",
            do="Give staging_organization another organization, or staging_labels other labels.",
            exit_code=2,
        )
