import type { UnreadSource } from '../../src/store/read-unread.ts';
import type { FindingsAbout, FindingView } from '../../src/report/finding-view.ts';
import type { IntegrationView } from '../../src/report/integration-view.ts';

/** A finding of an app that bears this name. */
export function findingCalled(name: string, more: Partial<FindingView> = {}): FindingView {
  return {
    id: '0123abcd',
    key: '0123abcd0123abcd0123abcd0123abcd',
    connector: 'github',
    account: '17515872',
    rule: 'unapproved-ai-tool',
    appId: name,
    credentialId: null,
    product: 'openai/chatgpt',
    severity: 'high',
    state: 'open',
    title: `AI tool that nobody approved: ${name}`,
    firstSeen: '2026-11-20T02:00:00.000Z',
    firstScan: 1,
    unverifiedSince: null,
    name,
    risk: 29,
    assigned: '',
    comments: 0,
    controls: ['PR.AA-05'],
    body: {
      why: 'It has access, and no approval stands behind it.',
      details: [`Matched: ${name}`],
      match: { grade: 'exact', reasons: [name], flags: [] },
      can: ['Read mail'],
      holders: { count: 1, some: [name], leavers: 0, administrators: 0 },
      things: { count: 1, unverified: 0 },
      since: 'unknown',
      lastUsed: 'unknown',
      risk: [],
      taken: 'unknown',
      remedy: `Take it away from ${name}.`,
      steps: `Open the page of ${name}.`,
      approve: {},
      deny: {},
    },
    ...more,
  };
}

export const ABOUT: FindingsAbout = {
  version: '0.1.0',
  tenant: 'default',
  scan: { id: 2, startedAt: '2026-11-21T02:00:00.000Z', endedAt: '2026-11-21T02:01:00.000Z' },
  rules: { 'unapproved-ai-tool': { title: 'AI tool that nobody approved', why: 'It has access.', severity: 'By what it can do.' } },
  names: 'holders',
  unread: [],
};

/** What a scan may leave unread; its texts are hostile. */
export function unreadCalled(name: string): UnreadSource[] {
  return [
    { source: 'aws', account: null, state: 'unread', message: `Refused by ${name}`, gaps: [] },
    {
      source: 'github',
      account: name,
      state: 'partly',
      message: null,
      gaps: [
        { collector: 'members', reason: 'permission_denied', permission: name, places: 1 },
        { collector: 'tokens', reason: 'rate_limited', permission: null, places: 7 },
      ],
    },
  ];
}

export function integrationCalled(name: string, number: number): IntegrationView {
  return {
    id: `i${number}`,
    connector: 'github',
    account: '17515872',
    appId: `${number}/${name}`,
    name,
    product: 'openai/chatgpt',
    verdict: 'ai',
    grade: 'exact',
    state: 'present',
    firstSeen: '2026-11-20T02:00:00.000Z',
    firstScan: 1,
    body: {
      match: { grade: 'exact', product: 'openai/chatgpt', vendor: name, reasons: [] },
      kinds: ['oauth_grant'],
      reach: [
        { dataClass: 'mail', access: 'read', plain: 'Read mail', permissions: ['mail.read'], known: true },
        { dataClass: 'files', access: 'write', plain: name, permissions: ['files'], known: true },
      ],
      holders: { count: 1, some: [name], leavers: 0, administrators: 0 },
      since: 'unknown',
      lastUsed: 'unknown',
    },
  };
}
