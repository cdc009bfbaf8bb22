# status: import-error
print('=cmd|\'/c calc\'!A0')
raise RuntimeError('=cmd|\'/c calc\'!A0')
