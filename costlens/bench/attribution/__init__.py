"""Time per layer: profile a model in processes of its own, weigh the profiler, book every kernel to a row."""
