/** Takes a command line that holds a password out of the list of processes. */
import { keepArgumentSecrets } from "../../text/argument-secrets.ts";

/**
 * The title takes the place of the arguments. Until this runs, which is as soon as Node has started,
 * the list shows them; ETCDCTL_PASSWORD and the question for a password never show one.
 */
export function hideCommandLine(argv: readonly string[]): void {
  if (keepArgumentSecrets(argv)) process.title = "bench";
}
