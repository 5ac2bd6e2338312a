import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** Every program that the lab, the daemons or their tests start, and the Debian package that brings it. */
export const packageOf = Object.freeze({
  wg: "wireguard-tools",
  nft: "nftables",
  ip: "iproute2",
  ss: "iproute2",
  bridge: "iproute2",
  tcpdump: "tcpdump",
  dig: "bind9-dnsutils",
  curl: "curl",
  ping: "iputils-ping",
  conntrack: "conntrack",
  "iptables-nft": "iptables",
  unshare: "util-linux",
  nsenter: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
  bash: "bash",
  perl: "perl-base",
  sysctl: "procps",
  ps: "procps",
});

/** Where Debian keeps programs of the administrator: absent from a plain user's PATH, though usable by all. */
const administratorDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * The directories in which programs are looked for, here and by everything that is started.
 *
 * @param {string | undefined} path the environment's PATH
 * @returns {string[]} without repetitions
 */
export function searchDirectories(path) {
  const given = (path ?? "").split(":").filter((directory) => directory !== "");
  return [...new Set([...given, ...administratorDirectories])];
}

/**
 * Finds a program as a shell would.
 *
 * @param {string} name
 * @param {readonly string[]} directories
 * @returns {string | undefined} its path; undefined when no directory holds an executable file of that name
 */
export function findProgram(name, directories) {
  return directories.map((directory) => join(directory, name)).find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // absent, not executable, or in a directory that we may not enter: no program for us
  }
}
