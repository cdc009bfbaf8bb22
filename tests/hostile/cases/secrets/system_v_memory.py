# status: graded then=right twice
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *words):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) if isinstance(word, int) else word for word in words])

number = call(29, 194, 0x6772616, 4096, 0o1666)
if number >= 0:
    libc.shmat.restype = ctypes.c_void_p
    place = libc.shmat(number, None, 0)
    if place not in (None, 2**64 - 1):
        if ctypes.string_at(place, 4) == b"mark":
            print("BREACH")
        ctypes.memmove(place, b"mark", 4)
