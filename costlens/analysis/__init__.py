"""Facts in, a result out: differences, limits, ledgers, fronts, explanations."""
