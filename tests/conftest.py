"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, print_blob=False, suppress_health_check=list(HealthCheck)
)
settings.load_profile("repeatable")
