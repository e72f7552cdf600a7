/** Runs `bench cluster` with a separate state folder, and stops the clusters that a test left. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ClusterStatus } from "../../src/etcd/named-cluster/cluster-status.ts";
import { clusterNames } from "../../src/etcd/named-cluster/clusters-folder.ts";
import { takeDown } from "../../src/etcd/named-cluster/start.ts";
import { type BenchEnd, bench } from "../harness/bench-process.ts";

export class ClusterCommands {
  readonly folder = mkdtempSync(join(tmpdir(), "bench-clusters-"));
  readonly env: NodeJS.ProcessEnv = { XDG_STATE_HOME: join(this.folder, "state") };

  /** Runs `bench cluster ARGS` with any exit code. */
  attempt(...args: readonly string[]): Promise<BenchEnd> {
    return bench(["cluster", ...args], { env: this.env, cwd: this.folder });
  }

  /** Runs `bench cluster ARGS` successfully; resolves to standard output. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(...args);
    assert.is(code, 0, `bench cluster ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  async status(name: string): Promise<ClusterStatus> {
    return JSON.parse(await this.run("status", `--name=${name}`, "-o", "json")) as ClusterStatus;
  }

  get clustersFolder(): string {
    return join(this.folder, "state", "etcd-bench", "clusters");
  }

  async end(): Promise<void> {
    try {
      for (const name of clusterNames(this.env)) {
        await takeDown(join(this.clustersFolder, name), false);
      }
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
