# status: crashed only=x86_64 unpromised=bubblewrap
import ctypes
print("BREACH", ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39)))
