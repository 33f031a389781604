import { hostname, userInfo } from 'node:os';

/** Who runs this program, for the audit trail. The operating system says so, and nobody has proved it. */
export function claimedActor(): string {
  return `${userName()}@${hostname()} (claimed)`;
}

/** In a container, a user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
