/** Writes the configuration by which Prometheus scrapes the members of a cluster and bench. */

/** Where the metrics of a member are. */
export interface ScrapedMember {
  name: string;
  /** `host:port`. */
  address: string;
  scheme: "http" | "https";
}

/** Files by their absolute paths. */
export interface ScrapeTls {
  caFile: string | null;
  certFile: string | null;
  keyFile: string | null;
  serverName: string | null;
  skipVerify: boolean;
}

export interface ScrapeOptions {
  members: readonly ScrapedMember[];
  /** For members over https; null: what the system trusts. */
  tls: ScrapeTls | null;
  /** `host:port` of --metrics-listen, one or more. */
  benches: readonly string[];
  intervalMs: number;
}

/** YAML, whose texts are written as JSON has them, which is YAML too. */
export function prometheusConfig({ members, tls, benches, intervalMs }: ScrapeOptions): string {
  const text = (value: string) => JSON.stringify(value);
  const lines = [
    "# Written by bench monitor, which replaces it at its next start.",
    "global:",
    `  scrape_interval: ${intervalMs}ms`,
    `  scrape_timeout: ${intervalMs}ms`,
    "scrape_configs:",
    "  - job_name: etcd",
  ];
  const tlsLines = tls === null ? [] : tlsOf(tls);
  if (tlsLines.length > 0) lines.push("    tls_config:", ...tlsLines);
  lines.push("    static_configs:");
  for (const { name, address, scheme } of members) {
    lines.push(
      `      - targets: [${text(address)}]`,
      `        labels: {member: ${text(name)}, __scheme__: ${scheme}}`,
    );
  }
  lines.push(
    "  - job_name: bench",
    "    static_configs:",
    `      - targets: [${benches.map(text).join(", ")}]`,
  );
  return `${lines.join("\n")}\n`;
}

function tlsOf({ caFile, certFile, keyFile, serverName, skipVerify }: ScrapeTls): string[] {
  const given = Object.entries({
    ca_file: caFile,
    cert_file: certFile,
    key_file: keyFile,
    server_name: serverName,
  }).filter(([, value]) => value !== null);
  const lines = given.map(([name, value]) => `      ${name}: ${JSON.stringify(value)}`);
  return skipVerify ? [...lines, "      insecure_skip_verify: true"] : lines;
}
