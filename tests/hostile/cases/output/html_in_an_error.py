# status: import-error
print('<script>alert(1)</script><img src=x onerror=alert(1)>')
raise RuntimeError('<script>alert(1)</script><img src=x onerror=alert(1)>')
