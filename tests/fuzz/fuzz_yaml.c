/* Fuzz target: any bytes as tocsin.yaml. Whatever they are, the tree is freed, the configuration
 * is whole or gone, and every error has a text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct yaml *y = NULL;
    struct config c;
    struct err e = {{0}, {0}, 0};

    if (yaml_parse((const char *)data, size, "fuzz.yaml", &y, &e) != 0) {
        if (e.text[0] == '\0')
            abort();
        return 0;
    }
    memset(&c, 0, sizeof(c));
    if (conf_bind(yaml_root(y), "fuzz.yaml", config_table, &c, &e) == 0)
        conf_free(config_table, &c);
    else if (e.text[0] == '\0' || c.collector.sources.v != NULL)
        abort();
    yaml_close(y);
    return 0;
}
