import { defineConfig } from "vitest/config";

/** Shared by every package: each one's `vitest run` finds this file through `vitest.config.ts` beside its package.json. */
export default defineConfig({
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  resolve: { conditions: ["source"] },
  test: { pool: "forks", include: ["src/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 60_000 },
});
