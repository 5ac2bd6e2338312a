import manifest from "../../package.json" with { type: "json" };

/** Version of this release; all packages share it. */
export const version: string = manifest.version;
