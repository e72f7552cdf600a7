/** Asks a server of resident benches (resident-server.ts) to run a command line. It loads next to nothing. */
import { connect } from "node:net";
import type { CommandEnd, CommandRequest } from "./resident-bench.ts";

/** What the server answers. */
export type CommandAnswer = { end: CommandEnd } | { error: string };

/** @throws Error where the command hangs or ends its process */
export async function askServer(socketPath: string, request: CommandRequest): Promise<CommandEnd> {
  const socket = connect(socketPath).setEncoding("utf8");
  // Open until the answer has come, so that the server sees when nobody waits for it any more.
  socket.write(`${JSON.stringify(request)}\n`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  const answer = JSON.parse(text) as CommandAnswer;
  if ("error" in answer) throw new Error(answer.error);
  return answer.end;
}
