/**
 * The JSON report of one project's tests, as vitest writes it; only what is counted.
 *
 * @typedef {object} TestReport
 * @property {{ name: string, status: string, message?: string, assertionResults: Assertion[] }[]} testResults one for each file
 *
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] | null }} Assertion
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {number} exitCode
 *
 * @typedef {object} Evidence
 * @property {Step[]} steps what was run, in order
 * @property {Record<string, TestReport | undefined>} reports one for each project that has tests; undefined when there is none
 * @property {{ checks: { name: string, ok: boolean, detail?: unknown }[] } | undefined} demo what `demo --json` printed
 *
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} skipped
 * @property {string[]} failures one text for each
 */

/**
 * Adds up everything that was checked. What left no trace counts as failed.
 *
 * @param {Evidence} evidence
 * @returns {Count}
 */
export function count({ steps, reports, demo }) {
  const counts = [...Object.entries(reports).map(([project, report]) => countReport(project, report)), countDemo(demo)];
  const byStep = { test: counts.slice(0, -1), demo: counts.slice(-1) };
  for (const { name, exitCode } of steps) {
    const details = name === "test" || name === "demo" ? byStep[name] : undefined;
    if (exitCode === 0) {
      if (!details) counts.push({ passed: 1, skipped: 0, failures: [] });
    } else if (!details?.some(({ failures }) => failures.length > 0)) {
      counts.push({ passed: 0, skipped: 0, failures: [`${name}: ended with exit code ${exitCode}, its output stands above`] });
    }
  }
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    skipped: counts.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: counts.flatMap(({ failures }) => failures),
  };
}

/** @param {string} project @param {TestReport | undefined} report @returns {Count} */
function countReport(project, report) {
  if (!report) return { passed: 0, skipped: 0, failures: [`${project}: its tests left no report`] };
  const assertions = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = assertions.filter(({ status }) => status === "failed");
  const passed = assertions.filter(({ status }) => status === "passed");
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((one) => failed.includes(one)),
  );
  return {
    passed: passed.length,
    skipped: assertions.length - passed.length - failed.length,
    failures: [
      ...broken.map(({ name, message }) => `${project}: ${name}\n${message ?? ""}`),
      ...failed.map(
        ({ fullName, failureMessages }) => `${project}: ${fullName}\n${(failureMessages ?? []).map(shorten).join("\n")}`,
      ),
    ],
  };
}

/** Keeps the message and where it was thrown: the rest of a stack is the test runner's. */
const shorten = (/** @type {string} */ message) => message.replace(/(\n {4}at [^\n]*)(?:\n {4}at [^\n]*)+/, "$1");

/** @param {Evidence["demo"]} demo @returns {Count} */
function countDemo(demo) {
  if (!demo) return { passed: 0, skipped: 0, failures: ["demo: it printed no document"] };
  const failed = demo.checks.filter(({ ok }) => !ok);
  return {
    passed: demo.checks.length - failed.length,
    skipped: 0,
    failures: failed.map(({ name, detail }) => `demo: ${name}\n${typeof detail === "string" ? detail : JSON.stringify(detail)}`),
  };
}
