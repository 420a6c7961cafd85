"""Settings that all tests share."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

from tests.command_line import run

__all__ = ["run"]

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=False, suppress_health_check=list(HealthCheck)
)
settings.load_profile("repeatable")

# A background job starts with interrupts ignored, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
