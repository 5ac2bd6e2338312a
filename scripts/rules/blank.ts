/**
 * Blanks everything in a TypeScript source that is not code: comments, and the contents of strings, templates and regular
 * expressions. Quotes and line breaks stay, and so does every position, so that a match in the result can be looked up in
 * the source. (TypeScript 7 has no stable compiler API; a scanner of this size is enough for rules about words and imports.)
 *
 * @param text a whole source file; code inside `${…}` of a template counts as code
 * @returns a text of the same length
 */
export function blank(text: string): string {
  const out = text.split(""); // code units, as positions are
  const open: number[] = []; // depth of braces in each template substitution that we are inside of
  let at = 0;
  while (at < text.length) {
    const end = skip(text, at, open);
    const stop = Math.min(end.at, text.length);
    for (let blanked = at; blanked < stop; blanked++) if (end.isText(blanked) && out[blanked] !== "\n") out[blanked] = " ";
    at = stop;
  }
  return out.join("");
}

interface Skipped {
  /** Where scanning goes on. */
  readonly at: number;
  /** Whether a position before `at` is to be blanked. */
  isText(position: number): boolean;
}

const code = (at: number): Skipped => ({ at, isText: () => false });
const between = (from: number, to: number, at: number): Skipped => ({
  at,
  isText: (position) => position >= from && position < to,
});

function skip(text: string, at: number, open: number[]): Skipped {
  const char = text.charAt(at);
  const pair = text.slice(at, at + 2);
  if (pair === "//") return toMatch(text, at, /\n|$/g, 0);
  if (pair === "/*") return toMatch(text, at, /\*\/|$/g, 2);
  if (char === '"' || char === "'") return quoted(text, at, char);
  if (char === "`") return template(text, at, open);
  if (char === "/" && startsRegExp(text, at)) return regExp(text, at);
  if (char === "{" && open.length > 0) open.push((open.pop() ?? 0) + 1);
  if (char === "}" && open.length > 0) return closeBrace(text, at, open);
  return code(at + 1);
}

function toMatch(text: string, at: number, pattern: RegExp, length: number): Skipped {
  pattern.lastIndex = at;
  const end = (pattern.exec(text)?.index ?? text.length) + length;
  return between(at, end, end);
}

function quoted(text: string, at: number, quote: string): Skipped {
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== quote && text.charAt(end) !== "\n") end += text.charAt(end) === "\\" ? 2 : 1;
  return between(at + 1, end, end + 1);
}

/** From a template's opening backtick, or from the brace that ends a substitution, to the next substitution or to the end. */
function template(text: string, at: number, open: number[]): Skipped {
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== "`" && text.slice(end, end + 2) !== "${")
    end += text.charAt(end) === "\\" ? 2 : 1;
  if (text.charAt(end) !== "$") return between(at + 1, end, end + 1);
  open.push(0);
  return between(at + 1, end, end + 2);
}

function closeBrace(text: string, at: number, open: number[]): Skipped {
  const depth = open.pop() ?? 0;
  if (depth === 0) return template(text, at, open);
  open.push(depth - 1);
  return code(at + 1);
}

function regExp(text: string, at: number): Skipped {
  let end = at + 1;
  let inClass = false;
  while (end < text.length && text.charAt(end) !== "\n" && (inClass || text.charAt(end) !== "/")) {
    if (text.charAt(end) === "[") inClass = true;
    if (text.charAt(end) === "]") inClass = false;
    end += text.charAt(end) === "\\" ? 2 : 1;
  }
  return between(at + 1, end, end + 1);
}

/** A slash begins a regular expression where an operand is expected: after an operator, an opening bracket or a keyword. */
function startsRegExp(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  return (
    before === "" || /[(,=:[!&|?{};+\-*%~^<>]$/.test(before) || /\b(?:return|typeof|case|in|of|do|else|yield|await)$/.test(before)
  );
}
