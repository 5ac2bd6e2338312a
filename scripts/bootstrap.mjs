// The one entry of every npm script: makes the checkout ready, then runs the wanted program under the pinned Node.
// Nothing is imported statically here, so that an old Node reaches the check below instead of a syntax error.
const oldest = 20;
const major = Number(process.versions.node.split(".")[0]);

if (major < oldest) {
  console.error(
    `Cannot start: this is Node ${process.versions.node}, at least ${oldest} is needed. ` +
      "Install a newer one, from the distribution, nvm or nodesource; " +
      "the version that runs sdn-tunnel itself then comes with the npm packages.",
  );
  process.exitCode = 1;
} else {
  // A rejection ends the process with its stack trace and exit code 1, as it should for a fault of our own.
  void import("./bootstrap/main.mjs").then((bootstrap) => bootstrap.main(process.argv.slice(2)));
}
