#!/usr/bin/env bash
# The door for TAK clients and a library that others use: @tak-ps/node-cot writes the events, in XML
# and in protobuf, and reads our answers. Skipped without node, or when it cannot be installed.
# shellcheck disable=SC2016,SC2034,SC2317 # read and called by the library
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

package=@tak-ps/node-cot@12.23.0
main=$PWD/build/npm/node_modules/@tak-ps/node-cot/dist/index.js
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    skip "events of node-cot" "there is no node and npm"
    finish
fi
if [ ! -e "$main" ]; then
    mkdir -p build/npm
    timeout 150 npm install --prefix build/npm --no-audit --no-fund --ignore-scripts "$package" >"$T/npm" 2>&1
fi
if [ ! -e "$main" ]; then
    skip "events of node-cot" "$package cannot be installed here: $(grep -m 1 . "$T/npm" | cut -c1-100)"
    finish
fi

D=$T/a
collector='listen_tak: 127.0.0.1:0
tak_source: field
tick: 1s
disk_low_bytes: 0
sources:
  - {name: field, class: own}
tak_assets:
  - {match: TRUCK*, asset: convoy-1}'
instance "$D"
start "$D" collector
port=$(sed -nE 's/.*tak door listens on .*:([0-9]+)$/\1/p' "$D/collector.log")

cat >"$T/client.mjs" <<'J'
import net from 'node:net';
const [, , main, port] = process.argv;
const { default: CoT, DirectChat } = await import(main);
const point = (id, properties, lon, lat) => CoT.from_geojson({
    id, type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lon, lat] } });

let got = Buffer.alloc(0), wake = () => {};
const s = net.connect(Number(port), '127.0.0.1');
s.on('data', (d) => { got = Buffer.concat([got, d]); wake(); });
s.on('error', (e) => { console.log('error', e.message); process.exit(1); });
s.on('close', () => { console.log('closed'); process.exit(1); });
const until = async (re) => {
    for (;;) {
        const m = re.exec(got.toString('latin1'));
        if (m) return m;
        await new Promise((r) => { wake = r; });
    }
};
setTimeout(() => { console.log('nothing more came:', got.toString('latin1')); process.exit(1); }, 30000);

const answer = async (type) => {
    const m = await until(new RegExp(`<event[^>]*type="${type}".*?</event>`, 's'));
    return new CoT(m[0]).raw.event._attributes.type;
};
console.log('offer', await answer('t-x-takp-v'));
s.write(point('n1', { callsign: 'HOSTILE 1', type: 'a-h-G-U-C-I', how: 'h-g-i-g-o',
    remarks: 'about twenty armed men on motorbikes' }, -4.19, 14.49).to_xml());
s.write(point('n2', { callsign: 'TRUCK-1', type: 'a-f-G-E-V-C', how: 'm-g' }, -4.18, 14.48).to_xml());
s.write(CoT.from_geojson({ id: 'n3', type: 'Feature', properties: { callsign: 'zone', type: 'u-d-f' },
    geometry: { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] } }).to_xml());
s.write(new DirectChat({ to: { uid: 'a', callsign: 'b' }, from: { uid: 'c', callsign: 'd' },
    message: 'see you at the gate' }).to_xml());
s.write(CoT.ping().to_xml());
console.log('pong', await answer('t-x-c-t-r'));

const ask = CoT.ping().to_xml().replace('type="t-x-c-t"', 'type="t-x-takp-q"')
    .replace('<detail>', '<detail><TakControl><TakRequest version="1"/></TakControl>');
s.write(ask);
console.log('switch', await answer('t-x-takp-r'));
got = Buffer.alloc(0);
const frame = (cot) => {
    const body = Buffer.from(cot.to_proto()), head = [0xbf];
    let n = body.length;
    for (; n > 0x7f; n >>>= 7) head.push(0x80 | (n & 0x7f));
    return Buffer.concat([Buffer.from([...head, n]), body]);
};
s.write(frame(point('n4', { callsign: 'HOSTILE 2', type: 'a-h-G', how: 'h-g-i-g-o',
    remarks: 'a mortar on the hill' }, -4.2, 14.5)));
s.write(frame(CoT.ping()));
await until(/\xbf.*t-x-c-t-r/s);
let at = 1, size = 0, shift = 0;
for (;; shift += 7) {
    const b = got[at++];
    size |= (b & 0x7f) << shift;
    if (b < 0x80) break;
}
console.log('pong in protobuf', CoT.from_proto(got.subarray(at, at + size)).raw.event._attributes.type);
process.exit(0);
J
said=$(timeout 60 node "$T/client.mjs" "$main" "$port" 2>&1)
same "node-cot reads the offer" 'offer t-x-takp-v' "$(grep '^offer' <<<"$said")"
same "and the answer to its ping" 'pong t-x-c-t-r' "$(grep '^pong t' <<<"$said")"
same "and the answer to its request" 'switch t-x-takp-r' "$(grep '^switch' <<<"$said")"
same "and a pong in protobuf" 'pong in protobuf t-x-c-t-r' "$(grep '^pong in' <<<"$said")"
[ "$failed" -eq 0 ] || not_ok "the client" "$said"
records=$(t "$D" record --json)
for text in 'n1.*twenty armed men on motorbikes.*"lat":14.49,"lon":-4.19.*armed_presence' 'n4.*a mortar on the hill.*"lat":14.5,'; do
    has "its marker is an incident: $text" "\"incident\":\\{\"id\":\"$text" "$records"
done
has "the position of a device is one of its asset" '"position":\{"asset":"convoy-1".*"lat":14.48' "$records"
lacks "a drawing and a chat are no reports" '"n3"|at the gate' "$records"
same "nothing is refused" "" "$(t "$D" rejected list --json)"
stop "$D" collector || not_ok "the collector stops"
finish
