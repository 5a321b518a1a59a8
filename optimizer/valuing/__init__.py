"""What would change a plan, and by how much: models solved again from a plan in hand. Knows no files and no pages."""
