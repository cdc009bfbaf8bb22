# status: graded then=right
import os, select, signal
for _ in range(10):
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            select.select([], [], [], 1e6)
