/** Asks a server of resident benches (resident-server.ts) to run a command. It loads few modules. */
import { connect } from "node:net";
import type { CommandEnd, CommandRequest } from "./resident-bench.ts";

/** The server's answer. */
export type CommandAnswer = { end: CommandEnd } | { error: string };

/** @throws Error when the command hangs or ends its process */
export async function askServer(socketPath: string, request: CommandRequest): Promise<CommandEnd> {
  const socket = connect(socketPath).setEncoding("utf8");
  // The connection stays open until the answer, so that the server notices a lost client.
  socket.write(`${JSON.stringify(request)}\n`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  const answer = JSON.parse(text) as CommandAnswer;
  if ("error" in answer) throw new Error(answer.error);
  return answer.end;
}
