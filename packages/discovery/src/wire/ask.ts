import { FOLD, fnvStep, hashName } from "./fold.ts";

/** More labels do not fit in 255 bytes. */
const MAX_LABELS = 128;

const ROOT_HASH = hashName(new Uint8Array(1));

/**
 * One query as the server sees it. A responder owns one and fills it again for every query, so that reading a
 * query allocates nothing; whoever needs it across an `await` takes the message itself along.
 */
export class Ask {
  message: Uint8Array = new Uint8Array(0);
  /** QNAME's length on the wire, root byte included. */
  nameLength = 0;
  /** Offset behind QCLASS. */
  questionEnd = 0;
  type = 0;
  class = 0;
  /** The query carries an OPT record (RFC 6891). */
  edns = false;
  /** The sender's UDP payload size as it stands in OPT; 0 without OPT. */
  udpSize = 0;
  /** The DO bit (RFC 3225). */
  dnssecOk = false;
  /** The CD bit (RFC 4035 §3.2.2). */
  checkingDisabled = false;

  /** QNAME in lower case, from 0. */
  readonly folded = new Uint8Array(256);
  /** Labels in QNAME, without the root. */
  labels = 0;
  /** Where label i begins in `folded`. */
  readonly starts = new Uint8Array(MAX_LABELS);
  /** Hash of the name that begins with label i; as many as `labels`, plus the root's. */
  readonly hashes = new Int32Array(MAX_LABELS + 1);

  /** Folds and hashes the name whose labels `starts` holds, which stands at `offset` of `source`. */
  hash(source: Uint8Array, offset: number): void {
    const { folded, starts, hashes, labels } = this;
    let at = this.nameLength - 1;
    let hash = ROOT_HASH;
    folded[at] = 0;
    hashes[labels] = hash;
    for (let label = labels - 1; label >= 0; label--) {
      const start = starts[label] as number;
      while (--at > start) {
        const byte = FOLD[source[offset + at] as number] as number;
        folded[at] = byte;
        hash = fnvStep(hash, byte);
      }
      const length = source[offset + start] as number;
      folded[start] = length;
      hash = fnvStep(hash, length);
      hashes[label] = hash;
    }
  }

  /**
   * Finds the labels of the name at `offset`, which must end before `end`.
   *
   * @returns false when it is cut off, longer than 255 bytes, or holds anything but plain labels: a compression
   * pointer has nothing to point at in a question
   */
  walkName(source: Uint8Array, offset: number, end: number): boolean {
    const { starts } = this;
    let at = 0;
    let labels = 0;
    for (;;) {
      if (offset + at >= end) return false;
      const length = source[offset + at] as number;
      if (length === 0) break;
      if (length > 63) return false;
      starts[labels++] = at;
      at += length + 1;
      if (at > 254) return false;
    }
    this.labels = labels;
    this.nameLength = at + 1;
    return true;
  }
}
