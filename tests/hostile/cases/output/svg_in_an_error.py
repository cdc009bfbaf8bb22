# status: import-error
print('<svg onload=alert(1)><foreignObject>')
raise RuntimeError('<svg onload=alert(1)><foreignObject>')
