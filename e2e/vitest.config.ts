import { mergeConfig } from "vitest/config";
import shared from "../vitest.config.ts";

/** One lab at a time: what is measured in these tests is time. */
export default mergeConfig(shared, { test: { fileParallelism: false, testTimeout: 180_000, hookTimeout: 120_000 } });
