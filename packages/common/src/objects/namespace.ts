import { z } from "../mesh/zod.ts";
import { labelsField, nameField } from "./fields.ts";

/** Label that the API server puts on every Namespace; a manifest need not say it. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/** A Namespace cut down to its labels, which import selectors match. */
export const namespaceSchema = z
  .object({ metadata: z.object({ name: nameField, labels: labelsField }) })
  .transform(({ metadata: { name, labels } }) => ({
    kind: "Namespace" as const,
    name,
    labels: { ...labels, [NAME_LABEL]: name } as Readonly<Record<string, string>>,
  }));

/** A Namespace once stripped. */
export type Namespace = z.output<typeof namespaceSchema>;
