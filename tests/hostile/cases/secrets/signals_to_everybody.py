# status: graded then=right
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for pid in (@VICTIM@, @GRADER@, os.getppid(), 1):
    for number in (signal.SIGKILL, signal.SIGSTOP, 0):
        try:
            os.kill(pid, number)
            print("sent", pid)
        except OSError:
            pass
