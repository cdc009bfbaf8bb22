"""The layers that a worker puts around itself before it loads student code, and the supervisor that watches it.

Standard library only: besides the backends, which import it as it is, a zygote loads this folder by its path
(``start.py``), and no other part of the grader may be in the memory that student code shares.
"""
