/* tls: see tls.h.
 *
 * No session is resumed: neither cache nor tickets. A connection is kept for hours, so a full
 * handshake costs little, and after a reload nobody comes in on the word of authorities that the
 * configuration no longer names. */
#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "buf.h"

#define FILE_BYTES 1048576

/* Of TLS 1.2 only what keeps a recorded connection secret when the key is lost later; every
 * client of the last ten years speaks one of them. Those of 1.3 are all of that kind. */
#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls {
    SSL_CTX *ctx;
};

/* The last thing that OpenSSL complained about; empties its queue. */
static const char *
complaint(void)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return why != NULL ? why : "OpenSSL does not say why";
}

static BIO *
open_file(const char *path, const char *what, struct buf *bytes, struct err *e)
{
    BIO *bio;

    buf_init(bytes, 0);
    if (buf_read_file(bytes, path, FILE_BYTES, what, e) < 0)
        return NULL;
    if ((bio = BIO_new_mem_buf(bytes->len > 0 ? bytes->data : "", (int)bytes->len)) == NULL)
        (void)err_set(e, "out of memory");
    return bio;
}

/* For PEM that is encrypted: a daemon has nobody to ask. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

/* The certificate first, then those of the authorities between it and the root. */
static int
load_cert(SSL_CTX *ctx, const char *path, struct err *e)
{
    struct buf bytes;
    BIO *bio = open_file(path, "a certificate", &bytes, e);
    X509 *x = NULL;
    int rc = -1;

    if (bio == NULL)
        goto out;
    if ((x = PEM_read_bio_X509_AUX(bio, NULL, no_passphrase, NULL)) == NULL) {
        (void)err_at(e, path, 0, "no certificate in PEM: %s", complaint());
        goto out;
    }
    if (SSL_CTX_use_certificate(ctx, x) != 1) {
        (void)err_at(e, path, 0, "the certificate cannot be used: %s", complaint());
        goto out;
    }
    X509_free(x);
    while ((x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        if (SSL_CTX_add0_chain_cert(ctx, x) != 1) {
            (void)err_at(e, path, 0, "the chain cannot be used: %s", complaint());
            goto out;
        }
    }
    ERR_clear_error(); /* the end of the file is told as an error */
    rc = 0;
out:
    X509_free(x);
    BIO_free(bio);
    buf_fini(&bytes);
    return rc;
}

static int
load_key(SSL_CTX *ctx, const char *path, const char *cert, struct err *e)
{
    struct buf bytes;
    BIO *bio = open_file(path, "a private key", &bytes, e);
    EVP_PKEY *key = NULL;
    int rc = -1;

    if (bio == NULL)
        goto out;
    if ((key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)) == NULL) {
        (void)err_at(e, path, 0, "no private key in PEM without a passphrase: %s", complaint());
        goto out;
    }
    if (SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
        (void)err_at(e, path, 0, "this is not the key of the certificate %s: %s", cert,
                     complaint());
        goto out;
    }
    rc = 0;
out:
    if (bytes.data != NULL)
        OPENSSL_cleanse(bytes.data, bytes.cap);
    EVP_PKEY_free(key);
    BIO_free(bio);
    buf_fini(&bytes);
    return rc;
}

