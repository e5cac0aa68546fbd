/* test_tls: files that are wrong, handshakes, who the client is, ends of connections; over a pair
 * of sockets on one loop, with keys and certificates that the test makes. */
#include "loop.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls.h"

static struct loop loop;
static char path[64];

/* ---- keys and certificates */

struct identity {
    EVP_PKEY *key;
    X509 *cert;
};

static struct identity ca, other_ca, server, server2, client, stranger, outdated, nul_name,
    two_names, long_name, no_name;

static void
add_name(X509_NAME *n, const char *cn, int len)
{
    assert_int_equal(X509_NAME_add_entry_by_NID(n, NID_commonName, MBSTRING_UTF8,
                                                (const uint8_t *)cn, len, -1, 0),
                     1);
}

/* names: n common names of lens bytes; issuer NULL = self-signed, an authority. */
static struct identity
make_named(const struct identity *issuer, long days, const char *const *names, const int *lens,
           size_t n)
{
    static long serial;
    struct identity id = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509_NAME *subject = X509_get_subject_name(id.cert);

    assert_non_null(id.key);
    (void)X509_set_version(id.cert, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(id.cert), ++serial);
    (void)X509_gmtime_adj(X509_getm_notBefore(id.cert), -86400 * 30);
    (void)X509_gmtime_adj(X509_getm_notAfter(id.cert), 86400 * days);
    (void)X509_set_pubkey(id.cert, id.key);
    for (size_t i = 0; i < n; i++)
        add_name(subject, names[i], lens[i]);
    if (issuer == NULL) {
        X509_EXTENSION *x =
            X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
        assert_non_null(x);
        (void)X509_add_ext(id.cert, x, -1);
        X509_EXTENSION_free(x);
    }
    (void)X509_set_issuer_name(id.cert,
                               issuer != NULL ? X509_get_subject_name(issuer->cert) : subject);
    assert_true(X509_sign(id.cert, issuer != NULL ? issuer->key : id.key, EVP_sha256()) > 0);
    return id;
}

static struct identity
make(const struct identity *issuer, long days, const char *name)
{
    int len = (int)strlen(name);

    return make_named(issuer, days, &name, &len, 1);
}

static void
drop(struct identity *id)
{
    EVP_PKEY_free(id->key);
    X509_free(id->cert);
}

static const char *
in_dir(const char *name)
{
    static char paths[4][sizeof path];
    static unsigned next;
    char *p = paths[next++ % 4];

    (void)snprintf(p, sizeof path, "%s/%s", loop.dir, name);
    return p;
}

static void
write_text(const char *name, const char *text)
{
    FILE *f = fopen(in_dir(name), "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
write_cert(const char *name, const struct identity *a, const struct identity *b)
{
    FILE *f = fopen(in_dir(name), "w");

    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, a->cert), 1);
    if (b != NULL)
        assert_int_equal(PEM_write_X509(f, b->cert), 1);
    assert_int_equal(fclose(f), 0);
}

static void
write_key(const char *name, const struct identity *id, const char *passphrase)
{
    FILE *f = fopen(in_dir(name), "w");

    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, id->key, passphrase != NULL ? EVP_aes_128_cbc() : NULL,
                                          NULL, 0, NULL, (void *)(uintptr_t)passphrase),
                     1);
    assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
    static const char nul[] = "radio\0.example", *two[] = {"radio", "base"};
    static char longest[65];
    const char *p;
    int len;

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN); /* as svc does */
    loop_init(&loop);
    ca = make(NULL, 365, "Authority");
    other_ca = make(NULL, 365, "Another authority");
    server = make(&ca, 365, "collector");
    server2 = make(&ca, 365, "renewed");
    client = make(&ca, 365, "équipe Gao");
    stranger = make(&other_ca, 365, "radio");
    outdated = make(&ca, -1, "radio");
    p = nul;
    len = sizeof nul - 1;
    nul_name = make_named(&ca, 365, &p, &len, 1);
    two_names = make_named(&ca, 365, two, (const int[]){5, 4}, 2);
    memset(longest, 'x', sizeof longest - 1);
    long_name = make(&ca, 365, longest);
    no_name = make_named(&ca, 365, NULL, NULL, 0);
    write_cert("server.pem", &server, &ca);
    write_key("server.key", &server, NULL);
    write_cert("server2.pem", &server2, NULL);
    write_key("server2.key", &server2, NULL);
    write_cert("ca.pem", &ca, NULL);
    write_key("locked.key", &server, "secret");
    write_text("empty.pem", "");
    write_text("words.pem", "no certificate at all\n");
    return 0;
}

