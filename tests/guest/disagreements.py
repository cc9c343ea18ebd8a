"""Where QEMU's NVMe drive and the emulated drive that was captured from it answer differently, and are known to. Each row has its counterpart in
docs/disagreements.md, which says who is right by which section. A row that explains nothing any more is a mistake, as is an answer that no row
explains: see differential_test.py.
"""

import re


# What is not compared at all, with the reason.

def unmasked(question, answer):
    """An answer without what two drives cannot have in common. None stays None: the question was not asked there."""
    if answer is None or is_left_by_the_last_host(question):
        return None
    kept = dict(answer)
    kept.pop("more", None)  # it says that the error log tells more: QEMU has none, ours has an entry for every error
    if "data" in kept and question.get("queue") == "admin":
        data = bytes_of(kept.pop("data"))
        page = log_page_of(question)
        for masked in MASKED_BY_LOG_PAGE.get(page, ()):
            data = {at: byte for at, byte in data.items() if at + offset_of(question) not in masked}
        kept["data"] = data
    return kept


def is_left_by_the_last_host(question):
    """The admin queues' sizes (AQA) are not reset: capture was the last host there, and nobody here."""
    return question.get("register") == "024h" and question.get("when") in ("found", "disabled")


# By LID: ranges of bytes.
MASKED_BY_LOG_PAGE = {
    0x01: [range(0, 1 << 20)],  # Error Information: QEMU keeps none, which is one entry of zeroes
    0x02: [range(32, 112),      # SMART's units, commands and busy time: capture reads for a second, and how often in it is the machine's
           range(128, 144),     # power on hours: QEMU counts the guest's time, ours the time of the world
           range(176, 192)],    # number of Error Information entries: as above
}


def bytes_of(text):
    """{offset: byte} of stretches as the list prints them, zeroes left out."""
    data = {}
    for stretch in text.split():
        at, digits = stretch.split(":")
        for i, byte in enumerate(bytes.fromhex(digits)):
            if byte:
                data[int(at) + i] = byte
    return data


def log_page_of(question):
    if not question["command"].startswith("get_log_page"):
        return None
    return value_of(question) if question["field"] == "lid" else number_in(question["command"])


def offset_of(question):
    """Of the structure's first byte that was asked for; the other way round if it lands further on in the memory that is looked at."""
    return {"lpo": 1, "prp1 offset": -1}.get(question["field"], 0) * value_of(question)


def number_in(text):
    return int(re.search(r"([0-9a-f]+)h", text)[1], 16)


def value_of(question):
    return int(question["value"], 16)


# What differs, and is known to.

class Disagreement:
    """One question with both answers."""

    def __init__(self, question, there, here):
        self.question, self.there, self.here = question, there or {}, here or {}
        self.command, self.field = question.get("command", ""), question.get("field", "")
        self.queue = question.get("queue", "")

    def statuses(self):
        """QEMU's and ours."""
        return self.there.get("status"), self.here.get("status")

    def is_only(self, *keys):
        """True if the answers differ in these and in nothing else."""
        names = set(self.there) | set(self.here)
        return {name for name in names if self.there.get(name) != self.here.get(name)} <= set(keys)

    def differing_bytes(self):
        there, here = self.there.get("data", {}), self.here.get("data", {})
        return {at for at in set(there) | set(here) if there.get(at) != here.get(at)} if self.is_only("data") else {-1}

    def differing_fields(self):
        """Offsets in the structure that was asked for."""
        return {at + offset_of(self.question) for at in self.differing_bytes()}

    def log_page(self):
        return log_page_of(self.question) if self.command else None

    def feature(self):
        if not self.command.startswith(("get_features", "set_features")):
            return None
        return value_of(self.question) if self.field == "fid" else number_in(self.command)

    def cns(self):
        if not self.command.startswith("identify"):
            return None
        return value_of(self.question) if self.field == "cns" else number_in(self.command)

    def value(self):
        return value_of(self.question)


ROWS = {}


def row(title):
    def add(explains):
        ROWS[title] = explains
        return explains
    return add


def explain(question, there, here):
    """The title of the row that explains a difference, or None."""
    found = Disagreement(question, there, here)
    return next((title for title, explains in ROWS.items() if explains(found)), None)


INVALID_FIELD = "invalid_field"
INVALID_NAMESPACE = "invalid_namespace_or_format"
INVALID_OPCODE = "invalid_opcode"
SUCCESS = "success"


