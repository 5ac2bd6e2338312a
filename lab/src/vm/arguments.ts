import { writableTag } from "./job.ts";

/** How the guest's instructions are carried out: by the processor, or by emulating one. */
export type Accelerator = "kvm" | "tcg";

/** Descriptors of qemu that lead to the guest's virtio-serial ports; sockets, made by `spawn()`. */
export const PORT_FDS = { control: 3, stdout: 4, stderr: 5 } as const;

/** The machine to start. */
export interface Machine {
  readonly accelerator: Accelerator;
  /** Path of the kernel: a bzImage, or an ELF file with a PVH entry. */
  readonly image: string;
  /** Path of the initramfs. */
  readonly initramfs: string;
  /** Folder with the unpacked packages, for the guest and for qemu's firmware; undefined without one. */
  readonly packages: string | undefined;
  /** Host folders that the guest may change. */
  readonly writable: readonly string[];
  readonly memoryMiB: number;
  readonly cpus: number;
}

/**
 * An emulated processor has no more features than Node needs, since the wide registers of newer ones are emulated by slow
 * helpers; and programs stand at the same addresses in each process, since QEMU 7.2 keeps what it translated by virtual
 * address. Ten daemons were ready after 49 s instead of 65, and the clusters were up after 7 s instead of 13.
 */
const processors: Readonly<Record<Accelerator, { options: readonly string[]; kernelParameters: readonly string[] }>> = {
  kvm: { options: ["-accel", "kvm", "-cpu", "host"], kernelParameters: [] },
  tcg: { options: ["-accel", "tcg,thread=multi", "-cpu", "qemu64"], kernelParameters: ["norandmaps"] },
};

/** Arguments of qemu-system-x86_64(1): no network, no display; the console is standard output. */
export function qemuArguments(machine: Machine): string[] {
  const { accelerator, image, initramfs, packages, writable, memoryMiB, cpus } = machine;
  const shares = [
    share("/", "host", true),
    ...(packages ? [share(packages, "packages", true)] : []),
    ...writable.map((folder, i) => share(folder, writableTag(i), false)),
  ];
  const ports = Object.entries(PORT_FDS).flatMap(([name, fd]) => [
    ...["-chardev", `socket,id=${name},fd=${fd}`],
    ...["-device", `virtserialport,chardev=${name},name=${name}`],
  ]);
  return [
    ...processors[accelerator].options,
    ...["-smp", `${cpus}`, "-m", `${memoryMiB}`],
    ...["-nodefaults", "-no-user-config", "-nographic", "-no-reboot", "-serial", "stdio"],
    ...(packages ? ["usr/share/qemu", "usr/share/seabios"].flatMap((folder) => ["-L", `${packages}/${folder}`]) : []),
    ...["-kernel", image, "-initrd", initramfs],
    ...["-append", ["console=ttyS0 panic=-1 quiet mitigations=off", ...processors[accelerator].kernelParameters].join(" ")],
    ...shares.flatMap((option) => ["-virtfs", option]),
    ...["-device", "virtio-serial-pci", ...ports],
  ];
}

/** A folder of the host as a 9p share. Files keep their owners; several file systems below it stay distinct. */
function share(folder: string, tag: string, readonly: boolean): string {
  const path = folder.replaceAll(",", ",,"); // qemu's own quoting
  return `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${readonly ? ",readonly=on" : ""}`;
}
