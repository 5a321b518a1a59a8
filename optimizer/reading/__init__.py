"""Reading: files of an instance or a plan -> frozen records, every finding at once."""
