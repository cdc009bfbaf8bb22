# status: graded then=right
import socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", @PORT@))
    print("sent")
except OSError:
    pass
try:
    print("BREACH", socket.getaddrinfo("example.org", 80))
except OSError:
    pass
