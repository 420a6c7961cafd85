"""Latency of models side by side: protocol, measuring processes, statistics, machine; owns the clock."""
