import { describe, expect, it } from "vitest";
import { qemuArguments } from "./arguments.ts";
import type { Machine } from "./arguments.ts";

const machine: Machine = {
  accelerator: "tcg",
  image: "/boot/vmlinuz-1",
  initramfs: "/cache/initramfs",
  packages: "/cache/debian",
  writable: [],
  memoryMiB: 4096,
  cpus: 2,
};
const share = (path: string, tag: string) => `-virtfs local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap`;

const cases: { name: string; change: Partial<Machine>; has?: string[]; lacks?: string[] }[] = [
  { name: "emulates by threads, and each program at one address", change: {}, has: ["-accel tcg,thread=multi -cpu qemu64", "-smp 2 -m 4096", "mitigations=off norandmaps "], lacks: ["kvm"] },
  { name: "takes the host's processor by KVM", change: { accelerator: "kvm" }, has: ["-accel kvm -cpu host"], lacks: ["tcg", "norandmaps"] },
  { name: "ends at a panic instead of booting again", change: {}, has: ["-no-reboot", "-append console=ttyS0 panic=-1 quiet mitigations=off"] },
  { name: "has no network card", change: {}, has: ["-nodefaults"], lacks: ["-nic", "-netdev"] },
  { name: "shows the host's files and the packages, both read-only", change: {}, has: [`${share("/", "host")},readonly=on`, `${share("/cache/debian", "packages")},readonly=on`] },
  { name: "does without packages", change: { packages: undefined }, has: [share("/", "host")], lacks: ["mount_tag=packages", "-L"] },
  {
    name: "lets the guest change the wanted folders alone",
    change: { writable: ["/srv/a", "/srv/b"] },
    has: [`${share("/srv/a", "writable0")} `, `${share("/srv/b", "writable1")} `],
  },
  { name: "quotes a comma of a path", change: { writable: ["/srv/a,b"] }, has: [share("/srv/a,,b", "writable0")] },
  {
    name: "keeps output, errors and control apart from the console",
    change: {},
    has: ["-serial stdio", ...["control", "stdout", "stderr"].map((name, i) => `-chardev socket,id=${name},fd=${i + 3} -device virtserialport,chardev=${name},name=${name}`)],
  },
];

describe("qemuArguments()", () => {
  for (const { name, change, has = [], lacks = [] } of cases)
    it(name, () => {
      const line = `${qemuArguments({ ...machine, ...change }).join(" ")} `;
      for (const text of has) expect(line).toContain(text);
      for (const text of lacks) expect(line).not.toContain(text);
    });
});
