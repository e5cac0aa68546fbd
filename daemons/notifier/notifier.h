/* notifier: the object that owns everything: alert log, sockets, heads and heartbeats. */
#ifndef NOTIFIER_NOTIFIER_H
#define NOTIFIER_NOTIFIER_H

#include "svc.h"

struct notifier;

int notifier_new(struct svc *s, struct notifier **out, struct err *e);
void notifier_free(struct notifier *n);
void notifier_reload(struct notifier *n, const struct config *c);
void notifier_drain(struct notifier *n);
bool notifier_idle(const struct notifier *n);

#endif
