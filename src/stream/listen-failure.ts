/** Says in one line why bench cannot listen at the address of a flag, and what to do. */
import { flagError } from "../errors.ts";
import { splitEndpoint } from "../net/host-port.ts";

/**
 * @param flag without dashes, with `address` (`host:port`) as its value
 * @returns a BenchError (usage), or the error itself where it is a defect
 */
export function listenFailure(flag: string, address: string, error: NodeJS.ErrnoException): Error {
  const { port } = splitEndpoint(address);
  const refused = (message: string) => {
    return flagError(flag, `--${flag}=${address}: ${message}`, error);
  };
  switch (error.code) {
    case "EADDRINUSE":
      return refused(
        `the port is in use; end what listens there, or name another, e.g. --${flag}=127.0.0.1:${port + 1}`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return refused(
        `this machine has no such address; name one of its own, e.g. 127.0.0.1:${port || 9464}`,
      );
    case "EACCES":
      return refused("the system does not let bench listen there; choose a port from 1024");
    case undefined:
      return error;
    default:
      return refused(`cannot listen: ${error.message}`);
  }
}
