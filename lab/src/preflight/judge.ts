import type { Obstacle } from "../errors.ts";

/** What `probeMachine()` found. */
export interface MachineFacts {
  /** Whether a bed was made on trial: "ok", or the error output of unshare(1). */
  readonly bed: "ok" | { readonly stderr: string };
  /** Whether the bed needs a user namespace, that is, the caller is not root. */
  readonly rootless: boolean;
  /** Kernel settings by name, as text; undefined where this kernel has no such setting. */
  readonly settings: Readonly<Record<UsernsSetting, string | undefined>>;
  /** Opening /dev/net/tun for reading and writing: "ok" or the errno's name. */
  readonly tun: string;
  /** Programs that are not in PATH. */
  readonly missing: readonly string[];
}

/** Settings that can deny user namespaces, in the order in which they are asked. */
export const USERNS_SETTINGS = [
  "kernel.unprivileged_userns_clone",
  "user.max_user_namespaces",
  "kernel.apparmor_restrict_unprivileged_userns",
] as const;
export type UsernsSetting = (typeof USERNS_SETTINGS)[number];

/** Programs that the lab runs, each with the Debian package that has it. */
export const TOOLS: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "mount",
  bash: "bash",
  ip: "iproute2",
  nft: "nftables",
  perl: "perl-base",
  tcpdump: "tcpdump",
  curl: "curl",
  dig: "bind9-dnsutils",
};

/**
 * Lists what keeps the lab from running, each with what to do; empty when nothing does.
 *
 * @param needs `tun`: whether userspace WireGuard will be started
 */
export function judgeMachine(facts: MachineFacts, needs: { readonly tun: boolean }): Obstacle[] {
  const missing = facts.missing.map(missingTool);
  const userns = facts.bed === "ok" || facts.missing.includes("unshare") ? [] : [deniedBed(facts, facts.bed.stderr)];
  const tun = needs.tun && facts.tun !== "ok" ? [unusableTun(facts)] : [];
  return [...missing, ...userns, ...tun];
}

function missingTool(tool: string): Obstacle {
  const debianPackage = TOOLS[tool] ?? tool;
  return {
    code: "TOOL_MISSING",
    message: `Cannot find the program ${tool}`,
    remedy: `Install it: apt-get install ${debianPackage}`,
  };
}

function deniedBed({ rootless, settings }: MachineFacts, stderr: string): Obstacle {
  const denial = rootless ? USERNS_SETTINGS.find((name) => settings[name] === DENYING[name].value) : undefined;
  if (denial) return { code: "USERNS_DENIED", ...DENYING[denial].obstacle };
  return {
    code: "USERNS_DENIED",
    message: `Cannot make a bed of namespaces: ${stderr.trim() || "unshare failed without a message"}`,
    remedy: rootless
      ? "Run as root, or outside the container or sandbox that forbids unshare(2)"
      : "Run outside the container or sandbox that forbids unshare(2); a container needs CAP_SYS_ADMIN",
  };
}

function unusableTun({ tun, rootless }: MachineFacts): Obstacle {
  if (tun === "ENOENT" || tun === "ENODEV")
    return {
      code: "TUN_UNUSABLE",
      message: "Cannot start userspace WireGuard: there is no /dev/net/tun",
      remedy: "As root: modprobe tun; in a container, pass the device in",
    };
  return {
    code: "TUN_UNUSABLE",
    message: `Cannot start userspace WireGuard: opening /dev/net/tun failed with ${tun}`,
    remedy: rootless ? "As root: chmod 0666 /dev/net/tun (the usual mode), or run as root" : "Allow the device in the container or sandbox",
  };
}

const DENYING: Readonly<Record<UsernsSetting, { value: string; obstacle: { message: string; remedy: string } }>> = {
  "kernel.unprivileged_userns_clone": {
    value: "0",
    obstacle: {
      message: "Cannot make a bed of namespaces: kernel.unprivileged_userns_clone=0 denies user namespaces to plain users",
      remedy: "As root: sysctl kernel.unprivileged_userns_clone=1, or run as root",
    },
  },
  "user.max_user_namespaces": {
    value: "0",
    obstacle: {
      message: "Cannot make a bed of namespaces: user.max_user_namespaces=0 forbids user namespaces",
      remedy: "As root: sysctl user.max_user_namespaces=10000, or run as root",
    },
  },
  "kernel.apparmor_restrict_unprivileged_userns": {
    value: "1",
    obstacle: {
      message:
        "Cannot make a bed of namespaces: AppArmor denies capabilities in user namespaces to plain users (Ubuntu 24.04 and later)",
      remedy: "As root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root",
    },
  },
};
