import { join } from "node:path";
import { messageOf } from "@sdn-tunnel/common/errors";
import { provideOpenVswitch } from "@sdn-tunnel/common/openvswitch/provide";
import type { EngineName } from "../engine/engine.ts";
import { LabError } from "../errors.ts";
import { REPOSITORY } from "../processes/node-program.ts";

/**
 * Brings Open vSwitch into PATH, for this process and all that it starts; to be called before a bed is made, where
 * packages can be fetched. The VM has it among its own packages.
 *
 * @throws {LabError} SDN_UNAVAILABLE
 */
export async function prepareSdn(engine: EngineName): Promise<void> {
  if (engine === "vm") return;
  try {
    process.env["PATH"] = (await provideOpenVswitch(join(REPOSITORY, ".cache"))).path;
  } catch (error) {
    throw new LabError({ code: "SDN_UNAVAILABLE", reason: messageOf(error) }, { cause: error });
  }
}
