"""Plans against a set of scenarios: a model a scenario from the same blocks, linked by first weeks and by risk."""
