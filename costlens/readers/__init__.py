"""Model files → rows. A reader shares no code with the counting of specs above the bare arithmetic."""
