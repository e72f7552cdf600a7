/** A process of a cluster that is no member: a proxy, or another program of its Procfile. */
import { memberEnvironment, procfileLaunch } from "../local-cluster/member-process.ts";
import { type Launch, OwnProcess } from "../local-cluster/own-process.ts";
import type { HelperSettings } from "./state-file.ts";

export class HelperProcess extends OwnProcess<HelperSettings> {
  protected get hasChildren(): boolean {
    return this.settings.role === "procfile";
  }

  protected launch(): Launch {
    const { command } = this.settings;
    if ("cwd" in command) return procfileLaunch(command);
    // etcd's grpc-proxy takes settings from ETCD_*, as etcd does.
    return { command, env: memberEnvironment(process.env) };
  }
}
