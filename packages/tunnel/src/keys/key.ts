import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";

/** A WireGuard public key: 32 bytes in base64. */
export type PublicKey = string & { readonly __brand: "PublicKey" };

/** A key that nobody else may see: private or preshared, 32 bytes. It hides itself from logs and from JSON. */
export class SecretKey {
  readonly #bytes: Uint8Array;

  /** @throws {RangeError} when `base64` is not 32 bytes in base64 */
  constructor(base64: string) {
    if (!/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(base64))
      throw new RangeError("Cannot parse key: accepted are 32 bytes in base64, 44 characters");
    this.#bytes = Buffer.from(base64, "base64");
  }

  get base64(): string {
    return Buffer.from(this.#bytes).toString("base64");
  }

  equals(other: SecretKey | undefined): boolean {
    return other !== undefined && Buffer.from(this.#bytes).equals(other.#bytes);
  }

  toString(): string {
    return "(hidden)";
  }

  toJSON(): string {
    return "(hidden)";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "(hidden)";
  }
}

/** DER of a PKCS #8 X25519 private key without its 32 bytes (RFC 8410 §7). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** A new private key (X25519, RFC 7748). */
export function generateKey(): SecretKey {
  const { privateKey } = generateKeyPairSync("x25519");
  return new SecretKey(privateKey.export({ type: "pkcs8", format: "der" }).subarray(PKCS8.length).toString("base64"));
}

/** The public key that belongs to a private one. */
export function publicKeyOf(key: SecretKey): PublicKey {
  const der = Buffer.concat([PKCS8, Buffer.from(key.base64, "base64")]);
  const spki = createPublicKey(createPrivateKey({ key: der, type: "pkcs8", format: "der" }));
  return spki.export({ type: "spki", format: "der" }).subarray(-32).toString("base64") as PublicKey;
}
