/** Why a program did not run in the VM. */
export type VmFault =
  | { readonly code: "VM_UNSUPPORTED"; readonly machine: string }
  | { readonly code: "VM_PACKAGES_UNAVAILABLE"; readonly packages: readonly string[]; readonly reason: string; readonly remedy: string }
  | { readonly code: "QEMU_MISSING"; readonly lookedIn: readonly string[] }
  | { readonly code: "BUSYBOX_MISSING"; readonly lookedIn: readonly string[] }
  | { readonly code: "KERNEL_MISSING"; readonly lookedIn: readonly string[] }
  | { readonly code: "KERNEL_UNREADABLE"; readonly image: string }
  | { readonly code: "MODULE_MISSING"; readonly module: string; readonly release: string }
  | { readonly code: "QEMU_FAILED"; readonly exit: string; readonly output: string }
  | { readonly code: "GUEST_PANICKED"; readonly stage: GuestStage; readonly panic: string; readonly console: string }
  | { readonly code: "GUEST_FAILED"; readonly step: string; readonly console: string }
  | { readonly code: "GUEST_HUNG"; readonly stage: GuestStage; readonly timeoutMs: number; readonly console: string }
  | { readonly code: "GUEST_GONE"; readonly stage: GuestStage; readonly console: string };

/** How far a guest came: its kernel and our first process, or the program itself. */
export type GuestStage = "boot" | "program";

/** The message of a fault: what happened, to which object, and what to do. */
export function describeVmFault(fault: VmFault): string {
  switch (fault.code) {
    case "VM_UNSUPPORTED":
      return `Cannot run in the VM: this is ${fault.machine}, and the guest runs the programs of an x86-64 Linux host. Use --engine host`;
    case "VM_PACKAGES_UNAVAILABLE":
      return `Cannot fetch the packages of the VM (${fault.packages.join(" ")}): ${fault.reason}. ${fault.remedy}`;
    case "QEMU_MISSING":
      return `Cannot run in the VM: no qemu-system-x86_64 in ${fault.lookedIn.join(", ")}. Install it: apt-get install qemu-system-x86`;
    case "BUSYBOX_MISSING":
      return `Cannot run in the VM: no static busybox in ${fault.lookedIn.join(", ")}. Install it: apt-get install busybox-static`;
    case "KERNEL_MISSING":
      return (
        `Cannot run in the VM: no boot/vmlinuz-* with its lib/modules in ${fault.lookedIn.join(", ")}. ` +
        "Install the distribution's kernel: apt-get install linux-image-amd64 (Debian), linux-image-generic (Ubuntu)"
      );
    case "KERNEL_UNREADABLE":
      return (
        `Cannot run in the VM: the kernel image ${fault.image} is readable by root alone (Ubuntu ships it with mode 0600). ` +
        `As root: chmod 0644 ${fault.image}, or run as root`
      );
    case "MODULE_MISSING":
      return (
        `Cannot run in the VM: kernel ${fault.release} has no module ${fault.module}. ` +
        "Use the distribution's full kernel (linux-image-amd64, linux-image-generic), not a cloud or self-built one"
      );
    case "QEMU_FAILED":
      return `Cannot start qemu: ${fault.exit}${tail("it said", fault.output)}`;
    case "GUEST_PANICKED":
      return `Cannot go on in the VM: the guest's kernel panicked ${during(fault.stage)}: ${fault.panic}${tail("its console says", fault.console)}`;
    case "GUEST_FAILED":
      return `Cannot boot the VM: the guest could not ${fault.step}${tail(LAST, fault.console)}`;
    case "GUEST_HUNG":
      return (
        `Cannot wait longer for the VM: no end after ${fault.timeoutMs} ms, ended it ${during(fault.stage)}. ` +
        `Give it more time or see why it hangs${tail(LAST, fault.console)}`
      );
    case "GUEST_GONE":
      return `Cannot tell how the program ended: the VM stopped ${during(fault.stage)} without an exit code${tail(LAST, fault.console)}`;
  }
}

const LAST = "its console ends with";

const during = (stage: GuestStage): string => (stage === "boot" ? "while booting" : "while the program ran");

const tail = (label: string, text: string): string => (text.trim() === "" ? "" : `; ${label}:\n${text.trimEnd()}`);
