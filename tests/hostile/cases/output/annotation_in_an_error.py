# status: import-error
print('\n::error file=x::owned\n::set-output name=a::b')
raise RuntimeError('\n::error file=x::owned\n::set-output name=a::b')
