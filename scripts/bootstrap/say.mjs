/**
 * Tells what is being done. On stderr: stdout belongs to the program that is started afterwards.
 *
 * @param {string} text
 */
export const say = (text) => {
  process.stderr.write(`setup: ${text}\n`);
};
