/** The flags of `bench cluster`. */
import { NO_COLOR } from "../../flags/output.ts";
import { ETCD, TARGET_FLAGS } from "../../flags/target.ts";
import { choice, count, like, parsed, text, toggle } from "../../flags/vocabulary.ts";
import { parseCount } from "../../units.ts";

const cluster = { group: "Cluster:" } as const;

export const DEFAULT_NAME = "default";

/** Null: the only one that there is. */
export const NAME = text({
  ...cluster,
  name: "name",
  describe: "NAME of the cluster; not needed where there is only one",
});

export const PROCFILE_FLAGS = {
  procfile: text({
    ...cluster,
    name: "procfile",
    short: "f",
    describe: "PROCFILE in goreman's format, with the .env next to it",
  }),
  renamesDuplicates: toggle({
    ...cluster,
    name: "rename-duplicates",
    describe: "call the second process of a name NAME-2, in place of an error",
  }),
};

export const START_FLAGS = {
  name: like(NAME, { describe: "NAME of the new cluster", shownDefault: DEFAULT_NAME }),
  size: count({ ...cluster, name: "size", default: "3", min: 1, max: 7, describe: "members" }),
  etcd: like(ETCD, { ...cluster, describe: "PATH of the etcd that the members are started from" }),
  etcdVersion: text({
    ...cluster,
    name: "etcd-version",
    describe: "VERSION of an official release to fetch, e.g. 3.5.33, in place of --etcd",
  }),
  tls: like(TARGET_FLAGS.tls, {
    ...cluster,
    describe: "serve clients over TLS, with certificates made for both sides",
  }),
  auth: like(TARGET_FLAGS.auth, {
    ...cluster,
    describe: "=simple|jwt: authentication on, with a user root and a password made for it",
  }),
  hasLearner: toggle({
    ...cluster,
    name: "learner",
    describe: "one member more, named learner, which has no vote",
  }),
  grpcProxies: parsed(
    {
      ...cluster,
      name: "grpc-proxy",
      describe: "[=N]: N of etcd's grpc-proxies in front of the members (1 without a number)",
    },
    {
      kind: "optional",
      bareValue: "1",
      parse: (flag, given) => parseCount(flag, given, { min: 1, max: 9, example: "1" }),
      format: String,
    },
  ),
  isProxied: toggle({
    ...cluster,
    name: "proxied",
    describe:
      "clients and peers come to each member through bench proxy, for faults of the network",
  }),
  discovery: text({
    ...cluster,
    name: "discovery",
    describe:
      "HOST:PORT of another etcd by which the members find each other (up to 3.5: one with --enable-v2)",
  }),
  dataDir: text({
    ...cluster,
    name: "data-dir",
    describe: "DIR, empty or new, for the members' data, such as one on the disk to be measured",
  }),
  ...PROCFILE_FLAGS,
};

export const NAME_FLAGS = { name: NAME };

export const SHOW_FLAGS = {
  name: NAME,
  output: choice(
    {
      ...cluster,
      name: "output",
      short: "o",
      sectionOnly: true,
      default: "table",
      describe: "table or json",
    },
    ["table", "json"],
  ),
  noColor: NO_COLOR,
};

export const LIST_FLAGS = { output: SHOW_FLAGS.output, noColor: NO_COLOR };

export const DOWN_FLAGS = {
  name: NAME,
  keepsData: toggle({
    ...cluster,
    name: "keep-data",
    describe: "end the processes alone; bench cluster start --name=NAME starts them on their data",
  }),
};

export const LOGS_FLAGS = {
  name: NAME,
  follows: toggle({
    ...cluster,
    name: "follow",
    short: "f",
    describe: "print what is added, until Ctrl-C",
  }),
};

export const ADD_FLAGS = {
  name: NAME,
  isLearner: toggle({
    ...cluster,
    name: "learner",
    describe: "as a learner, which has no vote until bench cluster promote",
  }),
};