static int
teardown(void **state)
{
    static const char *files[] = {"server.pem", "server.key", "server2.pem", "server2.key",
                                  "ca.pem",     "locked.key", "empty.pem",   "words.pem"};
    struct identity *all[] = {&ca,       &other_ca, &server,    &server2,   &client, &stranger,
                              &outdated, &nul_name, &two_names, &long_name, &no_name};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        drop(all[i]);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        (void)unlink(in_dir(files[i]));
    loop_fini(&loop);
    return 0;
}

/* ---- two ends */

struct end {
    struct bufferevent *bev;
    bool connected, eof, error;
    char error_text[256];
};

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    struct end *x = arg;

    x->connected |= (what & BEV_EVENT_CONNECTED) != 0;
    x->eof |= (what & BEV_EVENT_EOF) != 0;
    if ((what & BEV_EVENT_ERROR) != 0) {
        x->error = true;
        (void)tls_error(bev, x->error_text, sizeof x->error_text);
    }
}

static struct tls *
serve(const char *cert, const char *key, const char *clients)
{
    struct tls *t = NULL;
    struct err e = {.text = ""};

    if (tls_new(in_dir(cert), in_dir(key), clients != NULL ? in_dir(clients) : NULL, &t, &e) < 0)
        fail_msg("%s: %s", e.file, e.text);
    return t;
}

static void
watch(struct end *x)
{
    assert_non_null(x->bev);
    bufferevent_setcb(x->bev, NULL, NULL, on_event, x);
    (void)bufferevent_enable(x->bev, EV_READ | EV_WRITE);
}

/* A pair of connected ends; the client trusts `ca`. late: the server's descriptor comes later, as
 * with evhttp. */
static void
join(struct tls *t, const struct identity *shows, int most, bool late, struct end *s, struct end *c)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl;
    int fds[2];

    *s = (struct end){.bev = NULL};
    *c = (struct end){.bev = NULL};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    (void)X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca.cert);
    SSL_CTX_set_security_level(ctx, most != 0 && most < TLS1_2_VERSION ? 0 : 1);
    if (most != 0)
        (void)SSL_CTX_set_max_proto_version(ctx, most);
    if (most != 0 && most < TLS1_2_VERSION)
        (void)SSL_CTX_set_min_proto_version(ctx, most);
    if (shows != NULL) {
        assert_int_equal(SSL_CTX_use_certificate(ctx, shows->cert), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(ctx, shows->key), 1);
    }
    ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    s->bev = tls_accept(t, loop.base, late ? -1 : fds[0]);
    if (late)
        assert_int_equal(bufferevent_setfd(s->bev, fds[0]), 0);
    watch(s);
    c->bev = bufferevent_openssl_socket_new(loop.base, fds[1], ssl, BUFFEREVENT_SSL_CONNECTING,
                                            BEV_OPT_CLOSE_ON_FREE);
    watch(c);
}

static void
part(struct end *s, struct end *c)
{
    if (s->bev != NULL)
        bufferevent_free(s->bev);
    if (c->bev != NULL)
        bufferevent_free(c->bev);
}

static void
say(struct end *from, struct end *to, const char *text)
{
    size_t n = strlen(text), had = evbuffer_get_length(bufferevent_get_input(to->bev));
    char got[64] = "";

    assert_int_equal(bufferevent_write(from->bev, text, n), 0);
    LOOP_UNTIL(&loop, evbuffer_get_length(bufferevent_get_input(to->bev)) == had + n);
    (void)bufferevent_read(to->bev, got, sizeof got - 1);
    assert_string_equal(got, text);
}

/* ---- tests */

