import assert from "node:assert/strict";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { NamespaceCase } from "@sdn-tunnel/common/kernel/namespace";
import { deviceContract } from "./contract.ts";
import { UapiDevice } from "./uapi.ts";
import { startWireguardGo } from "./wireguard-go.netns.ts";

// Runs inside namespaces of its own; see kernel/namespace.ts in common.
async function withDevice(run: (device: UapiDevice, kill: () => Promise<void>) => Promise<void>): Promise<void> {
  const child = await startWireguardGo("sdn-wg-a");
  const kill = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  try {
    await run(new UapiDevice("sdn-wg-a"), kill);
  } finally {
    await kill("SIGTERM");
    await sleep(20);
  }
}

const contract = deviceContract.map(({ name, run }) => ({ name, run: () => withDevice((device) => run(device)) }));

export const cases: readonly NamespaceCase[] = [
  ...contract,
  {
    name: "says that its socket is not there, and how to start it",
    run: () =>
      assert.rejects(
        new UapiDevice("sdn-wg-z").observe(),
        /Cannot configure sdn-wg-z: its socket is not there; waiting for \/var\/run\/wireguard\/sdn-wg-z\.sock\. Start .*: wireguard-go -f sdn-wg-z/,
      ),
  },
  {
    name: "knows a socket whose process was killed",
    run: () =>
      withDevice(async (device, kill) => {
        await kill();
        await assert.rejects(device.observe(), /its socket is stale: the process behind it is gone/);
      }),
  },
];
