import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether KVM is worth a try: it is there for this user, and has not failed to boot this kernel since the host booted.
 *
 * @param cache the repository's `.cache/vm`
 * @param release of the guest's kernel
 */
export function kvmIsWorthTrying(cache: string, release: string): boolean {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch {
    return false; // absent, or not for this user
  }
  const note = noteOf(cache, release);
  return !existsSync(note) || readFileSync(note, "utf8") !== hostBoot();
}

/** Notes that KVM did not boot this kernel, so that the next start need not wait for it. */
export function noteKvmFailure(cache: string, release: string): void {
  writeFileSync(noteOf(cache, release), hostBoot());
}

const noteOf = (cache: string, release: string): string => join(cache, `kvm-fails-${release}`);

/** Identifies the time since the host booted (random(4)). */
const hostBoot = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
