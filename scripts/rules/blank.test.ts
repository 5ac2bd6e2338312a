import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blank } from "./blank.ts";

const cases = [
  { name: "leaves code alone", text: "const a = b / c / d;", want: "const a = b / c / d;" },
  { name: "blanks a line comment", text: "a; // b\nc", want: "a;     \nc" },
  { name: "blanks a block comment, but not its line breaks", text: "a /* b\nc */ d", want: "a     \n     d" },
  { name: "blanks strings inside their quotes", text: `f("a", 'b')`, want: `f(" ", ' ')` },
  { name: "knows an escaped quote", text: String.raw`f("a\"b", c)`, want: `f("    ", c)` },
  { name: "sees no comment in a string", text: `f("//", c)`, want: `f("  ", c)` },
  { name: "sees no string in a comment", text: `// it's\nf("a")`, want: `       \nf(" ")` },
  { name: "blanks a template", text: "f(`a`, b)", want: "f(` `, b)" },
  { name: "keeps the code of substitutions", text: "`a${b}c${d}e`", want: "` ${b} ${d} `" },
  { name: "knows braces inside a substitution", text: "`a${f({ x: {} })}b` + c", want: "` ${f({ x: {} })} ` + c" },
  { name: "knows a template inside a substitution", text: "`a${f(`b${c}`)}d` + e", want: "` ${f(` ${c}`)} ` + e" },
  { name: "blanks a regular expression with a quote", text: `a = /"/g; b("c")`, want: `a = / /g; b(" ")` },
  { name: "knows a slash in a character class", text: "a(/[/']/); b", want: "a(/    /); b" },
  { name: "takes a division for one", text: "a = (b) / c; d = 'e / f'", want: "a = (b) / c; d = '     '" },
  { name: "ends an unclosed string at the line's end", text: `a = "b\nc`, want: `a = " \nc` },
];

describe("blank", () => {
  for (const { name, text, want } of cases) it(name, () => expect(blank(text)).toBe(want));

  it("keeps the length and the line breaks of any text", () => {
    const lineBreaks = (text: string) => [...text.matchAll(/\n/g)].map(({ index }) => index);
    const piece = fc.constantFrom(
      '"',
      "'",
      "`",
      "${",
      "}",
      "{",
      "/",
      "*",
      "//",
      "/*",
      "*/",
      "\\",
      "\n",
      "a",
      "[",
      "]",
      "😀",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        expect(blank(text)).toHaveLength(text.length);
        expect(lineBreaks(blank(text))).toEqual(lineBreaks(text));
      }),
    );
  });
});
