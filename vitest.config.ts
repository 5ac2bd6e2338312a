import { defineConfig } from "vitest/config";

/** Set by nx around a whole project's run: only such a run writes the report that is cached and counted. */
const wholeProject = process.env["NX_TASK_TARGET_PROJECT"] !== undefined;

/** Shared by every package: each one's `vitest run` finds this file through `vitest.config.ts` beside its package.json. */
export default defineConfig({
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  resolve: { conditions: ["source"] },
  test: {
    pool: "forks",
    include: ["src/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: wholeProject ? ["default", "json"] : ["default"],
    outputFile: { json: "reports/vitest.json" },
  },
});
