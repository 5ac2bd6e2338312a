import { join, relative } from "node:path";
import { REPOSITORY } from "../processes/node-program.ts";
import { run } from "../processes/run.ts";

/**
 * Runs a program of this repository in a bed as a user without any privilege, and returns what it printed.
 *
 * Root becomes `nobody` in a mount namespace of its own, with the repository where that user can read it and a
 * /dev/net/tun that everybody may open, as udev makes it. Anybody else is a plain user already.
 */
export function runAsPlainUser(program: string): Promise<string> {
  const launch = ["--conditions=source", "lab/src/testing/launch.ts", program];
  const options = { timeoutMs: 60_000 };
  if (process.geteuid?.() !== 0) return run([process.execPath, ...inside(REPOSITORY, launch)], options);
  const node = join(NOBODYS, "repository", relative(REPOSITORY, process.execPath));
  const become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "env", `HOME=${NOBODYS}/home`];
  const argv = [...become, node, ...inside(`${NOBODYS}/repository`, launch)];
  return run(["unshare", "--mount", "sh", "-ec", PREPARE, "sh", ...argv], options);
}

const NOBODYS = "/mnt";
const PREPARE = `
mount -t tmpfs -o mode=0755 tmpfs ${NOBODYS}
mkdir ${NOBODYS}/repository ${NOBODYS}/home
chown 65534 ${NOBODYS}/home
mount --bind ${REPOSITORY} ${NOBODYS}/repository
mknod ${NOBODYS}/tun c 10 200
chmod 0666 ${NOBODYS}/tun
mount --bind ${NOBODYS}/tun /dev/net/tun
exec "$@"
`;

/** Relative paths among the arguments, below `root`. */
const inside = (root: string, [flag, ...files]: readonly string[]): string[] => [flag!, ...files.map((file) => join(root, file))];
