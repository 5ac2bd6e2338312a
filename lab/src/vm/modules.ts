import { LabError } from "../errors.ts";

/** What the guest's initramfs loads, in the order of the wish; what they depend on comes before them. */
export const BOOT_MODULES = ["virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"] as const;

/** The modules of one kernel, from its folder /lib/modules/RELEASE. */
export interface ModuleIndex {
  readonly release: string;
  /** Text of `modules.dep` (modules.dep(5)): `file: dependency…`, the dependency to load first last. */
  readonly dep: string;
  /** Text of `modules.builtin`: the files of modules that are part of the image. */
  readonly builtin: string;
}

/**
 * Lists the files to load for `wanted`, each once and after what it depends on.
 *
 * @param wanted names as in lsmod(8); `-` and `_` are the same
 * @returns paths relative to the index's folder; what is built in is left out
 * @throws {LabError} MODULE_MISSING for the first that is neither a file nor built in
 */
export function loadOrder({ release, dep, builtin }: ModuleIndex, wanted: readonly string[]): string[] {
  const lines = new Map(dep.split("\n").map((line) => [nameOf(line.split(":")[0]!), line] as const));
  const image = new Set(builtin.split("\n").map(nameOf));
  const files = wanted.flatMap((module) => {
    const line = lines.get(nameOf(module));
    if (line === undefined && !image.has(nameOf(module))) throw new LabError({ code: "MODULE_MISSING", module, release });
    const [file = "", dependencies = ""] = (line ?? "").split(":");
    return [...dependencies.split(" ").toReversed(), file];
  });
  return [...new Set(files.filter((file) => file !== ""))];
}

/** `kernel/fs/9p/9p.ko.xz` → `9p`; the kernel takes `-` in a module's name for `_`. */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.ko(\.(xz|zst|gz))?$/, "").replaceAll("-", "_");
}
