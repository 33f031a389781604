import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { policyJsonSchema } from '../../src/config/policy-file.ts';
import { ENTRY_RULES } from '../../src/policy/entry-rules.ts';

const page = readFileSync('docs/policy.md', 'utf8');

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
}

test('docs/policy.md lists the rules about entries, in their order', () => {
  expect([...page.matchAll(/^\| `([a-z-]+)` +\| .*$/gm)].map(([, rule]) => rule!).filter((rule) => rule in ENTRY_RULES)).toEqual(
    Object.keys(ENTRY_RULES),
  );
});

test('docs/policy.md speaks of every key of an entry', () => {
  const { properties } = policyJsonSchema() as Schema;
  const keys = ['approvals', 'denials', 'exceptions', 'workflows'].flatMap((list) =>
    Object.entries(properties![list]!.items!.properties!).flatMap(([key, { properties: below }]) => [
      key,
      ...(key === 'population' || key === 'ceiling' ? Object.keys(below!).map((inner) => `${key}.${inner}`) : []),
    ]),
  );
  const named = (key: string) => page.includes(`\`${key}\``) || page.includes(`\`${key}.`);
  expect(keys.length).toBeGreaterThan(25);
  expect(keys.filter((key) => !named(key) && key !== 'finding')).toEqual([]);
});
