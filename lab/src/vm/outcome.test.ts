import { describe, expect, it } from "vitest";
import { LabError } from "../errors.ts";
import { judgeEnd, lastLines } from "./outcome.ts";
import type { GuestEnd } from "./outcome.ts";

const end: GuestEnd = {
  code: undefined,
  stage: "program",
  console: "[    0.0] Linux version 6.1\r\n[    5.0] ip_vs: loaded\r\n",
  qemu: { failed: false, exit: "exit code 0", output: "" },
  timeoutMs: undefined,
};
const killed = { failed: true, exit: "ended by SIGKILL", output: "" };
const panic = "[    6.1] Kernel panic - not syncing: Fatal exception in interrupt\r\n[    6.2] Kernel Offset: disabled\r\n";

const cases: { name: string; change: Partial<GuestEnd>; want: number | RegExp }[] = [
  { name: "is the program's exit code", change: { code: 7 }, want: 7 },
  { name: "is 0 for 0", change: { code: 0 }, want: 0 },
  { name: "is the exit code though the limit was reached right after", change: { code: 0, timeoutMs: 5, qemu: killed }, want: 0 },
  { name: "names a panic of the running program", change: { console: panic }, want: /kernel panicked while the program ran: Fatal exception in interrupt; its console says:\n\[ {4}6\.1\]/ },
  { name: "names a panic at boot", change: { console: panic, stage: "boot" }, want: /panicked while booting: Fatal/ },
  { name: "takes a panic for the cause though the limit ended it", change: { console: panic, timeoutMs: 5, qemu: killed }, want: /panicked/ },
  {
    name: "shows the start of a long panic, not its end",
    change: { console: `[ 6.0] BUG: unable to handle page fault\r\n${"[ 6.0] R10: 0\r\n".repeat(40)}${panic}` },
    want: /console says:\n\[ 6\.0\] BUG: unable/,
  },
  {
    name: "names the step that the guest could not do",
    change: { stage: "boot", console: "sdn-vm: cannot load the module 9p.ko: invalid module format\r\n" },
    want: /^Cannot boot the VM: the guest could not load the module 9p\.ko: invalid module format; its console/,
  },
  { name: "shows a hung program with the console's end", change: { timeoutMs: 60_000, qemu: killed }, want: /no end after 60000 ms, ended it while the program ran[^]*ip_vs: loaded$/ },
  { name: "shows a hung boot", change: { timeoutMs: 9, stage: "boot", qemu: killed }, want: /ended it while booting/ },
  {
    name: "shows what qemu said",
    change: { stage: "boot", console: "", qemu: { failed: true, exit: "exit code 1", output: "qemu: could not load kernel\n" } },
    want: /^Cannot start qemu: exit code 1; it said:\nqemu: could not load kernel$/,
  },
  { name: "does not call a stop without an exit code a success", change: {}, want: /stopped while the program ran without an exit code/ },
];

describe("judgeEnd()", () => {
  for (const { name, change, want } of cases)
    it(name, () => {
      const outcome = judgeEnd({ ...end, ...change });
      if (typeof want === "number") expect(outcome).toBe(want);
      else expect(new LabError(outcome as Exclude<typeof outcome, number>).message).toMatch(want);
    });
});

describe("lastLines()", () => {
  it("leaves out terminal controls and empty lines, and keeps the end", () => {
    expect(lastLines("\u001bc\u001b[?7l\u001b[2JSeaBIOS\r\n\r\n\u001b[0mone\rtwo\r\n", 2)).toBe("one\ntwo");
  });
});
