"""What every asset is given: where the data and the workspace are, and whom to tell.

Belongs here: the resource and its life. It holds the workspace from a run's start to its
end, so that one run at a time works in it, whoever started it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dagster import InitResourceContext, ResourceDefinition, resource

from observatory.editions.load import load_edition
from observatory.editions.model import Edition
from observatory.locations import Locations
from observatory.problems import Problem
from observatory.progress import Progress
from observatory.publish.helpers import Helpers


@dataclass
class House:
    """The places of a run, its progress, the helpers of its report if they were started, and its edition, read once."""

    places: Locations
    progress: Progress
    helpers: Helpers | None = None
    editions: dict[str, Edition] = field(default_factory=dict)

    def edition(self, name: str) -> Edition:
        if name not in self.editions:
            self.editions[name] = load_edition(self.places.schemas, name)
        return self.editions[name]


class LogProgress(Progress):
    """Facts go to the run's log."""

    def __init__(self, context: InitResourceContext) -> None:
        super().__init__()
        self._log = context.log

    def say(self, text: str) -> None:
        if self._log is not None:
            self._log.info(text)

    def notice(self, text: str) -> None:
        self.say(text)

    def warn(self, problems: Sequence[Problem]) -> None:
        if self._log is not None:
            for problem in problems:
                self._log.warning(problem.render())


def house_resource(places: Locations) -> ResourceDefinition:
    """The resource for runs started from Dagster's pages: it waits for the workspace and holds it."""

    @resource(description="Les dossiers de l'observatoire ; une exécution à la fois dans l'espace de travail")
    def house(context: InitResourceContext) -> Iterator[House]:
        progress = LogProgress(context)
        places.workspace.ensure()
        with places.workspace.lock(progress.notice):
            yield House(places, progress)

    return house
