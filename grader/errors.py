"""The error tree. Every message says what was found, what was expected and what to do.

GraderError            base: shown as one sentence, never as a traceback
|- UsageError          wrong use: an unknown assignment, an unreadable path        (exit 2)
|- AssignmentError     a bad assignment.toml                                       (exit 2)
|- InputRejected       the submission cannot be read: empty, too large, a bad zip  (status input-rejected)
|- EvidenceRejected    what the sandbox sent back breaks the format                (status evidence-rejected)
|- NetworkUnsupported  a recorded network that cannot be rebuilt or read           (status trace-unsupported)
'- SandboxUnavailable  this machine cannot run the sandbox asked for               (status sandbox-error)
"""

from __future__ import annotations


class GraderError(Exception):
    """Base of all errors with a sentence for the user."""


class UsageError(GraderError):
    """Wrong use of the command."""


class AssignmentError(GraderError):
    """An assignment folder that does not hold together."""


class InputRejected(GraderError):
    """A submission that cannot be read."""


class EvidenceRejected(GraderError):
    """Frames that break the format."""


class NetworkUnsupported(GraderError):
    """A recorded network outside what can be rebuilt."""


class SandboxUnavailable(GraderError):
    """The sandbox asked for cannot be had here."""
