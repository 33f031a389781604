import { expect } from 'vitest';
import type { Subject } from './suite.ts';

/** Values of secrets that are planted at the provider come out nowhere. */
export function keepsSecrets(subject: Subject): void {
  subject.it('lets no planted secret through, in any encoding', async () => {
    const { provider, baseline } = subject;
    const text = JSON.stringify(baseline.collectors.map((run) => run.events));
    for (const canary of provider.canaries) {
      for (const [encoding, form] of encodings(canary)) expect(text.includes(form), `a planted secret comes out ${encoding}`).toBe(false);
    }
    expect(provider.canaries.length).toBeGreaterThan(0);
  });
}

function encodings(secret: string): [string, string][] {
  return [
    ['as it is', JSON.stringify(secret).slice(1, -1)],
    ['as base64', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['percent-encoded', encodeURIComponent(secret)],
    ['as hexadecimal', Buffer.from(secret).toString('hex')],
  ];
}
