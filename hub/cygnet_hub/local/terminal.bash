# What bash reads in a terminal of the notebook server, in place of ~/.bashrc: that
# file, which may put programs of its own first (conda and pyenv do), and then the
# kernels' environment comes first again.
if [ -r ~/.bashrc ]; then . ~/.bashrc; fi
if [ -n "${VIRTUAL_ENV-}" ]; then PATH="$VIRTUAL_ENV/bin:$PATH"; fi
