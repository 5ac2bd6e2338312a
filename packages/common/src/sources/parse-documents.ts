import type { Problem } from "../errors.ts";
import { problemsOf } from "../mesh/problems.ts";
import { objectKey, schemas } from "../objects/mesh-object.ts";
import type { MeshKind, MeshObject, ObjectKey } from "../objects/mesh-object.ts";
import { readYaml } from "./yaml.ts";
import type { YamlDocument } from "./yaml.ts";

/** A document that is wrong: its position in the file from 1, and every problem in it. */
export interface DocumentProblem {
  readonly document: number;
  readonly problems: readonly Problem[];
}

/** What a file holds: `objects` is complete only when `problems` is empty. */
export interface ParsedFile {
  readonly objects: ReadonlyMap<ObjectKey, MeshObject>;
  readonly problems: readonly DocumentProblem[];
}

/** Reads every document of a YAML file. Kinds that are not wanted are passed over; a `List` counts as its items. */
export function parseDocuments(text: string, kinds: ReadonlySet<MeshKind>): ParsedFile {
  const objects = new Map<ObjectKey, MeshObject>();
  const problems: DocumentProblem[] = [];
  for (const [i, document] of readYaml(text).entries()) {
    const found = readDocument(document, kinds);
    if (found.problems.length > 0) problems.push({ document: i + 1, problems: found.problems });
    for (const object of found.objects) {
      const key = objectKey(object);
      if (objects.has(key)) problems.push({ document: i + 1, problems: [{ path: "", message: `${key} is already in this file` }] });
      objects.set(key, object);
    }
  }
  return { objects, problems };
}

interface Found {
  readonly objects: MeshObject[];
  readonly problems: Problem[];
}

function readDocument(document: YamlDocument, kinds: ReadonlySet<MeshKind>): Found {
  if (document.fault === undefined) return readObject(document.value, "", kinds);
  return { objects: [], problems: [{ path: "", message: `is not YAML: ${document.fault}` }] };
}

function readObject(value: unknown, path: string, kinds: ReadonlySet<MeshKind>): Found {
  if (value === null) return { objects: [], problems: [] };
  const { kind, items, apiVersion } = value as { kind?: unknown; items?: unknown; apiVersion?: unknown };
  if (typeof value !== "object" || typeof kind !== "string")
    return { objects: [], problems: [{ path: `${path}kind`, message: "must be a Kubernetes object with a kind" }] };
  if (kind.endsWith("List") && Array.isArray(items)) {
    const found = items.map((item, i) => readObject(item, `${path}items[${i}].`, kinds));
    return { objects: found.flatMap((f) => f.objects), problems: found.flatMap((f) => f.problems) };
  }
  if (!kinds.has(kind as MeshKind) || isOfOtherGroup(kind as MeshKind, apiVersion)) return { objects: [], problems: [] };
  const { data, error } = schemas[kind as MeshKind].safeParse(value);
  if (data) return { objects: [data], problems: [] };
  return { objects: [], problems: problemsOf(error).map((problem) => ({ ...problem, path: `${path}${problem.path}` })) };
}

/** API groups of the kinds that others use too, such as Knative's Service. Our own are told of a wrong group by their schema. */
const groups: Readonly<Partial<Record<MeshKind, string>>> = { Service: "", Namespace: "", Node: "", EndpointSlice: "discovery.k8s.io" };

function isOfOtherGroup(kind: MeshKind, apiVersion: unknown): boolean {
  const group = groups[kind];
  if (group === undefined || typeof apiVersion !== "string") return false;
  return (apiVersion.includes("/") ? apiVersion.split("/")[0] : "") !== group;
}
