import { dataPlane } from "./suite.netns.ts";

// Runs inside a namespace of its own; see kernel/namespace.ts of common.
export const cases = await dataPlane("nftables");
