# status: graded then=right twice
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *words):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) if isinstance(word, int) else word for word in words])

if call(249, 218, b"user", b"mark", 0, -4) > 0:
    print("BREACH")
call(248, 217, b"user", b"mark", b"mark", 4, -4)
