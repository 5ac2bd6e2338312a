import fc from "fast-check";
import { YAML11_SCHEMA, load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { anyAddress, anyPrefix } from "../../testing/arbitrary.ts";
import { renderMeshNode } from "../mesh/render.ts";
import { readYaml, writeYaml } from "./yaml.ts";

/** Values of the documents; the fault of a wrong one stands in its place. */
const read = (text: string): unknown[] => readYaml(text).map((document) => document.fault ?? document.value);

const values = [
  { name: "nothing", text: "", want: [] },
  { name: "documents with nothing in them", text: "# first\n---\n# second\n---\n", want: [null, null] },
  { name: "lines that end in CRLF, after a byte order mark", text: "\uFEFFa: 1\r\n---\r\nb: 2\r\n", want: [{ a: 1 }, { b: 2 }] },
  { name: "a document on the line of its marker", text: "--- {a: 1}\n--- text\n", want: [{ a: 1 }, "text"] },
  { name: "a marker that is further in as text", text: "a: |\n  ---\n  b\n", want: [{ a: "---\nb\n" }] },
  { name: "directives and ends of documents", text: "\uFEFF%YAML 1.2\r\n\r\n # why\r\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n---\nc: 3\n", want: [{ a: 1 }, { b: 2 }, { c: 3 }] },
  { name: "dates, and words of YAML 1.1, as text", text: "[2026-01-02, 2026-01-02T03:04:05Z, yes, off, 190:20:30, 1_000]", want: [["2026-01-02", "2026-01-02T03:04:05Z", "yes", "off", "190:20:30", "1_000"]] },
  { name: "a merge key as any other", text: "a: &a {b: 1}\nc: {<<: *a}\n", want: [{ a: { b: 1 }, c: { "<<": { b: 1 } } }] },
  { name: "keys that are no text as text", text: "1: a\ntrue: b\n", want: [{ "1": "a", true: "b" }] },
  { name: "closing brackets in the column of the field", text: "a: [\n  1,\n]\nb:\n  c: {\n    d: [\n      2\n    ]\n  }\n", want: [{ a: [1], b: { c: { d: [2] } } }] },
  { name: "aliases a few hundred times", text: `a: &a {b: c}\nd: [${"*a, ".repeat(300)}]\n`, want: [{ a: { b: "c" }, d: Array(300).fill({ b: "c" }) }] },
  { name: "a star that is no alias", text: `a: "${"*".repeat(100)}"\n`, want: [{ a: "*".repeat(100) }] },
] as const;

const faults = [
  { name: "in the document that has it, by the line of the text", text: "a: 1\n---\nb: 2\nb: 3\n---\nc: 4\n", want: [{ a: 1 }, "duplicated mapping key at line 4, column 1", { c: 4 }] },
  { name: "in lines that end in CRLF", text: "a: 1\r\n---\r\nb: [\r\n---\r\nc: ]\r\n", want: [{ a: 1 }, expect.stringMatching(/ at line 4, column 1$/), expect.stringMatching(/ at line 5, column 4$/)] },
  { name: "of a tag that is not known", text: "a: !thing b\n", want: ["unknown scalar tag !<!thing> at line 1, column 4"] },
  { name: "of a tag with a line break in its name, in one line", text: "a: !a%0Ab c\n", want: [expect.stringMatching(/^unknown scalar tag !<!a at line 1, column 4$/)] },
  { name: "of an alias without an anchor", text: "a: *b\n", want: ['unidentified alias "b" at line 1, column 5'] },
  { name: "of a value that holds itself", text: "a: 1\n---\n&a [*a]\n", want: [{ a: 1 }, "aliases make it longer than 1200 characters; it starts at line 2"] },
  { name: "of a bracket that is further out than its field", text: "a:\n  b: [\n    1,\n]\n", want: ["deficient indentation at line 4, column 1"] },
  { name: "that is another than how far out a bracket is", text: "a: [\n  1,\n]\na: 2\n", want: ["duplicated mapping key at line 4, column 1"] },
  { name: "of aliases that multiply, a long text the same as a short one", text: `a: &a [${"x,".repeat(20_000)}]\nb: [${"*a,".repeat(100)}]\n`, want: [expect.stringMatching(/^aliases make it longer than 1040\d{3} characters; it starts at line 1$/)] },
];

describe("readYaml() reads", () => {
  for (const { name, text, want } of values) it(name, () => expect(read(text)).toEqual(want));

  it("a key __proto__ as any other", () => {
    const [document] = read("__proto__: {a: 1}\n") as [Record<string, unknown>];
    expect(Object.keys(document)).toEqual(["__proto__"]);
    expect(document["a"]).toBeUndefined();
  });
});

describe("readYaml() tells a fault", () => {
  for (const { name, text, want } of faults) it(name, () => expect(read(text)).toEqual(want));
});

/** Any text, and much of what some reader or other takes for something else. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("yes", "Off", "null", "~", "", "0o17", "017", "0x1F", "1_000", "1e3", "190:20:30", ".inf", "=", "<<", "2026-01-02", "- a", "a: b", "a #b", "---", "...", "%a", "*a", "&a", "!a", "a\nb\n\n", "\n a", " a ", "\t", "\uFEFF", "\u0085", "\u2028"),
  fc.array(fc.constantFrom("a", "long", "text", "\n"), { minLength: 30, maxLength: 60 }).map((words) => words.join(" ")),
);

const anyMeshNode = fc.record({
  kind: fc.constant("MeshNode" as const),
  name: anyText,
  subnets: fc.array(anyPrefix, { maxLength: 2 }),
  addresses: fc.array(anyAddress, { maxLength: 2 }),
  nodeIPs: fc.array(anyAddress, { maxLength: 2 }),
  tunnels: fc.array(
    fc.record({ device: fc.constantFrom("a" as const, "b" as const), publicKey: anyText, endpoints: fc.array(fc.record({ host: anyText, port: fc.nat(65_535), via: anyText }), { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
  gateway: anyText,
  mtu: fc.nat(),
  features: fc.array(anyText, { maxLength: 3 }),
});

describe("writeYaml()", () => {
  it("writes a MeshNode that is read back the same, by YAML 1.1 too", () =>
    fc.assert(
      fc.property(anyMeshNode, (node) => {
        const text = writeYaml(renderMeshNode(node));
        expect(read(text)).toEqual([renderMeshNode(node)]);
        expect(load(text, { schema: YAML11_SCHEMA })).toEqual(renderMeshNode(node));
      }),
    ));

  it("leaves out what is undefined, and repeats what is shared", () => {
    const shared = { b: 1 };
    expect(writeYaml({ a: shared, none: undefined, c: shared })).toBe("a:\n  b: 1\nc:\n  b: 1\n");
  });

  it("keeps a text on one line, however long it is, and whatever lines it has", () => {
    expect(writeYaml({ a: "long text ".repeat(30) })).toBe(`a: '${"long text ".repeat(30)}'\n`);
    expect(writeYaml({ a: "x\n y \n" })).toBe('a: "x\\n y \\n"\n');
  });

  it("refuses what YAML has no form for", () => expect(() => writeYaml({ a: () => {} })).toThrow("Function"));
});
