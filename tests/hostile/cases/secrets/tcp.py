# status: graded then=right
import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", @PORT@)), (socket.AF_INET6, ("::1", @PORT@))):
    try:
        one = socket.socket(family)
        one.settimeout(2)
        one.connect(address)
        one.sendall(b"hello")
        print("BREACH", one.recv(100))
    except OSError:
        pass
