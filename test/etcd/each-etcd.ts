/**
 * Runs the tests of a file on several etcd versions, with one shared cluster for each version.
 * A daily run uses the newest; `npm run test:all` also uses the oldest that bench supports.
 */
import { suite, type Test } from "uvu";
import type { EtcdBinary } from "../../src/etcd/etcd-binary/binary.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { before } from "../harness/hooks.ts";
import { isWholeRun } from "../harness/whole-run.ts";
import { etcdForTests, olderEtcdForTests } from "./real-etcd.ts";
import { deleteStored } from "./stored-keys.ts";

export interface EtcdVersion {
  /** Part of test titles: `etcd`, `etcd 3.4`. */
  title: string;
  isNewest: boolean;
  binary: () => Promise<EtcdBinary>;
}

const NEWEST: EtcdVersion = { title: "etcd", isNewest: true, binary: etcdForTests };
const OLDEST: EtcdVersion = { title: "etcd 3.4", isNewest: false, binary: olderEtcdForTests };

export const ETCD_VERSIONS: readonly EtcdVersion[] = isWholeRun() ? [NEWEST, OLDEST] : [NEWEST];

/** The cluster for the tests of one version; started before the first test. */
export interface EtcdUnderTest {
  readonly version: EtcdVersion;
  readonly cluster: LocalCluster;
  /** Endpoint of the first member. */
  readonly endpoint: string;
  /** `--endpoints` with all members. */
  readonly endpointsFlag: string;
}

export interface EachEtcdOptions {
  /** Default: 1. */
  members?: 1 | 3;
  /** Whether all keys are deleted before each test; default: no. */
  isCleared?: boolean;
}

/** Defines and runs a suite named `TITLE on VERSION` for each version. */
export function onEachEtcd(
  title: string,
  { members = 1, isCleared = false }: EachEtcdOptions,
  define: (test: Test, etcd: EtcdUnderTest) => void,
): void {
  for (const version of ETCD_VERSIONS) {
    const test = suite(`${title} on ${version.title}`);
    const etcd = new SharedEtcd(version);
    before(test, async () => etcd.start(members));
    test.after(async () => etcd.stop());
    if (isCleared) test.before.each(() => deleteStored(etcd.endpoint));
    define(test, etcd);
    test.run();
  }
}

class SharedEtcd implements EtcdUnderTest {
  readonly version: EtcdVersion;
  #cluster: LocalCluster | null = null;

  constructor(version: EtcdVersion) {
    this.version = version;
  }

  async start(members: 1 | 3): Promise<void> {
    this.#cluster = await startLocalCluster({ binary: await this.version.binary(), members });
  }

  /** Does nothing for a cluster that did not start. */
  async stop(): Promise<void> {
    await this.#cluster?.down();
  }

  get cluster(): LocalCluster {
    if (this.#cluster === null) throw new Error("etcd is there only while its tests run");
    return this.#cluster;
  }

  get endpoint(): string {
    return this.cluster.endpoints[0]!;
  }

  get endpointsFlag(): string {
    return `--endpoints=${this.cluster.endpoints.join(",")}`;
  }
}
