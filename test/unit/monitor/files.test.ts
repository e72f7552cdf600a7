/** The files for Prometheus and Grafana: scrape targets, and a dashboard without overlaps. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { dashboardJson, dashboardsYaml, datasourceYaml } from "../../../src/monitor/grafana.ts";
import { ROWS } from "../../../src/monitor/panels.ts";
import { prometheusConfig } from "../../../src/monitor/prometheus-config.ts";

const MEMBERS = [
  { name: 'etcd"1', address: "127.0.0.1:2379", scheme: "http" },
  { name: "etcd2", address: "[::1]:2381", scheme: "https" },
] as const;

test("each member is a target with its name, and bench is a separate job", () => {
  const options = { benches: ["127.0.0.1:9464", "b:1"], intervalMs: 500, tls: null };
  const config = parse(prometheusConfig({ members: MEMBERS, ...options }));
  assert.equal(config.global, { scrape_interval: "500ms", scrape_timeout: "500ms" });
  const [etcd, bench] = config.scrape_configs;
  assert.equal(etcd.static_configs, [
    { targets: ["127.0.0.1:2379"], labels: { member: 'etcd"1', __scheme__: "http" } },
    { targets: ["[::1]:2381"], labels: { member: "etcd2", __scheme__: "https" } },
  ]);
  assert.is(etcd.tls_config, undefined);
  assert.equal(bench, {
    job_name: "bench",
    static_configs: [{ targets: ["127.0.0.1:9464", "b:1"] }],
  });
});

test("keys are given by their files, and settings that are not given are left out", () => {
  const tls = {
    ...{ caFile: "/a: b/ca.pem", certFile: "/c.pem", keyFile: "/k.pem", serverName: null },
    skipVerify: true,
  };
  const config = parse(
    prometheusConfig({ members: MEMBERS, benches: ["a:1"], intervalMs: 1_000, tls }),
  );
  assert.equal(config.scrape_configs[0].tls_config, {
    ...{ ca_file: "/a: b/ca.pem", cert_file: "/c.pem", key_file: "/k.pem" },
    insecure_skip_verify: true,
  });
});

test("Grafana finds Prometheus and the folder of the dashboard", () => {
  const [source] = parse(datasourceYaml("http://127.0.0.1:9090", 1_000)).datasources;
  assert.equal([source.type, source.url], ["prometheus", "http://127.0.0.1:9090"]);
  assert.is(source.jsonData.timeInterval, "1000ms");
  const [provider] = parse(dashboardsYaml("/a b/c")).providers;
  assert.is(provider.options.path, "/a b/c");
});

test("no rate adds up the requests of a load and of its kinds, which are the same", () => {
  const queries = ROWS.flatMap(({ panels }) => panels).flatMap((panel) => panel.queries);
  const sums = queries.flatMap(({ expr }) => {
    return [...expr.matchAll(/sum (?:by \(([^)]*)\) )?\(rate\(bench_requests_total/g)];
  });
  assert.ok(sums.length > 1);
  for (const [text, by = ""] of sums) assert.match(by, /\bop\b/, text);
});

interface Placed {
  id: number;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string; datasource: { uid: string } }[];
}

test("panels have unique ids, do not overlap, and query the provisioned data source", () => {
  const { panels } = JSON.parse(dashboardJson()) as { panels: Placed[] };
  const [source] = parse(datasourceYaml("http://a", 1)).datasources;
  assert.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    assert.ok(x + w <= 24);
    return Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`);
  });
  assert.is(new Set(cells).size, cells.length);
  const targets = panels.flatMap((panel) => panel.targets ?? []);
  const queries = ROWS.flatMap((row) => row.panels.flatMap((panel) => panel.queries));
  assert.equal(
    targets.map(({ expr }) => expr),
    queries.map(({ expr }) => expr),
  );
  for (const { datasource } of targets) assert.is(datasource.uid, source.uid);
});

test.run();
