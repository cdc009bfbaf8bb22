# status: graded then=right
import os, select
if os.fork() == 0:
    os.setsid()
    os.chdir("/")
    for descriptor in range(100):
        try:
            os.close(descriptor)
        except OSError:
            pass
    if os.fork() == 0:
        os.execve("/bin/sh", ["sh", "-c", "while :; do sleep 1; done"], {})
    os._exit(0)
