/** Declares `bench cluster`: clusters of etcd that stay, and what can be done to their members. */
import type { FlagTable } from "../../flags/flag.ts";
import type { Command } from "../command.ts";
import { commandGroup } from "../command-group.ts";
import {
  ADD_FLAGS,
  DOWN_FLAGS,
  LIST_FLAGS,
  LOGS_FLAGS,
  NAME_FLAGS,
  PROCFILE_FLAGS,
  SHOW_FLAGS,
  START_FLAGS,
} from "./cluster-flags.ts";

type Words = Pick<Command, "name" | "summary" | "positionals" | "examples"> & {
  flags: FlagTable;
  /** How many arguments it takes: at least, and at most. */
  takes: readonly [least: number, most: number];
  run: Command["run"];
};

/** What each of them does to a process; its name is the command's. */
const PROCESS_COMMANDS: readonly (readonly [name: string, summary: string])[] = [
  ["stop", "Stop a member by SIGINT: etcd moves leadership first, clients see a short pause"],
  ["restart", "Start a member on its data; one that runs is stopped first"],
  ["kill", "Kill a member by SIGKILL: the others elect a new leader after a timeout"],
  ["pause", "Pause a member by SIGSTOP: connections stay open, and nothing is answered"],
  ["resume", "Continue a paused member by SIGCONT"],
];

const COMMANDS: readonly Command[] = [
  command({
    name: "start",
    summary: "Start a cluster that stays until bench cluster down; after -- come flags of etcd",
    positionals: "[cluster] [-- etcd-flags..]",
    takes: [0, Number.POSITIVE_INFINITY],
    flags: START_FLAGS,
    examples: [
      ["cluster start", "three members, named default"],
      ["cluster start -f Procfile", "the processes of a Procfile, as goreman starts them"],
      ["cluster start one --size=1 -- --quota-backend-bytes=8589934592", "flags of etcd"],
    ],
    run: async (flags, words) => (await import("./run-start.ts")).runStart(flags, words),
  }),
  command({
    name: "check",
    summary: "Read a Procfile, and print the names of its processes",
    positionals: "",
    takes: [0, 0],
    flags: PROCFILE_FLAGS,
    examples: [["cluster check -f Procfile", "the names in the file, or its error with the line"]],
    run: async (flags) => (await import("./check-procfile.ts")).checkProcfile(flags),
  }),
  command({
    name: "list",
    summary: "List the clusters: members that run, etcd, endpoints",
    positionals: "",
    takes: [0, 0],
    flags: LIST_FLAGS,
    examples: [["cluster list", "a line for each cluster"]],
    run: async (flags) => (await import("./show-clusters.ts")).listClusters(flags),
  }),
  command({
    name: "status",
    summary: "Show the members: health, leader, term, raft index, size, version, process, ports",
    positionals: "[cluster]",
    takes: [0, 1],
    flags: SHOW_FLAGS,
    examples: [["cluster status -o json", "for scripts"]],
    run: async (flags, [name]) => (await import("./show-clusters.ts")).showStatus(flags, name),
  }),
  command({
    name: "logs",
    summary: "Print the log of a member or of all; -f goes on",
    positionals: "[cluster|[cluster/]member]",
    takes: [0, 1],
    flags: LOGS_FLAGS,
    examples: [["cluster logs etcd1 -f", "one member's log, as it grows"]],
    run: async (flags, [word]) => (await import("./show-logs.ts")).showLogs(flags, word),
  }),
  command({
    name: "env",
    summary: "Print ETCDCTL_ENDPOINTS and the rest for a shell, passwords included",
    positionals: "[cluster]",
    takes: [0, 1],
    flags: NAME_FLAGS,
    examples: [["cluster env >cluster.env && . ./cluster.env", "etcdctl and bench then go there"]],
    run: async (flags, [name]) =>
      (await import("./show-clusters.ts")).printEnvironment(flags, name),
  }),
  ...PROCESS_COMMANDS.map(([name, summary]) =>
    command({
      name,
      summary,
      positionals: "<[cluster/]member|leader|follower|all>",
      takes: [1, 1],
      flags: NAME_FLAGS,
      examples: [
        [`cluster ${name} leader`, "the member that leads now"],
        [`cluster ${name} nightly/etcd2`, "a member of one of several clusters"],
      ],
      run: async (flags, [member]) => {
        const { runOnProcesses } = await import("./run-on-processes.ts");
        return runOnProcesses(name, flags, member!);
      },
    }),
  ),
  command({
    name: "add",
    summary: "Add a member; etcd refuses it in its first 5 s, and bench tries again until then",
    positionals: "[cluster|[cluster/]member]",
    takes: [0, 1],
    flags: ADD_FLAGS,
    examples: [["cluster add --learner", "a learner of the next free name"]],
    run: async (flags, [word]) => (await import("./change-members.ts")).addMember(flags, word),
  }),
  ...(
    [
      ["promote", "Make a learner a voting member, once it has caught up", "etcd2 gets a vote"],
      ["remove", "Remove a member by name or id, with its data", "one member less"],
      [
        "replace",
        "Remove a member, and add one of the same name with empty data",
        "etcd2 gets a copy of the data from the leader",
      ],
      ["move-leader", "Move leadership to a member", "etcd2 leads"],
    ] as const
  ).map(([name, summary, example]) =>
    command({
      name,
      summary,
      positionals: "<[cluster/]member>",
      takes: [1, 1],
      flags: NAME_FLAGS,
      examples: [[`cluster ${name} etcd2`, example]],
      run: async (flags, [member]) => {
        const { changeMember } = await import("./change-members.ts");
        return changeMember(name, flags, member!);
      },
    }),
  ),
  command({
    name: "down",
    summary: "End a cluster's processes and remove its data",
    positionals: "[cluster]",
    takes: [0, 1],
    flags: DOWN_FLAGS,
    examples: [["cluster down nightly", "ends the cluster nightly, and removes its data"]],
    run: async (flags, [name]) => (await import("./run-down.ts")).runDown(flags, name),
  }),
];

export const clusterCommand = commandGroup(
  {
    name: "cluster",
    summary: "Start etcd clusters that stay, and stop, kill, pause or change their members",
    examples: [
      ["cluster start --size=3", "three members, which stay"],
      ["cluster kill leader", "SIGKILL to the member that leads"],
      ["cluster down", "end and remove them"],
    ],
  },
  COMMANDS,
);

function command({ flags, takes: [least, most], ...rest }: Words): Command {
  return { ...rest, minPositionals: least, maxPositionals: most, flags: Object.values(flags) };
}
