# status: graded then=right
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *words):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) if isinstance(word, int) else word for word in words])

room = ctypes.create_string_buffer(256)
if call(425, 425, 4, room) >= 0 or call(321, 280, 0, room, 72) >= 0 or call(298, 241, room, 0, -1, -1, 0) >= 0:
    print("open")
