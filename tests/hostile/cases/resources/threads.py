# status: process-limit
import threading
wait = threading.Event()
while True:
    threading.Thread(target=wait.wait, daemon=True).start()
