/** A file of the repository, as the rules see it. */
export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A broken rule. The message says which, and why the rule is there. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

/** A rule sees all files at once and touches nothing else. */
export type Rule = (files: readonly SourceFile[]) => Violation[];

/**
 * Tests, what they run in a network namespace (`*.netns.ts`), and the suites that real and fake adapters share: they may import
 * what they test, and the test runner.
 */
export const isTest = (path: string): boolean => /\.(?:test|netns)\.ts$|(?:^|\/)(?:[\w-]+[.-])?contract\.ts$/.test(path);

/** Sources that are built and run: TypeScript under `src`, tests excepted. */
export const isSource = (path: string): boolean => /(?:^|\/)src\/.*\.ts$/.test(path) && !isTest(path);

/** The workspace member that a file is of: `packages/proxy`, `lab`; undefined for files of the root. */
export const memberOf = (path: string): string | undefined => /^(?:packages\/[^/]+|lab|e2e|bench|scripts)(?=\/)/.exec(path)?.[0];

/** The folder of a file. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
