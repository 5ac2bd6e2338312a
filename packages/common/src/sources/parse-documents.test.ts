import { describe, expect, it } from "vitest";
import type { MeshKind } from "../objects/mesh-object.ts";
import { parseDocuments } from "./parse-documents.ts";

const kinds: ReadonlySet<MeshKind> = new Set(["Service", "Namespace", "EndpointSlice", "MeshNode"]);

const namespace = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

/** What a file holds: the keys of its objects, and `document: path: message` of each problem. */
function parse(text: string) {
  const { objects, problems } = parseDocuments(text, kinds);
  return {
    keys: [...objects.keys()],
    problems: problems.flatMap(({ document, problems: found }) => found.map(({ path, message }) => `${document}: ${path}: ${message}`)),
  };
}

const accepted = [
  { name: "one document", text: namespace("a"), keys: ["Namespace//a"] },
  { name: "several documents", text: `${namespace("a")}---\n${namespace("b")}`, keys: ["Namespace//a", "Namespace//b"] },
  { name: "empty documents and comments between them", text: `# first\n---\n${namespace("a")}---\n# nothing\n---\n`, keys: ["Namespace//a"] },
  { name: "JSON, which is YAML too", text: '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}', keys: ["Namespace//a"] },
  { name: "a byte order mark and Windows line ends", text: `\uFEFF${namespace("a").replaceAll("\n", "\r\n")}`, keys: ["Namespace//a"] },
  {
    name: "a List as kubectl prints it",
    text: `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n- {apiVersion: v1, kind: Pod, metadata: {name: x}}\n`,
    keys: ["Namespace//a"],
  },
  { name: "an empty List", text: "apiVersion: v1\nkind: ServiceList\nitems: []\n", keys: [] },
  { name: "kinds that are not read, whatever their shape", text: "kind: Deployment\nmetadata: 7\n", keys: [] },
  { name: "a kind that may not be said here", text: "apiVersion: sdn-tunnel.io/v1alpha1\nkind: MeshCluster\nspec: {}\n", keys: [] },
  { name: "another project's Service", text: "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: x}\nspec: {template: {}}\n", keys: [] },
  { name: "an older group of EndpointSlice's name", text: "apiVersion: example.com/v1\nkind: EndpointSlice\n", keys: [] },
  { name: "anchors", text: `a: &m {name: a}\napiVersion: v1\nkind: Namespace\nmetadata: *m\n`, keys: ["Namespace//a"] },
  { name: "closing brackets in the column of the field", text: "apiVersion: v1\nkind: Namespace\nmetadata: {\n  name: a,\n}\n", keys: ["Namespace//a"] },
  { name: "keys that are no text", text: `${namespace("a")}1: x\ntrue: y\n`, keys: ["Namespace//a"] },
];

const nested = `apiVersion: v1\nkind: Namespace\nmetadata: ${"[".repeat(20_000)}`;
const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((c, i) => `${c}: &${c} [${`*${"abcdefgh"[i]},`.repeat(9)}]`).join("\n")}\nkind: Namespace\n`;

const refused = [
  { name: "text that is no YAML", text: "kind: [", says: /^1: : is not YAML: .+ at line 1, column 8$/ },
  { name: "a field twice", text: `${namespace("a")}kind: Namespace\n`, says: /^1: : is not YAML: duplicated mapping key at line 4, column 1$/ },
  { name: "a document that was cut off in a string", text: 'kind: "Names', says: /^1: : is not YAML: .+ at line 1, column 13$/ },
  { name: "a document that is no object", text: "just text\n", says: /^1: kind: must be a Kubernetes object with a kind$/ },
  { name: "a document that is a list", text: "- kind: Namespace\n", says: /^1: kind: must be a Kubernetes object with a kind$/ },
  { name: "a document without a kind", text: "metadata: {name: a}\n", says: /^1: kind: must be a Kubernetes object with a kind$/ },
  { name: "a wrong field, with its path", text: namespace("A"), says: /^1: metadata.name: must be a lower case DNS name such as cluster.west$/ },
  { name: "a wrong item of a List, with its path", text: "kind: List\nitems: [{kind: Namespace}]\n", says: /^1: items\[0\].metadata: is missing; it must be an object$/ },
  { name: "a wrong second document, with its number", text: `${namespace("a")}---\nkind: Service\nmetadata: {name: x}\n`, says: /^2: spec: is missing; it must be an object$/ },
  { name: "one object twice", text: `${namespace("a")}---\n${namespace("a")}`, says: /^2: : Namespace\/\/a is already in this file$/ },
  { name: "our own kind of another version", text: "apiVersion: sdn-tunnel.io/v9\nkind: MeshNode\nmetadata: {name: n}\nspec: {subnets: [], addresses: [], nodeIPs: [], tunnels: []}\n", says: /^1: apiVersion: must be "sdn-tunnel.io\/v1alpha1"$/ },
  { name: "brackets nested without end", text: nested, says: /^1: : is not YAML: nesting exceeded .+ at line 3, column \d+$/ },
  { name: "aliases that multiply", text: bomb, says: /^1: : is not YAML: aliases make it longer than \d+ characters; it starts at line 1$/ },
  { name: "a document that holds itself", text: "kind: List\nitems: &a\n- {kind: List, items: *a}\n", says: /^1: : is not YAML: aliases make it longer than \d+ characters; it starts at line 1$/ },
  { name: "a name that a merge key would bring", text: "a: &a {name: a}\napiVersion: v1\nkind: Namespace\nmetadata: {<<: *a}\n", says: /^1: metadata.name: is missing; it must be a string$/ },
  { name: "a name that a prototype would bring", text: "apiVersion: v1\nkind: Namespace\nmetadata: {__proto__: {name: a}}\n", says: /^1: metadata.name: is missing; it must be a string$/ },
];

describe("parseDocuments() reads", () => {
  for (const { name, text, keys } of accepted) it(name, () => expect(parse(text)).toEqual({ keys, problems: [] }));
});

describe("parseDocuments() refuses", () => {
  for (const { name, text, says } of refused)
    it(name, () => {
      const { problems } = parse(text);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(says);
      expect(problems[0]).not.toContain("\n");
    });

  it("every wrong document, and keeps the good ones apart", () => {
    const text = `kind: [\n---\n${namespace("a")}---\nkind: Service\nmetadata: {name: X}\n`;
    const { keys, problems } = parse(text);
    expect(keys).toEqual(["Namespace//a"]);
    expect(problems.map((line) => line.split(":")[0])).toEqual(["1", "3", "3"]);
  });
});
