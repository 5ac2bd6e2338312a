import { z } from "./zod.ts";
import { parseAddress } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { parsePrefix, rangeOf } from "../net/prefix.ts";
import type { Prefix } from "../net/prefix.ts";
import type { Mapping } from "../net/translate.ts";

/** A string field read by `parse`, whose RangeError becomes the field's problem. */
function parsed<T extends string>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as RangeError).message });
      return z.NEVER;
    }
  });
}

/** An IPv4 or IPv6 address. */
export const addressField = parsed<Address>(parseAddress);

/** A prefix in CIDR notation without host bits. */
export const prefixField = parsed<Prefix>(parsePrefix);

/** `{cidr, as?}`: a prefix of a cluster, and the equally long prefix of the same family under which it is reached here. */
export const mappingField = z
  .strictObject({ cidr: prefixField, as: prefixField.optional() })
  .transform(({ cidr, as = cidr }, context): Mapping => {
    const [from, to] = [rangeOf(cidr), rangeOf(as)];
    if (from.family !== to.family || from.length !== to.length)
      context.addIssue({
        code: "custom",
        path: ["as"],
        message: `Cannot map ${cidr} to ${as}: both must have the same family and length`,
      });
    return { cidr, as };
  });

/** RFC 1123 label: what Kubernetes accepts as a namespace name. */
export const labelField = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "must be an RFC 1123 label: a-z, 0-9 and '-', at most 63 characters");

/** RFC 1123 subdomain in lower case: what Kubernetes accepts as a node name, and what a DNS zone is here. */
export const subdomainField = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/,
    "must be a lower case DNS name such as cluster.west",
  );

/** A positive duration such as `500ms`, `5s` or `2m`, in milliseconds once parsed. */
export const durationField = z
  .string()
  .regex(/^[1-9]\d{0,5}(ms|s|m)$/, 'must be a duration such as "500ms", "5s" or "2m"')
  .transform((text) => {
    const unit = /(ms|s|m)$/.exec(text)?.[0];
    return Number.parseInt(text, 10) * (unit === "ms" ? 1 : unit === "s" ? 1000 : 60_000);
  });

const expressionField = z
  .strictObject({
    key: z.string().min(1),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
    values: z.array(z.string()).default([]),
  })
  .superRefine(({ operator, values }, context) => {
    const takesValues = operator === "In" || operator === "NotIn";
    // As in Kubernetes: an empty NotIn would take in everything.
    if (takesValues === values.length > 0) return;
    const message = takesValues ? `must have at least 1 entry with ${operator}` : `must be left out with ${operator}`;
    context.addIssue({ code: "custom", path: ["values"], message });
  });

/** A label selector as in Kubernetes: all of `matchLabels` and all of `matchExpressions`. */
export const selectorField = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(expressionField).default([]),
});
export type LabelSelector = z.output<typeof selectorField>;
