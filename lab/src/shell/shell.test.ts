import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runAny } from "../processes/run.ts";

const main = [process.execPath, "--conditions=source", fileURLToPath(new URL("../main.ts", import.meta.url))];

describe("npm run lab --", () => {
  it("says that this machine can run it", async () =>
    expect(await runAny([...main, "check"])).toMatchObject({ code: 0, stdout: "This machine can run the lab.\n" }));

  for (const { args, says } of [
    { args: ["up", "--nodes", "1"], says: /--nodes.*1.*2 to 64/ },
    { args: ["up", "--engine", "cloud"], says: /--engine.*cloud.*host/ },
    { args: ["down"], says: /unknown command 'down'/ },
    { args: [], says: /up .*build two clusters/ },
  ])
    it(`refuses ${JSON.stringify(args)}`, async () => expect(await runAny([...main, ...args])).toMatchObject({ code: 1, stderr: expect.stringMatching(says) }));

  it("names a missing tool and its package", async () => {
    const { code, stderr } = await runAny([...main, "check"], { env: { PATH: "/nowhere" } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot find the program nft\. Install it: apt-get install nftables/);
  });

  it("stays up, is entered by the line that it prints, and ends at SIGTERM", async () => {
    const child = spawn(main[0]!, [...main.slice(1), "up"], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    await new Promise<void>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`Cannot stay up: ${output}`)));
      child.stdout.on("data", (text: Buffer) => {
        output += text.toString();
        if (output.includes("Up after")) resolve();
      });
    });
    const way = /^east\/client .*? (nsenter .*) bash$/m.exec(output)?.[1];
    const entered = await runAny([...way!.split(" "), "curl", "-s", "--max-time", "2", "http://172.30.0.80:8080/"]);
    child.removeAllListeners("exit");
    child.kill("SIGTERM");
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(JSON.parse(entered.stdout)).toMatchObject({ remoteAddress: "10.128.0.12" });
    expect(code).toBe(0);
  });
});
