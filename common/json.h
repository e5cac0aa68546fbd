/* json: a writer with a fixed key order (cJSON reads).
 *
 * Writes into a buf without building a tree. Commas are the writer's business. A
 * NULL string is written as null. Bytes that are not UTF-8 never get here (wire
 * and cJSON check); control characters are escaped. Pure. */
#ifndef TOCSIN_JSON_H
#define TOCSIN_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct json {
    struct buf *b;
    bool comma;
};

void json_init(struct json *j, struct buf *b);
/* key NULL: an element of an array, or the top. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_str(struct json *j, const char *key, const char *s);
void json_int(struct json *j, const char *key, int64_t v);
void json_uint(struct json *j, const char *key, uint64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
void json_raw(struct json *j, const char *key, const char *text);
void json_time(struct json *j, const char *key, int64_t us); /* null when 0 */
void json_deg(struct json *j, const char *key,
              int32_t e7); /* degrees, shortest exact, at least one decimal: 16.4, -0.05 */
void json_fixed(struct json *j, const char *key, int64_t v,
                int decimals); /* v / 10^decimals, trailing zeros cut, at least one decimal */

#endif
