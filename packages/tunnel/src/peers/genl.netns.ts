import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { parseSocketAddress } from "@sdn-tunnel/common/daemon/listen-address";
import { GenericNetlink } from "@sdn-tunnel/common/kernel/generic";
import { KernelLinks } from "@sdn-tunnel/common/kernel/links";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { openGenericSocket, Rtnetlink } from "@sdn-tunnel/common/kernel/socket";
import { parsePrefix } from "@sdn-tunnel/common/net/prefix";
import { generateKey, publicKeyOf } from "../keys/key.ts";
import { deviceContract } from "./contract.ts";
import { chooseDriver } from "./driver.ts";
import { ensureDevice } from "./ensure.ts";
import { GenlDevice } from "./genl.ts";
import type { Peer, PeerOp } from "./peer.ts";

// Runs as root in a namespace of its own, on a kernel that has WireGuard.
const DEVICE = "sdn-wg-a";
let serial = 0;
const run = (line: string): string => execFileSync("sh", ["-c", line], { encoding: "utf8" });

async function withLinks(body: (links: KernelLinks) => Promise<void>): Promise<void> {
  using rtnetlink = new Rtnetlink();
  const links = new KernelLinks(rtnetlink);
  try {
    await body(links);
  } finally {
    // Out of the way, and gone with the namespace: deleting a device takes the kernel longer the more peers it has.
    if (await links.find(DEVICE)) run(`ip link set ${DEVICE} down && ip link set ${DEVICE} name old${serial++}`);
  }
}

const withDevice = (body: (device: GenlDevice, links: KernelLinks) => Promise<void>): Promise<void> =>
  withLinks(async (links) => {
    using netlink = new GenericNetlink(openGenericSocket);
    await ensureDevice(DEVICE, links);
    await body(new GenlDevice(DEVICE, netlink), links);
  });

const peer = (prefix: string, publicKey = publicKeyOf(generateKey())): Peer => ({
  publicKey,
  allowedIPs: new Set([parsePrefix(prefix)]),
  endpoint: parseSocketAddress("127.0.0.1:9"),
  keepaliveSeconds: 0,
  presharedKey: undefined,
});
const add = (one: Peer): PeerOp => ({ kind: "add-peer", peer: one });

/** Sends packets to 10.9.0.1 while `body` runs; returns how many there were, and what errors. */
async function flood(body: () => Promise<void>): Promise<{ sent: number; errors: string }> {
  const script = "n=0; trap 'echo $n; exit' TERM; exec 9<>/dev/udp/10.9.0.1/9; while :; do echo x >&9 && n=$((n+1)); done";
  const child = spawn("bash", ["-c", script], { stdio: ["ignore", "pipe", "pipe"] });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  await sleep(300);
  await body();
  child.kill("SIGTERM");
  await once(child, "close");
  const [sent, errors] = await output;
  return { sent: Number(sent), errors };
}