# What the emulated drive has not, and capture says so of each.

@row("Namespace Management, Format NVM, Virtualization Management, Copy, Timestamp, SGLs, SMART of a namespace: Identify and Commands Supported")
def _(d):
    if d.cns() == 0x01:
        return d.differing_fields() <= {97, 256, 257, 261, 520, 521, 536}  # CTRATT.ELBAS, OACS, LPA, ONCS, SGLS
    opcodes = {4 * opcode for opcode in (0x15, 0x1c, 0x7c, 0x80)} | {1024 + 4 * opcode for opcode in (0x0c, 0x19)}
    return d.log_page() == 0x05 and d.differing_fields() <= opcodes | {4 * 0x09, 1024}


@row("Virtualization Management, Format NVM, Namespace Attachment and Copy, of a drive that has not got them")
def _(d):
    return d.command in ("virtualization_management", "format_nvm", "namespace_attachment", "copy") and d.here.get("status") == INVALID_OPCODE


@row("Identify of allocated namespaces, controllers, and independent of command sets")
def _(d):
    return d.cns() in (0x10, 0x11, 0x14, 0x15, 0x1a, 0x1b) and d.here.get("status") == INVALID_FIELD


@row("Identify of a drive that has zoned namespaces, too")
def _(d):
    if d.cns() == 0x1c:
        return d.differing_bytes() == {0}
    return d.field == "csi" and d.value() == 2 and d.statuses() == (SUCCESS, INVALID_FIELD)


@row("Commands Supported and Effects of a command set that is not there")
def _(d):
    return d.log_page() == 0x05 and d.field == "csi" and d.statuses() == (SUCCESS, INVALID_FIELD)


@row("DULBE: errors for blocks that are deallocated")
def _(d):
    if d.cns() == 0x00:
        return d.differing_bytes() == {24}
    return d.feature() == 0x05 and (d.value() == 0x10000 or d.there.get("dword0") == "10000")


@row("Get Features, Timestamp")
def _(d):
    return d.feature() == 0x0e and d.statuses() == (SUCCESS, INVALID_FIELD)


@row("Get Log Page, SMART / Health Information of a namespace")
def _(d):
    return d.log_page() == 0x02 and d.field == "nsid" and d.here.get("status") == INVALID_FIELD


@row("PSDT")
def _(d):
    if d.field != "psdt" or d.queue != "I/O":
        return False
    return d.statuses() == (SUCCESS, INVALID_FIELD) or (d.statuses() == (INVALID_FIELD, INVALID_FIELD) and d.is_only("dnr"))


# Where one of the two is wrong, or the specification leaves it open.

@row("FUSE set, of a drive without fused operations")
def _(d):
    return d.field == "fuse" and d.here.get("status") == INVALID_FIELD and (
        d.there.get("status") == INVALID_FIELD and d.is_only("dnr") or d.command == "flush" and d.there.get("status") == SUCCESS)


@row("Create I/O Submission Queue with a CQID of 0 or beyond what the controller has")
def _(d):
    return d.command == "create_io_sq" and d.field == "cqid" and d.statuses() == ("completion_queue_invalid", "invalid_queue_identifier")


@row("Delete I/O Completion Queue of a queue that is not there")
def _(d):
    return d.command == "delete_io_cq" and d.statuses() == ("completion_queue_invalid", "invalid_queue_identifier")


@row("Create I/O Completion Queue with an Interrupt Vector while MSI-X is off")
def _(d):
    if d.command == "delete_io_cq":  # that was not made
        return d.field == "" and d.statuses() == ("completion_queue_invalid", SUCCESS)
    return d.command == "create_io_cq" and d.field == "iv" and d.statuses() == ("invalid_interrupt_vector", SUCCESS)


@row("Get Log Page of a reserved identifier")
def _(d):
    return d.command.startswith("get_log_page") and d.field == "lid" and d.statuses() == (INVALID_FIELD, "invalid_log_page")


@row("Get Log Page from the end of the page on")
def _(d):
    return d.field == "lpo" and d.value() in (512, 4096) and d.statuses() == (INVALID_FIELD, SUCCESS)


@row("Get Log Page, SMART / Health Information with an NSID of 0")
def _(d):
    return d.log_page() == 0x02 and d.field == "nsid" and d.value() == 0 and d.statuses() == (INVALID_NAMESPACE, SUCCESS)


