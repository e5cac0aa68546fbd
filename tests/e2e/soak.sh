#!/bin/sh
# The long form of the kill test: see soak.py.
exec python3 "$(dirname "$0")/soak.py"
