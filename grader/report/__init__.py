"""Grades -> text: one format a file, each a pure function of the grade."""
