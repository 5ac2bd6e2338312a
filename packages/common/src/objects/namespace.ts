import { z } from "../mesh/zod.ts";
import { labelsField, nameField } from "./fields.ts";

/** A Namespace cut down to its labels, which import selectors match. */
export const namespaceSchema = z
  .object({ metadata: z.object({ name: nameField, labels: labelsField }) })
  .transform(({ metadata }) => ({ kind: "Namespace" as const, name: metadata.name, labels: metadata.labels }));

/** A Namespace once stripped. */
export type Namespace = z.output<typeof namespaceSchema>;
