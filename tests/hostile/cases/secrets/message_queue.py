# status: graded then=right twice
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *words):
    number = x86 if platform.machine() == "x86_64" else arm
    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(word) if isinstance(word, int) else word for word in words])

queue = call(68, 186, 0x6772617, 0o1666)
if queue >= 0:
    text = ctypes.create_string_buffer(16)
    if call(70, 188, queue, text, 8, 0, 0o4000) >= 0:
        print("BREACH")
    call(69, 189, queue, ctypes.create_string_buffer(b"\x01" + b"\0" * 7 + b"mark", 16), 8, 0o4000)
