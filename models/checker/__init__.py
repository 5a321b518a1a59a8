"""Is a plan allowed, and what is it worth: a second reading of `problem.md` that shares no code with the model."""

from models.checker.rules import RULES, check_plan

__all__ = ["RULES", "check_plan"]
