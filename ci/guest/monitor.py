"""QEMU's monitor: how a running machine is asked to do something to itself."""

import json
import socket

SECONDS_MAX = 20


class Unheard(Exception):
    """The monitor does not answer, or complains."""


class Monitor:
    """A monitor that speaks QMP over a pair of sockets: QEMU gets the far end, and the words of `arguments` to find it by."""

    def __init__(self):
        self.near, self.far = socket.socketpair()
        self.near.settimeout(SECONDS_MAX)
        self.lines = self.near.makefile("rb")
        self.spoken_to = False

    @property
    def arguments(self):
        return ["-chardev", f"socket,id=monitor,fd={self.far.fileno()}", "-mon", "chardev=monitor,mode=control"]

    def close(self):
        self.lines.close()
        self.near.close()

    def command(self, line):
        """Has a line of the human monitor carried out, such as `qemu-io d0 "resume A"`. Every answer in words is a complaint."""
        if not self.spoken_to:
            self._execute("qmp_capabilities")  # QEMU's greeting comes first, and is neither an error nor a return
            self.spoken_to = True
        answer = self._execute("human-monitor-command", **{"command-line": line})
        if answer:
            raise Unheard(f"{line}: {answer.strip()}")

    def _execute(self, name, **arguments):
        try:
            self.near.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
            while True:  # events come between
                text = self.lines.readline()
                if not text:
                    raise Unheard(f"{name}: QEMU has gone")
                message = json.loads(text)
                if "error" in message:
                    raise Unheard(f"{name}: {message['error']['desc']}")
                if "return" in message:
                    return message["return"]
        except TimeoutError as error:
            raise Unheard(f"{name}: no answer within {SECONDS_MAX} s") from error
        except OSError as error:
            raise Unheard(f"{name}: {error}") from error
