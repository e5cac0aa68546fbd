/* test_phone_key: numbers that are one get one name, others another; the file of the key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "phone_key.h"

static const uint8_t key[PHONE_KEY_LEN] = "a key for nothing but this test";

static const char *
name(const char *number)
{
    static char out[8][PHONE_TEXT];
    static unsigned next;

    return phone_name(key, number, out[next++ % 8]);
}

static void
test_one(void **state)
{
    static const char *const same[] = {
        "0022370123456",        "+223 70 12 34 56",   " +223-70-12-34-56",
        "22370123456",          "(+223) 70.12.34.56", "tel:+22370123456",
        "whatsapp:22370123456", "TEL:+223 70123456",  "tel:+22370123456?channel=1&id=2#70 12",
        "00 223 70 12 34 56",   "sms:0022370123456",
    };
    const char *one = name("+22370123456");

    (void)state;
    assert_int_equal(strlen(one), PHONE_TEXT - 1);
    assert_memory_equal(one, "tel:", 4);
    assert_int_equal(strspn(one + 4, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 16);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(name(same[i]), one) != 0)
            fail_msg("'%s' is another", same[i]);
    assert_string_equal(name("ORANGE"), name("Orange"));
    assert_string_equal(name("Orange Mali"), name("OrangeMali"));
}

static void
test_others(void **state)
{
    static const char *const all[] = {"+22370123456", "+22370123457", "70123456",      "070123456",
                                      "+70123456",    "36333",        "+36333",        "0",
                                      "00",           "Orange",       "telegram:7012", "7012"};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(name(all[i]), name(all[j])) == 0)
                fail_msg("'%s' is '%s'", all[i], all[j]);
    assert_null(name(""));
    assert_null(name("  +() "));
    assert_null(name("tel:"));
    /* Another key, another name. */
    const uint8_t other[PHONE_KEY_LEN] = {1};
    char out[PHONE_TEXT];
    assert_string_not_equal(phone_name(other, all[0], out), name(all[0]));
    /* As long as it likes. */
    char many[5000];
    memset(many, '7', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    assert_non_null(name(many));
}

static void
write_file(const char *path, const char *bytes, size_t n, mode_t mode)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void
test_file(void **state)
{
    char top[] = "/tmp/tocsin-unit.XXXXXX", dir[64], path[96];
    uint8_t one[PHONE_KEY_LEN] = {0}, two[PHONE_KEY_LEN] = {0};
    struct err e = {.text = ""};
    struct stat st;

    (void)state;
    assert_non_null(mkdtemp(top));
    (void)snprintf(dir, sizeof dir, "%s/a/keys", top);
    (void)snprintf(path, sizeof path, "%s/phone.key", dir);
    assert_int_equal(phone_key_load(dir, one, &e), 0);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, PHONE_KEY_LEN);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(phone_key_load(dir, two, &e), 0);
    assert_memory_equal(one, two, sizeof one);
    assert_memory_not_equal(one, (uint8_t[PHONE_KEY_LEN]){0}, sizeof one);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(phone_key_load(dir, two, &e), -1);
    assert_non_null(strstr(e.text, "chmod 600"));
    write_file(path, "short", 5, 0600);
    assert_int_equal(phone_key_load(dir, two, &e), -1);
    assert_non_null(strstr(e.text, "a key has 32 bytes"));
    write_file(path, "one byte more than there may be!!", 33, 0600);
    assert_int_equal(phone_key_load(dir, two, &e), -1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(phone_key_load(dir, two, &e), -1);
    assert_memory_equal(one, two, sizeof one); /* written only on success */
    char cmd[96];
    (void)snprintf(cmd, sizeof cmd, "rm -rf %s", top);
    assert_int_equal(system(cmd), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one), cmocka_unit_test(test_others),
                                       cmocka_unit_test(test_file)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
