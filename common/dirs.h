/* dirs: the directories that a daemon needs, made where they are missing. */
#ifndef TOCSIN_DIRS_H
#define TOCSIN_DIRS_H

#include "err.h"

/* Makes the directory and what is missing above it, mode 0750. */
int dir_make(const char *path, struct err *e);
/* The directory of an ipc:// endpoint; nothing to do for others. */
int dir_make_for(const char *endpoint, struct err *e);

#endif
