# status: graded then=right
import socket
for family in (16, 17, 31, 38, 40, 44):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, 5):
        try:
            socket.socket(family, kind)
            print("open", family, kind)
        except OSError:
            pass
