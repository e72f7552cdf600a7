/** What `bench memory` adds to etcd, one kind after another, and what is published of each. */

export const THINGS = ["connection", "stream", "watcher", "lease", "key", "revision"] as const;

export type ThingName = (typeof THINGS)[number];

export interface Thing {
  /** As `--of` has it. */
  plural: string;
  /** What one is, exactly. */
  describe: string;
  /** How many are added by default. */
  total: number;
}

export const THING_OF: Readonly<Record<ThingName, Thing>> = {
  connection: { plural: "connections", describe: "an idle HTTP/2 connection", total: 400 },
  stream: { plural: "streams", describe: "a Watch stream without a watcher", total: 1_600 },
  watcher: { plural: "watchers", describe: "a watcher of one key that all watch", total: 40_000 },
  lease: { plural: "leases", describe: "a lease without keys", total: 16_000 },
  key: { plural: "keys", describe: "a new key", total: 40_000 },
  revision: { plural: "revisions", describe: "another revision of a key", total: 40_000 },
};
