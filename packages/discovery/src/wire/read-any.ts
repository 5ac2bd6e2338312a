import type { Ask } from "./ask.ts";
import { TYPE } from "./codes.ts";
import { optionsAreValid } from "./edns.ts";
import { newSpan, readRecord } from "./records.ts";

/** What is to be done with a message that claims to be a query. */
export type Verdict = "ok" | "drop" | "formerr" | "notimp" | "badvers";

const span = newSpan();

/**
 * Reads any query: bounded by the message's length, tolerant of records and options that mean nothing here, strict
 * about form. Answers (QR=1) and fragments of a header are dropped, so that two servers never answer each other.
 */
export function readAnyQuery(ask: Ask, message: Uint8Array): Verdict {
  if (message.length < 12 || (message[2] as number) & 0x80) return "drop";
  if (((message[2] as number) & 0x78) !== 0) return "notimp";
  if (count(message, 4) !== 1) return "formerr"; // RFC 9619: exactly one question
  if (!ask.walkName(message, 12, message.length)) return "formerr";
  const at = 12 + ask.nameLength;
  if (at + 4 > message.length) return "formerr";
  ask.message = message;
  ask.questionEnd = at + 4;
  ask.type = count(message, at);
  ask.class = count(message, at + 2);
  ask.edns = false;
  ask.udpSize = 0;
  ask.dnssecOk = false;
  ask.checkingDisabled = ((message[3] as number) & 0x10) !== 0;
  ask.hash(message, 12);
  return readSections(ask, message);
}

/** Walks the three record sections; OPT is allowed once, in the last, and owned by the root (RFC 6891 §6.1.1). */
function readSections(ask: Ask, message: Uint8Array): Verdict {
  const additionalFrom = count(message, 6) + count(message, 8);
  const records = additionalFrom + count(message, 10);
  let version = 0;
  let at = ask.questionEnd;
  for (let i = 0; i < records; i++) {
    if (!readRecord(message, at, span)) return "formerr";
    at = span.end;
    if (span.type !== TYPE.OPT) continue;
    if (ask.edns || i < additionalFrom || message[span.start] !== 0) return "formerr";
    if (!optionsAreValid(message, span.dataAt, span.end)) return "formerr";
    ask.edns = true;
    ask.udpSize = span.class;
    version = message[span.ttlAt + 1] as number;
    ask.dnssecOk = ((message[span.ttlAt + 2] as number) & 0x80) !== 0;
  }
  if (at !== message.length) return "formerr";
  return version === 0 ? "ok" : "badvers";
}

const count = (message: Uint8Array, at: number): number => ((message[at] as number) << 8) | (message[at + 1] as number);