static int
load_clients(SSL_CTX *ctx, const char *path, struct err *e)
{
    struct buf bytes;
    BIO *bio = open_file(path, "certificates of authorities", &bytes, e);
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    X509 *x = NULL;
    size_t n = 0;
    int rc = -1;

    if (bio == NULL)
        goto out;
    while ((x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        /* The client is told their names, so that it knows which of its certificates to show. */
        if (X509_STORE_add_cert(store, x) != 1 || SSL_CTX_add_client_CA(ctx, x) != 1) {
            (void)err_at(e, path, 0, "certificate %zu cannot be used: %s", n + 1, complaint());
            goto out;
        }
        X509_free(x);
        n++;
    }
    if (n == 0) {
        (void)err_at(e, path, 0, "no certificate in PEM: %s", complaint());
        goto out;
    }
    ERR_clear_error();
    /* Also one that another authority has signed is trusted when it stands there itself. */
    (void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN); /* cannot fail */
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    rc = 0;
out:
    X509_free(x);
    BIO_free(bio);
    buf_fini(&bytes);
    return rc;
}

static SSL_CTX *
make_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL)
        return NULL;
    (void)SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_NO_TICKET |
                                       /* An end without a farewell is an end: libevent 2.1 would
                                        * take OpenSSL 3's new code for it for an error. */
                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* returns the old mode */
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);         /* 34 KB an idle connection */
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) != 1 || SSL_CTX_set_num_tickets(ctx, 0) != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

int
tls_new(const char *cert, const char *key, const char *clients, struct tls **out, struct err *e)
{
    struct tls *t = calloc(1, sizeof *t);

    ERR_clear_error();
    if (t == NULL || (t->ctx = make_context()) == NULL) {
        (void)err_set(e, "TLS cannot be set up: %s", t == NULL ? "out of memory" : complaint());
        goto fail;
    }
    if (load_cert(t->ctx, cert, e) < 0 || load_key(t->ctx, key, cert, e) < 0 ||
        (clients != NULL && load_clients(t->ctx, clients, e) < 0))
        goto fail;
    *out = t;
    return 0;
fail:
    tls_free(t);
    return -1;
}

void
tls_free(struct tls *t)
{
    if (t == NULL)
        return;
    SSL_CTX_free(t->ctx);
    free(t);
}

struct bufferevent *
tls_accept(struct tls *t, struct event_base *base, evutil_socket_t fd)
{
    SSL *ssl = SSL_new(t->ctx);
    struct bufferevent *bev;

    if (ssl == NULL) {
        ERR_clear_error();
        return NULL;
    }
    /* When it fails libevent 2.1.12 has freed ssl, and fd is open. */
    bev = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                         BEV_OPT_CLOSE_ON_FREE);
    if (bev != NULL)
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

/* Exactly one, as it is: what is cut off at a NUL or at the end of a buffer would be somebody
 * else's name, and of two nobody knows which is meant. */
static bool
common_name(X509 *x, char *out, size_t size)
{
    const X509_NAME *subject = X509_get_subject_name(x);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    bool found = false;
    int n;

    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
        return false;
    n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (n > 0 && (size_t)n < size && memchr(utf8, '\0', (size_t)n) == NULL) {
        memcpy(out, utf8, (size_t)n);
        out[n] = '\0';
        found = true;
    }
    OPENSSL_free(utf8);
    return found;
}

bool
tls_client_name(struct bufferevent *bev, char *out, size_t size)
{
    SSL *ssl = bufferevent_openssl_get_ssl(bev);
    X509 *x = ssl != NULL ? SSL_get1_peer_certificate(ssl) : NULL;
    bool found = x != NULL && SSL_get_verify_result(ssl) == X509_V_OK && common_name(x, out, size);

    X509_free(x);
    return found;
}

const char *
tls_error(struct bufferevent *bev, char *out, size_t size)
{
    SSL *ssl = bufferevent_openssl_get_ssl(bev);
    unsigned long first = 0, code;
    const char *why;
    long verdict;

    out[0] = '\0';
    if (ssl == NULL)
        return out;
    /* They come out the last one first; among them libevent puts the code of SSL_get_error(). */
    while ((code = bufferevent_get_openssl_error(bev)) != 0)
        if (ERR_GET_LIB(code) != 0)
            first = code;
    if (first == 0)
        return out;
    why = ERR_reason_error_string(first);
    verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK)
        (void)snprintf(out, size, "%s: %s", why != NULL ? why : "certificate refused",
                       X509_verify_cert_error_string(verdict));
    else
        (void)snprintf(out, size, "%s", why != NULL ? why : "unknown TLS error");
    return out;
}
