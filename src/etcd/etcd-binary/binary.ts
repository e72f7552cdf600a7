/** Defines an etcd executable that was found, and the outcome of an attempt to fetch one. */

export type EtcdSource = "flag" | "environment" | "path" | "cache" | "archive" | "debian";

export interface EtcdBinary {
  /** Absolute path of `etcd`. */
  path: string;
  /** The etcdctl in the same folder; null where there is none. */
  etcdctlPath: string | null;
  /** As `etcd --version` prints it: `3.5.33`. */
  version: string;
  source: EtcdSource;
}

/** Takes one sentence for the user, without a line end. */
export type Say = (line: string) => void;

/** A way to fetch etcd either yields one or tells in one clause why it could not. */
export type FetchOutcome = { binary: EtcdBinary } | { failed: string };

/** What every way of fetching is given. */
export interface FetchContext {
  /** The folder that holds one folder for each etcd. */
  cacheFolder: string;
  env: NodeJS.ProcessEnv;
  say: Say;
}
