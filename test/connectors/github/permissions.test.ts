import { expect, test } from 'vitest';
import { connector } from '../../../connectors/github/index.ts';
import { GRAPHQL, LISTS, type List } from '../../../connectors/github/operations.ts';

/** Every App has it, and no owner grants it. */
const GIVEN = 'app:metadata:read';

test.each(connector.collectors.map((collector) => [collector.id, collector] as const))(
  '%s declares, of every operation that asks for permissions, one that opens it',
  (_id, { operations, permissions }) => {
    const declared = new Set(permissions.flatMap(({ id, orElse = [] }) => [id, ...orElse]));
    const lists = Object.entries(LISTS as Readonly<Record<string, List>>).filter(([id]) => id !== GRAPHQL && operations.includes(id));
    const undeclared = lists.filter(([, { app, token }]) => app !== GIVEN && !declared.has(app ?? '') && !declared.has(token ?? ''));
    expect(undeclared.map(([id]) => id)).toEqual([]);
  },
);
