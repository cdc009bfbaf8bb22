"""The probe: runs beside student code in the sandbox, and tells what it saw. Trusts nothing, is trusted with nothing.

An island: standard library and torch only, found by path, started as ``python -I probe/main.py``; it imports nothing of
the grader and the grader imports nothing of it. What it reports are claims that the trusted side recomputes.
"""
