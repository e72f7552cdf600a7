/**
 * Lists the commands of etcd's benchmark tool that bench does not offer, so that an error reports this
 * and does not suggest another name.
 */

const COMMANDS = ["mvcc"];

export function isUnsupportedCommand(name: string): boolean {
  return COMMANDS.includes(name);
}
