/** The flags of `bench proxy`: those of etcd-proxy, which may be repeated for several pairs. */
import { isIPv6 } from "node:net";
import { host, repeated, toggle } from "../../flags/vocabulary.ts";
import { badValue, parseCount } from "../../units.ts";

const proxy = { group: "Proxy:" } as const;

const MAX_PORT = 65_535;

/** Where one of a pair is not given, that of etcd-proxy. */
export const USUAL = { from: "localhost:23790", to: "localhost:2379", httpPort: 2378 };

export const PROXY_FLAGS = {
  from: repeated<string>(
    {
      ...proxy,
      name: "from",
      shownDefault: USUAL.from,
      describe: "HOST:PORT to listen at; repeat --from, --to and --http-port for more proxies",
    },
    { parse: parseAddress, format: (value) => value, isText: true },
  ),
  to: repeated<string>(
    {
      ...proxy,
      name: "to",
      shownDefault: USUAL.to,
      describe: "HOST:PORT to forward each connection to",
    },
    { parse: parseAddress, format: (value) => value, isText: true },
  ),
  httpPort: repeated<number>(
    {
      ...proxy,
      name: "http-port",
      shownDefault: String(USUAL.httpPort),
      describe: "PORT of the HTTP API that sets faults, and of /metrics",
    },
    {
      parse: (flag, value) => parseCount(flag, value, { min: 1, max: MAX_PORT, example: "2378" }),
      format: String,
    },
  ),
  httpHost: host({
    ...proxy,
    name: "http-host",
    default: "localhost",
    describe: "HOST that the HTTP API listens at: any client that reaches it can break connections",
  }),
  isVerbose: toggle({
    ...proxy,
    name: "verbose",
    describe: "print each connection and each request to the API to standard error",
  }),
};

/** `host:port`, as it is given; an empty host is every address of the machine. */
function parseAddress(flag: string, given: string): string {
  const match = /^(\[[^\]]+\]|[^:[\]/@\s]*):(\d{1,5})$/.exec(given);
  const host = match?.[1] ?? "";
  const isWrongHost = host.startsWith("[") && !isIPv6(host.slice(1, -1));
  const port = Number(match?.[2]);
  if (match === null || isWrongHost || port < 1 || port > MAX_PORT) {
    throw badValue(flag, given, "an address (host:port)", USUAL.from);
  }
  return given;
}
