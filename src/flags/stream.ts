/** The flags that stream the figures of a run while it goes on. */
import { isIPv6 } from "node:net";
import { badValue } from "../units.ts";
import { parsed } from "./vocabulary.ts";

const output = { group: "Output:" } as const;

const USUAL_ADDRESS = "127.0.0.1:9464";
const USUAL_PAGE = "127.0.0.1:9480";
const MAX_PORT = 65_535;

export const STREAM_FLAGS = {
  live: parsed(
    {
      ...output,
      name: "live",
      describe: `[=${USUAL_PAGE}]: serve the page of the report at http://HOST:PORT/ while the run goes on, to browsers on this machine`,
    },
    {
      kind: "optional",
      bareValue: USUAL_PAGE,
      isText: true,
      parse: parseLoopback,
      format: (value) => value,
    },
  ),
  metricsListen: parsed(
    {
      ...output,
      name: "metrics-listen",
      describe: `[=${USUAL_ADDRESS}]: serve the figures as OpenMetrics at http://HOST:PORT/metrics while the run goes on`,
    },
    {
      kind: "optional",
      bareValue: USUAL_ADDRESS,
      isText: true,
      parse: parseAddress,
      format: (value) => value,
    },
  ),
};

/** The page is for nobody but the user. */
function parseLoopback(flag: string, given: string): string {
  const address = parseAddress(flag, given);
  if (/^(127\.|localhost:|\[::1\])/i.test(address)) return address;
  throw badValue(flag, given, "an address of loopback (127.0.0.1:PORT)", USUAL_PAGE);
}

/** `host:port`; a port alone is one of loopback. */
function parseAddress(flag: string, given: string): string {
  const match = /^(?:(\[[^\]]+\]|[^:[\]/@\s]+):)?(\d{1,5})$/.exec(given);
  const [, host = "127.0.0.1", port] = match ?? [];
  const isWrongHost = host.startsWith("[") && !isIPv6(host.slice(1, -1));
  if (match === null || isWrongHost || Number(port) > MAX_PORT) {
    throw badValue(flag, given, "an address (HOST:PORT)", USUAL_ADDRESS);
  }
  return `${host}:${Number(port)}`;
}
