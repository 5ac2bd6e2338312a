import { DEFAULT_SCALAR_STYLE_RULES, SCALAR_STYLE, YAMLException, dump, loadAll } from "js-yaml";
import type { DumpOptions, ScalarStyleRule } from "js-yaml";
import { messageOf } from "../errors.ts";

/** A document of a YAML text: its value, or in one line what is wrong with it and where. */
export type YamlDocument = { readonly value: unknown; readonly fault?: undefined } | { readonly fault: string };

/**
 * Where a document starts: a line may begin so for no other reason (YAML 1.2.2, 9.1.2, c-forbidden). A document with directives
 * stays with the one before it, since these stand in front of the marker.
 */
const start = /(?<=[\r\n])(?=---(?:[ \t\r\n]|$))(?<!(?:^|[\r\n])\uFEFF?%[^\r\n]*[\r\n](?:[ \t]*(?:#[^\r\n]*)?[\r\n])*)/;

/** Reads each document by itself, by YAML's core schema: a wrong one does not take the others with it. */
export function readYaml(text: string): YamlDocument[] {
  let line = 1;
  return text.split(start).flatMap((part) => {
    const documents = readPart(part, line);
    line += part.split(/\r\n?|\n/).length - 1;
    return documents;
  });
}

/** Readers differ about spaces at the end of a block scalar. */
const quoteLines: ScalarStyleRule = (layout) => {
  if (layout.node.value.includes("\n")) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
};

const form: DumpOptions = { noRefs: true, lineWidth: -1, scalarStyleRules: [quoteLines, ...Object.values(DEFAULT_SCALAR_STYLE_RULES)] };

/** Writes a value so that YAML 1.1 reads it as YAML 1.2 does: kubectl has the one, `readYaml` the other. */
export const writeYaml = (value: object): string => dump(value, form);

function readPart(part: string, firstLine: number): YamlDocument[] {
  try {
    const values = loadLeniently(part);
    // The parser shares what an alias names, a schema walks it each time: bounded are how often a small text is walked, and how long.
    const most = Math.min(100 * part.length, part.length + 1_000_000);
    const outgrown = part.includes("*") && values.some((value) => outgrows(value, most));
    return outgrown ? [{ fault: `aliases make it longer than ${most} characters; it starts at line ${firstLine}` }] : values.map((value) => ({ value }));
  } catch (error) {
    return [{ fault: faultOf(error, firstLine) }];
  }
}

/**
 * Takes a closing bracket in the column of its field too, as kubectl does and many write it, although YAML 1.2 wants it further in.
 * Pushing it in changes such a line of a block scalar as well; nothing that is read here is one.
 */
function loadLeniently(part: string): unknown[] {
  try {
    return loadAll(part);
  } catch (error) {
    if (!isTooFarOut(error)) throw error;
    try {
      return loadAll(part.replaceAll(/(?=[\]}])(?<=[\r\n] *)/g, " "));
    } catch (other) {
      throw isTooFarOut(other) ? error : other;
    }
  }
}

const isTooFarOut = (error: unknown): boolean => error instanceof YAMLException && error.reason === "deficient indentation";

/** Whether a value, with all that aliases repeat, has more than `most` items, keys' and strings' characters; one that holds itself has. */
function outgrows(root: unknown, most: number): boolean {
  const waiting = [root];
  for (let size = 0; waiting.length > 0; ) {
    const value = waiting.pop();
    size += typeof value === "string" ? 1 + value.length : 1;
    if (size > most) return true;
    if (Array.isArray(value)) for (const item of value as unknown[]) waiting.push(item);
    else if (typeof value === "object" && value !== null)
      for (const [key, item] of Object.entries(value)) {
        size += key.length;
        waiting.push(item);
      }
  }
  return false;
}

function faultOf(error: unknown, firstLine: number): string {
  if (!(error instanceof YAMLException) || !error.mark) return messageOf(error);
  const { line, column } = error.mark;
  return `${error.reason.split(/[\r\n]/)[0]} at line ${firstLine + line}, column ${column + 1}`;
}
