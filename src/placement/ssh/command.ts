/** Makes the command that ssh runs on a host, and the arguments of ssh itself. */
import { shellQuoted } from "../../shell-words.ts";
import type { SshAgent, SshPlan } from "./engine.ts";
import { MARKER, runOnHost } from "./on-host.ts";

const LEAST_NODE = 20;
/** For the connection and for the handshake; then it is asked whether it is still there. */
const CONNECT_SECONDS = 10;

/**
 * One word for the user's shell there, whatever shell that is. What it starts is sh, which looks for Node;
 * Node runs the rest, which is in base64 so that no shell reads any of it.
 */
export function commandOnHost(node: string): string {
  const program = Buffer.from(programText()).toString("base64");
  const script =
    `command -v "$1" >/dev/null 2>&1 || { echo '${MARKER}{"fault":"no-node"}'; exit 0; }; ` +
    `exec "$1" -e "eval(Buffer.from('$2','base64').toString())"`;
  return `exec sh -c ${shellQuoted(script)} bench ${shellQuoted(node)} ${program}`;
}

/** @param command what it runs there */
export function sshArguments(
  { destination, port }: Pick<SshAgent, "destination" | "port">,
  { options, configFile }: Pick<SshPlan, "options" | "configFile">,
  command: string,
): string[] {
  return [
    ...(configFile === null ? [] : ["-F", configFile]),
    // Of each option ssh takes the first.
    ...["-T", "-o", "BatchMode=yes"],
    ...options.flatMap((option) => ["-o", option]),
    ...["-o", `ConnectTimeout=${CONNECT_SECONDS}`],
    ...["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"],
    // A connection that stays would have this one's standard error open.
    ...["-o", "ControlMaster=no", "-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none"],
    ...(port === null ? [] : ["-p", String(port)]),
    ...["--", destination, command],
  ];
}

/** An old Node can parse the first line, and reports its version. */
function programText(): string {
  const print = `function (answer) { console.log(${JSON.stringify(MARKER)} + JSON.stringify(answer)); }`;
  const run = `(${runOnHost})(require, process, print)`;
  return (
    `var print = ${print};\n` +
    `if (parseInt(process.versions.node, 10) < ${LEAST_NODE}) ` +
    `print({ fault: "old-node", version: process.versions.node });\n` +
    `else new Function("require", "process", "print", ${JSON.stringify(run)})(require, process, print);\n`
  );
}
