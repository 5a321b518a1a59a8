"""Reporting: a judged plan -> files, tables, pages."""
