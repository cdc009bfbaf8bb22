# status: evidence-rejected
import json, os, stat, struct
def pipes():
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                yield descriptor
        except OSError:
            pass
def send(kind, payload):
    for descriptor in pipes():
        os.write(descriptor, struct.pack("<IB", len(payload), kind) + payload)
def say(**content):
    send(1, json.dumps(content).encode())

header = b'{"name": "w", "dtype": "load", "shape": [1]}'
send(2, struct.pack("<I", len(header)) + header + b"1")
send(3, b"")
os._exit(0)
