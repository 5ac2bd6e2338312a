import { chmod, mkdir, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { TunnelError } from "../errors.ts";
import { generateKey, SecretKey } from "./key.ts";

/** The private key of a device, made at first start and kept for ever after: 0600 in a 0700 folder. */
export async function loadOrCreateKey(stateDir: string, device: "a" | "b"): Promise<SecretKey> {
  const folder = join(stateDir, "keys");
  const file = join(folder, `${device}.key`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  try {
    return await readKey(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const key = generateKey();
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(`${key.base64}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return key;
}

/** The key that `loadOrCreateKey()` would load, or one for the occasion: a dry run writes nothing. */
export async function rehearsalKey(stateDir: string): Promise<SecretKey> {
  return await readKey(join(stateDir, "keys", "a.key")).catch(generateKey);
}

/**
 * Reads a private or preshared key file: 32 bytes in base64 and a line end.
 *
 * @throws {TunnelError} UNUSABLE_KEY when others may read it or it is malformed; it is never overwritten
 * @throws ENOENT when it is not there
 */
export async function readKey(file: string): Promise<SecretKey> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    const reason = `its mode is 0${(mode & 0o777).toString(8)}, so that others may read or change it`;
    throw new TunnelError({ code: "UNUSABLE_KEY", file, reason, remedy: `chmod 600 ${file} if nobody has read it, else replace the key` });
  }
  const text = await readFile(file, "latin1");
  try {
    return new SecretKey(text.trim());
  } catch (error) {
    const reason = `it holds ${text.length} bytes that are no key; accepted are 32 bytes in base64`;
    const remedy = "restore it, or move it away to get a new key (every remote node will have to learn it)";
    throw new TunnelError({ code: "UNUSABLE_KEY", file, reason, remedy }, { cause: error });
  }
}
