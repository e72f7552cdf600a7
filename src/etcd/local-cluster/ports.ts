/** Chooses free TCP ports on loopback. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Above what services are assigned, below where Linux takes ephemeral ports from (32768). */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_767;
const ATTEMPTS_PER_PORT = 50;

/** Distinct ports that were free just now: a caller that binds them must be ready to try again. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt >= count * ATTEMPTS_PER_PORT) {
      throw new Error(`found no ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}`);
    }
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
