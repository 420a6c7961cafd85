"""Words name models. Each kind of file that yields models has one file here; nothing else lists it."""
