import type { Progress } from '../scan/engine.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';

/** How a scan is followed: one line for each source that is drawn anew on a terminal, one line for each phase elsewhere. */
export function progressPrinter(context: Pick<CommandContext, 'err' | 'live' | 'quiet'>): { tell(event: Progress): void; end(): void } {
  if (context.quiet) return { tell: () => {}, end: () => {} };
  if (!context.live) return { tell: (event) => lineFor(context, event), end: () => {} };
  const latest = new Map<string, Progress>();
  let drawn = 0;
  let drawnAt = 0;
  const draw = () => {
    const lines = [...latest.values()].map((event) => `  ${text(event)}\u001b[K\n`).join('');
    context.err(`${drawn > 0 ? `\u001b[${drawn}A` : ''}${lines}`);
    drawn = latest.size;
    drawnAt = Date.now();
  };
  return {
    tell(event) {
      latest.set(event.source, event);
      // More than ten pictures a second only cost time.
      if (Date.now() - drawnAt >= 100 || event.phase === 'done' || event.phase === 'failed') draw();
    },
    end: draw,
  };
}

function lineFor(context: Pick<CommandContext, 'err'>, event: Progress): void {
  if (event.phase !== 'reading') context.err(`${text(event)}\n`);
}

function text(event: Progress): string {
  const what = event.collector ? `${event.collector}: ` : '';
  const amounts = event.collector ? ` ${event.observations} observations,` : '';
  const message = event.message ? ` ${terminalText(event.message)}` : '';
  return `${terminalText(event.source)}  ${what}${event.phase}${amounts} ${event.requests} requests${message}`;
}
