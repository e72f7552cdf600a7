/** Tests that each flag in the documentation is one of bench, or a known one of another program. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { benchLinesOf, PAGES, pageText } from "../../fixtures/documentation.ts";

/** Flags of etcd, its benchmark tool, podman, scripts, and the example in docs/adding.md. */
const OF_OTHERS = new Set([
  ...["cert-file", "key-file", "trusted-ca-file"],
  ...["snapshot-count", "max-concurrent-streams", "quota-backend-bytes"],
  ...["initial-cluster-state", "enable-grpc-gateway", "enable-v2", "discovery-endpoints"],
  ...["heartbeat-interval", "election-timeout", "auto-compaction-retention"],
  ...["batch-interval", "batch-limit", "value-size", "txn", "cpuprofile", "memprofile"],
  ...["tag", "file", "build-arg", "rm", "network", "volume", "without-node"],
  ...["pause-at", "help", "version", "enable-pprof", "web", "enable-feature"],
]);

const OWN = new Set(
  COMMANDS.flatMap((each) => [each, ...(each.inner?.commands ?? [])]).flatMap(({ flags }) =>
    flags.map(({ name }) => name),
  ),
);

for (const page of PAGES) {
  test(`${page} names flags that exist`, () => {
    const named = [...pageText(page).matchAll(/(?<![\w-])--([a-z][\w-]*[a-z0-9])/gi)];
    const unknown = named
      .map(([, name]) => name!)
      .filter((name) => !OWN.has(name) && !OF_OTHERS.has(name));
    assert.equal([...new Set(unknown)], []);
  });
}

test("the pages print command lines, which docs-examples.test.ts runs", () => {
  const lines = PAGES.flatMap(benchLinesOf);
  assert.ok(lines.length > 30, `${lines.length} lines`);
  for (const line of lines) {
    const [, command] = line.split(" ");
    assert.ok(
      COMMANDS.some(({ name }) => name === command),
      line,
    );
  }
});

test.run();
