"""What a scenario is: an entry in the table."""
from dataclasses import dataclass, field
from typing import Callable

from .truth import Expect


@dataclass(frozen=True)
class Scenario:
    """One story, and what must be said of it."""
    #: `<cause>--<variant>`, as captures are called.
    name: str
    #: What happens, in a sentence.
    story: str
    #: What must be said of each connection, in the order of their first packets.
    expect: tuple
    #: Starts the server; none: nobody listens.
    server: Callable = None
    #: Makes it happen, from the client's first packet to the end.
    play: Callable = None
    #: What must be said of every further connection: clients come back by themselves, how often is their business.
    rest: Expect = None
    #: Arguments of the wire between router and server; empty: a plain cable.
    wire: tuple = ()
    #: Where rdpwhy watches: client, router or server.
    tap: str = "client"
    #: Ports of the server.
    ports: tuple = (3389,)
    #: Further options for rdpwhy.
    options: tuple = ()
    is_v6: bool = False
    #: The scenario says itself when to begin to watch.
    is_late: bool = False
    #: How it came to be, for captures/README.md: "real" or what is not real about it.
    made: str = "real"

    def expected(self, count):
        """What must be said of `count` connections."""
        more = max(0, count - len(self.expect)) if self.rest else 0
        return [*self.expect, *[self.rest] * more]


@dataclass
class Result:
    """How a scenario went."""
    name: str
    faults: list = field(default_factory=list)
    delays: list = field(default_factory=list)
    seconds: float = 0.0
    log: str = ""
