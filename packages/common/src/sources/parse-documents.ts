import { parseAllDocuments } from "yaml";
import type { Document } from "yaml";
import type { Problem } from "../errors.ts";
import { problemsOf } from "../mesh/problems.ts";
import { objectKey, schemas } from "../objects/mesh-object.ts";
import type { MeshKind, MeshObject, ObjectKey } from "../objects/mesh-object.ts";

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
  for (const [i, document] of documentsOf(text).entries()) {
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

function documentsOf(text: string): Document[] {
  const parsed = parseAllDocuments(text, { prettyErrors: true });
  return Array.isArray(parsed) ? parsed : [];
}

interface Found {
  readonly objects: MeshObject[];
  readonly problems: Problem[];
}

function readDocument(document: Document, kinds: ReadonlySet<MeshKind>): Found {
  const errors = document.errors.map(({ message }) => ({ path: "", message: `is not YAML: ${message.split("\n")[0]}` }));
  if (errors.length > 0) return { objects: [], problems: errors };
  try {
    return readObject(document.toJS({ maxAliasCount: 100 }), "", kinds);
  } catch (error) {
    return { objects: [], problems: [{ path: "", message: `is not YAML: ${(error as Error).message}` }] };
  }
}

function readObject(value: unknown, path: string, kinds: ReadonlySet<MeshKind>): Found {
  if (value === null) return { objects: [], problems: [] };
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  if (typeof value !== "object" || typeof kind !== "string")
    return { objects: [], problems: [{ path: `${path}kind`, message: "must be a Kubernetes object with a kind" }] };
  if (kind.endsWith("List") && Array.isArray(items)) {
    const found = items.map((item, i) => readObject(item, `${path}items[${i}].`, kinds));
    return { objects: found.flatMap((f) => f.objects), problems: found.flatMap((f) => f.problems) };
  }
  if (!kinds.has(kind as MeshKind)) return { objects: [], problems: [] };
  const { data, error } = schemas[kind as MeshKind].safeParse(value);
  if (data) return { objects: [data], problems: [] };
  return { objects: [], problems: problemsOf(error).map((problem) => ({ ...problem, path: `${path}${problem.path}` })) };
}
