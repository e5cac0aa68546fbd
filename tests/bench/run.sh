#!/bin/sh
# Runs every benchmark and prints one table: each figure beside the bare floor that the same run
# measured, their ratio, and the target (DESIGN, "Numbers"). Medians of RUNS runs, 3 by default.
#
#   QUICK=1          one short run, under a minute
#   RUNS=5           more of them
#   BENCH_RECORDS=N  length of the journal of bench_restart
#   BENCH_DIR=DIR    where the files lie; must not be on tmpfs, where a flush costs nothing
#
# On a busy machine only the ratios say something: look at the load that is printed.
set -eu

cd "$(dirname "$0")/../.."
bin=build/${VARIANT:-release}/tests/bench
dir=${BENCH_DIR:-build/bench}
runs=${RUNS:-3}
[ "${QUICK:-0}" = 1 ] && runs=${RUNS:-1}
mkdir -p "$dir"
raw=$dir/raw.txt
: >"$raw"

case $(stat -f -c %T "$dir") in
tmpfs | ramfs) echo "bench: $dir is in memory: set BENCH_DIR to a directory on a disk" >&2 ;;
esac

echo "machine   $(sed -n 's/^model name[^:]*: //p;' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sr)"
echo "load      $(cut -d' ' -f1-3 /proc/loadavg) before, $runs runs"
run=1
while [ "$run" -le "$runs" ]; do
    for b in floor pipe http restart understand gazetteer journal; do
        [ -t 2 ] && printf '\r\033[Krun %s of %s: %s' "$run" "$runs" "$b" >&2
        "$bin/bench_$b" "$dir" >>"$raw"
    done
    run=$((run + 1))
done
[ -t 2 ] && printf '\r\033[K' >&2
echo "load      $(cut -d' ' -f1-3 /proc/loadavg) after; all figures in $raw"
echo

awk '
function median(name,    n, i, j, t, v) {
    n = count[name]
    if (n == 0)
        return -1
    for (i = 1; i <= n; i++)
        v[i] = value[name, i]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
            t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
        }
    return v[int((n + 1) / 2)]
}
function text(x) {
    return x < 0 ? "-" : sprintf(x < 100 && x != int(x) ? "%.2f" : "%.0f", x)
}
# sign: ">" at least, "<" at most, "" none
function row(what, name, floor, sign, target,    m, f, met) {
    m = median(name)
    f = floor == "" ? -1 : median(floor)
    met = sign == "" ? "" : (sign == ">" ? m >= target : m <= target) ? "met" : "missed"
    printf("%-48s %10s %-12s %10s %8s  %-10s %s\n", what, text(m), unit[name], text(f),
        (f > 0 ? sprintf("%.2f", m / f) : "-"), (sign == "" ? "-" : sign " " text(target)), met)
}
{ value[$1, ++count[$1]] = $2; unit[$1] = $3 }
END {
    printf "%-48s %10s %-12s %10s %8s  %s\n", "figure", "measured", "", "floor", "ratio", "target"
    row("throughput, structured", "pipe_structured", "floor_log", ">", 60000)
    row("throughput, text, 2,000 assets", "pipe_text", "floor_log", ">", 25000)
    row("  CPU an incident, structured, five processes", "pipe_structured_cpu", "", "", 0)
    row("  CPU an incident, text, five processes", "pipe_text_cpu", "", "", 0)
    row("incidents an alert event", "pipe_structured_incidents_per_event", "", "", 0)
    row("latency at 1,000/s, p50", "pipe_lat_1000_p50", "floor_log_1000_p50", "<", 1)
    row("latency at 1,000/s, p99", "pipe_lat_1000_p99", "floor_log_1000_p99", "<", 4)
    row("latency at 1,000/s, p99.9", "pipe_lat_1000_p999", "floor_log_1000_p999", "", 0)
    row("latency at 10,000/s, p50", "pipe_lat_10000_p50", "floor_log_10000_p50", "<", 1.5)
    row("latency at 10,000/s, p99", "pipe_lat_10000_p99", "floor_log_10000_p99", "<", 5)
    row("latency at 10,000/s, p99.9", "pipe_lat_10000_p999", "floor_log_10000_p999", "", 0)
    row("CPU an incident at 10,000/s, three daemons", "pipe_cpu_10000", "floor_log_10000_cpu", "<", 60)
    row("HTTP, durable posts of one, 32 connections", "http", "http_bare", ">", median("http_bare") / 2)
    row("  CPU a post", "http_cpu", "http_bare_cpu", "", 0)
    row("  latency, p50", "http_lat_p50", "http_bare_lat_p50", "", 0)
    row("  latency, p99", "http_lat_p99", "http_bare_lat_p99", "<", 5)
    row("understand and place a text", "understand_and_place", "understand_floor_decode", "<", 15)
    row("load a GeoNames dump of 39,132 places", "gazetteer_load", "gazetteer_floor_read", "<", 1000)
    row("  memory that it takes", "gazetteer_memory", "", "<", 20)
    row("classifier restart, no checkpoint", "restart", "restart_floor_read", "<",
        20 * median("restart_records") / 1000000)
    row("  records in that journal", "restart_records", "", "", 0)
    row("memory, collector, after the text run", "pipe_text_memory_collector", "", "<", 64)
    row("memory, notifier", "pipe_text_memory_notifier", "", "<", 64)
    row("memory, classifier", "pipe_text_memory_classifier", "", "<", 64)
    row("memory, classifier, after its restart", "restart_memory_classifier", "", "<", 64)
    row("journal, commits of 256", "journal_rows_journal_256", "journal_rows_sqlite_256", "", 0)
    row("journal, commits of 1,024", "journal_rows_journal_1024", "journal_rows_sqlite_1024", "", 0)
    row("floor: fdatasync of 4 KiB, p50", "floor_fdatasync_p50", "", "", 0)
    row("floor: three hops, bare", "floor_bare", "", "", 0)
}' "$raw"
