"""What a plan means for everybody, and why: facts, reasons, and what would change them. Writes nothing."""