NOT_CHANGEABLE = {0x01, 0x02, 0x08, 0x09, 0x0a}


@row("Set Features of Arbitration, Power Management, interrupts and Write Atomicity Normal")
def _(d):
    if d.feature() not in NOT_CHANGEABLE:
        return False
    if d.command.startswith("set_features"):
        return d.there.get("status") == "feature_not_changeable"
    return d.statuses() == (SUCCESS, SUCCESS) and d.is_only("dword0") and not (d.field == "sel" and d.value() == 3)


@row("Get Features, supported capabilities: what can be changed or saved")
def _(d):
    return d.command.startswith("get_features") and d.field == "sel" and d.value() == 3 and d.is_only("dword0") and (
        int(d.here["dword0"], 16) & ~int(d.there["dword0"], 16) & ~5 == 0)


@row("Set Features with Save")
def _(d):
    return d.field == "sv" and d.statuses() == ("feature_identifier_not_saveable", SUCCESS)


@row("Get Features with a reserved Select")
def _(d):
    return d.field == "sel" and d.value() >= 4 and d.statuses() == (SUCCESS, INVALID_FIELD)


@row("Get Features of the controller with an NSID that is invalid")
def _(d):
    return d.command.startswith("get_features") and d.field == "nsid" and d.statuses() == (SUCCESS, INVALID_NAMESPACE)


@row("Volatile Write Cache: default and saved value")
def _(d):
    return d.feature() == 0x06 and d.field == "sel" and d.value() in (1, 2) and d.is_only("dword0")


@row("Asynchronous Event Configuration after a reset")
def _(d):
    return d.command.startswith("get_features") and d.feature() == 0x0b and d.there.get("dword0") == "11f" and d.is_only("dword0")


@row("Temperature Threshold of a sensor that is not there")
def _(d):
    return d.feature() == 0x04 and d.field == "dword 11" and d.value() >> 16 & 15 != 0 and d.statuses() == (SUCCESS, INVALID_FIELD)


@row("Number of Queues of 65536, once queues are made")
def _(d):
    return d.command == "set_features 07h" and d.statuses() == ("command_sequence_error", INVALID_FIELD)


@row("Set Features, I/O Command Set Profile of a combination that is not there")
def _(d):
    return d.command == "set_features 19h" and d.statuses() == ("02bh", "io_command_set_combination_rejected")


@row("Abort of a command in a queue that is not there")
def _(d):
    return d.command == "abort" and d.field == "sqid" and d.statuses() == (INVALID_FIELD, SUCCESS)


@row("PRINFO, of a namespace without protection information")
def _(d):
    return d.field == "prinfo" and d.here.get("status") == "invalid_protection_information" and d.there.get("status") in (
        SUCCESS, "compare_failure")


@row("Compare Failure and Do Not Retry")
def _(d):
    return d.command == "compare" and d.statuses() == ("compare_failure", "compare_failure") and d.is_only("dnr")


@row("Verify, where ONCS says that there is none")
def _(d):
    return d.command == "verify" and d.here.get("status") == INVALID_OPCODE


@row("An optional command that is not there, and another field that is wrong")
def _(d):
    return d.command == "write_uncorrectable" and d.field == "nsid" and d.here.get("status") == INVALID_OPCODE


@row("Dataset Management of a range beyond the namespace")
def _(d):
    if d.command == "read":  # what the first range had
        return d.field == "" and d.is_only("data")
    return d.field in ("slba of a range", "length of a range") and d.statuses() == (SUCCESS, "lba_out_of_range")


@row("PRP entries whose lowest two bits are set")
def _(d):
    return d.field in ("prp1 offset", "list offset") and d.value() & 3 != 0 and d.statuses() == (SUCCESS, "prp_offset_invalid")


@row("Reserved bits of AQA, ASQ and ACQ")
def _(d):
    at = d.question.get("write")
    reserved = {"024h": 0xf000f000, "028h": 0xfff, "030h": 0xfff}.get(at, 0)
    return at is not None and d.is_only("changes") and int(d.there["changes"], 16) ^ int(d.here["changes"], 16) == reserved != 0


@row("Controller Configuration after a reset")
def _(d):
    return d.question.get("register") == "014h" and d.question.get("when") == "disabled again" and not d.there
