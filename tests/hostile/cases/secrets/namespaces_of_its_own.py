# status: graded then=right unpromised=bubblewrap
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *words):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) if isinstance(word, int) else word for word in words])

if call(272, 97, 0x10000000) == 0 or call(272, 97, 0x00020000) == 0:
    print("BREACH")
if call(165, 40, b"none", b"/", None, 1 << 18, None) == 0 or call(161, 51, b"/") == 0:
    print("BREACH")
