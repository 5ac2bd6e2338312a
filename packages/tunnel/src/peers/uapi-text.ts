import { parseSocketAddress, showSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { publicKeyOf, SecretKey } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import type { DeviceState } from "./device.ts";
import type { ObservedPeer, Peer, PeerOp } from "./peer.ts";

// The text of WireGuard's cross-platform userspace interface: `key=value` lines, keys in hexadecimal
// (https://www.wireguard.com/xplatform/#configuration-protocol).

const hexOf = (base64: string): string => Buffer.from(base64, "base64").toString("hex");
const base64Of = (hex: string): string => Buffer.from(hex, "hex").toString("base64");
const NO_KEY = "0".repeat(64);

/** The answer to `get=1`, status line included. */
export interface UapiAnswer {
  readonly errno: number;
  readonly state: DeviceState;
}

/**
 * Reads the answer to `get=1`; keys that are not known are passed over, since versions differ.
 *
 * @throws {RangeError} when a line that matters cannot be read
 */
export function parseAnswer(text: string): UapiAnswer {
  const peers = new Map<PublicKey, ObservedPeer>();
  const device = new Map<string, string>();
  let peer: Map<string, string[]> | undefined;
  const finish = (): void => {
    const read = peer && readPeer(peer);
    if (read) peers.set(read.publicKey, read);
  };
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    const [key, value] = [line.slice(0, at), line.slice(at + 1)];
    if (key === "public_key" || key === "errno") {
      finish();
      peer = key === "errno" ? undefined : new Map();
    }
    if (peer) peer.set(key, [...(peer.get(key) ?? []), value]);
    else if (at > 0) device.set(key, value);
  }
  const privateKey = device.get("private_key");
  const publicKey = privateKey === undefined || privateKey === NO_KEY ? undefined : publicKeyOf(new SecretKey(base64Of(privateKey)));
  return { errno: Number(device.get("errno") ?? Number.NaN), state: { publicKey, listenPort: Number(device.get("listen_port") ?? 0), peers } };
}

function readPeer(lines: ReadonlyMap<string, readonly string[]>): ObservedPeer {
  const one = (key: string): string | undefined => lines.get(key)?.[0];
  const number = (key: string): number => Number(one(key) ?? 0);
  const handshake = number("last_handshake_time_sec") * 1000 + Math.floor(number("last_handshake_time_nsec") / 1e6);
  const endpoint = one("endpoint")?.replace(/%[^\]]*/, ""); // the zone of a link-local address
  const presharedKey = one("preshared_key") ?? NO_KEY;
  return {
    publicKey: base64Of(one("public_key") ?? "") as PublicKey,
    allowedIPs: new Set((lines.get("allowed_ip") ?? []).map(parsePrefix)),
    endpoint: endpoint === undefined ? undefined : parseSocketAddress(endpoint),
    keepaliveSeconds: number("persistent_keepalive_interval"),
    presharedKey: presharedKey === NO_KEY ? undefined : new SecretKey(base64Of(presharedKey)),
    ...(handshake > 0 && { handshakeAt: handshake }),
    receivedBytes: number("rx_bytes"),
    sentBytes: number("tx_bytes"),
  };
}

/** A `set=1` request that gives the device its key and port. */
export function encodeSettings({ privateKey, listenPort }: { readonly privateKey?: SecretKey; readonly listenPort?: number }): string {
  const key = privateKey ? [`private_key=${hexOf(privateKey.base64)}`] : [];
  return request([...key, ...(listenPort === undefined ? [] : [`listen_port=${listenPort}`])]);
}

/** A `set=1` request for one operation. An update of a peer that is not there does nothing. */
export function encodeOp(op: PeerOp): string {
  if (op.kind === "add-peer") return request([`public_key=${hexOf(op.peer.publicKey)}`, ...peerLines(op.peer)]);
  return request([`public_key=${hexOf(op.publicKey)}`, "update_only=true", ...changeLines(op)]);
}

/**
 * The same effect as `drop-prefixes`, for versions that cannot take a single prefix from a peer: they are given to
 * a peer with a key that nobody has, which then is removed.
 */
export function encodeThrowAway(prefixes: readonly Prefix[], throwAwayKey: PublicKey): string {
  const key = `public_key=${hexOf(throwAwayKey)}`;
  return request([key, ...prefixes.map((prefix) => `allowed_ip=${prefix}`), key, "remove=true"]);
}

function changeLines(op: Exclude<PeerOp, { kind: "add-peer" }>): string[] {
  switch (op.kind) {
    case "set-endpoint":
      return [`endpoint=${showSocketAddress(op.endpoint)}`];
    case "set-keepalive":
      return [`persistent_keepalive_interval=${op.keepaliveSeconds}`];
    case "set-preshared-key":
      return [`preshared_key=${op.presharedKey ? hexOf(op.presharedKey.base64) : NO_KEY}`];
    case "take-prefixes":
      return op.prefixes.map((prefix) => `allowed_ip=${prefix}`);
    case "drop-prefixes":
      return op.prefixes.map((prefix) => `allowed_ip=-${prefix}`);
    case "remove-peer":
      return ["remove=true"];
  }
}

function peerLines({ presharedKey, endpoint, keepaliveSeconds, allowedIPs }: Peer): string[] {
  return [
    ...(presharedKey ? [`preshared_key=${hexOf(presharedKey.base64)}`] : []),
    ...(endpoint ? [`endpoint=${showSocketAddress(endpoint)}`] : []),
    ...(keepaliveSeconds > 0 ? [`persistent_keepalive_interval=${keepaliveSeconds}`] : []),
    ...[...allowedIPs].map((prefix) => `allowed_ip=${prefix}`),
  ];
}

const request = (lines: readonly string[]): string => `set=1\n${lines.join("\n")}\n\n`;
