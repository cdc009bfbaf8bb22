# status: import-error
print('\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil\x1b\\click')
raise RuntimeError('\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil\x1b\\click')
