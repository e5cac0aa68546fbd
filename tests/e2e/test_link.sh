#!/usr/bin/env bash
# The broken link: an edge collector and headquarters in two network namespaces, joined by a
# satellite link with 600 ms round trip, loss and cuts. Without options the short form; `make link`
# runs the long one and its figures are those of BENCHMARKS.md.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

N=tocsin-try-$$
if [ "$(id -u)" -ne 0 ] || [ ! -c /dev/net/tun ] || ! ip netns add "$N" 2>/dev/null; then
    skip "the broken link" "only root with ip netns and /dev/net/tun can make one"
    finish
fi
ip netns del "$N"
if [ $# -eq 0 ]; then set -- --cuts 1 --cut 6 --loss 0 --bulk 1500; fi
while IFS= read -r line; do
    case $line in
    "ok "*) ok "${line#ok }" ;;
    "not ok "*) not_ok "${line#not ok }" ;;
    *) printf '%s\n' "$line" ;;
    esac
done < <(python3 "$E2E/link.py" "$BIN/tocsin" "$HELPERS/satlink" "$T" "$@" 2>&1 || echo "not ok the run of link.py")
finish
