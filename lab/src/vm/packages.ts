/** The Debian packages of the VM: the one table of what is fetched for it. */
export const VM_PACKAGES = {
  /** Run on the host. */
  host: ["qemu-system-x86", "busybox-static"],
  /** Run in the guest, besides what the host has: module loading, and the data planes' tools and daemons. */
  guest: ["kmod", "iproute2", "nftables", "conntrack", "ethtool", "wireguard-tools", "ipvsadm", "openvswitch-switch"],
  /** The distribution's stock kernel, by `ID` of os-release(5). */
  kernel: { debian: "linux-image-amd64", ubuntu: "linux-image-generic" },
} as const;

/** Links that a package's maintainer script would make (update-alternatives(1)): path to target. */
export const PACKAGE_LINKS: Readonly<Record<string, string>> = {
  "/usr/sbin/ovs-vswitchd": "/usr/lib/openvswitch-switch/ovs-vswitchd",
};

/** Paths that are left out when packages are unpacked, as patterns of tar(1): 150 of 510 MB, and nothing a data plane needs. */
export const LEFT_OUT = [
  ...["./usr/share/doc", "./usr/share/man", "./usr/share/locale"],
  ...["gpu", "media", "infiniband", "scsi", "staging", "iio"].map((folder) => `*/modules/*/kernel/drivers/${folder}`),
  "*/modules/*/kernel/sound",
];

/** Which distribution this is, from os-release(5). */
export interface Distribution {
  readonly id: string;
  readonly version: string;
  /** The package of its stock kernel; undefined for a distribution that the table does not know. */
  readonly kernel: string | undefined;
}

/** Reads the text of /etc/os-release; a derivative counts as the distribution that it names in `ID_LIKE`. */
export function parseDistribution(osRelease: string): Distribution {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const kernels: Readonly<Record<string, string>> = VM_PACKAGES.kernel;
  const family = [value("ID"), ...value("ID_LIKE").split(" ")].find((id) => Object.hasOwn(kernels, id));
  return { id: value("ID") || "linux", version: value("VERSION_ID") || "rolling", kernel: family && kernels[family] };
}

/**
 * Packages that apt-get(8) would install, from what it prints with `--print-uris`: one `'URI' FILE SIZE HASH` a line,
 * where FILE is `name_version_architecture.deb` with the version's colon as `%3a`.
 *
 * @returns each as `name=version`, as `apt-get download` takes it
 */
export function parseUris(printed: string): string[] {
  return [...printed.matchAll(/^'\S+' ([^_\s]+)_([^_\s]+)_\S+\.deb /gm)].map(([, name, version]) => `${name}=${decodeURIComponent(version!)}`);
}

/** Packages that hold a kernel image or modules, from `apt-cache depends --recurse`; unsigned twins are left out. */
export function parseKernelPackages(depends: string): string[] {
  return depends.split("\n").filter((line) => /^linux-(image|modules(-extra)?)-\d/.test(line) && !line.includes("-unsigned"));
}