static void
test_files(void **state)
{
    static const struct {
        const char *cert, *key, *clients, *file, *why;
    } cases[] = {
        {"none.pem", "server.key", NULL, "none.pem", "cannot be read"},
        {"empty.pem", "server.key", NULL, "empty.pem", "no certificate in PEM"},
        {"words.pem", "server.key", NULL, "words.pem", "no certificate in PEM"},
        {"server.key", "server.key", NULL, "server.key", "no certificate in PEM"},
        {"server.pem", "none.key", NULL, "none.key", "cannot be read"},
        {"server.pem", "words.pem", NULL, "words.pem", "no private key in PEM"},
        {"server.pem", "server.pem", NULL, "server.pem", "no private key in PEM"},
        {"server.pem", "locked.key", NULL, "locked.key", "without a passphrase"},
        {"server.pem", "server2.key", NULL, "server2.key", "not the key of the certificate"},
        {"server.pem", "server.key", "none.pem", "none.pem", "cannot be read"},
        {"server.pem", "server.key", "empty.pem", "empty.pem", "no certificate in PEM"},
        {"server.pem", "server.key", "server.key", "server.key", "no certificate in PEM"},
        {".", "server.key", NULL, ".", "cannot be read"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tls *t = NULL;
        struct err e = {.text = ""};
        const char *clients = cases[i].clients != NULL ? in_dir(cases[i].clients) : NULL;

        assert_int_equal(tls_new(in_dir(cases[i].cert), in_dir(cases[i].key), clients, &t, &e), -1);
        assert_null(t);
        assert_string_equal(e.file, in_dir(cases[i].file));
        if (strstr(e.text, cases[i].why) == NULL)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, e.text, cases[i].why);
        assert_int_equal(ERR_peek_error(), 0);
    }
    tls_free(NULL);
}

static void
test_plain_server(void **state)
{
    struct tls *t = serve("server.pem", "server.key", NULL);
    char text[64];

    (void)state;
    /* An end with a certificate that nobody asked for has no name either. */
    const struct identity *shows[] = {NULL, &client};
    for (size_t i = 0; i < 4; i++) {
        struct end s, c;
        join(t, shows[i % 2], i < 2 ? 0 : TLS1_2_VERSION, i % 2 == 1, &s, &c);
        LOOP_UNTIL(&loop, s.connected && c.connected);
        say(&c, &s, "to the server");
        say(&s, &c, "to the client");
        assert_false(tls_client_name(s.bev, text, sizeof text));
        assert_string_equal(tls_error(s.bev, text, sizeof text), "");
        assert_int_equal(SSL_session_reused(bufferevent_openssl_get_ssl(c.bev)), 0);
        part(&s, &c);
    }
    tls_free(t);
}

static void
test_names(void **state)
{
    static const struct {
        const struct identity *shows;
        size_t room;
        const char *name;
    } cases[] = {
        {&client, 64, "équipe Gao"}, {&client, 12, "équipe Gao"}, {&client, 11, NULL},
        {&nul_name, 64, NULL},       {&two_names, 64, NULL},      {&no_name, 64, NULL},
        {&long_name, 64, NULL},
    };
    struct tls *t = serve("server.pem", "server.key", "ca.pem");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct end s, c;
        char *name = malloc(cases[i].room); /* of this size, so that ASan sees a byte too many */
        bool found;

        assert_non_null(name);
        join(t, cases[i].shows, i % 2 == 0 ? 0 : TLS1_2_VERSION, false, &s, &c);
        LOOP_UNTIL(&loop, s.connected);
        found = tls_client_name(s.bev, name, cases[i].room);
        assert_int_equal(found, cases[i].name != NULL);
        if (found)
            assert_string_equal(name, cases[i].name);
        free(name);
        part(&s, &c);
    }
    tls_free(t);
}

static void
test_refused_clients(void **state)
{
    static const struct {
        const struct identity *shows;
        const char *why;
    } cases[] = {
        {NULL, "peer did not return a certificate"},
        {&stranger, "unable to get local issuer certificate"},
        {&outdated, "certificate has expired"},
    };
    struct tls *t = serve("server.pem", "server.key", "ca.pem");
    char name[64];

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        struct end s, c;

        join(t, cases[i / 2].shows, i % 2 == 0 ? 0 : TLS1_2_VERSION, false, &s, &c);
        LOOP_UNTIL(&loop, s.error);
        assert_false(s.connected);
        if (strstr(s.error_text, cases[i / 2].why) == NULL)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, s.error_text, cases[i / 2].why);
        assert_false(tls_client_name(s.bev, name, sizeof name));
        part(&s, &c);
    }
    tls_free(t);
}

