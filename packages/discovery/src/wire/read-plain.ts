import type { Ask } from "./ask.ts";
import { CLASS, TYPE } from "./codes.ts";

/** Length of an OPT record without options. */
const BARE_OPT = 11;

/**
 * Reads the query that nearly everybody sends: opcode QUERY, one question of class IN, nothing else but perhaps one
 * OPT record of version 0 without options.
 *
 * @returns false for anything else, which says nothing about whether it is well formed: `readAnyQuery()` decides
 */
export function readPlainQuery(ask: Ask, message: Uint8Array): boolean {
  const end = message.length;
  if (end < 17 || ((message[2] as number) & 0xf8) !== 0) return false;
  if (message[4] !== 0 || message[5] !== 1 || message[10] !== 0) return false;
  if (((message[6] as number) | (message[7] as number) | (message[8] as number) | (message[9] as number)) !== 0) return false;
  if (!ask.walkName(message, 12, end)) return false;
  const at = 12 + ask.nameLength;
  const questionEnd = at + 4;
  if (questionEnd > end) return false;
  if (message[at + 2] !== 0 || message[at + 3] !== CLASS.IN) return false;
  if (!readBareOpt(ask, message, questionEnd)) return false;
  ask.message = message;
  ask.questionEnd = questionEnd;
  ask.type = ((message[at] as number) << 8) | (message[at + 1] as number);
  ask.class = CLASS.IN;
  ask.checkingDisabled = ((message[3] as number) & 0x10) !== 0;
  ask.hash(message, 12);
  return true;
}

function readBareOpt(ask: Ask, message: Uint8Array, at: number): boolean {
  if (message[11] === 0) {
    ask.edns = false;
    ask.udpSize = 0;
    ask.dnssecOk = false;
    return message.length === at;
  }
  if (message[11] !== 1 || message.length !== at + BARE_OPT) return false;
  if (message[at] !== 0 || message[at + 1] !== 0 || message[at + 2] !== TYPE.OPT) return false;
  if (message[at + 6] !== 0 || message[at + 9] !== 0 || message[at + 10] !== 0) return false;
  ask.edns = true;
  ask.udpSize = ((message[at + 3] as number) << 8) | (message[at + 4] as number);
  ask.dnssecOk = ((message[at + 7] as number) & 0x80) !== 0;
  return true;
}
