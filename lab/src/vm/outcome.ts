import type { GuestStage, VmFault } from "./fault.ts";

/** What is known of a guest when its qemu has ended. */
export interface GuestEnd {
  /** The program's exit code, as the guest told it; undefined when it did not come to that. */
  readonly code: number | undefined;
  readonly stage: GuestStage;
  /** Everything the guest's kernel and our scripts wrote on the serial console. */
  readonly console: string;
  /** How qemu ended, in words, and what it said itself; `failed` when not by the guest's own doing. */
  readonly qemu: { readonly failed: boolean; readonly exit: string; readonly output: string };
  /** The limit that was reached; undefined when none was. */
  readonly timeoutMs: number | undefined;
}

/** Turns the end of a guest into the program's exit code, or into the fault that kept it from having one. */
export function judgeEnd({ code, stage, console, qemu, timeoutMs }: GuestEnd): number | VmFault {
  if (code !== undefined) return code;
  const text = lastLines(console);
  const panic = /Kernel panic - not syncing: ([^\r\n]*)/.exec(console)?.[1];
  if (panic !== undefined) return { code: "GUEST_PANICKED", stage, panic, console: aroundPanic(console) };
  const step = /sdn-vm: cannot ([^\r\n]*)/.exec(console)?.[1];
  if (step !== undefined) return { code: "GUEST_FAILED", step, console: text };
  if (timeoutMs !== undefined) return { code: "GUEST_HUNG", stage, timeoutMs, console: text };
  if (qemu.failed) return { code: "QEMU_FAILED", exit: qemu.exit, output: lastLines(qemu.output) };
  return { code: "GUEST_GONE", stage, console: text };
}

/** The lines that tell why a kernel panicked: a few before the first complaint, and the start of its report. */
function aroundPanic(console: string): string {
  const lines = lastLines(console, Infinity).split("\n");
  const complaint = lines.findIndex((line) => /BUG: |Oops: |sysrq: Trigger|Kernel panic/.test(line));
  return lines.slice(Math.max(0, complaint - 3), complaint + 9).join("\n");
}

/** The last `count` lines of a console that say something, without terminal controls. */
export function lastLines(text: string, count = 12): string {
  // oxlint-disable-next-line no-control-regex -- control sequences are what is looked for
  const plain = text.replaceAll(/\u001b(\[[0-9;?]*[A-Za-z]|c)/g, "");
  return plain.split(/\r?\n|\r/).filter((line) => line.trim() !== "").slice(-count).join("\n");
}
