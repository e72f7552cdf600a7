/** Declares `bench proxy`: a fault proxy in front of an etcd, which an HTTP API controls. */
import type { Command } from "../command.ts";
import { PROXY_FLAGS } from "./proxy-flags.ts";

export const proxyCommand: Command = {
  name: "proxy",
  summary: "Forward connections, and delay, pause, drop, limit or cut them when asked over HTTP",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: Object.values(PROXY_FLAGS),
  examples: [
    [
      "proxy --from 127.0.0.1:23790 --to 127.0.0.1:2379 --http-port 2378",
      "then curl localhost:2378/delay-tx -X PUT -d 'latency=5s&random-variable=100ms'",
    ],
    [
      "proxy --from :23790 --to 10.0.0.7:2379 --http-port 2378 --verbose",
      "to clients on every address of this machine; the API stays on loopback",
    ],
  ],
  async run(flags) {
    const { runProxy } = await import("./run-proxy.ts");
    return runProxy(flags);
  },
};
