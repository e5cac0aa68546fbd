#!/bin/sh
# The short form of the kill test, for the test run: see soak.py.
SOAK_INCIDENTS=${SOAK_INCIDENTS:-20000} SOAK_KILLS=${SOAK_KILLS:-4} exec python3 "$(dirname "$0")/soak.py"
