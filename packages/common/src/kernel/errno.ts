import { getSystemErrorMap } from "node:util";

/** The name of a negative errno as the kernel sends it, `ENOENT`; libuv does not know all of them. */
export const errnoName = (errno: number): string => getSystemErrorMap().get(errno)?.[0] ?? `errno ${-errno}`;
