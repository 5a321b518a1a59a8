"""Work done many times over: draws, weeks, scenarios."""
