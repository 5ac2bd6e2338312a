import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { attribute, nest } from "@sdn-tunnel/common/kernel/attributes";
import { bytesOf, familyOf } from "@sdn-tunnel/common/net/address";
import type { Address } from "@sdn-tunnel/common/net/address";
import { rangeOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import type { PublicKey, SecretKey } from "../keys/key.ts";
import { AF, WG } from "./genl-header.ts";
import type { PeerOp } from "./peer.ts";

/** Prefixes in one entry: an entry stays below 20,100 bytes, and an attribute can have 65,531. */
const PREFIXES_IN_ENTRY = 500;
const NO_KEY = new Uint8Array(32);

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number): Buffer => Buffer.from([value, 0, 0, 0]);
const keyBytes = (key: PublicKey): Buffer => Buffer.from(key, "base64");
const secretBytes = (key: SecretKey | undefined): Uint8Array => (key ? Buffer.from(key.base64, "base64") : NO_KEY);

/** The attributes of a message that gives the device its key and port. */
export function encodeSettings(device: string, settings: { readonly privateKey?: SecretKey; readonly listenPort?: number }): Buffer {
  const { privateKey, listenPort } = settings;
  return Buffer.concat([
    nameOf(device),
    ...(privateKey ? [attribute(WG.device.privateKey, secretBytes(privateKey))] : []),
    ...(listenPort === undefined ? [] : [attribute(WG.device.listenPort, u16(listenPort))]),
  ]);
}

/** The attributes of a message about a device and, unless it is a question, about some of its peers. */
export function encodeDevice(device: string, entries: readonly Buffer[] = []): Buffer {
  return Buffer.concat([nameOf(device), ...(entries.length > 0 ? [nest(WG.device.peers, entries)] : [])]);
}

const nameOf = (device: string): Buffer => attribute(WG.device.ifname, Buffer.from(`${device}\0`));

/**
 * The entries of an operation in a message's list of peers: one, or as many as its prefixes need.
 *
 * A known peer is only updated; one that is not there is passed over. Nothing is ever replaced: that would end
 * sessions, or leave prefixes without a peer for a moment.
 *
 * @param throwAwayKey for a kernel that cannot take a single prefix from a peer: a key that nobody has. A peer of
 *   that key gets the prefixes, and goes.
 */
export function encodeOp(op: PeerOp, throwAwayKey?: PublicKey): Buffer[] {
  if (op.kind === "add-peer") {
    const { publicKey, presharedKey, endpoint, keepaliveSeconds, allowedIPs } = op.peer;
    const settings = [
      ...(presharedKey ? [attribute(WG.peer.presharedKey, secretBytes(presharedKey))] : []),
      ...(endpoint ? [encodeEndpoint(endpoint)] : []),
      ...(keepaliveSeconds > 0 ? [attribute(WG.peer.keepalive, u16(keepaliveSeconds))] : []),
    ];
    return entries(publicKey, 0, settings, [...allowedIPs], 0);
  }
  const { publicKey } = op;
  const update = WG.flag.updateOnly;
  switch (op.kind) {
    case "set-endpoint":
      return entries(publicKey, update, [encodeEndpoint(op.endpoint)]);
    case "set-keepalive":
      return entries(publicKey, update, [attribute(WG.peer.keepalive, u16(op.keepaliveSeconds))]);
    case "set-preshared-key":
      return entries(publicKey, update, [attribute(WG.peer.presharedKey, secretBytes(op.presharedKey))]);
    case "take-prefixes":
      return entries(publicKey, update, [], op.prefixes);
    case "drop-prefixes":
      if (throwAwayKey === undefined) return entries(publicKey, update, [], op.prefixes, WG.flag.allowedIPRemoveMe);
      return [...entries(throwAwayKey, 0, [], op.prefixes), ...entries(throwAwayKey, WG.flag.removeMe, [])];
    case "remove-peer":
      return entries(publicKey, WG.flag.removeMe, []);
  }
}

function entries(key: PublicKey, flags: number, settings: readonly Buffer[], prefixes: readonly Prefix[] = [], prefixFlags = 0): Buffer[] {
  const entry = (flags: number, settings: readonly Buffer[], prefixes: readonly Prefix[]): Buffer =>
    nest(0, [
      attribute(WG.peer.publicKey, keyBytes(key)),
      ...(flags === 0 ? [] : [attribute(WG.peer.flags, u32(flags))]),
      ...settings,
      ...(prefixes.length > 0 ? [nest(WG.peer.allowedIPs, prefixes.map((prefix) => encodePrefix(prefix, prefixFlags)))] : []),
    ]);
  const first = entry(flags, settings, prefixes.slice(0, PREFIXES_IN_ENTRY));
  const rest: Buffer[] = [];
  for (let at = PREFIXES_IN_ENTRY; at < prefixes.length; at += PREFIXES_IN_ENTRY)
    rest.push(entry(WG.flag.updateOnly, [], prefixes.slice(at, at + PREFIXES_IN_ENTRY)));
  return [first, ...rest];
}

function encodePrefix(prefix: Prefix, flags: number): Buffer {
  const { family, length } = rangeOf(prefix);
  const network = prefix.slice(0, prefix.indexOf("/")) as Address;
  return nest(0, [
    attribute(WG.allowedIP.family, u16(family === 4 ? AF.inet : AF.inet6)),
    attribute(WG.allowedIP.address, bytesOf(network)),
    attribute(WG.allowedIP.length, Buffer.from([length])),
    ...(flags === 0 ? [] : [attribute(WG.allowedIP.flags, u32(flags))]),
  ]);
}

/** struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)): family by the machine's order, port by the network's. */
function encodeEndpoint({ host, port }: SocketAddress): Buffer {
  const v4 = familyOf(host) === 4;
  const out = Buffer.alloc(v4 ? 16 : 28);
  out.writeUInt16LE(v4 ? AF.inet : AF.inet6, 0);
  out.writeUInt16BE(port, 2);
  out.set(bytesOf(host), v4 ? 4 : 8);
  return attribute(WG.peer.endpoint, out);
}
