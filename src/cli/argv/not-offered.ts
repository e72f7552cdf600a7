/**
 * Owns the commands of etcd's benchmark tool that bench does not offer, so that a command line
 * brought over from there is told so instead of being called a slip of the keyboard.
 */

const COMMANDS = ["mvcc"];

export function isCommandNotOffered(name: string): boolean {
  return COMMANDS.includes(name);
}
