"""Plays that many scenarios share: what a client does from its first packet to its last."""
import signal

from kit.peers import at_work, close_window, plain_client, xfreerdp

GIVES_UP = 45


def fails(*more, **options):
    """xfreerdp tries, and gives up by itself."""
    return lambda stage: xfreerdp(stage, *more, **options).is_gone(GIVES_UP)


def gives_up_after(seconds, *more):
    """xfreerdp tries; after so many seconds without a word its user has had enough."""
    def play(stage):
        client = xfreerdp(stage, *more)
        try:
            client.is_gone(seconds)
        except TimeoutError:
            client.end(signal.SIGKILL)
    return play


def works(then=close_window, *more, **options):
    """xfreerdp gets a session; when it is quiet, `then(stage, client)` happens."""
    def play(stage):
        then(stage, at_work(stage, xfreerdp(stage, *more, **options)))
    return play


def plain(*more):
    """The lab's own client tries, and ends."""
    return lambda stage: plain_client(stage, *more).is_gone(GIVES_UP)
