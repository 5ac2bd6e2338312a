/** Why the checkout cannot be made ready, told to the user as it is: no stack trace would help him. */
export class Problem extends Error {
  /** @override */
  name = "Problem";
}
