import type { UnreadSource } from '../store/read-unread.ts';

interface Line {
  level: 'error' | 'warning';
  line: string;
}

/** What a scan did not read, a line each; its texts are as they came. */
export function unreadLines(unread: readonly UnreadSource[]): Line[] {
  return unread.flatMap(({ source, account, state, message, gaps }): Line[] => {
    const whose = account === null ? source : `${source} (${account})`;
    const why = message === null ? '' : `: ${message}`;
    if (state === 'unread') return [{ level: 'error', line: `Nothing of ${whose} was read${why}` }];
    const lines = [`${whose} was read in part${why}`, ...gaps.map((gap) => gapLine(source, gap))];
    return lines.map((line) => ({ level: 'warning', line }));
  });
}

function gapLine(source: string, { collector, reason, permission, places }: UnreadSource['gaps'][number]): string {
  const opened = permission === null ? '' : `; ${permission} would open it`;
  return `${source} ${collector}: ${reason}, ${places === 1 ? '1 place' : `${places} places`}${opened}`;
}
