"""Where people meet Curbside: browser, HTTP and terminal. The only package that reads settings and wires parts."""
