/** A process of a cluster that is no member: a proxy, or another program of its Procfile. */
import { memberEnvironment, type ProcfileLaunch, procfileLaunch } from "./member-process.ts";
import { type Launch, OwnProcess } from "./own-process.ts";

/** As state files keep it. */
export interface HelperSettings {
  readonly name: string;
  readonly role: "grpc-proxy" | "fault-proxy" | "procfile";
  readonly logPath: string;
  /** Where it listens for clients; null: for none. */
  readonly endpoint: string | null;
  /** The path of the program and its arguments; of a Procfile: a command for a shell. */
  readonly command: readonly string[] | ProcfileLaunch;
  /** Of a fault proxy: the member that it is in front of, and the ports of its HTTP API. */
  readonly faults?: {
    readonly member: string;
    readonly clientApi: number;
    readonly peerApi: number;
  };
}

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
