/* For the analyzer alone (tools/lint.sh): it sees one file at a time, and has to be told that
 * reporting an error gives -1. */
#include "err.h"

#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_at(...)  (err_at(__VA_ARGS__), -1)
