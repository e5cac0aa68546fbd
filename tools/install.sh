#!/usr/bin/env bash
# Installs what was built. Called by `make install`: tools/install.sh DESTDIR PREFIX BIN
#
#   PREFIX/sbin, PREFIX/bin          daemons, the tool
#   PREFIX/share/tocsin              lexicon, model, gazetteer, rules, examples
#   PREFIX/lib/{systemd/system,sysusers.d,tmpfiles.d}, PREFIX/share/man
#   ETC/tocsin/tocsin.yaml           ETC is /etc for /usr and /usr/local, else PREFIX/etc; a file
#                                    that is there stays, ours is put beside it as tocsin.yaml.new
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -ne 3 ] || [ "${2#/}" = "$2" ]; then
    echo "usage: tools/install.sh DESTDIR PREFIX BIN (PREFIX is an absolute path)" >&2
    exit 64
fi
dest=$1
prefix=${2%/}
bin=$3
case "$prefix" in
/usr | /usr/local) etc=/etc ;;
*) etc=$prefix/etc ;;
esac

# put MODE FILE DIRECTORY[/NAME]
put() {
    install -D -m "$1" "$2" "$dest$3"
}

for daemon in collector classifier notifier; do
    put 755 "$bin/tocsin-$daemon" "$prefix/sbin/tocsin-$daemon"
    install -d "$dest$prefix/lib/systemd/system"
    sed -e "s|@SBINDIR@|$prefix/sbin|g" -e "s|@ETCDIR@|$etc|g" \
        "systemd/tocsin-$daemon.service.in" \
        >"$dest$prefix/lib/systemd/system/tocsin-$daemon.service"
    chmod 644 "$dest$prefix/lib/systemd/system/tocsin-$daemon.service"
done
put 755 "$bin/tocsin" "$prefix/bin/tocsin"
put 644 systemd/tocsin.target "$prefix/lib/systemd/system/tocsin.target"
put 644 systemd/tocsin.sysusers "$prefix/lib/sysusers.d/tocsin.conf"
put 644 systemd/tocsin.tmpfiles "$prefix/lib/tmpfiles.d/tocsin.conf"

# Shipped data: all of conf/ but the configuration itself, in the same tree.
(cd conf && find . -type f ! -path ./tocsin.yaml ! -name '.*') | sort | while read -r file; do
    put 644 "conf/$file" "$prefix/share/tocsin/${file#./}"
done

for page in man/*.[1-8]; do
    put 644 "$page" "$prefix/share/man/man${page##*.}/${page##*/}"
done

config=$etc/tocsin/tocsin.yaml
if [ ! -e "$dest$config" ]; then
    put 644 conf/tocsin.yaml "$config"
elif ! cmp -s conf/tocsin.yaml "$dest$config"; then
    put 644 conf/tocsin.yaml "$config.new"
    echo "kept $dest$config; the one of this release is $config.new"
fi

echo "installed below $dest$prefix; next, on the machine itself:"
echo "  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"
echo "  systemctl enable --now tocsin.target"
