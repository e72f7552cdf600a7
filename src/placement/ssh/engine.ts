/** Places agents by ssh: one on each host that is named, started from one file that is copied there. */
import { flagError } from "../../errors.ts";
import { list, repeated, text } from "../../flags/vocabulary.ts";
import type { PlacementEngine } from "../engine.ts";
import { NODE } from "../shared-flags.ts";
import { agentNames, readHosts, type SshHost } from "./hosts.ts";

const agents = { group: "Agents:" } as const;

export const SSH_FLAGS = {
  ssh: list({
    ...agents,
    name: "ssh",
    describe: "HOSTS, with commas between, on each of which ssh starts an agent: user@host:port",
  }),
  options: repeated<string>(
    {
      ...agents,
      name: "ssh-option",
      describe: "OPTION of ssh, as after its -o; may be repeated",
    },
    { isText: true, parse: (_, value) => value, format: (value) => value },
  ),
  configFile: text({
    ...agents,
    name: "ssh-config",
    describe: "FILE in place of the user's configuration of ssh",
  }),
  node: NODE,
  folder: text({
    ...agents,
    name: "ssh-folder",
    default: "/tmp",
    describe: "FOLDER on the hosts in which each agent gets one of its own",
  }),
};

export interface SshAgent extends SshHost {
  readonly name: string;
  /** On the host: of this agent alone. */
  readonly folder: string;
  /** Whether something may have been started or copied there. */
  readonly isTouched: boolean;
}

export interface SshPlan {
  readonly agents: readonly SshAgent[];
  readonly options: readonly string[];
  readonly configFile: string | null;
  readonly node: string;
}

export const sshEngine: PlacementEngine<typeof SSH_FLAGS, SshPlan> = {
  name: "ssh",
  flags: SSH_FLAGS,
  plan({ ssh, options, configFile, node, folder }, { id }) {
    if (!folder.startsWith("/")) {
      throw flagError(
        "ssh-folder",
        `--ssh-folder=${folder}: it is not absolute, and each user has a home of another name; give one such as /tmp`,
      );
    }
    const hosts = readHosts("--ssh", ssh ?? "");
    const names = agentNames(hosts);
    return {
      agents: hosts.map((host, index) => ({
        ...{ ...host, name: names[index]!, isTouched: true },
        folder: `${folder.replace(/\/+$/, "")}/etcd-bench-agent-${id}-${index}`,
      })),
      ...{ options, configFile, node },
    };
  },
  async actions() {
    return (await import("./actions.ts")).sshActions;
  },
};
