"""Plans against a set of scenarios: one model a scenario from the same blocks, linked by the first weeks and by risk."""
