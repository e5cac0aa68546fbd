/* metrics: counters and gauges of one process, printed as Prometheus text 0.0.4.
 *
 * Registered once at start; a fixed table of at most METRICS_MAX. Not thread-safe: one thread. */
#ifndef TOCSIN_METRICS_H
#define TOCSIN_METRICS_H

#include <stdint.h>

#include "buf.h"

#define METRICS_MAX 128

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

/* name without the "tocsin_" prefix; labels like "source=\"x\"" or NULL. Returns where the
 * value is kept: the caller adds to it. Asserts that the table is not full. */
int64_t *metric_new(enum metric_type t, const char *name, const char *labels, const char *help);

void metrics_print(struct buf *b);
/* name and value of each, for statuses; fn returning nonzero stops. */
void metrics_each(int (*fn)(void *arg, const char *name, const char *labels, int64_t value),
                  void *arg);

#endif
