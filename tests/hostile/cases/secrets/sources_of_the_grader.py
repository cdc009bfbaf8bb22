# status: graded then=right
for name in ("grader/check/codes.py", "assignments/quiz1/expected.json", "reference/quiz1.py", "tests/hostile/right.py"):
    try:
        print("BREACH", open("@REPOSITORY@/" + name).read()[:50])
    except OSError:
        pass
try:
    import grader
    print("BREACH" if grader.__file__ else "", grader)
    print(grader.__path__)
except ImportError:
    pass
