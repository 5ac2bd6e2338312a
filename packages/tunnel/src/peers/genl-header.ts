/** The numbers of linux/wireguard.h: commands, attributes and flags of the generic netlink family `wireguard`. */
export const WG = {
  family: "wireguard",
  version: 1,
  command: { get: 0, set: 1 },
  device: { ifname: 2, privateKey: 3, publicKey: 4, listenPort: 6, peers: 8 },
  peer: { publicKey: 1, presharedKey: 2, flags: 3, endpoint: 4, keepalive: 5, handshake: 6, received: 7, sent: 8, allowedIPs: 9 },
  allowedIP: { family: 1, address: 2, length: 3, flags: 4 },
  /** `removeMe` of an allowed IP: since Linux 6.16. */
  flag: { removeMe: 1, updateOnly: 4, allowedIPRemoveMe: 1 },
} as const;

/** Address families of socket(2). */
export const AF = { inet: 2, inet6: 10 } as const;
