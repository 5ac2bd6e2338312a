import { describe, expect, it } from "vitest";
import { judgeMachine, TOOLS, USERNS_SETTINGS } from "./judge.ts";
import type { MachineFacts } from "./judge.ts";
import { probeMachine } from "./probe.ts";

const fine: MachineFacts = {
  bed: "ok",
  rootless: true,
  settings: {
    "kernel.unprivileged_userns_clone": "1",
    "user.max_user_namespaces": "96365",
    "kernel.apparmor_restrict_unprivileged_userns": "0",
  },
  tun: "ok",
  missing: [],
};
const refused = { stderr: "unshare: unshare failed: Operation not permitted\n" };
const withSetting = (name: string, value: string): MachineFacts => ({
  ...fine,
  bed: refused,
  settings: { ...fine.settings, [name]: value },
});

const cases: { name: string; facts: MachineFacts; tun?: boolean; want: RegExp[] }[] = [
  { name: "accepts a machine that has everything", facts: fine, want: [] },
  { name: "names a setting only when the bed failed", facts: { ...withSetting("user.max_user_namespaces", "0"), bed: "ok" }, want: [] },
  {
    name: "names Ubuntu's AppArmor restriction",
    facts: withSetting("kernel.apparmor_restrict_unprivileged_userns", "1"),
    want: [/AppArmor.*Ubuntu 24\.04.*sysctl kernel\.apparmor_restrict_unprivileged_userns=0/],
  },
  {
    name: "names a zero limit of user namespaces",
    facts: withSetting("user.max_user_namespaces", "0"),
    want: [/max_user_namespaces=0 forbids.*sysctl user\.max_user_namespaces=10000/],
  },
  {
    name: "names Debian's switch",
    facts: withSetting("kernel.unprivileged_userns_clone", "0"),
    want: [/unprivileged_userns_clone=0 denies.*sysctl kernel\.unprivileged_userns_clone=1/],
  },
  { name: "shows unshare's own words otherwise", facts: { ...fine, bed: refused }, want: [/Operation not permitted.*Run as root/] },
  {
    name: "does not blame a setting for plain users when root is refused",
    facts: { ...withSetting("kernel.unprivileged_userns_clone", "0"), rootless: false },
    want: [/Operation not permitted.*CAP_SYS_ADMIN/],
  },
  { name: "says that there is no tun device", facts: { ...fine, tun: "ENOENT" }, want: [/no \/dev\/net\/tun.*modprobe tun/] },
  { name: "says that tun cannot be opened", facts: { ...fine, tun: "EACCES" }, want: [/\/dev\/net\/tun failed with EACCES.*chmod 0666/] },
  { name: "does not ask for tun without userspace WireGuard", facts: { ...fine, tun: "EACCES" }, tun: false, want: [] },
  { name: "names a missing tool and its package", facts: { ...fine, missing: ["dig"] }, want: [/program dig.*bind9-dnsutils/] },
  {
    name: "does not report the bed when unshare itself is missing",
    facts: { ...fine, bed: { stderr: "spawnSync unshare ENOENT" }, missing: ["unshare"] },
    want: [/program unshare.*util-linux/],
  },
  {
    name: "reports everything at once",
    facts: { ...fine, bed: refused, tun: "EACCES", missing: ["nft", "ip"] },
    want: [/program nft/, /program ip.*iproute2/, /Operation not permitted/, /tun failed/],
  },
];

describe("judgeMachine()", () => {
  for (const { name, facts, tun = true, want } of cases)
    it(name, () => {
      const lines = judgeMachine(facts, { tun }).map(({ message, remedy }) => `${message}. ${remedy}`);
      expect(lines).toHaveLength(want.length);
      want.forEach((pattern, i) => expect(lines[i]).toMatch(pattern));
    });

  it("has a row for each setting that denies user namespaces", () => {
    for (const setting of USERNS_SETTINGS) expect(cases.some(({ want }) => want.some((w) => w.source.includes(setting.split(".")[1]!)))).toBe(true);
  });
});

describe("probeMachine()", () => {
  it("finds a bed and every tool on a machine that can run the lab", () => {
    const facts = probeMachine();
    expect(facts).toMatchObject({ bed: "ok", missing: [] });
    expect(Object.keys(TOOLS)).toContain("unshare");
  });
});
