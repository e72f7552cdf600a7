/** The flags that stream the figures of a run while it goes on. */
import { isIPv6 } from "node:net";
import { flagError } from "../errors.ts";
import { badValue } from "../units.ts";
import { parsed } from "./vocabulary.ts";

const output = { group: "Output:" } as const;

export const USUAL_ADDRESS = "127.0.0.1:9464";
/** Values of --live that are no address: what a terminal shows. */
export const TERMINAL_VIEW = "tty";
export const LINE_VIEW = "line";
const USUAL_PAGE = "127.0.0.1:9480";
const MAX_PORT = 65_535;

export const STREAM_FLAGS = {
  live: parsed(
    {
      ...output,
      name: "live",
      describe: `[=${USUAL_PAGE}]: serve the page of the report at http://HOST:PORT/ while the run goes on, to browsers on this machine; tty: figures and charts in the terminal, the default in one of 60 columns and 16 lines; line: one line there`,
    },
    {
      kind: "optional",
      bareValue: USUAL_PAGE,
      isText: true,
      parse: parseView,
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
      parse: (flag, given) => parseAddress(flag, given),
      format: (value) => value,
    },
  ),
};

/** The page is for the user alone, so only a loopback address is allowed. */
function parseView(flag: string, given: string): string {
  if (given === TERMINAL_VIEW || given === LINE_VIEW) return given;
  const expected = "an address of loopback (127.0.0.1:PORT), tty or line";
  const address = parseAddress(flag, given, USUAL_PAGE, expected);
  if (/^(127(\.\d{1,3}){3}|localhost|\[::1\]):/i.test(address)) return address;
  throw badValue(flag, given, expected, USUAL_PAGE);
}

/** What `--output` takes in addition to formats: the figures go to a receiver while a run goes on. */
const STREAM_OUTPUTS = ["prometheus-rw", "otlp"] as const;

export interface StreamOutput {
  name: (typeof STREAM_OUTPUTS)[number];
  url: URL;
}

/**
 * Null: the text is no such output.
 * @throws BenchError (usage) where it names no URL; the text itself may hold a secret
 */
export function readStreamOutput(text: string): StreamOutput | null {
  const equals = text.indexOf("=");
  const word = equals < 0 ? text : text.slice(0, equals);
  const name = STREAM_OUTPUTS.find((each) => each === word);
  if (name === undefined) return null;
  const given = equals < 0 ? "" : text.slice(equals + 1);
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw flagError(
      "output",
      `--output: ${name} needs the URL of a receiver, e.g. --output=${name}=${EXAMPLES[name]}`,
    );
  }
  return { name, url };
}

const EXAMPLES: Record<StreamOutput["name"], string> = {
  "prometheus-rw": "http://127.0.0.1:9090/api/v1/write",
  otlp: "http://127.0.0.1:4318/v1/metrics",
};

/** `host:port`; a port alone is one of loopback. */
export function parseAddress(
  flag: string,
  given: string,
  example = USUAL_ADDRESS,
  expected = "an address (HOST:PORT)",
): string {
  const match = /^(?:(\[[^\]]+\]|[^:[\]/@\s]+):)?(\d{1,5})$/.exec(given);
  const [, host = "127.0.0.1", port] = match ?? [];
  const isWrongHost = host.startsWith("[") && !isIPv6(host.slice(1, -1));
  if (match === null || isWrongHost || Number(port) > MAX_PORT) {
    throw badValue(flag, given, expected, example);
  }
  return `${host}:${Number(port)}`;
}
