import type { NamePlan, RRset } from "./rrset.ts";

/** A name as lines of a zone file (RFC 1035 §5), without TTLs; an empty non-terminal is a comment. */
export function showPlan({ name, sets }: NamePlan): string[] {
  if (sets.length === 0) return [`; ${name}. has names below it`];
  return sets.flatMap((set) => dataOf(set).map((data) => `${name}. IN ${set.type} ${data}`));
}

function dataOf(set: RRset): string[] {
  switch (set.type) {
    case "A":
    case "AAAA":
      return [...set.addresses];
    case "SRV":
      return set.targets.map(({ weight, port, target }) => `0 ${weight} ${port} ${target}.`);
    case "NS":
    case "PTR":
      return set.targets.map((target) => `${target}.`);
    case "CNAME":
      return [`${set.target}.`];
    case "TXT":
      return [JSON.stringify(set.text)];
  }
}
