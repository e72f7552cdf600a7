/** The program `bench` of a shell in tests (bench-program.ts): it loads next to nothing. */
import { connect } from "node:net";
import type { CommandRequest } from "./bench-program.ts";
import type { CommandEnd } from "./resident-bench.ts";

const [socketPath, ...args] = process.argv.slice(2);
const request: CommandRequest = { args, cwd: process.cwd(), env: process.env };
const socket = connect(socketPath!).setEncoding("utf8");
socket.end(JSON.stringify(request));
let text = "";
for await (const chunk of socket) text += chunk;
const { code, stdout, stderr } = JSON.parse(text) as CommandEnd;
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
