import type { Writable } from "node:stream";
import { ancestorsToWatch, readAncestors, watchAncestors } from "../bed/ancestors.ts";
import { LabError } from "../errors.ts";
import { qemuArguments } from "./arguments.ts";
import type { Accelerator } from "./arguments.ts";
import { startGuest } from "./guest.ts";
import type { Guest, Sinks } from "./guest.ts";
import { encodeJob } from "./job.ts";
import { kvmIsWorthTrying, noteKvmFailure } from "./kvm.ts";
import { judgeEnd } from "./outcome.ts";
import { prepareVm } from "./prepare.ts";
import type { PreparedVm } from "./prepare.ts";

export interface VmOptions {
  /** The program and its arguments, found in `env`'s PATH inside the guest; its standard input is empty. */
  readonly argv: readonly [string, ...string[]];
  /** Its whole environment, added to a PATH, HOME and LANG that fit the guest. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; absolute; default: this process's. */
  readonly cwd?: string;
  /** Host folders that the guest may change; absolute. Everything else that it writes is gone with it. */
  readonly writable?: readonly string[];
  /** Kernel modules to load first; most others load by themselves when they are needed. */
  readonly modules?: readonly string[];
  /** Guest's memory in MiB; default 4096. The host gives it page by page. */
  readonly memoryMiB?: number;
  /** Guest's processors; default 2. */
  readonly cpus?: number;
  /** Time from the start of qemu after which the guest is ended, in milliseconds. */
  readonly timeoutMs: number;
  /** Folder for the VM's packages and initramfs: the repository's `.cache/vm`. */
  readonly cache: string;
  /** Where the program's output goes; default: this process's own. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Is told what is being done; default: nobody is. */
  readonly say?: (text: string) => void;
  /** Ends the guest at once. */
  readonly signal?: AbortSignal;
}

/** How a program in the guest ended. */
export interface VmRun {
  /** Its exit code, or 128 + the number of the signal that ended it. */
  readonly code: number;
  readonly accelerator: Accelerator;
  /** The guest's kernel, as uname(2) says it. */
  readonly release: string;
  /** From the start of qemu to a guest that waits for its job. */
  readonly bootMs: number;
}

/** A working KVM boots in a second; a kernel's first sign of life that is later than this will not come. */
const KVM_PATIENCE_MS = 10_000;

/**
 * Runs a program on the distribution's stock kernel in a virtual machine, on the host's own root file system.
 *
 * The guest sees all files of the host at their own paths, and the VM's packages as if they were installed. It cannot
 * change any of them, `writable` folders excepted: what it writes lands in its memory. It has no network to the host.
 * Nothing of it outlives it, nor this process. SIGTERM, SIGINT and SIGHUP are handed on to the program.
 *
 * @throws {LabError} any `VmFault`: what is missing on the host, or why the guest gave no exit code
 */
export async function runInVm(options: VmOptions): Promise<VmRun> {
  const { say = () => {}, signal } = options;
  const vm = await prepareVm(options.cache, say);
  signal?.throwIfAborted();
  using signals = forwardSignals();
  const { release } = vm.kernel;
  if (kvmIsWorthTrying(options.cache, release)) {
    say(`booting Linux ${release} by KVM`);
    const run = await boot(vm, "kvm", options, signals);
    if (run) return run;
    noteKvmFailure(options.cache, release);
    say("KVM is there but cannot run this kernel: emulating the processor instead (TCG, about 15 times slower)");
  } else say(`booting Linux ${release} without KVM: the processor is emulated (TCG, about 15 times slower)`);
  return (await boot(vm, "tcg", options, signals))!;
}

/** Boots and runs the job; undefined when KVM did not bring the guest up, so that TCG has to. */
async function boot(vm: PreparedVm, accelerator: Accelerator, options: VmOptions, signals: SignalForwarding): Promise<VmRun | undefined> {
  const { timeoutMs, memoryMiB = 4096, cpus = 2, writable = [], signal } = options;
  const args = qemuArguments({ ...vm, accelerator, writable, memoryMiB, cpus });
  const sinks: Sinks = { stdout: options.stdout ?? process.stdout, stderr: options.stderr ?? process.stderr };
  const started = performance.now();
  const guest = startGuest(vm.qemu, args, sinks);
  signals.to(guest);
  const stop = () => guest.kill();
  signal?.addEventListener("abort", stop);
  const release = [endWithAncestors(guest), () => signal?.removeEventListener("abort", stop)];
  const limit = setTimeout(() => guest.kill(timeoutMs), timeoutMs);
  try {
    const up = await cameUp(guest, accelerator === "kvm" ? KVM_PATIENCE_MS : timeoutMs);
    const bootMs = Math.round(performance.now() - started);
    if (up) guest.start(encodeJob(jobOf(options)));
    else if (accelerator === "kvm") guest.kill();
    const outcome = judgeEnd(await guest.ended);
    signal?.throwIfAborted();
    if (typeof outcome === "number") return { code: outcome, accelerator, release: vm.kernel.release, bootMs };
    if (!up && accelerator === "kvm") return undefined;
    throw new LabError(outcome);
  } finally {
    clearTimeout(limit);
    for (const undo of release) undo();
  }
}

/** Whether the guest waits for its job before it ends and before `patienceMs` have passed. */
async function cameUp(guest: Guest, patienceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, patienceMs, false)));
  const up = await Promise.race([guest.ready.then(() => true), guest.ended.then(() => false), late]);
  clearTimeout(timer);
  return up;
}

function jobOf({ argv, env, cwd = process.cwd(), writable = [], modules = [] }: VmOptions) {
  const base = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8" };
  return { argv, env: { ...base, ...env }, cwd, writable, modules };
}

/** Ends the guest and this process when the parent, or npm above it, is gone. */
function endWithAncestors(guest: Guest): () => void {
  return watchAncestors(ancestorsToWatch(readAncestors(), "npm_lifecycle_event" in process.env), () => {
    guest.kill();
    process.exit(129);
  });
}

interface SignalForwarding extends Disposable {
  to(guest: Guest): void;
}

/**
 * Hands signals on to the program in the guest; it decides what they mean. It is there before any guest is: while qemu
 * starts, a signal's default action would end this process and report no exit code.
 */
function forwardSignals(): SignalForwarding {
  let guest: Guest | undefined;
  const undo = (["TERM", "INT", "HUP"] as const).map((name) => {
    const forward = () => guest?.signal(name);
    process.on(`SIG${name}`, forward);
    return () => process.off(`SIG${name}`, forward);
  });
  return { to: (started) => void (guest = started), [Symbol.dispose]: () => undo.forEach((remove) => remove()) };
}