static void
test_old_protocols(void **state)
{
    struct tls *t = serve("server.pem", "server.key", NULL);
    struct end s, c;

    (void)state;
    join(t, NULL, TLS1_1_VERSION, false, &s, &c);
    LOOP_UNTIL(&loop, s.error);
    assert_non_null(strstr(s.error_text, "protocol"));
    part(&s, &c);
    tls_free(t);
}

static void
test_no_renegotiation(void **state)
{
    struct tls *t = serve("server.pem", "server.key", NULL);
    struct end s, c;

    (void)state;
    join(t, NULL, TLS1_2_VERSION, false, &s, &c);
    LOOP_UNTIL(&loop, s.connected && c.connected);
    say(&c, &s, "before");
    assert_int_equal(SSL_renegotiate(bufferevent_openssl_get_ssl(c.bev)), 1);
    (void)bufferevent_write(c.bev, "after", 5);
    /* The server answers "no renegotiation"; this client takes that for the end. */
    LOOP_UNTIL(&loop, c.error || c.eof);
    assert_int_equal(SSL_num_renegotiations(bufferevent_openssl_get_ssl(s.bev)), 0);
    part(&s, &c);
    tls_free(t);
}

/* What is no TLS is an error with words; and who goes without a farewell has gone, no more. */
static void
test_ends(void **state)
{
    static const char http[] = "GET / HTTP/1.1\r\n\r\n";
    struct tls *t = serve("server.pem", "server.key", NULL);
    struct end s = {.bev = NULL}, c;
    int fds[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    s.bev = tls_accept(t, loop.base, fds[0]);
    watch(&s);
    assert_int_equal(write(fds[1], http, sizeof http - 1), sizeof http - 1);
    LOOP_UNTIL(&loop, s.error);
    assert_string_equal(s.error_text, "http request");
    bufferevent_free(s.bev);
    (void)event_base_loop(loop.base, EVLOOP_NONBLOCK); /* libevent frees in its next turn */
    char byte;
    while (read(fds[1], &byte, 1) == 1) /* the alert */
        ;
    assert_int_equal(read(fds[1], &byte, 1), 0); /* it was closed with the bufferevent */
    (void)close(fds[1]);

    for (int i = 0; i < 2; i++) {
        join(t, NULL, i == 0 ? 0 : TLS1_2_VERSION, false, &s, &c);
        LOOP_UNTIL(&loop, s.connected && c.connected);
        say(&c, &s, "x");
        (void)shutdown(bufferevent_getfd(c.bev), SHUT_RDWR);
        LOOP_UNTIL(&loop, s.eof || s.error);
        assert_true(s.eof);
        assert_false(s.error);
        part(&s, &c);
    }
    tls_free(t);
}

static void
test_reload(void **state)
{
    struct tls *t = serve("server.pem", "server.key", NULL), *next;
    struct end s, c, s2, c2;

    (void)state;
    join(t, NULL, 0, false, &s, &c);
    LOOP_UNTIL(&loop, s.connected && c.connected);
    next = serve("server2.pem", "server2.key", NULL);
    tls_free(t);
    say(&c, &s, "goes on");
    say(&s, &c, "both ways");
    join(next, NULL, 0, false, &s2, &c2);
    LOOP_UNTIL(&loop, c2.connected);
    X509 *shown = SSL_get1_peer_certificate(bufferevent_openssl_get_ssl(c2.bev));
    assert_int_equal(X509_cmp(shown, server2.cert), 0);
    X509_free(shown);
    part(&s, &c);
    part(&s2, &c2);
    tls_free(next);
}

static void
test_no_tls(void **state)
{
    struct bufferevent *bev = bufferevent_socket_new(loop.base, -1, 0);
    char text[64] = "x";

    (void)state;
    assert_false(tls_client_name(bev, text, sizeof text));
    assert_string_equal(tls_error(bev, text, sizeof text), "");
    bufferevent_free(bev);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),         cmocka_unit_test(test_plain_server),
        cmocka_unit_test(test_names),         cmocka_unit_test(test_refused_clients),
        cmocka_unit_test(test_old_protocols), cmocka_unit_test(test_no_renegotiation),
        cmocka_unit_test(test_ends),          cmocka_unit_test(test_reload),
        cmocka_unit_test(test_no_tls),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
