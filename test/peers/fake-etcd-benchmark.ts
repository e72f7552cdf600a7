/** Writes a program that replaces etcd's benchmark tool: same flags and report, real requests. */
import { chmodSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const GRPC_JS = createRequire(import.meta.url).resolve("@grpc/grpc-js");

/**
 * Writes the program into `folder` and returns its path.
 * @param sent the share of `--total` that it really sends, independent of its report
 */
export function writeFakeBenchmark(folder: string, sent = 1): string {
  const path = join(folder, "benchmark");
  writeFileSync(path, programText(sent));
  chmodSync(path, 0o755);
  return path;
}

/** Sends empty messages, which are enough for a server that answers every request. */
function programText(sent: number): string {
  return `#!${process.execPath}
const args = process.argv.slice(2);
if (args[0] === "--help") {
  console.log("Available Commands:\\n  put             Benchmark put\\nFlags:\\n      --conns uint");
  process.exit(0);
}
const flag = (name) => args.find((arg) => arg.startsWith("--" + name + "="))?.split("=")[1];
const operation = args.find((arg) => arg === "put" || arg === "range");
const total = Number(flag("total"));
const { Client, credentials } = require(${JSON.stringify(GRPC_JS)});
const client = new Client(flag("endpoints"), credentials.createInsecure());
const path = "/etcdserverpb.KV/" + (operation === "put" ? "Put" : "Range");
const asIs = (bytes) => bytes;
const call = () =>
  new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
const calls = Array.from({ length: Math.floor(total * ${sent}) }, call);
Promise.all(calls).then(() => {
  console.log("\\nSummary:\\n  Total:\\t0.5000 secs.\\n  Requests/sec:\\t" + total * 2);
  client.close();
});
`;
}
