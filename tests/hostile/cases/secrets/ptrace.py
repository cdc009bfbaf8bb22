# status: graded then=right
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *words):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) if isinstance(word, int) else word for word in words])

for pid in (@VICTIM@, @GRADER@, 1):
    if call(101, 117, 16, pid, 0, 0) == 0:
        print("BREACH")
