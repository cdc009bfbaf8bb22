# status: graded then=right
import ctypes, os
for action in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])):
    try:
        action()
        print("BREACH")
    except OSError:
        pass
print("BREACH" if os.getuid() == 0 else "")
