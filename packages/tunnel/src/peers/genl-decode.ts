import type { SocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { messageOf } from "@sdn-tunnel/common/errors";
import { attributesOf } from "@sdn-tunnel/common/kernel/attributes";
import { addressFromBytes } from "@sdn-tunnel/common/net/address";
import { prefixOf } from "@sdn-tunnel/common/net/prefix";
import type { Prefix } from "@sdn-tunnel/common/net/prefix";
import { TunnelError } from "../errors.ts";
import { SecretKey } from "../keys/key.ts";
import type { PublicKey } from "../keys/key.ts";
import type { DeviceState } from "./device.ts";
import { AF, WG } from "./genl-header.ts";
import type { ObservedPeer } from "./peer.ts";

type Values = ReadonlyMap<number, Buffer>;

/**
 * Reads a device from the messages of its dump. A peer whose prefixes did not fit into one message comes again in the
 * next, with its key and the rest of them. Attributes that are not known are passed over, since versions differ.
 *
 * @param name of the device
 * @param messages the attributes of each
 * @throws {TunnelError} DEVICE_UNREADABLE when an attribute that matters cannot be read
 */
export function decodeDump(name: string, messages: readonly Buffer[]): DeviceState {
  try {
    return decodeMessages(messages);
  } catch (error) {
    throw new TunnelError({ code: "DEVICE_UNREADABLE", device: name, problem: messageOf(error) }, { cause: error });
  }
}

function decodeMessages(messages: readonly Buffer[]): DeviceState {
  const peers = new Map<PublicKey, ObservedPeer & { readonly allowedIPs: Set<Prefix> }>();
  let device: Values = new Map();
  for (const message of messages) {
    const values = valuesOf(message);
    device = new Map([...values, ...device]); // only the first message tells about the device itself
    for (const { payload } of attributesOf(values.get(WG.device.peers) ?? Buffer.alloc(0))) {
      const peer = decodePeer(valuesOf(payload));
      const before = peers.get(peer.publicKey);
      if (before) for (const prefix of peer.allowedIPs) before.allowedIPs.add(prefix);
      else peers.set(peer.publicKey, peer);
    }
  }
  const key = device.get(WG.device.publicKey);
  const port = device.get(WG.device.listenPort);
  return { publicKey: key && keyOf(key), listenPort: port ? number(port, 2) : 0, peers };
}

const valuesOf = (bytes: Buffer): Values => new Map(attributesOf(bytes).map(({ type, payload }) => [type, payload]));

function decodePeer(values: Values): ObservedPeer & { readonly allowedIPs: Set<Prefix> } {
  const key = values.get(WG.peer.publicKey);
  if (!key) throw new RangeError("a peer without a key");
  const psk = values.get(WG.peer.presharedKey);
  const endpoint = values.get(WG.peer.endpoint);
  const handshakeAt = decodeTime(values.get(WG.peer.handshake));
  const count = (attribute: number): number => number(values.get(attribute) ?? Buffer.alloc(8), 8);
  return {
    publicKey: keyOf(key),
    allowedIPs: new Set(attributesOf(values.get(WG.peer.allowedIPs) ?? Buffer.alloc(0)).map(({ payload }) => decodePrefix(valuesOf(payload)))),
    endpoint: endpoint && decodeEndpoint(endpoint),
    keepaliveSeconds: number(values.get(WG.peer.keepalive) ?? Buffer.alloc(2), 2),
    presharedKey: psk?.some((byte) => byte !== 0) ? new SecretKey(keyOf(psk)) : undefined,
    ...(handshakeAt > 0 && { handshakeAt }),
    receivedBytes: count(WG.peer.received),
    sentBytes: count(WG.peer.sent),
  };
}

function keyOf(bytes: Buffer): PublicKey {
  if (bytes.length !== 32) throw new RangeError(`a key of ${bytes.length} bytes`);
  return bytes.toString("base64") as PublicKey;
}

function decodePrefix(values: Values): Prefix {
  const family = number(values.get(WG.allowedIP.family) ?? Buffer.alloc(0), 2);
  const address = values.get(WG.allowedIP.address);
  const length = number(values.get(WG.allowedIP.length) ?? Buffer.alloc(0), 1);
  if (address?.length !== (family === AF.inet6 ? 16 : 4)) throw new RangeError(`an allowed IP of ${address?.length} bytes and family ${family}`);
  return prefixOf(addressFromBytes(address), length);
}

function decodeEndpoint(bytes: Buffer): SocketAddress {
  const family = number(bytes.subarray(0, 2), 2);
  const [at, size] = family === AF.inet6 ? [8, 16] : [4, 4];
  if ((family !== AF.inet && family !== AF.inet6) || bytes.length < at + size) throw new RangeError(`an endpoint of ${bytes.length} bytes and family ${family}`);
  return { host: addressFromBytes(bytes.subarray(at, at + size)), port: bytes.readUInt16BE(2) };
}

/** Unix time in milliseconds of a struct __kernel_timespec; 0 is never. */
function decodeTime(bytes: Buffer = Buffer.alloc(16)): number {
  return number(bytes.subarray(0, 8), 8) * 1000 + Math.floor(number(bytes.subarray(8), 8) / 1e6);
}

function number(bytes: Buffer, size: 1 | 2 | 8): number {
  if (bytes.length !== size) throw new RangeError(`a number of ${bytes.length} bytes where ${size} are expected`);
  return size === 8 ? Number(bytes.readBigUInt64LE()) : bytes.readUIntLE(0, size);
}
