/* test_log: the lines as they come out of standard error, quoting, and the rate limit. */
#include <fcntl.h>
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

#include "log.h"

static int saved_stderr, pipe_read;

/* Leads standard error into a pipe until captured() takes what was written. */
static void
capture(void)
{
    int fd[2];

    assert_int_equal(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(saved_stderr >= 0);
    assert_true(dup2(fd[1], STDERR_FILENO) >= 0);
    (void)close(fd[1]);
    pipe_read = fd[0];
}

static const char *
captured(void)
{
    static char text[8192];
    ssize_t n = read(pipe_read, text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    (void)close(pipe_read);
    return text;
}

static void
plain_lines_by_level(void **state)
{
    static const struct {
        enum log_level most;
        const char *lines;
    } cases[] = {
        {LOG_LEVEL_ERROR, "tocsin-x: error: e=1\n"},
        {LOG_LEVEL_WARN, "tocsin-x: error: e=1\ntocsin-x: warning: w=2\n"},
        {LOG_LEVEL_INFO, "tocsin-x: error: e=1\ntocsin-x: warning: w=2\ntocsin-x: i=3\n"},
        {LOG_LEVEL_DEBUG, "tocsin-x: error: e=1\ntocsin-x: warning: w=2\ntocsin-x: i=3\n"
                          "tocsin-x: debug: d=4\n"},
    };

    (void)state;
    (void)unsetenv("JOURNAL_STREAM");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        capture();
        log_init("tocsin-x", cases[i].most);
        log_error("e=%d", 1);
        log_warn("w=%d", 2);
        log_info("i=%d", 3);
        log_debug("d=%d", 4);
        assert_string_equal(captured(), cases[i].lines);
    }
}

static void
the_journal_gets_priorities(void **state)
{
    char stream[64];
    struct stat st;

    (void)state;
    capture();
    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    (void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
    log_init("tocsin-x", LOG_LEVEL_DEBUG);
    log_error("a");
    log_warn("b");
    log_info("c");
    log_debug("d");
    assert_string_equal(captured(), "<3>a\n<4>b\n<6>c\n<7>d\n");
}

static void
a_journal_that_is_not_ours_is_none(void **state)
{
    static const char *const values[] = {"1:2", "nonsense", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        capture();
        assert_int_equal(setenv("JOURNAL_STREAM", values[i], 1), 0);
        log_init("tocsin-x", LOG_LEVEL_INFO);
        log_info("c");
        assert_string_equal(captured(), "tocsin-x: c\n");
    }
    (void)unsetenv("JOURNAL_STREAM");
}

static void
one_event_one_line(void **state)
{
    static char big[5000];
    const char *line;

    (void)state;
    memset(big, 'x', sizeof(big) - 1);
    capture();
    log_init("tocsin-x", LOG_LEVEL_INFO);
    log_info("two\nlines\x1b[31m\x7f");
    assert_string_equal(captured(), "tocsin-x: two?lines?[31m?\n");
    capture();
    log_info("%s", big);
    line = captured();
    assert_true(strlen(line) > 1000 && strlen(line) < 2048);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void
remembers_the_last_error(void **state)
{
    (void)state;
    capture();
    log_init("tocsin-x", LOG_LEVEL_ERROR);
    assert_string_equal(log_last_error(), "");
    log_error("first");
    log_error("second n=%d", 2);
    log_warn("not an error");
    assert_string_equal(log_last_error(), "second n=2");
    (void)captured();
}

static void
quotes(void **state)
{
    static const struct {
        const char *in;
        size_t n, size;
        const char *out;
    } cases[] = {
        {"plain", 5, 64, "\"plain\""},
        {"", 0, 64, "\"\""},
        {"a\"b\\c", 5, 64, "\"a\\\"b\\\\c\""},
        {"\n\0\x7f", 3, 64, "\"\\x0a\\x00\\x7f\""},
        {"\xc3\xa9", 2, 64, "\"\\xc3\\xa9\""},
        {"abcdef", 6, 8, "\"abcde\""}, /* cut to fit */
        {"ab\ncd", 5, 8, "\"ab\""},    /* an escape is never split */
        {"abc", 3, 3, "\"\""},
        {"abc", 3, 2, ""},
        {"abc", 3, 1, ""},
    };
    char out[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(log_quote(cases[i].in, cases[i].n, out, cases[i].size), cases[i].out);
    out[0] = 'z';
    assert_ptr_equal(log_quote("abc", 3, out, 0), out);
    assert_int_equal(out[0], 'z');
}

static void
limits(void **state)
{
    struct log_limit l = {0};
    uint64_t missed = 9;

    (void)state;
    assert_true(log_allow(&l, 100, 50, 2, &missed));
    assert_int_equal(missed, 0);
    assert_true(log_allow(&l, 110, 50, 2, &missed));
    assert_false(log_allow(&l, 120, 50, 2, &missed));
    assert_false(log_allow(&l, 149, 50, 2, NULL));
    assert_int_equal(missed, 0);
    assert_true(log_allow(&l, 150, 50, 2, &missed)); /* the next interval tells */
    assert_int_equal(missed, 2);
    assert_true(log_allow(&l, 151, 50, 2, &missed));
    assert_int_equal(missed, 0);
    assert_false(log_allow(&l, 152, 50, 2, &missed));
    assert_true(log_allow(&l, 999, 50, 2, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_by_level),
        cmocka_unit_test(the_journal_gets_priorities),
        cmocka_unit_test(a_journal_that_is_not_ours_is_none),
        cmocka_unit_test(one_event_one_line),
        cmocka_unit_test(remembers_the_last_error),
        cmocka_unit_test(quotes),
        cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
