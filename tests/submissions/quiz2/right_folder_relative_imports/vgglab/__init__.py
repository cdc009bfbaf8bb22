"""Lab code for quiz 2."""
__version__ = "0.1"
