"""Files and the cache on disk, written whole or not at all."""