const own: NamespaceCase[] = [
  {
    name: "is chosen by itself where the kernel makes a device, and leaves no trial behind",
    run: () =>
      withLinks(async (links) => {
        assert.deepEqual(await chooseDriver("auto", DEVICE, links), { kind: "kernel", reason: "it makes WireGuard devices" });
        for (const name of [DEVICE, "sdn-wg-trial"]) assert.equal(await links.find(name), undefined);
      }),
  },
  {
    name: "adopts the device of a former run: neither its number nor its peers change",
    run: () =>
      withDevice(async (device, links) => {
        const [privateKey, one] = [generateKey(), peer("10.9.0.0/24")];
        await device.configure({ privateKey, listenPort: 5555 });
        await device.apply([add(one)]);
        const before = [(await links.find(DEVICE))?.index, await device.observe()];
        assert.equal(await ensureDevice(DEVICE, links), "kept");
        assert.deepEqual([(await links.find(DEVICE))?.index, await device.observe()], before);
        assert.equal((await chooseDriver("auto", DEVICE, links)).reason, "its device is there already");
      }),
  },
  {
    name: "takes the place of a tun that a former userspace run left",
    run: () =>
      withLinks(async (links) => {
        run(`ip tuntap add ${DEVICE} mode tun`);
        assert.equal((await links.find(DEVICE))?.kind, "tun");
        assert.equal(await ensureDevice(DEVICE, links), "replaced");
        assert.equal((await links.find(DEVICE))?.kind, "wireguard");
      }),
  },
  {
    name: "leaves a device of another kind alone",
    run: () =>
      withLinks(async (links) => {
        run(`ip link add ${DEVICE} type bridge`);
        await assert.rejects(ensureDevice(DEVICE, links), /Cannot use sdn-wg-a: there is a device of that name, of kind bridge/);
        assert.equal((await links.find(DEVICE))?.kind, "bridge");
        using netlink = new GenericNetlink(openGenericSocket);
        await assert.rejects(new GenlDevice(DEVICE, netlink).observe(), /the device of that name is no WireGuard device/);
      }),
  },
  {
    name: "says that somebody deleted the device, and makes it again",
    run: () =>
      withDevice(async (device, links) => {
        run(`ip link del ${DEVICE}`);
        await assert.rejects(device.observe(), /Cannot configure sdn-wg-a: there is no device of that name/);
        await assert.rejects(device.apply([add(peer("10.9.0.0/24"))]), /there is no device of that name/);
        assert.equal(await ensureDevice(DEVICE, links), "made");
        assert.equal((await device.observe()).peers.size, 0);
      }),
  },
  {
    name: "wg(8) reads what was written",
    run: () =>
      withDevice(async (device) => {
        const one = { ...peer("10.9.0.0/24"), endpoint: parseSocketAddress("[2001:db8::7]:5556"), keepaliveSeconds: 25, presharedKey: generateKey() };
        const privateKey = generateKey();
        await device.configure({ privateKey, listenPort: 5555 });
        await device.apply([add(one)]);
        const [self, shown] = run(`wg show ${DEVICE} dump`).trim().split("\n").map((line) => line.split("\t"));
        assert.deepEqual(self, [privateKey.base64, publicKeyOf(privateKey), "5555", "off"]);
        assert.deepEqual(shown, [one.publicKey, one.presharedKey.base64, "[2001:db8::7]:5556", "10.9.0.0/24", "0", "0", "0", "25"]);
      }),
  },
  {
    name: "moves a prefix from peer to peer without a moment in which nobody has it",
    run: () =>
      withDevice(async (device, links) => {
        const [first, second] = [peer("10.9.0.0/24"), peer("10.8.0.0/24")];
        await device.configure({ privateKey: generateKey(), listenPort: 5555 });
        await device.apply([add(first), add(second)]);
        await links.set(DEVICE, { up: true });
        run(`ip route add 10.9.0.0/24 dev ${DEVICE}`);
        const prefixes = [...first.allowedIPs];
        const moved = await flood(async () => {
          for (let i = 0; i < 300; i++) await device.apply([{ kind: "take-prefixes", publicKey: (i % 2 ? first : second).publicKey, prefixes }]);
        });
        assert.equal(moved.errors, "", `${moved.sent} packets`);
        assert.ok(moved.sent > 100, `${moved.sent} packets`);
        // That the flood would see a gap: the same by taking away and giving back.
        const { publicKey } = first;
        const gaps = await flood(async () => {
          for (let i = 0; i < 100; i++) {
            await device.apply([{ kind: "drop-prefixes", publicKey, prefixes }]);
            await device.apply([{ kind: "take-prefixes", publicKey, prefixes }]);
          }
        });
        assert.match(gaps.errors, /Required key not available/);
      }),
  },
  {
    name: "reads 5,000 peers whole while somebody changes them",
    run: () =>
      withDevice(async (device) => {
        const peers = Array.from({ length: 5000 }, (_, i): Peer => {
          const key = Buffer.alloc(32, `${i} of the peers of a test `).toString("base64") as Peer["publicKey"];
          return peer(`10.${i >> 8}.${i & 255}.0/24`, key);
        });
        const started = performance.now();
        assert.deepEqual((await device.apply(peers.map(add))).failed, []);
        const written = performance.now();
        using netlink = new GenericNetlink(openGenericSocket);
        const other = new GenlDevice(DEVICE, netlink);
        let changes = 0;
        const reading = device.observe();
        const ready = reading.then(() => true);
        while (!(await Promise.race([ready, sleep(1, false)])) && changes < 20)
          await other.apply([{ kind: "set-keepalive", publicKey: peers[changes++]!.publicKey, keepaliveSeconds: 25 }]);
        assert.equal((await reading).peers.size, 5000);
        const before = performance.now();
        const { peers: read } = await device.observe();
        console.error(`5,000 peers: written in ${(written - started).toFixed(0)} ms, read in ${(performance.now() - before).toFixed(0)} ms`);
        assert.equal([...read.values()].filter(({ keepaliveSeconds }) => keepaliveSeconds === 25).length, changes);
      }),
  },
];

export const cases: readonly NamespaceCase[] = [...deviceContract.map(({ name, run }) => ({ name, run: () => withDevice((device) => run(device)) })), ...own];
