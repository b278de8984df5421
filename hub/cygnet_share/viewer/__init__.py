"""The viewer: shows a file of a share without running or loading anything of it.

`viewer` is what the service calls; `body` is the renderer, pure; `worker` runs it in a
process with limits; `policy` has the headers without which no page may be sent.
"""
