import { readFileSync } from 'node:fs';

/** Of a process that has ended and still has its number, because nobody has asked yet how it ended. No living one starts so. */
const ENDED = 'ended';

/**
 * What tells a process from a later one that is given the same number: which start of the machine it belongs to, and when
 * after that it began itself. null where the system does not say, as anywhere but on Linux, or where there is no such process.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function processStart(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name of the program in parentheses, and may hold spaces and parentheses; the third follows it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return ENDED;
    return fields[19] ? `${boot} ${fields[19]}` : null;
  } catch {
    return null;
  }
}
