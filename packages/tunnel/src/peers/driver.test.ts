import assert from "node:assert/strict";
import { CommonError } from "@sdn-tunnel/common/errors";
import { describe, it } from "vitest";
import { chooseDriver, guessDriver, showDriver } from "./driver.ts";
import type { DriverChoice } from "./driver.ts";
import { ensureDevice } from "./ensure.ts";
import type { DeviceLinks } from "./ensure.ts";

const DEVICE = "sdn-wg-a";

/** Devices by name and kind; what was done to them. */
function node(devices: Record<string, string | undefined>, refuses?: string) {
  const kinds = new Map(Object.entries(devices));
  const log: string[] = [];
  const links: DeviceLinks = {
    find: async (name) => {
      const kind = kinds.get(name);
      return kinds.has(name) ? { index: 1, name, up: false, mtu: 1420, ...(kind && { kind }) } : undefined;
    },
    async create(name, kind) {
      log.push(`add ${name} ${kind}`);
      if (refuses) throw new CommonError({ code: "NETLINK_REFUSED", operation: `ip link add ${name} type ${kind}`, errno: refuses });
      kinds.set(name, kind);
    },
    async remove(name) {
      log.push(`del ${name}`);
      assert.ok(kinds.delete(name));
    },
  };
  return { links, log, kinds };
}

const trial = ["add sdn-wg-trial wireguard", "del sdn-wg-trial"];
const rows: { choice: DriverChoice; devices: Record<string, string | undefined>; refuses?: string; want: string; log: string[] }[] = [
  { choice: "auto", devices: {}, want: "kernel, by generic netlink: it makes WireGuard devices", log: trial },
  { choice: "auto", devices: { [DEVICE]: "wireguard" }, want: "kernel, by generic netlink: its device is there already", log: [] },
  { choice: "auto", devices: { [DEVICE]: "tun" }, want: "kernel, by generic netlink: it makes WireGuard devices", log: trial },
  { choice: "auto", devices: { "sdn-wg-trial": "wireguard" }, want: "kernel, by generic netlink: it makes WireGuard devices", log: ["del sdn-wg-trial", ...trial] },
  {
    choice: "auto",
    devices: { [DEVICE]: "tun" },
    refuses: "ENOTSUP",
    want: "userspace (wireguard-go), by its UAPI socket: the kernel makes no WireGuard device (ENOTSUP)",
    log: trial.slice(0, 1),
  },
  { choice: "kernel", devices: {}, refuses: "ENOTSUP", want: "kernel, by generic netlink: --device-driver kernel", log: [] },
  { choice: "userspace", devices: {}, want: "userspace (wireguard-go), by its UAPI socket: --device-driver userspace", log: [] },
];

describe("chooseDriver()", () => {
  for (const { choice, devices, refuses, want, log } of rows)
    it(`${choice} with ${JSON.stringify(devices)}${refuses ? ` where the kernel says ${refuses}` : ""}: ${want}`, async () => {
      const subject = node(devices, refuses);
      assert.equal(showDriver(await chooseDriver(choice, DEVICE, subject.links)), want);
      assert.deepEqual(subject.log, log);
    });

  it("changes nothing when it only guesses", async () => {
    const guesses = [{ [DEVICE]: "wireguard" }, { [DEVICE]: "tun" }, {}].map((devices) => guessDriver("auto", DEVICE, node(devices).links));
    assert.deepEqual((await Promise.all(guesses)).map(({ kind }) => kind), ["kernel", "userspace", "userspace"]);
    assert.equal((await guessDriver("kernel", DEVICE, node({}).links)).kind, "kernel");
  });
});

describe("ensureDevice()", () => {
  it("keeps, makes or replaces", async () => {
    const cases = [
      { devices: { [DEVICE]: "wireguard" }, want: "kept", log: [] },
      { devices: {}, want: "made", log: [`add ${DEVICE} wireguard`] },
      { devices: { [DEVICE]: "tun" }, want: "replaced", log: [...trial, `del ${DEVICE}`, `add ${DEVICE} wireguard`] },
    ];
    for (const { devices, want, log } of cases) {
      const subject = node(devices);
      assert.equal(await ensureDevice(DEVICE, subject.links), want);
      assert.deepEqual(subject.log, log);
    }
  });

  it("keeps a tun that it could not replace", async () => {
    const subject = node({ [DEVICE]: "tun" }, "ENOTSUP");
    await assert.rejects(ensureDevice(DEVICE, subject.links), /kernel answered ENOTSUP/);
    assert.deepEqual([...subject.kinds], [[DEVICE, "tun"]]);
  });

  it("refuses a stranger's device", async () => {
    for (const kind of ["bridge", undefined]) {
      const subject = node({ [DEVICE]: kind });
      await assert.rejects(ensureDevice(DEVICE, subject.links), new RegExp(`of kind ${kind ?? "hardware"}; it is not ours`));
      assert.deepEqual(subject.log, []);
    }
  });
});
