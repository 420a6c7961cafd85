"""Time per layer: profile a model in processes of its own, take the profiler's cost off, assign kernels to rows."""
