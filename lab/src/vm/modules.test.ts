import { describe, expect, it } from "vitest";
import { LabError } from "../errors.ts";
import { BOOT_MODULES, loadOrder } from "./modules.ts";

/** As Debian 12's 6.1.0-56-amd64 has them. */
const dep = `
kernel/drivers/virtio/virtio_ring.ko:
kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko
kernel/drivers/virtio/virtio_pci_legacy_dev.ko:
kernel/drivers/virtio/virtio_pci_modern_dev.ko:
kernel/drivers/virtio/virtio_pci.ko: kernel/drivers/virtio/virtio_pci_legacy_dev.ko kernel/drivers/virtio/virtio_pci_modern_dev.ko kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko
kernel/fs/netfs/netfs.ko:
kernel/fs/fscache/fscache.ko: kernel/fs/netfs/netfs.ko
kernel/net/9p/9pnet.ko:
kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko
kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko
kernel/drivers/char/virtio_console.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko
kernel/fs/overlayfs/overlay.ko:
`;
const index = { release: "6.1.0-56-amd64", dep, builtin: "kernel/fs/ext4/ext4.ko\nkernel/crypto/sha256-generic.ko\n" };
const names = (files: readonly string[]): string[] => files.map((file) => file.slice(file.lastIndexOf("/") + 1).split(".")[0]!);

const cases: { name: string; wanted: readonly string[]; dep?: string; want: string[] }[] = [
  { name: "loads dependencies first, the last one of the line at the very first", wanted: ["virtio"], want: ["virtio_ring", "virtio"] },
  {
    name: "loads each once, however many need it",
    wanted: ["9pnet_virtio", "virtio_console", "9p"],
    want: ["virtio_ring", "virtio", "9pnet", "9pnet_virtio", "virtio_console", "netfs", "fscache", "9p"],
  },
  { name: "leaves out what is built in", wanted: ["ext4", "overlay"], want: ["overlay"] },
  { name: "takes a hyphen for an underscore", wanted: ["virtio-ring", "sha256_generic"], want: ["virtio_ring"] },
  { name: "takes compressed files", wanted: ["b"], dep: "a.ko.xz:\nb.ko.zst: a.ko.xz\n", want: ["a", "b"] },
  { name: "wants nothing for nothing", wanted: [], want: [] },
];

describe("loadOrder()", () => {
  for (const { name, wanted, want, dep: own = dep } of cases) it(name, () => expect(names(loadOrder({ ...index, dep: own }, wanted))).toEqual(want));

  it("gives what the initramfs needs, every module after all of its dependencies", () => {
    const files = loadOrder(index, BOOT_MODULES);
    expect(names(files).toSorted()).toEqual(names([...dep.matchAll(/^\S+(?=:)/gm)].map(([file]) => file)).toSorted());
    for (const [, file, needs] of dep.matchAll(/^(\S+): (.+)$/gm))
      for (const need of needs!.split(" ")) expect(files.indexOf(need), `${need} before ${file}`).toBeLessThan(files.indexOf(file!));
  });

  it("names a module that the kernel lacks, and does not take a part of a name for it", () => {
    for (const module of ["wireguard", "virtio_pc", "9"])
      expect(() => loadOrder(index, [module])).toThrow(new LabError({ code: "MODULE_MISSING", module, release: index.release }));
  });
});
