# status: graded then=right
import socket
for address in ("@SOCKET@", "\0@ABSTRACT@", "/var/run/docker.sock", "/run/systemd/private"):
    try:
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(2)
        one.connect(address)
        print("BREACH", one.recv(100))
    except OSError:
        pass
